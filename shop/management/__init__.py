"""Commands of the reference shop."""
