"""The lists of a build as a page reads them: one row by primary key, then the companions' keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, overload

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from recommendations.conf import recommendation_settings
from recommendations.engine.packing import unpack
from recommendations.models import Item, NeighbourList, PopularList
from recommendations.selectors.cached import cache_key, digest, remembered
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
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Companion: ...

    @overload
    def __getitem__(self, index: slice) -> Companions: ...

    def __getitem__(self, index: int | slice) -> Companion | Companions:
        if isinstance(index, slice):
            return Companions(self._rows[index])
        face, *numbers = self._rows[index]
        return Companion(ItemFace(*face), *numbers)


class ItemList(NamedTuple):
    """An item and the companions of its family, best first."""

    face: ItemFace
    companions: Companions


def item_list(build_id: int | None, key: str) -> ItemList | None:
    """Return an item's list in a build, that of its parent for a variant.

    None: there is no such item. Two queries, none when cached.
    """
    name = cache_key("list", build_id, digest(key))
    row = remembered(
        name, recommendation_settings().list_cache_seconds, lambda: _list_row(build_id, key)
    )
    if row is None:
        return None
    return ItemList(ItemFace(*row[0]), Companions(row[1]))


def popular_list(build_id: int | None, category: str) -> Companions:
    """Return the best sellers of a category in a build; the empty category means all."""
    if build_id is None:
        return Companions(())
    name = cache_key("popular", build_id, digest(category))
    seconds = recommendation_settings().list_cache_seconds
    return Companions(remembered(name, seconds, lambda: _popular_rows(build_id, category)))


def _list_row(build_id: int | None, key: str) -> tuple[Any, ...] | None:
    lists = NeighbourList.objects.filter(
        # No build has the id 0: before the first one, an item has no list.
        build_id=build_id or 0,
        item_id=Coalesce(OuterRef("parent_id"), OuterRef("pk")),
    )
    row = (
        Item.objects.filter(key=key)
        .annotate(packed_list=Subquery(lists.values("packed")[:1]))
        .values_list("pk", "key", "parent_id", "category", "packed_list")
        .first()
    )
    return None if row is None else (row[:4], _rows(row[4]))


def _popular_rows(build_id: int, category: str) -> tuple[tuple[Any, ...], ...]:
    lists = PopularList.objects.filter(build_id=build_id, category=category)
    return _rows(lists.values_list("packed", flat=True).first())


def _rows(packed: bytes | memoryview | None) -> tuple[tuple[Any, ...], ...]:
    """Return a packed list as plain rows; items that were deleted meanwhile are left out."""
    if packed is None:
        return ()
    listed = unpack(packed)
    ids = listed.items.tolist()
    faces = faces_by_id(ids) if ids else {}
    columns = zip(
        ids, listed.scores.tolist(), listed.customers.tolist(), listed.baskets.tolist(), strict=True
    )
    return tuple((tuple(faces[pk]), *numbers) for pk, *numbers in columns if pk in faces)
