"""Families of recommendation models: each learns from one `Training` and answers a `Query`."""
