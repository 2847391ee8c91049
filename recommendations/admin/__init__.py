"""The merchant's pages. Each module registers one noun."""

from recommendations.admin import builds, choices, items, placements

__all__ = ["builds", "choices", "items", "placements"]
