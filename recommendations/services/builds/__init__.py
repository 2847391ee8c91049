"""Builds: computed aside, judged, published by one row."""

from recommendations.services.builds.publishing import (
    PublishError,
    delete_old_lists,
    publish_build,
    roll_back,
)
from recommendations.services.builds.rebuilding import KINDS, BuildOutcome, rebuild
from recommendations.services.recipes import Chunk, Prepared, Progress, Recipe

__all__ = [
    "KINDS",
    "BuildOutcome",
    "Chunk",
    "Prepared",
    "Progress",
    "PublishError",
    "Recipe",
    "delete_old_lists",
    "publish_build",
    "rebuild",
    "roll_back",
]
