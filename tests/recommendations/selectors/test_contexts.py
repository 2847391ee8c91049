"""What rules are told of the basket and of the customer, and what it costs whoever does not ask."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from recommendations.adapters import Lines, get_adapter
from recommendations.engine.conditions import BasketFacts, CustomerFacts, Money
from recommendations.selectors import customer_orders as orders_module
from recommendations.selectors.contexts import rule_context
from recommendations.selectors.customer_orders import CustomerOrders, buyer_of, customer_orders
from recommendations.selectors.customers import customer_shelf
from recommendations.selectors.placements import PlacedRule, PlacementChoice, condition_text
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.together import together_block
from tests.recommendations.basket_shop import holding
from tests.recommendations.factories import companions, make_product, publish, set_placement
from tests.recommendations.ordering_shop import ORDERING_SHOP, OrderingShop
from tests.recommendations.selectors.test_together import names
from tests.shop.factories import make_order, make_user

ADDRESS = "ann@example.com"

PLAIN = PlacementChoice(
    slug="product", title="", enabled=True, count=3, minimum_support=1, fallback="none"
)

ASKED = {
    "total": ("basket.total", "ge", {"amount": "50", "currency": "EUR"}),
    "orders": ("customer.orders", "ge", 2),
    "days": ("customer.days_since_order", "gt", 30),
    "segments": ("customer.segments", "has", "vip"),
    "known": ("customer.known", "eq", True),
}


@pytest.fixture(autouse=True)
def ordering_shop(settings, small_shop):
    settings.CROSSSELL_SHOP = ORDERING_SHOP


@pytest.fixture
def ann():
    return make_user()


def request_of(user: Any = None, *, address: str = "", **held: int) -> Any:
    request = holding({key.removeprefix("p"): n for key, n in held.items()})
    request.user = user or AnonymousUser()
    request.session["address"] = address
    return request


def choice_asking(*asked: str) -> Any:
    """A placement with a rule for each of these fields."""
    documents = [
        {"version": 1, "field": field, "op": op, "value": value}
        for field, op, value in (ASKED[name] for name in asked)
    ]
    rules = tuple(
        PlacedRule(number, "", "boost", 100, condition_text(document))
        for number, document in enumerate(documents)
    )
    return dataclasses.replace(PLAIN, rules=rules)


def context_of(request: Any, *asked: str, **given: Any) -> Any:
    given = {"channel": "web", "viewed": None, "held": (), **given}
    return rule_context(get_adapter(), request, choice=choice_asking(*asked), **given)


class TestCustomer:
    def test_orders_that_count_and_days_since_the_last(self, ann):
        kettle, tea = (make_product(name)[0] for name in ("Kettle", "Tea"))
        now = timezone.now()
        make_order((kettle, 1), (tea, 2), user=ann, placed_at=now - timedelta(days=40))
        make_order((tea, 1), user=ann, placed_at=now - timedelta(days=9, hours=23))
        make_order((tea, 1), user=ann, status="cancelled", placed_at=now)
        make_order((tea, 1), user=make_user("else"), placed_at=now)
        found = context_of(request_of(ann), "orders", "days", now=now).customer
        assert found == CustomerFacts(
            known=True, segments=frozenset(), orders=2, days_since_order=9
        )

    def test_without_orders_only_the_last_one_is_missing(self, ann):
        found = context_of(request_of(ann), "orders").customer
        assert (found.orders, found.days_since_order) == (0, None)

    def test_an_order_of_the_future_is_of_today(self, ann):
        make_order((make_product()[0], 1), user=ann, placed_at=timezone.now() + timedelta(days=2))
        assert context_of(request_of(ann), "days").customer.days_since_order == 0

    def test_of_a_visitor_only_that_nobody_is_known(self):
        found = context_of(request_of(), "orders", "days", "segments").customer
        assert found == CustomerFacts(known=False)

    def test_who_wants_nothing_personal_is_missing_altogether(self, ann):
        make_order((make_product()[0], 1), user=ann)
        request = request_of(ann)
        request.COOKIES["crosssell_personal"] = "off"
        assert context_of(request, "orders", "known").customer == CustomerFacts()

    def test_in_a_letter_it_is_whom_it_is_for(self, ann):
        make_order((make_product()[0], 1), user=ann)
        found = context_of(None, "orders", customer=str(ann.pk)).customer
        assert (found.known, found.orders) == (True, 1)
        assert context_of(None, "orders").customer == CustomerFacts()


class TestGuests:
    @pytest.fixture
    def bought(self):
        product, item = make_product("Kettle")
        make_order((product, 1), email=ADDRESS)
        return item

    def test_one_whose_address_the_shop_is_sure_of_has_orders(self, bought):
        assert context_of(request_of(address=ADDRESS), "orders").customer.orders == 1
        assert context_of(request_of(address="ben@example.com"), "orders").customer.orders == 0

    def test_orders_of_a_user_under_that_address_are_not_theirs(self, bought, ann):
        make_order((make_product()[0], 1), email=ADDRESS, user=ann)
        assert context_of(request_of(address=ADDRESS), "orders").customer.orders == 1

    def test_a_user_is_never_taken_for_the_guest_of_a_form(self, bought, ann):
        assert context_of(request_of(ann, address=ADDRESS), "orders").customer.orders == 0

    def test_a_hash_alone_finds_nothing(self, bought, monkeypatch):
        adapter = get_adapter()
        monkeypatch.setattr(OrderingShop, "customer", lambda *_: adapter.guest_key(ADDRESS))
        assert context_of(request_of(), "orders").customer.orders == 0
        assert context_of(request_of(address=ADDRESS), "orders").customer.orders == 1

    def test_what_they_bought_is_left_out_where_the_merchant_wants_it(self, bought):
        viewed, view_item = make_product("View")
        publish({view_item: companions(bought, make_product("Tea")[1])})
        set_placement(hide_owned=True)

        def shown(request):
            return names(together_block(viewed, request=request).slots)

        assert shown(request_of(address=ADDRESS)) == ["Tea"]
        assert shown(request_of()) == ["Kettle", "Tea"]

    def test_shops_that_know_no_guests_find_none(self, bought, monkeypatch):
        lines = dataclasses.replace(OrderingShop.lines, guest=None)
        monkeypatch.setattr(OrderingShop, "lines", lines)
        assert context_of(request_of(address=ADDRESS), "orders").customer.orders == 0


def test_a_letter_leaves_out_what_its_customer_bought(ann):
    kettle, tea = (make_product(name) for name in ("Kettle", "Tea"))
    publish({}, kind="user_based", customers={str(ann.pk): companions(kettle[1], tea[1])})
    make_order((kettle[0], 1), user=ann)
    set_placement("email", hide_owned=True)
    assert names(customer_shelf(str(ann.pk), ShelfOptions(placement="email")).slots) == ["Tea"]


class TestDays:
    """Shops keep moments with or without a zone, or days."""

    @pytest.mark.parametrize(
        "kept",
        [date(2026, 3, 1), datetime(2026, 3, 1), datetime(2026, 3, 1, tzinfo=UTC)],  # noqa: DTZ001
    )
    def test_each_is_a_moment_in_the_shops_zone(self, kept):
        moment = orders_module._moment(kept)
        assert timezone.localtime(moment).date() == date(2026, 3, 1)

    def test_what_is_no_time_is_none(self, monkeypatch, ann):
        make_order((make_product()[0], 1), user=ann)
        lines = dataclasses.replace(OrderingShop.lines, placed_at="pk")
        monkeypatch.setattr(OrderingShop, "lines", lines)
        assert context_of(request_of(ann), "orders", "days").customer.orders == 1
        assert context_of(request_of(ann), "days").customer.days_since_order is None


def test_orders_of_all_declarations_are_counted(monkeypatch, ann):
    make_order((make_product()[0], 1), user=ann)
    lines: list[Lines] = [OrderingShop.lines, OrderingShop.lines]
    monkeypatch.setattr(OrderingShop, "lines", lines)
    request = request_of(ann)
    found = customer_orders(get_adapter(), buyer_of(get_adapter(), request))
    assert isinstance(found, CustomerOrders)
    assert (found.orders, found.last_at is None) == (2, False)


class TestBasket:
    def test_the_total_at_live_prices(self):
        kettle, tea = (make_product(price=price)[1] for price in ("19.90", "2.05"))
        request = request_of(**{f"p{kettle.key}": 2, f"p{tea.key}": 3})
        found = context_of(request, "total").basket
        assert found.total == Money(Decimal("45.95"), "EUR")

    def test_half_a_sum_is_none(self, monkeypatch):
        kettle, hidden = (make_product()[1] for _ in range(2))
        hidden_product = get_adapter().live_products([hidden.key])[hidden.key]
        hidden_product.visible = False
        hidden_product.save()
        assert context_of(request_of(**{f"p{kettle.key}": 1}), "total").basket.total is not None
        both = {f"p{kettle.key}": 1, f"p{hidden.key}": 1}
        assert context_of(request_of(**both), "total").basket.total is None
        monkeypatch.setattr(OrderingShop, "price", lambda *_, **__: None)
        assert context_of(request_of(**{f"p{kettle.key}": 1}), "total").basket.total is None

    def test_two_currencies_have_no_sum(self):
        kettle = make_product()[1]
        crown = make_product(currency="NOK")[1]
        both = {f"p{kettle.key}": 1, f"p{crown.key}": 1}
        assert context_of(request_of(**both), "total").basket.total is None

    def test_nothing_held_and_nobody_have_none(self):
        assert context_of(request_of(), "total").basket.total is None
        assert context_of(None, "total").basket == BasketFacts(
            items=frozenset(), categories=frozenset()
        )


class TestQueries:
    @pytest.fixture
    def request_(self, ann):
        kettle = make_product()
        make_order((kettle[0], 1), user=ann)
        return request_of(ann, **{f"p{kettle[1].key}": 1})

    def test_who_does_not_ask_pays_nothing(self, django_assert_num_queries, request_):
        viewed = make_product()[1]
        face = type("Face", (), {"id": viewed.pk})
        with django_assert_num_queries(0):
            context = context_of(request_, viewed=face)
        assert context.customer == CustomerFacts()
        assert (context.basket.total, context.basket.quantity) == (None, None)
        assert context.viewed is None

    @pytest.mark.parametrize(
        ("asked", "queries"),
        [("known", 0), ("segments", 0), ("total", 1), ("orders", 1), ("days", 1)],
    )
    def test_each_costs_one_query_a_page(self, django_assert_num_queries, request_, asked, queries):
        with django_assert_num_queries(queries):
            first = context_of(request_, asked)
        with django_assert_num_queries(0):
            again = context_of(request_, asked)
        assert (first.customer, first.basket) == (again.customer, again.basket)

    def test_a_rule_of_the_placements_own_filter_and_shares_asks_as_well(self, request_):
        field, op, value = ASKED["orders"]
        text = condition_text({"version": 1, "field": field, "op": op, "value": value})
        choice = dataclasses.replace(PLAIN, condition=text)
        given = {"channel": "web", "viewed": None, "held": ()}
        found = rule_context(get_adapter(), request_, choice=choice, **given)
        assert found.customer.orders == 1
        as_bound = {"version": 1, "field": "item.stock", "op": "gt",
                    "value": {"field": "customer.orders"}}  # fmt: skip
        choice = dataclasses.replace(choice, condition=condition_text(as_bound))
        found = rule_context(get_adapter(), request_, choice=choice, **given)
        assert found.customer.orders == 1
