"""A shop with no order, its first order, or three: pages have something, and say why."""

from __future__ import annotations

import dataclasses

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from recommendations.models import Item, PopularList
from recommendations.selectors.readiness import Counted, missing, readiness
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.suggestions import suggestions_for_customer, suggestions_for_item
from recommendations.selectors.together import frequently_bought_together
from recommendations.services.builds import KINDS, rebuild
from shop.models import Category, Product
from tests.recommendations.factories import set_placement
from tests.recommendations.orders import sell, sell_to_many

pytestmark = pytest.mark.django_db


@pytest.fixture
def products() -> list[Product]:
    drinks = Category.objects.create(name="Drinks", slug="drinks")
    return [
        Product.objects.create(
            sku=name, slug=name, name=name.title(), price=3, stock=9, category=drinks
        )
        for name in ("tea", "coffee", "cocoa", "milk")
    ]


def fallback(kind: str = "together") -> dict[str, object]:
    outcome = rebuild(kind)
    assert outcome.status == "published", outcome.build and outcome.build.verdict
    assert outcome.build is not None
    return outcome.build.metrics["fallback"]


VIEWLESS = "Needs page views, and the shop declares none (ShopAdapter.views)."


@pytest.mark.parametrize("n_orders", [0, 1, 3])
def test_new_arrivals_stand_in_until_enough_customers_bought(
    products: list[Product], n_orders: int
) -> None:
    sell_to_many(products[:2], n_orders)
    told = fallback()
    assert told["serves"] == "new_arrivals"
    assert told["why"] == ("few_customers" if n_orders else "no_orders")
    assert told["orders"] == n_orders
    set_placement(fallback="popular", count=3)
    slots = frequently_bought_together(str(products[0].pk))
    assert len(slots) == 3
    assert not any("opular" in slot.reason or "ought" in slot.reason for slot in slots)
    assert {slot.source for slot in slots} == {"fallback"}
    assert {slot.evidence for slot in slots} == {None}, "three customers would be told apart"


def test_the_fallback_of_a_category_says_so(products: list[Product]) -> None:
    fallback()
    set_placement(fallback="category", count=1)
    (slot,) = frequently_bought_together(str(products[0].pk))
    assert "Drinks" in slot.reason
    assert "opular" not in slot.reason


def test_five_customers_make_a_best_seller(products: list[Product]) -> None:
    sell_to_many(products[3:], 5)
    sell(products[1])
    assert fallback()["serves"] == "best_sellers"
    set_placement(fallback="popular", count=3)
    first, *rest = frequently_bought_together(str(products[0].pk))
    assert (first.title, first.reason) == ("Milk", "Popular in this shop")
    assert {slot.evidence for slot in rest} == {None}
    assert not any("opular" in slot.reason for slot in rest)


def test_a_shop_without_lists_is_built_again_and_again(products: list[Product]) -> None:
    sell_to_many(products[:2], 3)
    fallback()
    fallback()
    sell_to_many(products[:2], 6)
    assert fallback()["why"] == "short_lists"


def test_what_is_published_is_never_lost_to_an_empty_build(products: list[Product]) -> None:
    sell_to_many(products[:2], 6)
    assert rebuild("together").status == "published"
    Product.objects.filter(pk=products[0].pk).update(visible=False)
    outcome = rebuild("together")
    assert outcome.status == "rejected"


def test_without_any_product_there_is_nothing_to_publish(db: None) -> None:
    assert rebuild("together").status == "rejected"
    assert not PopularList.objects.exists()


@pytest.mark.parametrize("n_orders", [0, 1, 3])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "viewed_bought"])
def test_every_kind_has_something_to_suggest(
    kind: str, n_orders: int, products: list[Product]
) -> None:
    for product in products[:n_orders]:
        sell(product, email="first@example.com")
    told = fallback(kind)
    assert told["serves"] == "new_arrivals"
    item = Item.objects.get(key=str(products[0].pk))
    options = ShelfOptions(placement="any", count=3)
    beside = suggestions_for_item(kind, item.key, options)
    assert beside is not None
    assert len(beside.slots) == 3
    assert item.key not in {slot.key for slot in beside.slots}
    for_somebody = suggestions_for_customer(kind, "nobody", options).slots
    assert len(for_somebody) == 3
    assert {slot.source for slot in for_somebody} == {"fallback"}


def test_readiness_tells_what_is_missing(products: list[Product], settings: Settings) -> None:
    assert readiness("together").needs == ("No build has read the orders yet.",)
    assert "Nothing is published" in readiness("together").fallback
    sell_to_many(products[:2], 3)
    rebuild("together")
    ready = readiness("together")
    assert ready.sentence == "Needs 197 more orders (has 3 of 200)."
    assert ready.fallback == (
        "3 orders hold nothing that 5 customers share: pages show new arrivals, since no item has "
        "5 customers yet."
    )
    assert readiness("viewed_bought").sentence == VIEWLESS
    assert readiness("new_arrivals").ready
    assert "50 more customers who came back" in readiness("buy_again").sentence


def test_what_is_missing_is_counted_and_said_once() -> None:
    some = Counted(orders=199, customers=99, repeat_customers=49, counted_at=timezone.now())
    one_order = "Needs 1 more order (has 199 of 200)."
    assert missing("together", some) == (one_order,)
    assert missing("als", some) == (one_order, "Needs 1 more customer (has 99 of 100).")
    came_back = "Needs 1 more customer who came back (has 49 of 50)."
    assert missing("buy_again", some) == (one_order, came_back)
    assert missing("als", Counted()) == ("No build has read the orders yet.",)
    enough = dataclasses.replace(some, orders=200, customers=100, repeat_customers=50)
    assert missing("als", enough) == missing("buy_again", enough) == ()


def test_a_kind_without_input_says_so_instead_of_building() -> None:
    with pytest.raises(ValueError, match="Needs page views, and the shop declares none"):
        rebuild("viewed_bought")


def test_readiness_of_an_unknown_kind() -> None:
    with pytest.raises(ValueError, match="no build kind 'astrology'; there are: together"):
        readiness("astrology")
