"""The lists of a build as a page reads them: one row by primary key, then the companions' keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, overload

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from recommendations.conf import recommendation_settings
from recommendations.engine.packing import PackedList, unpack
from recommendations.models import Item, NeighbourList, PopularList
from recommendations.selectors.cached import cache_key, digest, recall, remembered
from recommendations.selectors.items import ItemFace, faces_by_id


class Companion(NamedTuple):
    """One entry of a list with the evidence behind it."""

    face: ItemFace
    score: float
    customers: int
    baskets: int


class Companions(Sequence[Companion]):
    """The entries of a list, made when they are looked at: a page looks at a few of forty."""

    def __init__(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self.rows = rows
        """Plain: the face, then the numbers of a ``Companion``; for work on all of many lists."""

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, index: int) -> Companion: ...

    @overload
    def __getitem__(self, index: slice) -> Companions: ...

    def __getitem__(self, index: int | slice) -> Companion | Companions:
        if isinstance(index, slice):
            return Companions(self.rows[index])
        face, *numbers = self.rows[index]
        return Companion(ItemFace(*face), *numbers)

    def columns(self) -> tuple[tuple[int, ...], tuple[float, ...]]:
        """Return item ids and scores, for a sum over several lists."""
        return tuple(row[0][0] for row in self.rows), tuple(row[1] for row in self.rows)


class ItemList(NamedTuple):
    """An item and the companions of its family, best first."""

    face: ItemFace
    companions: Companions
    known: bool
    """Whether the build has a row for it, if only an empty one: some order holds it."""


def item_list(build_id: int | None, key: str) -> ItemList | None:
    """Return an item's list in a build, that of its parent for a variant.

    None: there is no such item. Two queries, none when cached.
    """
    return item_lists(build_id, (key,)).get(key)


def item_lists(build_id: int | None, keys: Iterable[str]) -> dict[str, ItemList]:
    """Return the lists of the items that we know; two queries for all that are not cached."""
    names = {key: cache_key("list", build_id, digest(key)) for key in keys}
    if not names:
        return {}
    seconds = recommendation_settings().list_cache_seconds
    rows = recall(names, seconds, lambda missing: _list_rows(build_id, missing))
    return {
        key: ItemList(ItemFace(*row[0]), Companions(row[1]), row[2]) for key, row in rows.items()
    }


def popular_list(build_id: int | None, category: str) -> Companions:
    """Return the best sellers of a category in a build; the empty category means all."""
    if build_id is None:
        return Companions(())
    name = cache_key("popular", build_id, digest(category))
    seconds = recommendation_settings().list_cache_seconds
    rows = remembered(name, seconds, lambda: _popular_rows(build_id, category))
    return Companions(rows or ())


def newest_items(category: str) -> Companions:
    """Return the newest items that the shop showed last; the empty category means all.

    They come straight from the item table, so that a shop has something before its first build.
    """
    name = cache_key("newest", digest(category))
    seconds = recommendation_settings().list_cache_seconds
    rows = remembered(name, seconds, lambda: _newest_rows(category))
    return Companions(rows or ())


def _list_rows(build_id: int | None, keys: list[str]) -> Mapping[str, tuple[Any, ...]]:
    lists = NeighbourList.objects.filter(
        # No build has the id 0: before the first one, an item has no list.
        build_id=build_id or 0,
        item_id=Coalesce(OuterRef("parent_id"), OuterRef("pk")),
    )
    rows = (
        Item.objects.filter(key__in=keys)
        .annotate(packed_list=Subquery(lists.values("packed")[:1]))
        .values_list("pk", "key", "parent_id", "category", "packed_list")
    )
    found = {row[1]: row for row in rows}
    lists_of = _entries([row[4] for row in found.values()])
    return {
        key: (row[:4], entries, row[4] is not None)
        for (key, row), entries in zip(found.items(), lists_of, strict=True)
    }


# None, which is not remembered: a category that a caller made up would fill the cache.
def _popular_rows(build_id: int, category: str) -> tuple[tuple[Any, ...], ...] | None:
    lists = PopularList.objects.filter(build_id=build_id, category=category)
    return _entries([lists.values_list("packed", flat=True).first()])[0] or None


def _newest_rows(category: str) -> tuple[tuple[Any, ...], ...] | None:
    shown = Item.objects.filter(active=True, parent=None)
    if category:
        shown = shown.filter(category=category)
    rows = shown.order_by("-created_at", "-pk").values_list("pk", "key", "parent_id", "category")
    # Of no customers: nothing is claimed about them.
    return tuple((row, 0.0, 0, 0) for row in rows[: recommendation_settings().group_items]) or None


def _entries(several: Sequence[bytes | memoryview | None]) -> list[tuple[tuple[Any, ...], ...]]:
    """Return packed lists as plain rows; items that were deleted meanwhile are left out."""
    unpacked = [None if packed is None else unpack(packed) for packed in several]
    ids = {pk for listed in unpacked if listed is not None for pk in listed.items.tolist()}
    faces = faces_by_id(ids) if ids else {}
    return [() if listed is None else tuple(_rows(listed, faces)) for listed in unpacked]


def _rows(listed: PackedList, faces: Mapping[int, ItemFace]) -> Iterator[tuple[Any, ...]]:
    columns = (listed.items, listed.scores, listed.customers, listed.baskets)
    for pk, *numbers in zip(*(column.tolist() for column in columns), strict=True):
        if pk in faces:
            yield (tuple(faces[pk]), *numbers)
