"""Which builds there are, and which one is read."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import QuerySet

from recommendations.conf import recommendation_settings
from recommendations.models import Build, Publication
from recommendations.selectors.cached import forget_glances, glanced


def published_build(kind: str) -> Build | None:
    """Return the build that pages read now, or None before the first one."""
    publication = Publication.objects.filter(kind=kind).select_related("build").first()
    return publication.build if publication else None


def published_build_ids() -> Mapping[str, int]:
    """Return the published build of each kind, remembered for ``PUBLISHED_CACHE_SECONDS``."""
    seconds = recommendation_settings().published_cache_seconds
    return glanced(
        "published", seconds, lambda: dict(Publication.objects.values_list("kind", "build_id"))
    )


def published_build_id(kind: str) -> int | None:
    """Return the published build's id, remembered for ``PUBLISHED_CACHE_SECONDS``."""
    return published_build_ids().get(kind)


def forget_published_builds() -> None:
    """Look again at the next read: called when this process publishes, and by tests."""
    forget_glances()


def running_build(kind: str) -> Build | None:
    """Return the build of a kind that is being made, perhaps by a builder that has died."""
    return Build.objects.filter(kind=kind, status=Build.Status.RUNNING).first()


def latest_builds(kind: str) -> QuerySet[Build]:
    """Return builds of a kind, newest first."""
    return Build.objects.filter(kind=kind).order_by("-pk")


def build_before(build: Build) -> Build | None:
    """Return what a rollback would publish: the newest older build that was read and is kept."""
    return (
        latest_builds(build.kind)
        .filter(pk__lt=build.pk, status=Build.Status.RETIRED, lists_kept=True)
        .first()
    )
