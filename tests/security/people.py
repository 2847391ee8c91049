"""Two customers with a history each, and everybody else who may come to the shop's doors.

What belongs to a customer carries that customer's marker in its title: whoever else reads the
marker has been shown what is not theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client

from bundles.models import Bundle
from promotions.models import Campaign, Coupon
from recommendations.models import Exclusion, Item, Kind, Merchandising, ModelChoice
from recommendations.selectors.looked_at import VIEWED
from shop.models import Product
from tests.recommendations.factories import companions, publish, set_placement
from tests.shop.factories import make_basket, make_category, make_order, make_product

MARKER = {"anna": "ANNAS-OWN", "bert": "BERTS-OWN"}
"""Part of everything that is a customer's alone: titles, name and address."""

HIDDEN = "NOT-FOR-SALE"
"""Part of the title of a product that the shop does not show to anybody now."""

ROLES = ("anonymous", "anna", "bert", "staff without permission", "staff", "superuser")

ACCOUNTS = {"staff without permission": "clerk", "staff": "merchant", "superuser": "owner"}
"""The names of those who may enter the admin."""

SLUGS = (
    "product", "basket", "customer", "buy-again", "recently-viewed", "visit", "trending",
    "new-arrivals", "upgrades", "also-viewed", "similar",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shop:
    """The rows that routes are asked about."""

    viewed: Product
    hidden: Product
    orders: dict[str, str]
    """The number of an order of each customer."""
    rows: dict[str, int]
    """A row of each model that the admin has pages of."""


def open_shop() -> Shop:
    """Make products for everybody, and of each customer a list, a basket, an order and an account.

    Every list is long enough for its block, so that nothing stands in for it.
    """
    shelf = make_category("Everyday")
    viewed = make_product("Kettle", category=shelf)
    hidden = make_product(f"Lamp {HIDDEN}", category=shelf, visible=False)
    public = [make_product(f"Everyday {number}", category=shelf) for number in range(6)]
    items = [_item(product) for product in public]
    lists = {_item(viewed): companions(_item(hidden), *items)}
    popular = {"": companions(_item(hidden), *items)}
    placements = [set_placement(slug, fallback="none") for slug in SLUGS]
    customers: dict[str, Any] = {}
    orders: dict[str, str] = {}
    for number, (name, marker) in enumerate(MARKER.items()):
        user = _user(name)
        own = [make_product(f"{marker} {what}") for what in ("wish", "next", "again")]
        customers[str(user.pk)] = companions(*map(_item, own), customers=1)
        held = make_product(f"{marker} held")
        lists[_item(held)] = companions(_item(make_product(f"{marker} companion")))
        make_basket((held, 1), user=user)
        bought = make_product(f"{marker} bought")
        order = make_order((bought, 1), user=user, number=f"N-{number}1", email=user.email)
        orders[name] = order.number
    build = publish(lists, popular)
    for kind in (Kind.USER_BASED, Kind.NEXT_BASKET, Kind.BUY_AGAIN):
        publish({}, kind=kind.value, customers=customers)
    for kind in (Kind.TRENDING, Kind.NEW_ARRIVALS):
        publish({}, popular, kind=kind.value)
    for kind in (Kind.UPGRADES, Kind.CONTENT, Kind.VIEWED_BOUGHT):
        publish(lists, kind=kind.value)
    cache.clear()
    rows = {"build": build.pk, "placement": placements[0].pk, **_merchants_rows(_item(viewed))}
    return Shop(viewed, hidden, orders, rows)


def _merchants_rows(item: Item) -> dict[str, int]:
    campaign = Campaign.objects.create(name="Autumn", percent_off=10)
    rows = {
        "campaign": campaign,
        "coupon": Coupon.objects.create(campaign=campaign, code="AUTUMN-10"),
        "bundle": Bundle.objects.create(name="Set"),
        "exclusion": Exclusion.objects.create(companion=_item(make_product("Left out"))),
        "merchandising": Merchandising.objects.create(
            name="No tea",
            kind="hide",
            condition={"version": 1, "field": "item.category", "op": "eq", "value": "Tea"},
        ),
        "choice": ModelChoice.objects.create(question="item", kind="together", chosen_by="tuning"),
        "item": item,
    }
    return {name: row.pk for name, row in rows.items()}


def visitors() -> dict[str, Client]:
    """Return a browser of each role; customers have looked at something of their own."""
    users = {
        "staff without permission": _user(ACCOUNTS["staff without permission"], is_staff=True),
        "staff": _user(ACCOUNTS["staff"], is_staff=True),
        "superuser": _user(ACCOUNTS["superuser"], is_staff=True, is_superuser=True),
        **{name: get_user_model().objects.get(username=name) for name in MARKER},
    }
    users["staff"].user_permissions.set(
        Permission.objects.filter(
            content_type__app_label__startswith="crosssell_", codename__startswith="view_"
        )
    )
    clients = {role: Client() for role in ROLES}
    for role, user in users.items():
        clients[role].force_login(user)
    for name, marker in MARKER.items():
        look_at(clients[name], f"{marker} looked at")
    return clients


def look_at(client: Client, title: str) -> None:
    """Let a visitor have looked at a new product."""
    session = client.session
    session[VIEWED] = [_item(make_product(title)).key]
    session.save()


def _user(name: str, **values: Any) -> Any:
    marker = MARKER.get(name, name)
    return get_user_model().objects.create_user(
        username=name, email=f"{marker}@example.com", first_name=marker, **values
    )


def _item(product: Product) -> Item:
    return Item.objects.get_or_create(key=str(product.pk), defaults={"title": product.name})[0]
