"""Writes: each function is a verb and a noun."""
