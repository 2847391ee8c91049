"""Arithmetic of bundles: numbers in, numbers out, no Django."""
