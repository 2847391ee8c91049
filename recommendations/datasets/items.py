"""From a shop's product keys to positions of items, where a variant counts for its parent."""

from __future__ import annotations

import dataclasses

import numpy as np
from django.db import models
from numpy.typing import NDArray

from recommendations.adapters import ShopAdapter
from recommendations.datasets.keys import IntegerLookup, Lookup, TextLookup
from recommendations.datasets.scans import Column
from recommendations.models import Item


@dataclasses.dataclass(frozen=True, slots=True)
class ItemIndex:
    """All items by position, and the way from a key to the position that its sales count for."""

    ids: NDArray[np.int64]
    keys: list[str]
    counts_for: NDArray[np.int32]

    def lookup(self, adapter: ShopAdapter, label: str, column: Column) -> Lookup:
        """Return the look-up for values of a column that holds keys of the model ``label``."""
        prefix = adapter.key_for(label, "")
        own = [
            (key.removeprefix(prefix), position)
            for key, position in zip(self.keys, self.counts_for.tolist(), strict=True)
            if key.startswith(prefix)
        ]
        if column.kind == "integer":
            numbers = [(int(key), position) for key, position in own if _is_integer(key)]
            return IntegerLookup(
                np.array([key for key, _ in numbers], dtype=np.int64),
                np.array([position for _, position in numbers], dtype=np.int32),
            )
        if column.kind == "uuid":
            return TextLookup({key.replace("-", "").lower(): position for key, position in own})
        return TextLookup(dict(own))


def item_index() -> ItemIndex:
    """Read all items in one query."""
    rows = list(Item.objects.order_by("pk").values_list("pk", "key", "parent_id"))
    ids = np.array([row[0] for row in rows], dtype=np.int64)
    position_of = {pk: position for position, (pk, _, _) in enumerate(rows)}
    parents = np.array(
        [
            position if row[2] is None else position_of.get(row[2], position)
            for position, row in enumerate(rows)
        ],
        dtype=np.int32,
    )
    return ItemIndex(ids, [row[1] for row in rows], _roots(parents))


def _roots(parents: NDArray[np.int32]) -> NDArray[np.int32]:
    """Follow parents up to the top; rows that are each other's parents end somewhere among them."""
    roots = parents
    # Each round doubles the way, so 2**8 levels are followed.
    for _ in range(8):
        further = roots[roots]
        if np.array_equal(further, roots):
            break
        roots = further
    return roots


def _is_integer(key: str) -> bool:
    """Tell whether a key is the text of an int64, as ``str(pk)`` writes it."""
    digits = key.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) < 19 and str(int(key)) == key


def declared_model(model: type[models.Model], path: object) -> str | None:
    """Return the label of the model that a foreign key among the declared paths leads to."""
    name = getattr(path, "name", path)
    if not isinstance(name, str):
        return None
    for field in model._meta.concrete_fields:
        if name in {field.name, field.attname} and isinstance(field, models.ForeignKey):
            return str(field.related_model._meta.label_lower)
    return None
