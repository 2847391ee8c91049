"""What a page needs of our item registry: the soft key, the primary key and the family."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from recommendations.conf import recommendation_settings
from recommendations.models import Item
from recommendations.selectors.cached import cache_key, digest, recall


class ItemFace(NamedTuple):
    """An item as lists name it. Variants of one parent, and the parent, are one family."""

    id: int
    key: str
    parent_id: int | None
    category: str

    @property
    def family(self) -> int:
        """The item that is shown for all of them."""
        return self.parent_id or self.id


def item_faces(keys: Iterable[str]) -> dict[str, ItemFace]:
    """Return the items of these keys, those that we know; one query for all that are not cached."""
    names = {key: cache_key("item", digest(key)) for key in keys}
    if not names:
        return {}
    seconds = recommendation_settings().list_cache_seconds
    return {key: ItemFace(*row) for key, row in recall(names, seconds, _rows_by_key).items()}


def known_faces(keys: Sequence[str]) -> list[ItemFace]:
    """Return the items of these keys in their order; those that we do not know are left out."""
    faces = item_faces(keys)
    return [faces[key] for key in keys if key in faces]


class ItemName(NamedTuple):
    """What an item is called, and its price as of the last synchronisation."""

    title: str
    brand: str
    price: float | None


def item_names(ids: Iterable[int]) -> dict[int, ItemName]:
    """Return the names of items by primary key; one query for all that are not cached."""
    names = {pk: cache_key("name", pk) for pk in ids}
    if not names:
        return {}
    seconds = recommendation_settings().list_cache_seconds
    return {pk: ItemName(*row) for pk, row in recall(names, seconds, _names_by_id).items()}


def faces_by_id(ids: Iterable[int]) -> dict[int, ItemFace]:
    """Return items by primary key in one query; ids that are gone are left out."""
    rows = Item.objects.filter(pk__in=list(ids)).values_list("pk", "key", "parent_id", "category")
    return {row[0]: ItemFace(*row) for row in rows}


def remembered_faces(ids: Iterable[int]) -> dict[int, ItemFace]:
    """Return items by primary key, those that there are; one query for all that are not cached."""
    names = {pk: cache_key("face", pk) for pk in ids}
    if not names:
        return {}
    seconds = recommendation_settings().list_cache_seconds
    return {pk: ItemFace(*row) for pk, row in recall(names, seconds, _rows_by_id).items()}


def _rows_by_id(ids: list[int]) -> Mapping[int, tuple[int, str, int | None, str]]:
    return {pk: tuple(face) for pk, face in faces_by_id(ids).items()}  # type: ignore[misc]


def _names_by_id(ids: list[int]) -> Mapping[int, tuple[str, str, float | None]]:
    rows = Item.objects.filter(pk__in=ids).values_list("pk", "title", "brand", "price")
    return {
        pk: (title, brand, None if price is None else float(price))
        for pk, title, brand, price in rows
    }


def _rows_by_key(keys: list[str]) -> Mapping[str, tuple[int, str, int | None, str]]:
    rows = Item.objects.filter(key__in=keys).values_list("pk", "key", "parent_id", "category")
    return {row[1]: row for row in rows}
