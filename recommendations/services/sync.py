"""Keeps our items in step with the shop's products."""

from __future__ import annotations

import dataclasses
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import TypeVar

import numpy as np
from django.db import connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone
from numpy.typing import NDArray

from recommendations.adapters import Products, ShopAdapter, get_adapter
from recommendations.datasets.faces import (
    KEY_LIMIT,
    PAGE,
    Face,
    product_count,
    product_faces,
    product_parents,
)
from recommendations.models import Item

logger = logging.getLogger(__name__)

T = TypeVar("T")
Progress = Callable[[str, int, int], None]
Ids = NDArray[np.int64]

NO_PARENT = 0
"""Primary keys start at 1."""

WRITE_ROWS = 1_000
"""Rows of one statement where the database sets no smaller limit."""


class EmptyShopError(RuntimeError):
    """The shop has no product where it had some: far more likely a fault than the truth."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class SyncReport:
    """What a synchronisation did. Every product counts once, and every item that is gone."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    deactivated: int = 0
    """Items that the shop shows no longer: hidden or gone."""
    reactivated: int = 0
    """Items that the shop shows again."""
    total: int = 0
    """Products found in the shop."""
    left_out: int = 0
    """Products whose key is longer than an item's key may be."""


def sync_items(
    *,
    progress: Progress | None = None,
    adapter: ShopAdapter | None = None,
    allow_empty: bool = False,
) -> SyncReport:
    """Bring every item in step with the shop; write only what changed, delete nothing.

    Raises ``EmptyShopError`` where a sellable model that had products has none, unless
    ``allow_empty`` says that this is so.
    """
    adapter = adapter or get_adapter()
    sources = list(adapter.sources().values())
    counts = [product_count(adapter, source) for source in sources]
    if not allow_empty:
        for source, count in zip(sources, counts, strict=True):
            _refuse_empty(adapter, source, count)
    sync = _Sync(adapter, progress or _silent, sum(counts))
    for source in sources:
        sync.faces(source)
    sync.gone()
    sync.parents(sources)
    return SyncReport(**sync.counts)


def _silent(phase: str, done: int, total: int) -> None:
    """Report to nobody."""


def _refuse_empty(adapter: ShopAdapter, source: Products, count: int) -> None:
    """Raise if a model that had products has none now."""
    if count:
        return
    items = Item.objects.filter(active=True)
    if len(adapter.sources()) > 1:
        items = items.filter(key__startswith=adapter.key_for(source.model, ""))
    if known := items.count():
        msg = (
            f"{source.model} has no product, but {known} are known. Nothing was changed. "
            "If the shop is empty indeed, synchronise with allow_empty (--allow-empty)."
        )
        raise EmptyShopError(msg)


class _Sync:
    """One run. Ids are kept as arrays, faces a page at a time, so memory stays small."""

    def __init__(self, adapter: ShopAdapter, progress: Progress, total: int) -> None:
        self.adapter = adapter
        self.progress = progress
        self.total = total
        self.now = timezone.now()
        self.counts: Counter[str] = Counter()
        # Taken first: what somebody else creates while we run is not ours to deactivate.
        shown = Item.objects.filter(active=True).order_by("pk").values_list("pk", flat=True)
        self.active = np.fromiter(shown.iterator(), np.int64)
        self.seen: list[Ids] = []
        self.unchanged: list[Ids] = []

    def faces(self, source: Products) -> None:
        """Create and update the items of one declared model."""
        for faces in product_faces(self.adapter, source, page_size=PAGE):
            kept = {key: face for key, face in faces.items() if len(key) <= KEY_LIMIT}
            if len(kept) < len(faces):
                self.counts["left_out"] += len(faces) - len(kept)
                logger.warning("%s: keys longer than %d are left out.", source.model, KEY_LIMIT)
            self._write(kept)
            self.counts["total"] += len(faces)
            self.progress("products", self.counts["total"], self.total)

    def _write(self, faces: dict[str, Face]) -> None:
        known = _known(list(faces))
        unchanged: list[int] = []
        changed: list[Item] = []
        # Sorted, so that two runs lock rows in the same order and never wait for each other.
        for key, face in sorted(faces.items(), key=itemgetter(0)):
            outcome = "created"
            if key in known:
                pk, before = known[key]
                outcome = _outcome(before, face)
                if outcome == "unchanged":
                    unchanged.append(pk)
            self.counts[outcome] += 1
            if outcome != "unchanged":
                changed.append(Item(key=key, synced_at=self.now, **face._asdict()))
        _upsert(changed, [*Face._fields, "synced_at"])
        self.seen.append(np.array([pk for pk, _ in known.values()], np.int64))
        self.unchanged.append(np.array(unchanged, np.int64))

    def gone(self) -> None:
        """Deactivate what was active before and is no longer in the shop."""
        missing = np.setdiff1d(self.active, _joined(self.seen))
        for pks in _slices(missing.tolist(), _parameters()):
            with transaction.atomic(using=router.db_for_write(Item)):
                rows = Item.objects.select_for_update().filter(pk__in=pks, active=True)
                # Locked in the order in which other runs write them.
                locked = list(rows.order_by("key").values_list("pk", flat=True))
                self.counts["deactivated"] += Item.objects.filter(pk__in=locked).update(
                    active=False, synced_at=self.now
                )

    def parents(self, sources: Sequence[Products]) -> None:
        """Point every variant at the top of its chain of parents."""
        child, parent = self._declared_parents(sources)
        top = top_parents(child, parent)
        now_child, now_parent = _current_parents()
        ids = np.union1d(now_child, child)
        before = _looked_up(ids, now_child, now_parent)
        after = _looked_up(ids, child, top)
        # A variant that is gone keeps its parent: its old sales still count there.
        gone = ~np.isin(ids, child) & ~np.isin(ids, _joined(self.seen))
        moved = (before != after) & ~gone
        self._move(dict(zip(ids[moved].tolist(), after[moved].tolist(), strict=True)))
        # A new parent is an update, unless the item was counted as changed already.
        only_moved = int(np.isin(ids[moved], _joined(self.unchanged)).sum())
        self.counts["updated"] += only_moved
        self.counts["unchanged"] -= only_moved

    def _declared_parents(self, sources: Sequence[Products]) -> tuple[Ids, Ids]:
        """Return ids of variants, ascending, and of their parents, where both are items."""
        pages = [np.empty((0, 2), np.int64)]
        for source in sources:
            for keys in product_parents(self.adapter, source, page_size=PAGE):
                ids = _pks(sorted({key for pair in keys for key in pair}))
                pairs = [
                    (ids[key], ids[parent]) for key, parent in keys if key in ids and parent in ids
                ]
                pages.append(np.array(pairs, np.int64).reshape(-1, 2))
        unique = np.unique(np.concatenate(pages), axis=0)
        child, first = np.unique(unique[:, 0], return_index=True)
        return child, unique[first, 1]

    def _move(self, parents: dict[int, int]) -> None:
        """Write the new parents of these items."""
        database = router.db_for_write(Item)
        now = Item._meta.get_field("synced_at").get_db_prep_save(self.now, connections[database])
        done = 0
        for pks in _slices(list(parents), _parameters()):
            with transaction.atomic(using=database), connections[database].cursor() as cursor:
                # In the order in which other runs lock them. One prepared statement for many rows
                # took a sixth of the time of an upsert, which has to send whole items.
                rows = Item.objects.filter(pk__in=pks).order_by("key").values_list("pk", flat=True)
                cursor.executemany(
                    _set_parent_sql(connections[database]),
                    [(parents[pk] or None, now, pk) for pk in rows],
                )
            done += len(pks)
            self.progress("parents", done, len(parents))


def _set_parent_sql(connection: BaseDatabaseWrapper) -> str:
    quote = connection.ops.quote_name
    return (
        f"UPDATE {quote(Item._meta.db_table)} SET {quote('parent_id')} = %s, "  # noqa: S608
        f"{quote('synced_at')} = %s WHERE {quote('id')} = %s"
    )


def top_parents(child: Ids, parent: Ids) -> Ids:
    """Return the top of each child's chain of parents; ``NO_PARENT`` where it runs in a circle.

    ``child`` is ascending and unique. Each round doubles the way that is gone, so a chain of n
    steps takes log2(n) rounds, and what still has a way to go after that goes in circles.
    """
    top = parent
    for _ in range(len(child).bit_length() + 1):
        further = _looked_up(top, child, top)
        if not further.any():
            return top
        top = np.where(further == NO_PARENT, top, further)
    return np.where(np.isin(top, child), NO_PARENT, top)


def _looked_up(ids: Ids, keys: Ids, values: Ids) -> Ids:
    """Return the value of each id, ``NO_PARENT`` where it is none of the ascending ``keys``."""
    if not keys.size:
        return np.zeros(len(ids), np.int64)
    at = np.minimum(np.searchsorted(keys, ids), len(keys) - 1)
    return np.where(keys[at] == ids, values[at], NO_PARENT)


def _current_parents() -> tuple[Ids, Ids]:
    """Return ids of items that have a parent, ascending, and of those parents."""
    rows = Item.objects.filter(parent__isnull=False).order_by("pk").values_list("pk", "parent_id")
    ids: Ids = np.fromiter((pk for row in rows.iterator() for pk in row), np.int64)
    return ids[0::2], ids[1::2]


def _outcome(before: Face, now: Face) -> str:
    if before == now:
        return "unchanged"
    if before.active == now.active:
        return "updated"
    return "reactivated" if now.active else "deactivated"


def _known(keys: Sequence[str]) -> dict[str, tuple[int, Face]]:
    """Return id and face of the items of these keys."""
    known: dict[str, tuple[int, Face]] = {}
    for part in _slices(keys, _parameters()):
        rows = Item.objects.filter(key__in=part).values_list("key", "pk", *Face._fields)
        known.update((key, (pk, Face(*face))) for key, pk, *face in rows)
    return known


def _pks(keys: Sequence[str]) -> dict[str, int]:
    """Return the ids of the items of these keys."""
    found: dict[str, int] = {}
    for part in _slices(keys, _parameters()):
        found.update(Item.objects.filter(key__in=part).values_list("key", "pk"))
    return found


def _upsert(items: list[Item], fields: list[str]) -> None:
    """Write items by key: whoever created one in the meantime does no harm."""
    if items:
        Item.objects.bulk_create(
            items,
            batch_size=WRITE_ROWS,
            update_conflicts=True,
            unique_fields=["key"],
            update_fields=fields,
        )


def _slices(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _parameters() -> int:
    """Return how many values a condition may hold: old SQLite takes 999."""
    limit = connections[router.db_for_write(Item)].features.max_query_params
    return min(limit or WRITE_ROWS, WRITE_ROWS)


def _joined(parts: list[Ids]) -> Ids:
    return np.concatenate([np.empty(0, np.int64), *parts])
