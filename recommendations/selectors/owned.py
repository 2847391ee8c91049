"""What a customer has bought already: asked of the shop's own orders, and never stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet

from recommendations.adapters import Lines, ShopAdapter
from recommendations.adapters.declarations import Path
from recommendations.selectors.candidates import families
from recommendations.selectors.items import item_faces
from recommendations.selectors.pages import page_of
from recommendations.selectors.privacy import is_personal

if TYPE_CHECKING:
    from django.http import HttpRequest

MOST_OWNED = 2000
"""Newest purchases of a customer that are looked at: a customer of more is a reseller."""


def owned_families(adapter: ShopAdapter, request: HttpRequest | None) -> frozenset[int]:
    """Return the families that a request's customer has bought; of nobody, nothing is known.

    One query per declaration of order lines, once a page. Guests are not found: what the shop
    calls them is an address, and all that a request tells is a hash.
    """
    if request is None or not is_personal(request):
        return frozenset()
    customer = adapter.customer(request)
    if customer is None:
        return frozenset()
    return page_of(request).owned(customer, lambda: _owned(adapter, customer))


def _owned(adapter: ShopAdapter, customer: str) -> frozenset[int]:
    keys = [key for lines in adapter.line_sources() for key in _keys(adapter, lines, customer)]
    return frozenset(families(item_faces(dict.fromkeys(keys)).values()))


def _keys(adapter: ShopAdapter, lines: Lines, customer: str) -> list[str]:
    """Return the keys of what a customer bought by one declaration, the newest first."""
    if lines.customer is None:
        return []
    several = len(adapter.sources()) > 1
    names: list[str] = ["crosssell_product"]
    rows: QuerySet[Any] = apps.get_model(lines.model)._default_manager.filter(lines.counted)
    further = {"crosssell_product": lines.product, "crosssell_placed_at": lines.placed_at}
    if several and lines.product_model is not None:
        further["crosssell_label"] = lines.product_model
        names.append("crosssell_label")
    try:
        rows = rows.annotate(
            crosssell_customer=_expression(lines.customer),
            **{name: _expression(path) for name, path in further.items()},
        ).filter(crosssell_customer=customer)
    except (ValueError, ValidationError):  # a guest's hash is no primary key of a user
        return []
    found = rows.order_by("-crosssell_placed_at").values_list(*names)[:MOST_OWNED]
    only = next(iter(adapter.sources()))
    return [adapter.key_for(_label(row[1]) if several else only, row[0]) for row in found]


def _label(model: object) -> str:
    """Return the label of a sellable model, which orders may hold as a content type's id."""
    if isinstance(model, int):
        kind = ContentType.objects.get_for_id(model)
        return f"{kind.app_label}.{kind.model}"
    return str(model)


def _expression(path: Path) -> Any:
    return F(path) if isinstance(path, str) else path
