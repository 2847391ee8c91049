"""What rules ask of items, remembered between requests as lists are."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from recommendations.conf import recommendation_settings
from recommendations.engine.conditions import ItemFacts, Money
from recommendations.models import Item
from recommendations.selectors.cached import cache_key, recall
from recommendations.selectors.conditions import item_facts

NAMES = tuple(field.name for field in dataclasses.fields(ItemFacts))


def remembered_facts(ids: Iterable[int]) -> dict[int, ItemFacts]:
    """Return the facts of items by primary key; one query for all that are not cached."""
    names = {pk: cache_key("facts", pk) for pk in ids}
    if not names:
        return {}
    seconds = recommendation_settings().list_cache_seconds
    return {pk: _facts(row) for pk, row in recall(names, seconds, _rows).items()}


def _rows(ids: list[int]) -> Mapping[int, dict[str, Any]]:
    items = Item.objects.filter(pk__in=ids)
    return {item.pk: _row(item_facts(item)) for item in items}


def _row(facts: ItemFacts) -> dict[str, Any]:
    """Return facts as plain values, which another release can read."""
    row = {name: getattr(facts, name) for name in NAMES}
    price = facts.price
    row["price"] = None if price is None else (price.amount, price.currency)
    return row


def _facts(row: Mapping[str, Any]) -> ItemFacts:
    known = {name: value for name, value in row.items() if name in NAMES}
    price = known.pop("price", None)
    return ItemFacts(**known, price=None if price is None else Money(*price))
