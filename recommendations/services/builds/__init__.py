"""Builds: computed aside, judged, published by one row."""

from recommendations.services.builds.needed import needed_kinds
from recommendations.services.builds.publishing import (
    PublishError,
    delete_old_lists,
    publish_build,
    roll_back,
)
from recommendations.services.builds.rebuilding import BuildOutcome, rebuild
from recommendations.services.kinds.table import KINDS, buildable_kinds
from recommendations.services.recipes import Chunk, Prepared, Progress, Recipe

__all__ = [
    "KINDS",
    "BuildOutcome",
    "Chunk",
    "Prepared",
    "Progress",
    "PublishError",
    "Recipe",
    "buildable_kinds",
    "delete_old_lists",
    "needed_kinds",
    "publish_build",
    "rebuild",
    "roll_back",
]
