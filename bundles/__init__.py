"""Sets of items sold together, at a price of their own."""
