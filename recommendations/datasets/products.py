"""Which item each order line sells."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    F,
    IntegerField,
    Model,
    Q,
    Value,
    When,
)
from numpy.typing import NDArray

from recommendations.adapters import Lines, ShopAdapter
from recommendations.adapters.paths import referenced_paths
from recommendations.datasets.expressions import (
    BIG_DAMAGED,
    DAMAGED,
    DAMAGED_TEXT,
    NULL,
    IsDamaged,
    PlainHex,
)
from recommendations.datasets.items import ItemIndex, declared_model
from recommendations.datasets.keys import ABSENT, Lookup
from recommendations.datasets.scans import Column, Values, column, output_field

NO_PRODUCT, DAMAGED_LINE = -2, -3
"""Positions of lines whose product is empty, and of those whose amount is no number."""


class ProductColumns:
    """The columns that name a line's product, and what their values mean."""

    def __init__(
        self, lines: Lines, model: type[Model], adapter: ShopAdapter, items: ItemIndex
    ) -> None:
        key = column(model, lines.product)
        labels = self._labels(lines, model, adapter)
        self._lookups: dict[str, Lookup] = {
            label: items.lookup(adapter, label, key) for label in labels
        }
        self.columns: tuple[Column, ...] = (_marked(key, _damage(lines, model)),)
        self._codes: dict[Any, str] = {}
        if lines.product_model is not None:
            kind = column(model, lines.product_model)
            self.columns += (kind,)
            self._codes = _codes(kind, labels)

    @staticmethod
    def _labels(lines: Lines, model: type[Model], adapter: ShopAdapter) -> list[str]:
        labels = list(adapter.sources())
        if lines.product_model is not None or len(labels) == 1:
            return labels
        label = declared_model(model, lines.product)
        if label in labels:
            return [label]
        msg = (
            f"Lines({lines.model!r}) must declare product_model: it may hold any of"
            f" {', '.join(labels)}."
        )
        raise ValueError(msg)

    def positions(self, values: list[Values]) -> NDArray[np.int32]:
        """Return each line's item, or ``ABSENT``, ``NO_PRODUCT`` or ``DAMAGED_LINE``."""
        keys = values[0]
        if len(values) == 1:
            (lookup,) = self._lookups.values()
            positions = lookup.positions(keys)
        else:
            positions = self._by_model(keys, values[1])
        missing = np.flatnonzero(positions == ABSENT)
        if len(missing):
            positions[missing] = _why(keys, missing)
        return positions

    def _by_model(self, keys: Values, kinds: Values) -> NDArray[np.int32]:
        positions = np.full(len(keys), ABSENT, dtype=np.int32)
        labels = [
            self._codes.get(_normal(kind))
            for kind in (kinds.tolist() if isinstance(kinds, np.ndarray) else kinds)
        ]
        names = np.array([label or "" for label in labels], dtype=object)
        for label, lookup in self._lookups.items():
            here = np.flatnonzero(names == label)
            wanted: Values = (
                keys[here] if isinstance(keys, np.ndarray) else [keys[n] for n in here.tolist()]
            )
            positions[here] = lookup.positions(wanted)
        return positions


def _normal(kind: Any) -> Any:
    return kind.lower() if isinstance(kind, str) else kind


def _codes(kind: Column, labels: list[str]) -> dict[Any, str]:
    """Return what stands for each model in the column: its content type's id, or its label."""
    if kind.kind != "integer":
        return {label: label for label in labels}
    models = {label: apps.get_model(label) for label in labels}
    types = ContentType.objects.get_for_models(*models.values())
    proxies = ContentType.objects.get_for_models(*models.values(), for_concrete_models=False)
    return {found[model].pk: label for label, model in models.items() for found in (types, proxies)}


def _why(keys: Values, missing: NDArray[np.intp]) -> NDArray[np.int32]:
    if isinstance(keys, np.ndarray):
        values = keys[missing]
        return np.select(
            [values == NULL, values == DAMAGED], [NO_PRODUCT, DAMAGED_LINE], ABSENT
        ).astype(np.int32)
    reasons = {None: NO_PRODUCT, "": NO_PRODUCT, DAMAGED_TEXT: DAMAGED_LINE}
    return np.array([reasons.get(keys[n], ABSENT) for n in missing.tolist()], dtype=np.int32)


def _damage(lines: Lines, model: type[Model]) -> Q | None:
    """Return the condition that an amount or a quantity of the line is no finite number."""
    # Column by column, since SQLite takes text in arithmetic for zero and so hides the damage.
    read = {
        path for declared in (lines.amount, lines.quantity) for path in referenced_paths(declared)
    }
    damaged = [
        IsDamaged(F(path))
        for path in sorted(read)
        if not isinstance(output_field(model, path), IntegerField)
    ]
    condition = Q()
    for one in damaged:
        condition |= Q(one)
    return condition if damaged else None


def _marked(key: Column, damage: Q | None) -> Column:
    """Let the key itself tell of damage: a column more would cost time on every line."""
    if damage is None:
        return key
    path: Any = F(key.path) if isinstance(key.path, str) else key.path
    if key.kind == "integer":
        marked = Case(When(damage, then=BIG_DAMAGED), default=path, output_field=BigIntegerField())
        return Column(marked, "integer")
    plain = PlainHex(path) if key.kind == "uuid" else path
    return Column(
        Case(When(damage, then=Value(DAMAGED_TEXT)), default=plain, output_field=CharField()),
        "text",
    )
