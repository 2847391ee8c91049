"""Which upgrades are shown, in which order, and what is said of them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation

from recommendations.adapters import Money
from recommendations.models import Exclusion, Item, Pin
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.upgrades import upgrades, upgrades_block
from shop.models import Product
from tests.recommendations.factories import (
    SmallShop,
    companions,
    make_product,
    publish,
    set_placement,
)
from tests.recommendations.selectors.test_together import names, request_of, rules_left_out

KIND = "upgrades"
OPTIONS = ShelfOptions(placement=KIND)


@pytest.fixture
def goods():
    prices = {"Alder Lamp": "100", "Alder Lamp Plus": "130", "Alder Lamp Pro": "180", "Sun": "150"}
    made = {}
    for name, price in prices.items():
        product, item = make_product(name, price=price)
        Item.objects.filter(pk=item.pk).update(price=price)
        made[name] = product, item
    return made


@pytest.fixture
def published(goods):
    first, *others = (item for _, item in goods.values())
    return publish({first: companions(*others, customers=0)}, kind=KIND)


def block(goods, **options):
    product = goods["Alder Lamp"][0]
    return upgrades_block(product, ShelfOptions(**{"placement": KIND, **options}))


def reprice(name, price):
    Product.objects.filter(name=name).update(price=Decimal(price))


def test_the_list_in_its_order_with_a_trace(goods, published):
    found = block(goods)
    assert names(found.slots) == ["Alder Lamp Plus", "Alder Lamp Pro", "Sun"]
    assert [slot.source for slot in found.slots] == ["model"] * 3
    assert {
        "strategy": KIND, "build": published.pk, "position": 2, "more": "80.00", "next": False,
        "stage": "model",
    }.items() <= found.slots[1].trace.items()  # fmt: skip
    assert found.more(found.slots[0]) == Money(Decimal("30.00"), "EUR")


def test_by_key_as_by_product(goods, published):
    product = goods["Alder Lamp"][0]
    assert names(upgrades(str(product.pk))) == names(upgrades(product))
    assert upgrades("unheard of") == []


@pytest.mark.parametrize(
    ("price", "rule"),
    [
        ("130.01", None),
        ("100.00", "not dearer"),
        ("100.004", None),  # the column rounds to cents: as dear
        ("99.00", "not dearer"),
        ("200.00", None),
        ("200.01", "beyond the price band"),
    ],
)
def test_the_live_price_decides(goods, published, price, rule):
    reprice("Alder Lamp Plus", price)
    if price == "100.004":
        rule = "not dearer"
    key = goods["Alder Lamp Plus"][1].key
    found = block(goods)
    assert rules_left_out(found).get(key) == rule
    assert (key in {slot.key for slot in found.slots}) is (rule is None)


def test_an_item_that_became_dearer_loses_its_upgrades(goods, published):
    reprice("Alder Lamp", "170")
    goods["Alder Lamp"][0].refresh_from_db()
    assert names(block(goods).slots) == ["Alder Lamp Pro"]


def test_the_band_is_a_setting(goods, published, settings):
    settings.RECOMMENDATIONS = {"UPGRADE_HIGHEST_RATIO": 1.5}
    assert names(block(goods).slots) == ["Alder Lamp Plus", "Sun"]


def test_another_currency_is_left_out(goods, published):
    Product.objects.filter(name="Sun").update(currency="USD")
    assert rules_left_out(block(goods)) == {goods["Sun"][1].key: "other currency"}
    assert block(goods, currency="USD").slots == ()


def test_an_item_without_a_price_has_none(goods, published, settings):
    settings.CROSSSELL_SHOP = f"{__name__}.Hiding"
    assert block(goods).slots == ()


class Hiding(SmallShop):
    """A shop that shows prices to nobody."""

    def price(self, product, *, request=None):
        """Hide it."""
        return


def test_exclusions_hold_and_what_is_held_or_named_is_left_out(goods, published):
    (_, lamp), (_, plus), (_, pro), (_, sun) = goods.values()
    Exclusion.objects.create(item=lamp, companion=plus)
    found = upgrades_block(
        goods["Alder Lamp"][0], ShelfOptions(placement=KIND, exclude=[pro.key]),
        request=request_of(sun.key),
    )  # fmt: skip
    assert found.slots == ()
    assert rules_left_out(found) == {
        plus.key: "excluded", pro.key: "left out by the caller", sun.key: "in basket",
    }  # fmt: skip


def test_a_pin_is_no_upgrade(goods, published):
    """Merchants pin what goes with an item: an accessory would stand among the steps up."""
    _, case = make_product("Case", price="120")
    Pin.objects.create(item=goods["Alder Lamp"][1], companion=case)
    assert "Case" not in names(block(goods).slots)


def test_nothing_stands_in(goods):
    publish({}, {"": companions(goods["Sun"][1])})
    assert block(goods).slots == ()
    publish({}, {"": companions(goods["Sun"][1])}, kind=KIND)
    set_placement(KIND, fallback="popular")
    assert block(goods).slots == ()


def test_the_placement_decides_how_many(goods, published):
    set_placement(KIND, count=1, title="Go up")
    assert (block(goods).title, names(block(goods).slots)) == ("Go up", ["Alder Lamp Plus"])


def test_a_placement_that_is_switched_off(goods, published):
    set_placement(KIND, enabled=False)
    assert block(goods).slots == ()


def test_what_is_sold_out_is_not_shown(goods, published):
    Product.objects.filter(name="Alder Lamp Plus").update(stock=0)
    assert names(block(goods).slots) == ["Alder Lamp Pro", "Sun"]


# -- what is said ----------------------------------------------------------------------------


def reasons(found):
    return {slot.title: slot.reason for slot in found.slots}


def test_the_next_step_is_told_only_of_the_next(goods, published):
    assert reasons(block(goods)) == {
        "Alder Lamp Plus": "The next step up for €30.00 more",
        "Alder Lamp Pro": "Of the same kind",
        "Sun": "Of the same kind",
    }


def test_behind_a_step_that_is_sold_out_the_one_after_is_not_the_next(goods, published):
    Product.objects.filter(name="Alder Lamp Plus").update(stock=0)
    assert reasons(block(goods))["Alder Lamp Pro"] == "Of the same kind"


def test_the_live_difference_is_told(goods, published):
    reprice("Alder Lamp Plus", "149.90")
    assert reasons(block(goods))["Alder Lamp Plus"] == "The next step up for €49.90 more"


@pytest.mark.parametrize(
    ("customers", "told"), [(5, "5 customers moved up to it"), (4, "Of the same kind")]
)
def test_who_moved_up_is_told_of_five_customers(goods, customers, told):
    publish({goods["Alder Lamp"][1]: companions(goods["Sun"][1], customers=customers)}, kind=KIND)
    (slot,) = block(goods).slots
    assert slot.reason == told
    assert (slot.evidence is None) is (customers < 5)


def test_a_placement_may_ask_for_more_customers(goods):
    publish({goods["Alder Lamp"][1]: companions(goods["Sun"][1], customers=20)}, kind=KIND)
    set_placement(KIND, minimum_support=21)
    (slot,) = block(goods).slots
    assert (slot.reason, slot.evidence) == ("Of the same kind", None)


def test_in_the_shoppers_language_numbers_are_theirs(goods, published):
    with translation.override("de"):
        assert "30,00" in reasons(block(goods))["Alder Lamp Plus"]


# -- what it costs ---------------------------------------------------------------------------


def test_warm_it_costs_one_query_of_the_shops(goods, published, django_assert_num_queries):
    block(goods)
    with django_assert_num_queries(1):
        assert len(block(goods).slots) == 3


def test_nothing_to_show_costs_the_shop_nothing(goods, django_assert_num_queries):
    publish({}, kind=KIND)
    block(goods)
    with django_assert_num_queries(0):
        assert block(goods).slots == ()
