"""What a merchant wants to know first: what is live, how much it covers, and what to do next."""

from __future__ import annotations

import dataclasses
import enum
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils import timezone

from recommendations.models import Build, BuildLease, Item, Kind, NeighbourList, Placement
from recommendations.selectors.builds import latest_builds, published_build, running_build
from recommendations.selectors.item_evidence import with_companions

STALE = timedelta(days=14)
"""A fortnight: about how long a shop's assortment takes to look different."""

FEW_COVERED = 0.2
"""Below this share of items with companions, the overview says what can be done about it."""

CUSTOMER_KINDS = frozenset(
    kind.value for kind in (Kind.USER_BASED, Kind.NEXT_BASKET, Kind.BUY_AGAIN, Kind.NEURAL)
)
"""Kinds with a list per customer and none per item."""

GROUP_KINDS = frozenset(kind.value for kind in (Kind.TRENDING, Kind.NEW_ARRIVALS))
"""Kinds with a list per category."""

ITEM_KINDS = frozenset(Kind.values) - CUSTOMER_KINDS - GROUP_KINDS
"""Kinds with a list per item: "items with companions" means something."""


class Step(enum.Enum):
    """What to do next, as a code; the admin has the words."""

    SYNC = "sync"
    BUILD = "build"
    WAIT = "wait"
    SILENT = "silent"
    FAILED = "failed"
    REFUSED = "refused"
    PUBLISH = "publish"
    COVERAGE = "coverage"
    REFRESH = "refresh"
    PLACEMENT = "placement"
    NOTHING = "nothing"


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    """The state of one kind of recommendation."""

    kind: str
    n_items: int
    n_active: int
    n_with_companions: int | None
    """None: this kind has no list per item."""
    published: Build | None
    running: Build | None
    newest: Build | None
    steps: tuple[Step, ...]

    @property
    def covered_share(self) -> float | None:
        """Share of the active items that have a list of their own."""
        if self.n_with_companions is None:
            return None
        return self.n_with_companions / self.n_active if self.n_active else 0.0


def overview(kind: str, *, now: datetime | None = None) -> Overview:
    """Return what is live for a kind and what its state asks for."""
    now = now or timezone.now()
    counts = Item.objects.aggregate(
        n_items=Count("pk"),
        # Variants have their parent's list and are never shown themselves.
        n_active=Count("pk", filter=Q(active=True, parent=None)),
    )
    published = published_build(kind)
    running = running_build(kind)
    newest = latest_builds(kind).first()
    n_with = None
    if kind in ITEM_KINDS:
        n_with = n_covered_items(published) if published else 0
    silent = running is not None and not builder_alive(kind, now=now)
    state = Overview(
        kind=kind,
        n_with_companions=n_with,
        published=published,
        running=running,
        newest=newest,
        steps=(),
        **counts,
    )
    return dataclasses.replace(state, steps=tuple(_steps(state, silent=silent, now=now)))


def builder_alive(kind: str, *, now: datetime | None = None) -> bool:
    """Tell whether somebody holds the lease: a builder that died or was stopped does not."""
    leases = BuildLease.objects.filter(kind=kind, expires_at__gt=now or timezone.now())
    return leases.exists()


def n_covered_items(build: Build) -> int:
    """Return how many active items, variants aside, have at least one companion."""
    lists = with_companions(NeighbourList.objects.filter(build=build))
    return lists.filter(item__active=True, item__parent=None).count()


def _steps(state: Overview, *, silent: bool, now: datetime) -> list[Step]:
    steps = []
    if not state.n_items:
        steps.append(Step.SYNC)
    if state.running is not None:
        steps.append(Step.SILENT if silent else Step.WAIT)
    elif state.newest is None:
        steps.append(Step.BUILD)
    else:
        steps.extend(_steps_after(state.newest))
    if state.published is not None and state.published.published_at is not None:
        if state.covered_share is not None and state.covered_share < FEW_COVERED:
            steps.append(Step.COVERAGE)
        if now - state.published.published_at > STALE and state.running is None:
            steps.append(Step.REFRESH)
        if not Placement.objects.exists():
            steps.append(Step.PLACEMENT)
    return steps or [Step.NOTHING]


def _steps_after(newest: Build) -> list[Step]:
    """Return what the newest build asks of a person."""
    status = Build.Status(newest.status)
    asked = {
        Build.Status.FAILED: Step.FAILED,
        Build.Status.REJECTED: Step.REFUSED,
        Build.Status.CANDIDATE: Step.PUBLISH,
    }
    return [asked[status]] if status in asked else []
