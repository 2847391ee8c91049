"""Tables, constraints and ``clean()``; no logic that needs another table."""

from bundles.models.bundle import Bundle, BundlePart

__all__ = ["Bundle", "BundlePart"]
