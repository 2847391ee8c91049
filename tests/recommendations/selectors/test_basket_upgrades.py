"""Which lines of a basket are offered a step up, and which step."""

from __future__ import annotations

import pytest

from recommendations.adapters import Money
from recommendations.models import Exclusion, Item, LadderStep
from recommendations.selectors.basket_upgrades import PLACEMENT, basket_offers
from recommendations.selectors.pages import page_of
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.upgrades import upgrades_block
from shop.models import Product
from tests.recommendations.basket_shop import BASKET_SHOP, LINK_SHOP, BasketShop, holding
from tests.recommendations.factories import companions, make_product, publish, set_placement


@pytest.fixture(autouse=True)
def basket_shop(settings):
    settings.CROSSSELL_SHOP = BASKET_SHOP
    set_placement(PLACEMENT, count=3)


@pytest.fixture
def goods():
    """Two ladders of three, and a kettle that has none."""
    prices = {
        "Lamp": "100", "Lamp Plus": "112", "Lamp Pro": "150", "Tent": "200", "Tent Plus": "240",
        "Tent Pro": "300", "Kettle": "30",
    }  # fmt: skip
    made = {name: make_product(name, price=price) for name, price in prices.items()}
    for product, item in made.values():
        Item.objects.filter(pk=item.pk).update(price=product.price)
    return {name: item for name, (_, item) in made.items()}


@pytest.fixture
def published(goods):
    return publish(
        {
            goods["Lamp"]: entries(goods["Lamp Plus"], goods["Lamp Pro"], score=0.5),
            goods["Lamp Plus"]: entries(goods["Lamp Pro"], score=0.25),
            goods["Tent"]: entries(goods["Tent Plus"], goods["Tent Pro"], score=2.0),
        },
        kind="upgrades",
    )


def entries(*items, score):
    return [
        (item, score / (1 + n), customers, customers)
        for n, (item, _, customers, _) in enumerate(companions(*items, customers=0))
    ]


def ask(goods, held, **options):
    request = holding({goods[name].key: quantity for name, quantity in held.items()})
    return basket_offers(request, ShelfOptions(**{"placement": PLACEMENT, **options}))


def told(found):
    """Return (line, quantity, upgrade, how much more) of each offer."""
    return [
        (offer.line.title, offer.quantity, offer.upgrade.title, str(offer.more.amount))
        for offer in found.offers
    ]


def rules_left_out(found, goods):
    names = {item.key: name for name, item in goods.items()}
    return {names[left.key]: left.rule for left in found.left_out}


def test_the_best_step_of_each_line_in_the_order_of_the_basket(goods, published):
    found = ask(goods, {"Kettle": 1, "Lamp": 2, "Tent": 1})
    assert told(found) == [
        ("Lamp", 2, "Lamp Plus", "12.00"),
        ("Tent", 1, "Tent Plus", "40.00"),
    ]
    assert found.can_replace
    offer = found.of(goods["Lamp"].key)
    assert offer.more.currency == "EUR"
    assert {
        "strategy": "upgrades", "build": published.pk, "position": 1, "stage": "model",
        "line": goods["Lamp"].key, "more": "12.00",
    }.items() <= offer.upgrade.trace.items()  # fmt: skip
    assert found.of(goods["Kettle"].key) is None


def test_what_gains_most_is_offered_where_few_are_wanted(goods, published):
    set_placement(PLACEMENT, count=1)
    assert told(ask(goods, {"Lamp": 1, "Tent": 1})) == [("Tent", 1, "Tent Plus", "40.00")]
    assert len(ask(goods, {"Lamp": 1, "Tent": 1}, count=2).offers) == 2


def test_behind_lines_that_cannot_be_offered_the_others_are(goods, published):
    """More lines fail than one question to the shop looks at."""
    Product.objects.filter(name__startswith="Tent P").update(stock=0)
    lines, lists = {"Lamp": 1}, {goods["Lamp"]: entries(goods["Lamp Plus"], score=0.5)}
    for number in range(4):
        goods[f"T{number}"] = make_product(f"T{number}", price="200")[1]
        lines[f"T{number}"] = 1
        lists[goods[f"T{number}"]] = entries(goods["Tent Plus"], score=2.0)
    publish(lists, kind="upgrades")
    assert [one[0] for one in told(ask(goods, lines, count=1))] == ["Lamp"]


def test_what_another_line_holds_is_never_offered(goods, published):
    found = ask(goods, {"Lamp": 1, "Lamp Plus": 1})
    assert told(found) == [("Lamp", 1, "Lamp Pro", "50.00")]
    assert rules_left_out(found, goods)["Lamp Plus"] == "in basket"


def test_no_upgrade_is_offered_twice(goods):
    publish(
        {
            goods["Lamp"]: entries(goods["Lamp Pro"], score=0.5),
            goods["Lamp Plus"]: entries(goods["Lamp Pro"], score=0.25),
        },
        kind="upgrades",
    )
    assert told(ask(goods, {"Lamp Plus": 1, "Lamp": 1})) == [("Lamp", 1, "Lamp Pro", "50.00")]


def test_a_variant_is_offered_for_its_family_once(goods, published):
    _, red = make_product("Lamp red", price="104", parent=Product.objects.get(name="Lamp"))
    goods["red"] = red
    assert told(ask(goods, {"red": 1})) == [("Lamp red", 1, "Lamp Plus", "8.00")]


def test_the_whole_quantity_must_be_there(goods, published):
    Product.objects.filter(name="Lamp Plus").update(stock=2)
    assert told(ask(goods, {"Lamp": 2}))[0][2] == "Lamp Plus"
    found = ask(goods, {"Lamp": 3})
    assert told(found)[0][2] == "Lamp Pro"
    assert rules_left_out(found, goods)["Lamp Plus"] == "not available"


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"price": "100"}, "not dearer"),
        ({"price": "99"}, "not dearer"),
        ({"price": "200.01"}, "beyond the price band"),
        ({"currency": "USD"}, "other currency"),
        ({"visible": False}, "not shown by the shop"),
        ({"stock": 0}, "not available"),
    ],
)
def test_the_shop_decides(goods, published, values, rule):
    Product.objects.filter(name="Lamp Plus").update(**values)
    found = ask(goods, {"Lamp": 1})
    assert told(found)[0][2] == "Lamp Pro"
    assert rules_left_out(found, goods) == {"Lamp Plus": rule}


def test_a_line_that_the_shop_no_longer_shows_has_no_offer(goods, published):
    Product.objects.filter(name="Lamp").update(visible=False)
    assert told(ask(goods, {"Lamp": 1})) == []


def test_what_the_caller_leaves_out(goods, published):
    found = ask(goods, {"Lamp": 1}, exclude=[goods["Lamp Plus"].key])
    assert told(found)[0][2] == "Lamp Pro"


@pytest.mark.parametrize(
    ("rules", "upgrade", "left_out"),
    [
        ({}, "Lamp Plus", {}),
        ({"excluded": "Lamp Plus"}, "Lamp Pro", {"Lamp Plus": "excluded"}),
        ({"forbid": "Lamp Plus"}, "Lamp Pro", {"Lamp Plus": "forbidden step"}),
        ({"offer": "Lamp Pro"}, "Lamp Pro", {}),
        ({"offer": "Lamp Plus", "excluded": "Lamp Plus"}, "Lamp Plus", {}),
        ({"offer": "Kettle"}, "Lamp Plus", {"Kettle": "not dearer"}),
    ],
)
def test_the_merchants_step_then_the_forbidden_then_the_model(
    goods, published, rules, upgrade, left_out
):
    for rule, name in rules.items():
        if rule == "excluded":
            Exclusion.objects.create(item=goods["Lamp"], companion=goods[name])
        else:
            LadderStep.objects.create(item=goods["Lamp"], upgrade=goods[name], rule=rule)
    found = ask(goods, {"Lamp": 1})
    assert told(found)[0][2] == upgrade
    assert rules_left_out(found, goods) == left_out


def test_a_step_that_is_made_or_taken_back_acts_at_once(
    goods, published, django_capture_on_commit_callbacks
):
    assert told(ask(goods, {"Lamp": 1}))[0][2] == "Lamp Plus"
    with django_capture_on_commit_callbacks(execute=True):
        step = LadderStep.objects.create(
            item=goods["Lamp"], upgrade=goods["Lamp Plus"], rule="forbid"
        )
    assert told(ask(goods, {"Lamp": 1}))[0][2] == "Lamp Pro"
    with django_capture_on_commit_callbacks(execute=True):
        step.delete()
    assert told(ask(goods, {"Lamp": 1}))[0][2] == "Lamp Plus"


def test_a_forbidden_step_is_forbidden_for_its_own_line_only(goods, published):
    LadderStep.objects.create(item=goods["Lamp"], upgrade=goods["Lamp Pro"], rule="forbid")
    assert told(ask(goods, {"Lamp Plus": 1}))[0][2] == "Lamp Pro"


def test_a_step_of_the_merchants_comes_before_what_gains_more(goods, published):
    LadderStep.objects.create(item=goods["Lamp"], upgrade=goods["Lamp Pro"])
    assert told(ask(goods, {"Lamp": 1, "Tent": 1}, count=1)) == [
        ("Lamp", 1, "Lamp Pro", "50.00"),
    ]


def test_a_basket_that_cannot_be_changed_has_links(goods, published, settings):
    settings.CROSSSELL_SHOP = LINK_SHOP
    found = ask(goods, {"Lamp": 1})
    assert (len(found.offers), found.can_replace) == (1, False)


def test_nobody_nothing_and_off(goods, published):
    set_placement(PLACEMENT, enabled=False)
    assert told(ask(goods, {"Lamp": 1})) == []
    assert told(ask(goods, {})) == []


def test_none_wanted_none_asked_for(goods, published):
    assert told(ask(goods, {"Lamp": 1}, count=0)) == []
    with pytest.raises(ValueError, match="count is 51"):
        ask(goods, {"Lamp": 1}, count=51)


def test_the_band_of_the_placement(goods, published):
    set_placement(PLACEMENT, price_from_percent=120, price_to_percent=150)
    found = ask(goods, {"Lamp": 1, "Tent": 1})
    assert told(found) == [
        ("Lamp", 1, "Lamp Pro", "50.00"),
        ("Tent", 1, "Tent Plus", "40.00"),
    ]
    assert rules_left_out(found, goods) == {"Lamp Plus": "beyond the price band"}


def test_what_an_offer_shows_no_other_block_of_the_page_does(goods, published):
    request = holding({goods["Lamp"].key: 1})
    options = ShelfOptions(placement=PLACEMENT)
    assert told(basket_offers(request, options))[0][2] == "Lamp Plus"
    block = upgrades_block(goods["Lamp Plus"].key, ShelfOptions(placement="upgrades"))
    assert [slot.title for slot in block.slots] == ["Lamp Pro"]
    assert page_of(request).elsewhere("another block") >= {goods["Lamp Plus"].pk}
    assert told(basket_offers(request, options))[0][2] == "Lamp Plus", "the same page, again"


def test_what_the_page_shows_already_is_not_offered(goods, published):
    request = holding({goods["Lamp"].key: 1})
    page_of(request).shows("another block", {goods["Lamp Plus"].pk})
    found = basket_offers(request, ShelfOptions(placement=PLACEMENT))
    assert told(found)[0][2] == "Lamp Pro"
    assert rules_left_out(found, goods) == {"Lamp Plus": "already on this page"}


def test_another_currency_than_asked_for(goods, published):
    assert told(ask(goods, {"Lamp": 1}, currency="USD")) == []
    assert told(ask(goods, {"Lamp": 1}, currency="EUR")) != []


def test_unknown_keys_in_a_basket_do_no_harm(goods, published):
    request = holding({"unknown": 1, goods["Lamp"].key: 1, "": 2})
    found = basket_offers(request, ShelfOptions(placement=PLACEMENT))
    assert len(found.offers) == 1


def test_the_same_product_on_two_lines_is_not_offered_for(goods, published, settings):
    settings.CROSSSELL_SHOP = f"{__name__}.Engraving"
    assert told(ask(goods, {"Lamp": 1, "Tent": 1})) == [("Tent", 1, "Tent Plus", "40.00")]


class Engraving(BasketShop):
    """A shop that puts two lamps on two lines, since they say different things."""

    def basket(self, request):
        """The first line twice."""
        lines = list(super().basket(request))
        return [lines[0], *lines]


def test_it_is_the_differences_of_prices_as_they_are_shown(goods, published):
    Product.objects.filter(name="Lamp").update(price="99.99")
    (offer,) = ask(goods, {"Lamp": 3}).offers
    assert offer.more == Money(offer.upgrade.price.amount - offer.line.price.amount, "EUR")
    assert str(offer.more.amount) == "12.01"


def test_fifty_lines_cost_one_query_of_the_shops(django_assert_num_queries):
    lists, held, goods = {}, {}, {}
    for number in range(50):
        _, item = make_product(f"Thing {number}", price="10")
        _, better = make_product(f"Thing {number} Plus", price="12")
        goods[item.title], held[item.title] = item, 1
        lists[item] = entries(better, score=1.0)
    publish(lists, kind="upgrades")
    assert len(ask(goods, held).offers) == 3
    with django_assert_num_queries(1):  # the basket of this shop is in the session
        assert len(ask(goods, held).offers) == 3
