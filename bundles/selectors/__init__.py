"""Reads: each module and function is named by the noun it returns."""
