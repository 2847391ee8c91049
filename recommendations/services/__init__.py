"""Writes: what changes something, named verb and noun."""
