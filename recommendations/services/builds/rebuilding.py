"""The one way to a new build, for a command, a task, a schedule and a button alike."""

from __future__ import annotations

import dataclasses
import logging
from datetime import datetime

from django.db import InterfaceError, OperationalError

from recommendations.engine.families.base import NotEnoughMemoryError
from recommendations.models import Build
from recommendations.selectors.builds import latest_builds, running_build
from recommendations.services.builds.publishing import delete_old_lists, publish_build
from recommendations.services.builds.running import Run
from recommendations.services.kinds.table import recipe_of
from recommendations.services.lease import Lease, LeaseLost, acquire_lease, held, release_lease
from recommendations.services.recipes import Progress
from recommendations.services.sync import sync_items

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True)
class BuildOutcome:
    """What became of a request to rebuild."""

    status: str
    """``published``, ``candidate``, ``rejected``, ``busy``, ``lost`` or ``not due``."""
    build: Build | None


def rebuild(
    kind: str,
    *,
    progress: Progress | None = None,
    by: str = "",
    requested_at: datetime | None = None,
    publish: bool = True,
    sync: bool = True,
    holder: str = "",
) -> BuildOutcome:
    """See whether a build is due; make it, have it judged, and publish it if the gate lets it pass.

    ``requested_at`` makes a request that is delivered twice build once. Only what an interrupted
    builder left undone is computed. A build that the gate refuses changes nothing for readers.
    """
    recipe = recipe_of(kind)
    if requested_at is not None:
        done = latest_builds(kind).filter(as_of__gte=requested_at, finished_at__isnull=False)
        answered = done.exclude(status=Build.Status.FAILED).first()
        if answered is not None:
            return BuildOutcome("not due", answered)
    lease = acquire_lease(kind, holder=holder)
    if lease is None:
        return BuildOutcome("busy", running_build(kind))
    run = Run(recipe, lease, progress or _silent, by)
    try:
        if sync:
            run.progress("sync", 0, 0)
            sync_items(progress=lambda _, done, total: run.sign_of_life("sync", done, total))
        build = run.make()
        return _conclude(lease, build, publish=publish, by=by)
    except LeaseLost:
        logger.warning("A builder of %s was overtaken and has written nothing more.", kind)
        return BuildOutcome("lost", None)
    except (OperationalError, InterfaceError):
        raise  # the database went away: the chunks it has are carried on by the next builder
    except Exception as error:
        _fail(lease, error)
        raise
    finally:
        release_lease(lease)


def _conclude(lease: Lease, build: Build, *, publish: bool, by: str) -> BuildOutcome:
    if build.status == Build.Status.CANDIDATE and publish:
        with held(lease):
            publish_build(build, by=by)
    delete_old_lists(build.kind)
    return BuildOutcome(str(build.status), build)


def _fail(lease: Lease, error: Exception) -> None:
    """Keep the reason where the merchant looks, and do not resume what would fail alike again."""
    try:
        with held(lease):
            Build.objects.filter(kind=lease.kind, status=Build.Status.RUNNING).update(
                status=Build.Status.FAILED, error=words(error)[:2000]
            )
    except LeaseLost:
        logger.warning("A builder of %s failed after it was overtaken.", lease.kind)


def words(error: Exception) -> str:
    """Return what went wrong; what was foretold in words needs no name of an exception."""
    said = isinstance(error, NotEnoughMemoryError)
    return str(error) if said else f"{type(error).__name__}: {error}"


def _silent(phase: str, done: int, total: int) -> None:
    """Report to nobody."""
