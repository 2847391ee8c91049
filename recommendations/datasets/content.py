"""What items are, read for content-based models: our faces, the shop's texts and vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.adapters import ShopAdapter, get_adapter
from recommendations.engine.item_features import ItemFacts
from recommendations.models import Item

PAGE_KEYS = 1_000
"""Keys whose vectors are asked for together."""


def item_facts(item_ids: NDArray[np.int64], *, adapter: ShopAdapter | None = None) -> ItemFacts:
    """Return what is known of these items, which must be ascending.

    Descriptions and embeddings are read from the shop as they are now; nothing keeps them.
    """
    adapter = adapter or get_adapter()
    position = {pk: place for place, pk in enumerate(item_ids.tolist())}
    columns = ("title", "category", "brand", "price", "currency", "attributes")
    rows: list[tuple[Any, ...]] = [("", "", "", None, "", {})] * len(position)
    keys = [""] * len(position)
    for pk, key, *values in Item.objects.values_list("pk", "key", *columns).iterator():
        if pk in position:
            rows[position[pk]] = tuple(values)
            keys[position[pk]] = key
    title, category, brand, price, currency, attributes = (
        [row[column] for row in rows] for column in range(len(columns))
    )
    return ItemFacts(
        title=title,
        category=category,
        brand=brand,
        price=np.array([np.nan if one is None else float(one) for one in price]),
        currency=currency,
        attributes=[one if isinstance(one, dict) else {} for one in attributes],
        description=_descriptions(adapter, keys),
        embedding=embedding_of(adapter, keys),
    )


def _descriptions(adapter: ShopAdapter, keys: Sequence[str]) -> list[str]:
    """Return the text declared for each key; empty where none is declared or known."""
    found = [""] * len(keys)
    position = {key: place for place, key in enumerate(keys)}
    for source in adapter.sources().values():
        if source.description is None:
            continue
        declared: Any = source.description
        rows = adapter.item_queryset(source).order_by("pk")
        for pk, text in rows.values_list("pk", declared).iterator():
            place = position.get(adapter.key_for(source.model, pk))
            # A path to several rows gives a product several texts: the smallest, as of its face.
            if place is not None and text and (not found[place] or str(text) < found[place]):
                found[place] = str(text)
    return found


def embedding_of(adapter: ShopAdapter, keys: Sequence[str]) -> NDArray[np.float32] | None:
    """Return the vectors that the shop brings, zeros for keys without; None if it brings none.

    Raises ``ValueError`` naming the key whose vector is empty, no list of numbers, of another
    length than those before, or not finite.
    """
    found: dict[int, NDArray[np.float32]] = {}
    position = {key: place for place, key in enumerate(keys) if key}
    length: int | None = None
    asked = list(position)
    for start in range(0, len(asked), PAGE_KEYS):
        for key, given in adapter.embeddings(asked[start : start + PAGE_KEYS]).items():
            vector = _vector(key, given)
            length = length or len(vector)
            if len(vector) != length:
                msg = f"The embedding of {key!r} has {len(vector)} numbers; others have {length}."
                raise ValueError(msg)
            if key in position:
                found[position[key]] = vector
    if length is None:
        return None
    result = np.zeros((len(keys), length), dtype=np.float32)
    for place, vector in found.items():
        result[place] = vector
    return result


def _vector(key: str, given: Sequence[float]) -> NDArray[np.float32]:
    try:
        vector = np.asarray(given, dtype=np.float32)
    except (TypeError, ValueError) as error:
        msg = f"The embedding of {key!r} is no sequence of numbers."
        raise ValueError(msg) from error
    if vector.ndim != 1 or not len(vector):
        msg = f"The embedding of {key!r} must be one sequence of numbers, not shape {vector.shape}."
        raise ValueError(msg)
    if not np.isfinite(vector).all():
        msg = f"The embedding of {key!r} holds a value that is not finite."
        raise ValueError(msg)
    return vector
