"""Where items stand: which are shown, and in which category."""

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


def shelves(item_ids: NDArray[np.int64]) -> Shelves:
    """Read the faces of these items, which must be ascending, in one query."""
    rows = dict.fromkeys(item_ids.tolist(), (False, ""))
    for pk, active, name in Item.objects.values_list("pk", "active", "category").iterator():
        if pk in rows:
            rows[pk] = (active, name)
    names, category = np.unique([row[1] for row in rows.values()], return_inverse=True)
    return Shelves(
        active=np.array([row[0] for row in rows.values()], dtype=bool),
        category=category.astype(np.int32),
        category_names=[str(name) for name in names],
    )
