"""What we do when something of ours changes: act on commit."""
