"""Where items stand: which are shown, in which category, and since when."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from recommendations.models import Item


@dataclasses.dataclass(frozen=True, slots=True)
class Shelves:
    """Faces of the items that a build needs, by item position."""

    active: NDArray[np.bool_]
    category: NDArray[np.int32]
    """Position in ``category_names``."""
    category_names: list[str]
    variant: NDArray[np.bool_]
    """Whether the item is shown as its parent, never by itself."""
    first_seen: NDArray[np.int64]
    """When we first saw it, seconds since 1970 UTC."""


def shelves(item_ids: NDArray[np.int64]) -> Shelves:
    """Read the faces of these items, which must be ascending, in one query."""
    rows = dict.fromkeys(item_ids.tolist(), (False, "", None, None))
    columns = ("pk", "active", "category", "parent_id", "created_at")
    for pk, *face in Item.objects.values_list(*columns).iterator():
        if pk in rows:
            rows[pk] = tuple(face)
    active, category, parent, created = zip(*rows.values(), strict=True) if rows else ((),) * 4
    names, category_index = np.unique(np.array(category, dtype=str), return_inverse=True)
    return Shelves(
        active=np.array(active, dtype=bool),
        category=category_index.astype(np.int32),
        category_names=[str(name) for name in names],
        variant=np.array([key is not None for key in parent], dtype=bool),
        first_seen=np.array(
            [0 if moment is None else int(moment.timestamp()) for moment in created],
            dtype=np.int64,
        ),
    )
