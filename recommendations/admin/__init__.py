"""The merchant's pages. Each module registers one noun."""

from recommendations.admin import builds, choices, items, merchandising, placements

__all__ = ["builds", "choices", "items", "merchandising", "placements"]
