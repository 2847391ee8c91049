"""One builder of a kind at a time, and a number that outdates the others.

A lease ends when its time is up, so that a builder that died blocks nobody. A builder that was
only asleep finds its fence outdated at its next write, and that write does not happen.
"""

from __future__ import annotations

import dataclasses
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from recommendations.conf import recommendation_settings
from recommendations.models import BuildLease


class LeaseLost(Exception):  # noqa: N818 - an event, not an error of ours
    """Another builder has taken over; nothing more may be written."""


@dataclasses.dataclass(frozen=True, slots=True)
class Lease:
    """The right to write builds of one kind, as long as ``fence`` is the newest."""

    kind: str
    fence: int
    holder: str


def this_holder() -> str:
    """Return a name for this process that a person can find: machine and process number."""
    return f"{socket.gethostname()}:{os.getpid()}"


def acquire_lease(kind: str, *, holder: str = "", seconds: float | None = None) -> Lease | None:
    """Return a new lease, or None while somebody else holds one that has not run out."""
    BuildLease.objects.get_or_create(kind=kind)
    holder = holder or this_holder()
    now = timezone.now()
    with transaction.atomic():
        taken = (
            BuildLease.objects.filter(kind=kind)
            .filter(Q(expires_at__isnull=True) | Q(expires_at__lt=now))
            .update(fence=F("fence") + 1, holder=holder, expires_at=now + _span(seconds))
        )
        if not taken:
            return None
        return Lease(kind, BuildLease.objects.get(kind=kind).fence, holder)


@contextmanager
def held(lease: Lease, *, seconds: float | None = None) -> Iterator[None]:
    """Run a transaction that only commits while the lease is ours; it also renews the lease.

    The row stays locked until the commit, so nobody can take over between check and write.
    """
    with transaction.atomic():
        ours = BuildLease.objects.filter(kind=lease.kind, fence=lease.fence)
        if not ours.update(expires_at=timezone.now() + _span(seconds)):
            msg = (
                f"The lease on {lease.kind!r}, fence {lease.fence}, has passed to another builder."
            )
            raise LeaseLost(msg)
        yield


def release_lease(lease: Lease) -> None:
    """Give the lease back at once, if it is still ours."""
    BuildLease.objects.filter(kind=lease.kind, fence=lease.fence).update(expires_at=None, holder="")


def _span(seconds: float | None) -> timedelta:
    return timedelta(seconds=seconds or recommendation_settings().lease_seconds)
