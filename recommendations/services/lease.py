"""One builder of a kind at a time, and a number that outdates the others.

A lease ends when its time is up, so that a builder that died blocks nobody. A builder that was
only asleep finds its fence outdated at its next write, and that write does not happen.
"""

from __future__ import annotations

import dataclasses
import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from recommendations.conf import recommendation_settings
from recommendations.models import BuildLease

logger = logging.getLogger(__name__)

RENEWALS_PER_LEASE = 4
"""Signs of life within the time of a lease, so that a slow one or two do not lose it."""


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


@contextmanager
def kept_alive(lease: Lease) -> Iterator[None]:
    """Renew the lease from a thread during a long computation, which gives no sign of life itself.

    The thread stops with its process, so a builder that sleeps or dies still loses its lease.
    Inside a transaction nothing is renewed: the thread's connection would wait for its end.
    """
    if connection.in_atomic_block:
        yield
        return
    done = threading.Event()
    thread = threading.Thread(target=_renew_until, args=(done, lease), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _renew_until(done: threading.Event, lease: Lease) -> None:
    every = recommendation_settings().lease_seconds / RENEWALS_PER_LEASE
    try:
        while not done.wait(every):
            ours = BuildLease.objects.filter(kind=lease.kind, fence=lease.fence)
            if not ours.update(expires_at=timezone.now() + _span(None)):
                return
    except DatabaseError:
        logger.warning("The lease on %s could not be renewed.", lease.kind, exc_info=True)
    finally:
        connection.close()


def release_lease(lease: Lease) -> None:
    """Give the lease back at once, if it is still ours."""
    BuildLease.objects.filter(kind=lease.kind, fence=lease.fence).update(expires_at=None, holder="")


def _span(seconds: float | None) -> timedelta:
    return timedelta(seconds=seconds or recommendation_settings().lease_seconds)
