"""What a customer has bought already, as families that a block leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.contenttypes.models import ContentType

from recommendations.adapters import Lines, ShopAdapter
from recommendations.selectors.candidates import families
from recommendations.selectors.customer_orders import Buyer, buyer_of, expression, lines_of
from recommendations.selectors.items import item_faces
from recommendations.selectors.pages import page_of

if TYPE_CHECKING:
    from django.http import HttpRequest

MOST_OWNED = 2000
"""Newest purchases of a customer that are looked at: a customer of more is a reseller."""


def owned_families(
    adapter: ShopAdapter, request: HttpRequest | None, customer: str | None = None
) -> frozenset[int]:
    """Return the families that a request's customer has bought; of nobody, nothing is known.

    One query per declaration of order lines, once a page. Guests are found where the adapter tells
    their address: a hash of it is not in any order.
    """
    buyer = buyer_of(adapter, request, customer)
    if buyer is None:
        return frozenset()
    return page_of(request).owned(buyer, lambda: _owned(adapter, buyer))


def _owned(adapter: ShopAdapter, buyer: Buyer) -> frozenset[int]:
    keys = [key for lines in adapter.line_sources() for key in _keys(adapter, lines, buyer)]
    return frozenset(families(item_faces(dict.fromkeys(keys)).values()))


def _keys(adapter: ShopAdapter, lines: Lines, buyer: Buyer) -> list[str]:
    """Return the keys of what was bought by one declaration, the newest first."""
    columns = {"crosssell_product": lines.product}
    if len(adapter.sources()) > 1 and lines.product_model is not None:
        columns["crosssell_label"] = lines.product_model
    only = next(iter(adapter.sources()))
    found: list[str] = []
    for rows in lines_of(lines, buyer):
        newest_first = rows.annotate(
            crosssell_placed_at=expression(lines.placed_at),
            **{name: expression(path) for name, path in columns.items()},
        ).order_by("-crosssell_placed_at")
        newest = newest_first.values_list(*columns)[:MOST_OWNED]
        found += [adapter.key_for(_label(*label) if label else only, pk) for pk, *label in newest]
    return found


def _label(model: object) -> str:
    """Return the label of a sellable model, which orders may hold as a content type's id."""
    if isinstance(model, int):
        kind = ContentType.objects.get_for_id(model)
        return f"{kind.app_label}.{kind.model}"
    return str(model)
