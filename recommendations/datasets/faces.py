"""Reads the shop's products in pages, as the faces that items keep of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Context, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from django.db.models import Case, Q, QuerySet, Value, When

from recommendations.models import Item

if TYPE_CHECKING:
    from recommendations.adapters import Path, Products, ShopAdapter

PAGE = 5_000
"""Products in memory at once. Pages of 1,000 took a third longer, of 20,000 no less."""

SIGNIFICANT = Context(prec=15)
"""SQLite keeps decimals as doubles: more digits would read back as a change at every run."""


def _limit(column: str) -> int:
    field: Any = Item._meta.get_field(column)
    return int(field.max_length)


KEY_LIMIT = _limit("key")
LIMITS = {column: _limit(column) for column in ("title", "currency", "category", "brand")}
PRICE_LIMIT = Decimal(10) ** 14

Json: TypeAlias = bool | int | float | str | list[Any] | dict[str, Any] | None


class Face(NamedTuple):
    """What an item shows of a product; the names are columns of `Item`."""

    title: str
    price: Decimal | None
    currency: str
    category: str
    brand: str
    attributes: dict[str, Json]
    active: bool


def product_count(adapter: ShopAdapter, source: Products) -> int:
    """Return how many rows of a declared model become items."""
    return adapter.item_queryset(source).order_by().values("pk").distinct().count()


def product_faces(
    adapter: ShopAdapter, source: Products, *, page_size: int, first_pk: Any = None
) -> Iterator[dict[str, Face]]:
    """Yield the faces of a declared model's products by key, a page at a time."""
    columns: list[Any] = [
        source.title,
        source.price,
        source.currency,
        source.category,
        source.brand,
        _condition(source.active),
        *source.attributes.values(),
    ]
    declared = [column for column in columns if column is not None]
    rows = adapter.item_queryset(source)
    if first_pk is not None:
        rows = rows.filter(pk__gte=first_pk)
    for page in _pages(rows, page_size):
        faces: dict[str, Face] = {}
        for pk, *values in page.order_by().values_list("pk", *declared):
            given = iter(values)
            face = _face([None if column is None else next(given) for column in columns], source)
            key = adapter.key_for(source.model, pk)
            # A path through a many-valued relation gives a product several rows; the smallest is
            # as good as any and the same at every run.
            faces[key] = min(face, faces.get(key, face), key=repr)
        yield faces


def product_parents(
    adapter: ShopAdapter, source: Products, *, page_size: int
) -> Iterator[list[tuple[str, str]]]:
    """Yield (key of the variant, key of its parent) of a declared model, a page at a time."""
    declared: Any = source.parent
    if declared is None:
        return
    for page in _pages(adapter.item_queryset(source), page_size):
        yield [
            (adapter.key_for(source.model, pk), adapter.key_for(source.model, parent))
            for pk, parent in page.order_by().values_list("pk", declared)
            if parent is not None and parent != pk
        ]


def _pages(rows: QuerySet[Any], size: int) -> Iterator[QuerySet[Any]]:
    """Cut rows into ranges of primary keys.

    Each range is a query of its own, so no cursor stays open while we write: on SQLite an open
    one would hold an old snapshot, and the write after it would fail as soon as somebody else
    had written.
    """
    rows = rows.order_by("pk")
    rest = rows
    while bounds := list(rest.values_list("pk", flat=True)[size - 1 : size]):
        yield rest.filter(pk__lte=bounds[0])
        rest = rows.filter(pk__gt=bounds[0])
    yield rest


def _condition(active: Path | Q | None) -> Path | None:
    """Return a condition as an expression; the empty condition holds always."""
    if isinstance(active, Q):
        return Case(When(active, then=Value(1)), default=Value(0)) if active else None
    return active


def _face(values: list[Any], source: Products) -> Face:
    title, price, currency, category, brand, active, *attributes = values
    named = zip(source.attributes, attributes, strict=True)
    return Face(
        title=_text(title, LIMITS["title"]),
        price=_price(price),
        currency=_currency(currency),
        category=_text(category, LIMITS["category"]),
        brand=_text(brand, LIMITS["brand"]),
        attributes={name: plain for name, value in named if (plain := _json(value)) is not None},
        active=not source.active or bool(active),  # nothing declared: always shown
    )


def _text(value: Any, limit: int) -> str:
    # PostgreSQL refuses the NUL character, and one broken title must not stop the rest.
    return "" if value is None else str(value).replace("\0", "").strip()[:limit]


def _currency(value: Any) -> str:
    code = _text(value, 20).upper()
    return code if len(code) == LIMITS["currency"] else ""


def _price(value: Any) -> Decimal | None:
    """Return a price that the column can hold and every database reads back, or None.

    NaN and infinity are no prices.
    """
    if value is None or isinstance(value, bool):
        return None
    try:
        amount = SIGNIFICANT.create_decimal(str(value))
    except InvalidOperation:
        return None
    if not amount.is_finite() or abs(amount) >= PRICE_LIMIT:
        return None
    return amount.quantize(Decimal("0.0001"))


def _json(value: Any) -> Json:
    """Return a value as JSON can hold it; what JSON does not know becomes text."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_plain(name): _json(inner) for name, inner in value.items()}
    if isinstance(value, set | frozenset):
        value = sorted(value, key=repr)
    if isinstance(value, list | tuple):
        return [_json(inner) for inner in value]
    return _plain(value)


def _plain(value: Any) -> str:
    return str(value).replace("\0", "")
