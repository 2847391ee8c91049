"""Publishing and rolling back: one row says which build is read."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.conf import recommendation_settings
from recommendations.models import (
    Build,
    CustomerList,
    NeighbourList,
    PairRules,
    PopularList,
    Publication,
)
from recommendations.selectors.builds import build_before, forget_published_builds, latest_builds


class PublishError(ValueError):
    """A build cannot be published, in words for whoever asked."""


LISTS = (NeighbourList, PopularList, CustomerList, PairRules)
"""Every table that a build fills."""

PUBLISHABLE = (Build.Status.CANDIDATE, Build.Status.RETIRED, Build.Status.PUBLISHED)


def publish_build(build: Build, *, force: bool = False, by: str = "") -> Publication:
    """Let every reader read this build from now on.

    ``force`` publishes a build that the gate refused; who may do that is a permission of its own.
    """
    with transaction.atomic():
        # The publication row is the lock: of two people who publish, the second waits and wins.
        # On SQLite any write before this read takes the same lock.
        current = Publication.objects.select_for_update().filter(kind=build.kind).first()
        build.refresh_from_db()
        _check_publishable(build, force=force)
        now = timezone.now()
        Build.objects.filter(kind=build.kind, status=Build.Status.PUBLISHED).exclude(
            pk=build.pk
        ).update(status=Build.Status.RETIRED)
        # Conditional, since its lists may be deleted between the look above and this write.
        stored = Build.objects.filter(pk=build.pk, lists_kept=True)
        if not stored.update(status=Build.Status.PUBLISHED, published_at=now):
            raise PublishError(_gone(build))
        build.status, build.published_at = Build.Status.PUBLISHED, now
        publication = current or Publication(kind=build.kind)
        publication.build = build
        publication.published_at = now
        publication.published_by = by[:200]
        publication.save()
        forget_published_builds()  # whoever reads in this very transaction sees it already
        transaction.on_commit(forget_published_builds)
    return publication


def roll_back(kind: str, *, by: str = "") -> Publication:
    """Publish the build that was read before the present one."""
    publication = Publication.objects.filter(kind=kind).select_related("build").first()
    if publication is None:
        msg = _("Nothing of kind “%(kind)s” is published, so there is nothing to roll back.")
        raise PublishError(msg % {"kind": kind})
    earlier = build_before(publication.build)
    if earlier is None:
        msg = _("No build before #%(build)s is kept, so there is nothing to roll back to.")
        raise PublishError(msg % {"build": publication.build_id})
    return publish_build(earlier, by=by)


def delete_old_lists(kind: str) -> int:
    """Delete the lists of builds beyond ``KEEP_BUILDS``; the rows with their figures stay.

    Kept are the published build, the newest ones that were published before it, and the newest
    candidate or refused build, so that a person can still look into it and publish it.
    """
    keep = recommendation_settings().keep_builds
    builds = latest_builds(kind).filter(lists_kept=True)
    published = Publication.objects.filter(kind=kind).values_list("build_id", flat=True)
    kept = set(published)
    retired = builds.filter(status=Build.Status.RETIRED).values_list("pk", flat=True)
    kept.update(retired[: max(keep - len(kept), 0)])
    waiting = builds.filter(status__in=(Build.Status.CANDIDATE, Build.Status.REJECTED))
    kept.update(waiting.values_list("pk", flat=True)[:1])
    old = builds.exclude(pk__in=kept).exclude(status=Build.Status.RUNNING)
    deleted = 0
    for pk in old.values_list("pk", flat=True):
        with transaction.atomic():
            # A build that was published in the meantime keeps its lists.
            unread = Build.objects.filter(pk=pk).exclude(status=Build.Status.PUBLISHED)
            if unread.update(lists_kept=False):
                for model in LISTS:
                    model._base_manager.filter(build_id=pk).delete()
                deleted += 1
    return deleted


def _check_publishable(build: Build, *, force: bool) -> None:
    if not build.lists_kept:
        raise PublishError(_gone(build))
    allowed = (*PUBLISHABLE, Build.Status.REJECTED) if force else PUBLISHABLE
    if build.status not in allowed:
        msg = _("Build #%(build)s is %(status)s and cannot be published.")
        raise PublishError(msg % {"build": build.pk, "status": build.get_status_display()})


def _gone(build: Build) -> str:
    return _("The lists of build #%(build)s are no longer stored.") % {"build": build.pk}
