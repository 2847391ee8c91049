"""Rules asked in the database and in memory: one answer, on every database."""

from __future__ import annotations

import datetime
import random
from collections import Counter
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import NotSupportedError
from django.db.models import F, Q
from hypothesis import given, settings
from hypothesis import strategies as st

from recommendations.engine.conditions import (
    AllOf,
    AnyOf,
    Money,
    Not,
    document,
    outcome_of,
    parse,
)
from recommendations.models import Item
from recommendations.selectors.conditions import (
    ITEM_COLUMNS,
    PRICE,
    MarginColumn,
    NumberColumn,
    compile_q,
    item_facts,
)
from recommendations.selectors.conditions.expressions import Exactly, JsonHolds
from recommendations.selectors.conditions.texts import TextTest
from tests.recommendations.engine.conditions import strategies
from tests.recommendations.services.databases import ON_BOTH

pytestmark = pytest.mark.django_db

NOW = datetime.datetime(2026, 3, 1, 12, 30, 15, 250000, tzinfo=datetime.UTC)

# Joined numbers, which a parent's price stands for here.
COLUMNS = {
    **ITEM_COLUMNS,
    "stock": NumberColumn("parent__price"),
    "margin": MarginColumn(PRICE, "parent__price"),
}

DAY = datetime.timedelta(days=1)
INSTANT = datetime.timedelta(microseconds=1)
SEEN = [
    NOW - age
    for age in (
        *(0 * DAY, DAY, DAY - INSTANT, DAY + INSTANT, 30 * DAY, 30 * DAY - INSTANT),
        *(2.5 * DAY, 3 * DAY, 42 * DAY, 10 * DAY, -INSTANT, -5 * DAY, 9000 * DAY),
    )
]


def population(seed, size):
    """Rows of the item table; three of four have a parent among those before."""
    rng = random.Random(seed)
    pick = rng.choice
    return [
        {
            "key": f"{pick(strategies.TEXTS)}{position}" if position else "Shoes",
            "title": pick(strategies.STORED_TEXTS),
            "category": pick(strategies.STORED_TEXTS),
            "brand": pick(strategies.STORED_TEXTS),
            "price": pick([None, *strategies.STORED_AMOUNTS]),
            "currency": pick(["", *strategies.CURRENCIES]),
            "active": pick([True, False]),
            "attributes": {key: value(rng) for key in rng.sample(strategies.KEYS, 5)},
            "created_at": pick(SEEN),
            "parent": rng.randrange(position) if position and rng.random() < 0.75 else None,
        }
        for position in range(size)
    ]


def value(rng, depth=2):
    """Anything that an attribute can be."""
    kind = rng.randrange(8 if depth else 5)
    if kind < 3:
        return rng.choice(strategies.STORED_TEXTS)
    if kind < 5:
        return rng.choice([None, True, False, *strategies.STORED_NUMBERS])
    if kind < 7:
        return [value(rng, depth - 1) for _ in range(rng.randrange(4))]
    return {rng.choice(strategies.KEYS): value(rng, depth - 1)}


def stored(rows):
    """Put rows into the emptied table, and read them back as the database keeps them."""
    Item.objects.all().delete()
    items = Item.objects.bulk_create(
        [Item(**{name: value for name, value in row.items() if name != "parent"}) for row in rows]
    )
    for item, row in zip(items, rows, strict=True):
        item.created_at = row["created_at"]
        item.parent = None if row["parent"] is None else items[row["parent"]]
    Item.objects.bulk_update(items, ["created_at", "parent"])
    return list(Item.objects.select_related("parent"))


def agree(condition, context, items):
    """Ask both ways; return what came out, for the tests of these tests."""
    q = compile_q(condition, context, now=NOW, columns=COLUMNS)
    outcome = outcome_of(condition, context)
    outcomes = {item.pk: outcome(item_facts(item, now=NOW, columns=COLUMNS)) for item in items}
    true = {pk for pk, one in outcomes.items() if one is True}
    false = {pk for pk, one in outcomes.items() if one is False}
    assert set(Item.objects.filter(q).values_list("pk", flat=True)) == true
    assert set(Item.objects.exclude(q).values_list("pk", flat=True)) == set(outcomes) - true
    turned = compile_q(Not(condition), context, now=NOW, columns=COLUMNS)
    assert set(Item.objects.filter(turned).values_list("pk", flat=True)) == false
    return Counter(
        "true" if one is True else "false" if one is False else "unknown"
        for one in outcomes.values()
    )


any_database = pytest.mark.parametrize("database", ON_BOTH)


@pytest.fixture
def _on(database, request):
    if database == "postgres":
        request.getfixturevalue("on_postgres")


def random_rules(examples, seeds, size):
    """Ask random rules of random items; return how often each came out true, false, unknown."""
    counts = Counter()
    kept = {}

    @settings(max_examples=examples, deadline=None)
    @given(
        seed=st.integers(0, seeds - 1),
        condition=strategies.conditions(),
        context=strategies.contexts,
    )
    def check(seed, condition, context):
        if seed not in kept:
            kept.clear()
            kept[seed] = stored(population(seed, size))
        counts.update(agree(condition, context, kept[seed]))

    check()
    return counts


def rule(field, op, *value):
    """One comparison."""
    node = {"version": 1, "field": field, "op": op}
    return parse(node | ({"value": value[0]} if value else {}))


TEN = {"amount": "10", "currency": "EUR"}
TAGS = {"tags": ["Red", 5, None], "n": 5, "t": "5", "yes": True, "nil": None, "": "x"}
BY_HAND: list[tuple[dict[str, Any], Any, bool]] = [
    ({"brand": "Ayo"}, rule("item.brand", "ne", "Bo"), True),
    ({"brand": ""}, rule("item.brand", "ne", "Bo"), False),
    ({"brand": ""}, Not(rule("item.brand", "eq", "Bo")), False),
    ({"brand": ""}, Not(rule("item.brand", "exists")), True),
    ({"title": "STRAẞE"}, rule("item.title", "eq", "straße"), True),
    ({"title": "STRASSE"}, rule("item.title", "eq", "straße"), False),
    ({"title": "ÄPFEL"}, rule("item.title", "contains", "äpf"), True),
    ({"title": "100 shoes"}, rule("item.title", "contains", "0%s"), False),
    ({"title": "a_b"}, rule("item.title", "eq", "axb"), False),
    ({"title": "shoes\n"}, rule("item.title", "eq", "shoes"), False),
    ({"title": "motor-öl"}, rule("item.title", "contains_word", "Öl"), True),
    ({"title": "motoröl"}, rule("item.title", "contains_word", "Öl"), False),
    ({"key": "Ab"}, rule("item.key", "in", ["ab"]), False),
    ({"price": Decimal(10), "currency": "EUR"}, rule("item.price", "le", TEN), True),
    ({"price": Decimal("10.0001"), "currency": "EUR"}, rule("item.price", "le", TEN), False),
    ({"price": Decimal(5), "currency": "USD"}, rule("item.price", "le", TEN), False),
    ({"price": Decimal(5), "currency": "USD"}, Not(rule("item.price", "le", TEN)), False),
    ({"price": Decimal(5)}, rule("item.price", "exists"), False),
    ({"currency": "EUR"}, rule("item.price", "ge", TEN), False),
    ({"attributes": TAGS}, rule("item.attributes.n", "eq", 5), True),
    ({"attributes": TAGS}, rule("item.attributes.t", "eq", 5), False),
    ({"attributes": TAGS}, Not(rule("item.attributes.t", "gt", 99)), False),
    ({"attributes": TAGS}, rule("item.attributes.t", "eq", "5"), True),
    ({"attributes": TAGS}, rule("item.attributes.n", "eq", "5"), False),
    ({"attributes": TAGS}, rule("item.attributes.yes", "eq", True), True),
    ({"attributes": TAGS}, rule("item.attributes.yes", "eq", 1), False),
    ({"attributes": TAGS}, rule("item.attributes.nil", "exists"), False),
    ({"attributes": TAGS}, rule("item.attributes.tags", "has", "red"), True),
    ({"attributes": TAGS}, rule("item.attributes.tags", "has", "5"), False),
    ({"attributes": TAGS}, rule("item.attributes.tags", "has", 5), True),
    ({"attributes": TAGS}, Not(rule("item.attributes.tags", "has", "blue")), True),
    ({"attributes": TAGS}, Not(rule("item.attributes.none", "has", "blue")), False),
    ({"attributes": {"0": "x"}}, rule("item.attributes.0", "eq", "x"), True),
    ({"attributes": ["x"]}, rule("item.attributes.0", "eq", "x"), False),
    ({"attributes": {'ö"': 1}}, rule('item.attributes.ö"', "ge", 1), True),
    ({"attributes": {"n": 0.1 + 0.2}}, rule("item.attributes.n", "gt", 0.3), True),
    ({}, rule("item.stock", "exists"), False),
    ({}, Not(rule("item.stock", "lt", 5)), False),
    ({}, AllOf(), True),
]


@any_database
@pytest.mark.usefixtures("_on")
def test_what_was_worked_out_by_hand(database):
    for row, condition, expected in BY_HAND:
        Item.objects.all().delete()
        item = Item.objects.create(**{"key": "1", **row})
        assert Item.objects.filter(compile_q(condition)).exists() is expected, (row, condition)
        assert (outcome_of(condition)(item_facts(item)) is True) is expected, (row, condition)


@any_database
@pytest.mark.usefixtures("_on")
def test_ages_are_whole_days(database):
    item = Item.objects.create(key="1")
    Item.objects.update(created_at=NOW - 30 * DAY)
    item.refresh_from_db()
    cases = [
        ("eq", 30, 0 * DAY, True),
        ("eq", 30, DAY - INSTANT, True),
        ("eq", 30, DAY, False),
        ("eq", 30.5, DAY / 2, False),
        ("lt", 30, 0 * DAY, False),
        ("lt", 30, -INSTANT, True),
        ("le", 30, DAY - INSTANT, True),
        ("gt", 30, DAY - INSTANT, False),
        ("gt", 29.5, 0 * DAY, True),
        ("between", [29.5, 30.5], DAY - INSTANT, True),
        ("lt", 10**9, 0 * DAY, True),
        ("gt", -(10**9), 0 * DAY, True),
        ("gt", 10**9, 0 * DAY, False),
    ]
    for op, days, later, expected in cases:
        condition, now = rule("item.age_days", op, days), NOW + later
        found = Item.objects.filter(compile_q(condition, now=now)).exists()
        assert found is expected, (op, days, later)
        assert outcome_of(condition)(item_facts(item, now=now)) is expected, (op, days, later)


@any_database
@pytest.mark.usefixtures("_on")
def test_the_largest_rules_run(database):
    Item.objects.create(key="1", title="щ" * 300, attributes={"x": "Ж299"})
    texts = [f"Ж{n}" for n in range(1, 300)]
    wide = rule("item.attributes.x", "in", texts)
    assert Item.objects.filter(compile_q(wide)).count() == 1
    assert Item.objects.filter(compile_q(rule("item.title", "contains", "Щ" * 300))).count() == 1
    many = AnyOf(tuple(rule("item.attributes.x", "eq", n) for n in range(140)))
    deep = parse({"version": 1, "not": {"not": {"not": {"not": {"not": document_node(many)}}}}})
    assert not Item.objects.filter(compile_q(deep)).exists()


def document_node(condition):
    return {key: value for key, value in document(condition).items() if key != "version"}


def test_a_rule_joins_with_other_conditions_and_costs_no_query(django_assert_num_queries):
    Item.objects.create(key="1", brand="Ayo")
    with django_assert_num_queries(0):
        everything, ayo = compile_q(AllOf()), compile_q(rule("item.brand", "eq", "ayo"))
    with django_assert_num_queries(3):
        assert Item.objects.filter(Q(brand="Bo") | everything).count() == 1
        assert Item.objects.filter(Q(brand="Bo") & everything).count() == 0
        assert Item.objects.filter(Q(brand="Bo") | ayo, ~compile_q(Not(AllOf()))).count() == 1


def test_facts_of_an_item_cost_no_query(django_assert_num_queries):
    item = Item.objects.create(key="1", price=Decimal("9.90"), currency="EUR", attributes=["odd"])
    with django_assert_num_queries(0):
        facts = item_facts(item)
    assert facts.price == Money(Decimal("9.90"), "EUR")
    assert (facts.age_days, facts.stock, facts.attributes) == (Decimal(0), None, {})


@any_database
@pytest.mark.usefixtures("_on")
def test_numbers_that_a_query_computes_are_compared_as_numbers(database):
    """SQLite compares a column with a text as with a number, but not what it computes."""
    Item.objects.create(key="1")
    items = Item.objects.annotate(more=F("pk") + 20)
    columns = {"stock": NumberColumn("more")}
    assert items.filter(compile_q(rule("item.stock", "gt", 9), columns=columns)).exists()
    assert not items.filter(compile_q(rule("item.stock", "lt", 9), columns=columns)).exists()


@any_database
@pytest.mark.usefixtures("_on")
@pytest.mark.parametrize(
    ("price", "cost", "percent"),
    [("15.26", "12.6658", 17), ("13.14", "11.1033", 15.5), ("7.25", "4.698", 35.2)],
)
def test_a_margin_that_is_met_exactly_is_met(database, price, cost, percent):
    """In doubles each of these is short of it by the last bit."""
    parent = Item.objects.create(key="cost", price=Decimal(cost))
    Item.objects.create(key="1", price=Decimal(price), currency="EUR", parent=parent)
    for op, expected in (("ge", ["1"]), ("le", ["1"]), ("gt", []), ("lt", [])):
        q = compile_q(rule("item.margin", op, percent), columns=COLUMNS)
        assert list(Item.objects.filter(q).values_list("key", flat=True)) == expected, op


@any_database
@pytest.mark.usefixtures("_on")
def test_a_list_is_asked_for_without_an_error_where_there_is_none(database):
    """No database promises to look at the type first."""
    for value in ("[1", "text", 5, True, None, {"a": 1}):
        Item.objects.create(key=repr(value), attributes={"tags": value})
    Item.objects.create(key="list", attributes={"tags": ["a"]})
    holds = JsonHolds("attributes", "tags", TextTest(texts=("a",)))
    assert [item.key for item in Item.objects.filter(holds)] == ["list"]


def test_other_databases_are_refused():
    expression = Exactly(Decimal(1))
    with pytest.raises(NotSupportedError, match="not for mysql"):
        expression.as_sql(None, SimpleNamespace(vendor="mysql"))


@any_database
@pytest.mark.usefixtures("_on")
def test_the_database_and_memory_agree(database):
    counts = random_rules(examples=500, seeds=1, size=60)
    assert counts.total() >= 500 * 60
    assert min(counts[one] for one in ("true", "false", "unknown")) > 0.05 * counts.total()


@pytest.mark.slow
@any_database
@pytest.mark.usefixtures("_on")
def test_a_hundred_thousand_pairs_agree(database):
    counts = random_rules(examples=2000, seeds=20, size=50)
    print(dict(counts))  # noqa: T201 - the figure that is reported
    assert counts.total() >= 100_000
