"""How a shop's rows look through its adapter: what ``crosssell_check`` shows."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import (
    BooleanField,
    CharField,
    Count,
    F,
    Max,
    Min,
    Model,
    Q,
    QuerySet,
    TextField,
)
from django.db.models.functions import Cast, Lower, Trim

from recommendations.adapters import Lines, Path, Products, ShopAdapter
from recommendations.adapters.paths import PathError, check_path, referenced_paths
from recommendations.conf import recommendation_settings
from recommendations.datasets.faces import product_count, product_faces
from recommendations.selectors.web_addresses import web_address

MOST_VALUES = 20
"""Values of a column shown at most: a status has a handful, a number of pieces any number."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ProductMapping:
    """One sellable model through its declaration."""

    model: str
    products: int
    shown: int
    """Products that shoppers may see now."""
    example: dict[str, Any] | None
    """One mapped product, a shown one if there is any."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class LineMapping:
    """One order-line model through its declaration. Shares are of the counted lines."""

    model: str
    lines: int
    counted: int
    orders: int
    customers: int
    guests: int
    without_product: int
    without_customer: int
    currencies: dict[str, int]
    """Counted lines by currency."""
    conditions: dict[str, dict[str, tuple[int, int]]]
    """Columns that decide what counts: value to (counted lines, lines left out)."""
    first_placed_at: Any
    last_placed_at: Any
    example: dict[str, Any] | None
    """One mapped line, the newest counted one."""


def product_mapping(adapter: ShopAdapter, source: Products) -> ProductMapping:
    """Return how many products a declaration finds, and one of them."""
    live = adapter.live_queryset(source)
    return ProductMapping(
        model=source.model,
        products=product_count(adapter, source),
        shown=live.order_by().values("pk").distinct().count(),
        example=_example_product(adapter, source, live),
    )


def _example_product(
    adapter: ShopAdapter, source: Products, live: QuerySet[Any]
) -> dict[str, Any] | None:
    product = live.order_by("pk").first()
    if product is None:
        hidden = next(iter(product_faces(adapter, source, page_size=1)), {})
        return next(({"key": key, **face._asdict()} for key, face in hidden.items()), None)
    key = adapter.key(product)
    # The page that the product is on: what a synchronisation would write.
    faces = product_faces(adapter, source, page_size=1, first_pk=product.pk)
    price = adapter.price(product)
    return {
        "key": key,
        **next(faces)[key]._asdict(),
        "live_price": f"{price.amount} {price.currency}" if price else None,
        "url": adapter.url(product),
        "image_url": adapter.image_url(product),
    }


def line_mapping(adapter: ShopAdapter, lines: Lines) -> LineMapping:
    """Return how many lines a declaration finds and counts, and one of them."""
    model = apps.get_model(lines.model)
    named = {
        f"crosssell_{name}": F(path) if isinstance(path, str) else path
        for name, path in _columns(lines)
    }
    rows: QuerySet[Any] = model._base_manager.order_by().annotate(**named)
    counted = rows.filter(lines.counted)
    somebody, is_guest = _who(lines)
    figures: dict[str, Any] = counted.aggregate(
        counted=Count("pk"),
        orders=Count("crosssell_order", distinct=True),
        without_product=Count("pk", filter=Q(crosssell_product__isnull=True)),
        first_placed_at=Min("crosssell_placed_at"),
        last_placed_at=Max("crosssell_placed_at"),
    )
    return LineMapping(
        model=lines.model,
        lines=rows.count(),
        customers=_distinct(counted, "crosssell_customer") if lines.customer else 0,
        guests=_guests(counted.filter(is_guest)) if lines.guest else 0,
        without_customer=figures["counted"] - counted.filter(somebody).count(),
        currencies=_currencies(counted, lines),
        conditions=dict(_conditions(model, lines)),
        example=_example_line(counted, lines),
        **figures,
    )


def _columns(lines: Lines) -> Iterator[tuple[str, Path]]:
    for field in dataclasses.fields(lines):
        path = getattr(lines, field.name)
        if field.name not in {"model", "counted"} and path is not None:
            yield field.name, path


def _who(lines: Lines) -> tuple[Q, Q]:
    """Return the conditions "somebody is known" and "it is a guest"."""
    user = Q(crosssell_customer__isnull=False) if lines.customer else Q(pk__in=())
    guest = Q(pk__in=())
    if lines.guest:
        guest = ~user & Q(crosssell_guest__isnull=False) & ~Q(crosssell_guest="")
    return user | guest, guest


def _distinct(rows: QuerySet[Any], name: str) -> int:
    return int(rows.aggregate(n=Count(name, distinct=True))["n"])


def _guests(rows: QuerySet[Any]) -> int:
    address = Lower(Trim(Cast("crosssell_guest", TextField())))
    return int(rows.aggregate(n=Count(address, distinct=True))["n"])


def _currencies(counted: QuerySet[Any], lines: Lines) -> dict[str, int]:
    if lines.currency is None:
        return {}
    rows = counted.values_list("crosssell_currency").annotate(n=Count("pk")).order_by("-n")
    return {str(code or ""): n for code, n in rows[:MOST_VALUES]}


def _conditions(
    model: type[Model], lines: Lines
) -> Iterator[tuple[str, dict[str, tuple[int, int]]]]:
    """Yield each column of few values that the condition reads, with what it lets pass."""
    for path in sorted({_column(model, path) for path in referenced_paths(lines.counted)} - {""}):
        rows = model._base_manager.order_by()
        passed = dict(_values(rows.filter(lines.counted), path))
        # NOT of a condition on NULL is NULL, so what is left out is the difference.
        yield (
            path,
            {str(v): (passed.get(v, 0), n - passed.get(v, 0)) for v, n in _values(rows, path)},
        )


def _values(rows: QuerySet[Any], path: str) -> list[tuple[Any, int]]:
    return list(rows.values_list(path).annotate(n=Count("pk")).order_by("-n", path)[:MOST_VALUES])


def _column(model: type[Model], path: str) -> str:
    """Return the column of a path without lookups, if its values are words or yes and no."""
    try:
        steps = check_path(model, path)
    except PathError:
        return ""
    at: Any = model
    for step in steps:
        if step == "pk" or at is None:
            return ""
        field = next(f for f in at._meta.get_fields() if step in {f.name, _attname(f)})
        at = field.related_model
    return "__".join(steps) if isinstance(field, CharField | BooleanField) else ""


def _attname(field: Any) -> str:
    return str(getattr(field, "attname", field.name))


def _example_line(counted: QuerySet[Any], lines: Lines) -> dict[str, Any] | None:
    names = [name for name, _ in _columns(lines)]
    row = counted.order_by("-pk").values_list(*(f"crosssell_{name}" for name in names)).first()
    return None if row is None else dict(zip(names, row, strict=True))


def problems(products: list[ProductMapping], lines: list[LineMapping]) -> Iterator[str]:
    """Yield, in words, what would keep recommendations from being good, or from being at all."""
    for one in products:
        if not one.products:
            yield f"{one.model} has no product."
        elif not one.shown:
            yield f"None of the {one.products} products of {one.model} is shown: see “active”."
        elif one.example and not one.example["title"]:
            yield f"The product {one.example['key']} of {one.model} has no title."
        # The example shows addresses as the shop gives them, to be corrected there.
        for name in ("url", "image_url"):
            address = (one.example or {}).get(name)
            if address and not web_address(address):
                yield f"Blocks leave out the {name} {address!r} of {one.model}: not of the web."
    for two in lines:
        yield from _line_problems(two)
    needed = recommendation_settings().minimum_customers
    people = sum(two.customers + two.guests for two in lines)
    anonymous = any(two.without_customer for two in lines)
    if people < needed and not anonymous:
        yield f"Only {people} customers bought something; a pair needs {needed} who bought both."


def _line_problems(mapping: LineMapping) -> Iterator[str]:
    if not mapping.lines:
        yield f"{mapping.model} has no line."
        return
    if not mapping.counted:
        yield f"None of the {mapping.lines} lines of {mapping.model} counts: see “counted”."
        return
    for count, words, advice in (
        (mapping.without_product, "no product", "They are left out: see “product”."),
        (
            mapping.without_customer,
            "neither user nor guest",
            "Each such order counts as a customer of its own: see “guest”.",
        ),
    ):
        if count * 2 > mapping.counted:
            share = count / mapping.counted
            yield f"{share:.0%} of the counted lines of {mapping.model} have {words}. {advice}"
    if mapping.orders == mapping.counted:
        yield f"Every order in {mapping.model} has one line: nothing is bought together."
    if "" in mapping.currencies:
        yield f"{mapping.currencies['']} counted lines of {mapping.model} have no currency."


def maps(products: list[ProductMapping], lines: list[LineMapping]) -> bool:
    """Tell whether at least one product and one counted line of a product were found."""
    return any(one.products for one in products) and any(
        two.counted > two.without_product for two in lines
    )
