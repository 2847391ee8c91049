"""Lists of what goes together, computed from a shop's own orders inside its own Django."""
