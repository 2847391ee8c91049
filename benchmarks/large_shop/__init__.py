"""A plain shop of two tables, as large as a benchmark asks for."""
