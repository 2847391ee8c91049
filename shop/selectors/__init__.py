"""Reads of the reference shop."""
