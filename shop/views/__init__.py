"""Pages of the reference shop: they parse, call one thing, and render."""
