"""Pages and forms of ours for shoppers: all of them work without the script."""
