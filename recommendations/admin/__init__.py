"""The merchant's pages. Each module registers one noun."""

from recommendations.admin import builds, items, placements

__all__ = ["builds", "items", "placements"]
