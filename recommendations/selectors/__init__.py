"""Reads, named after what they return."""
