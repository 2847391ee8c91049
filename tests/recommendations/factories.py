"""A small shop and its published lists, made by hand, for tests of what shoppers see.

`settings.CROSSSELL_SHOP = SMALL_SHOP` plugs in an adapter over the reference shop's tables that
tests can steer without its pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

from django.utils import timezone

from recommendations.adapters import BasketLine, Lines, Products, ShopAdapter
from recommendations.engine.packing import pack
from recommendations.models import (
    Build,
    CustomerList,
    Item,
    Kind,
    NeighbourList,
    PairRules,
    Placement,
    PopularList,
    Publication,
)
from recommendations.selectors.builds import forget_published_builds
from shop.models import Product

SMALL_SHOP = "tests.recommendations.factories.SmallShop"

Entry = tuple[Item, float, int, int]
"""An item, its score, customers and baskets."""

_numbers = count(1)


class SmallShop(ShopAdapter):
    """Products of the reference shop; the basket is a list of keys in the session."""

    products = Products(
        "shop.Product", title="name", price="price", currency="currency", active="visible",
        parent="parent_id",
    )  # fmt: skip
    lines = Lines("shop.OrderLine", product="product_id", order="order_id", placed_at="pk")

    def available(self, product, *, quantity=1, request=None):
        """Sold out where the stock is tracked and gone."""
        return product.in_stock(quantity)

    def url(self, product, *, request=None):
        """An address that needs no route."""
        return f"/p/{product.slug}/"

    def needs_choice(self, product, *, request=None):
        """Attributes say so, to spare a query."""
        return bool(product.attributes.get("variants"))

    def basket(self, request):
        """What the session lists."""
        return [BasketLine(key) for key in request.session.get("held", [])]

    def add_to_basket(self, request, product, quantity=1):
        """Put the key into the session; a product may refuse or break on purpose."""
        if "refuse" in product.attributes:
            raise ValueError(product.attributes["refuse"])
        if "break" in product.attributes:
            raise RuntimeError(product.attributes["break"])
        held = request.session.setdefault("held", [])
        held.append(str(product.pk))
        request.session.modified = True


def make_product(name: str = "", *, price: str = "10.00", **fields: Any) -> tuple[Product, Item]:
    """Make a product of the shop and the item that stands for it."""
    number = next(_numbers)
    product = Product.objects.create(
        sku=f"sku-{number}",
        slug=f"product-{number}",
        name=name or f"Product {number}",
        price=Decimal(price),
        **fields,
    )
    parent = Item.objects.get(key=str(product.parent_id)) if product.parent_id else None
    return product, Item.objects.create(key=str(product.pk), title=product.name, parent=parent)


def make_products(n_products: int) -> list[tuple[Product, Item]]:
    """Make several products."""
    return [make_product() for _ in range(n_products)]


def publish(
    lists: Mapping[Item, Sequence[Entry]],
    popular: Mapping[str, Sequence[Entry]] | None = None,
    *,
    kind: str = Kind.TOGETHER.value,
    customers: Mapping[str, Sequence[Entry]] | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> Build:
    """Publish a build of a kind with these lists of items and customers, and best sellers."""
    now = timezone.now()
    build = Build.objects.create(
        kind=kind, parameters=dict(parameters or {}), status=Build.Status.PUBLISHED, as_of=now,
        fence=1, started_at=now, heartbeat_at=now, finished_at=now, published_at=now,
    )  # fmt: skip
    for item, entries in lists.items():
        NeighbourList.objects.create(
            build=build, item=item, n_customers=100, n_baskets=120, packed=packed(entries)
        )
    for category, entries in (popular or {}).items():
        PopularList.objects.create(build=build, category=category, packed=packed(entries))
    for customer, entries in (customers or {}).items():
        CustomerList.objects.create(
            build=build, customer=customer, n_baskets=3, packed=packed(entries)
        )
    Publication.objects.update_or_create(kind=kind, defaults={"build": build, "published_at": now})
    forget_published_builds()
    return build


def publish_pairs(
    build: Build, one: Item, other: Item, entries: Sequence[Entry], *, customers: int
) -> PairRules:
    """Add what follows from two items to a build; so many customers bought both."""
    first, second = sorted((one, other), key=lambda item: item.pk)
    return PairRules.objects.create(
        build=build, first=first, second=second, n_customers=customers, n_baskets=customers,
        packed=packed(entries),
    )  # fmt: skip


def packed(entries: Sequence[Entry]) -> bytes:
    """Pack entries as a build does."""
    rows = [(item.pk, score, customers, baskets) for item, score, customers, baskets in entries]
    return pack(*(zip(*rows, strict=True) if rows else ([], [], [], [])))


def companions(*items: Item, customers: int = 41) -> list[Entry]:
    """Return entries in this order, each bought together by so many customers."""
    return [
        (item, 1.0 - position / 100, customers, customers + 2)
        for position, item in enumerate(items)
    ]


def set_placement(slug: str = "product", **values: Any) -> Placement:
    """Give a placement these values, and the plain ones else."""
    fallback = Placement.Fallback.NONE.value
    return Placement.objects.update_or_create(
        slug=slug, defaults={"title": "", "count": 3, "fallback": fallback, **values}
    )[0]
