"""Documents: what is read, what is refused and where, and what is written back."""

from __future__ import annotations

import json
import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.engine.conditions import (
    AUDIENCE,
    AllOf,
    Comparison,
    ConditionError,
    FieldValue,
    Money,
    Not,
    Operator,
    ShareOf,
    document,
    dumps,
    loads,
    parse,
)
from recommendations.engine.conditions.faults import MESSAGES, Fault
from recommendations.engine.conditions.reading import MAX_BYTES, MAX_FAULTS, MAX_NODES
from tests.recommendations.engine.conditions import strategies


def faults(node, **kwargs):
    """Code and place of what is wrong with a node."""
    with pytest.raises(ConditionError) as caught:
        parse({"version": 1, **node}, **kwargs)
    for fault in caught.value.faults:
        assert fault.words()
        assert "%(" not in fault.words()
    return [(fault.code, fault.place) for fault in caught.value.faults]


def single(field, op, *value):
    """One comparison as a document says it."""
    return {"field": field, "op": op} | ({"value": value[0]} if value else {})


EUR = {"amount": "10", "currency": "EUR"}


def test_a_document_becomes_a_tree():
    rule = parse(
        {
            "version": 1,
            "all": [
                single("item.category", "eq", {"field": "viewed.category"}),
                {"not": single("item.price", "lt", {"percent": 85, "of": "viewed.price"})},
                single("item.price", "between", [EUR, {"amount": "19.90", "currency": "EUR"}]),
                single("item.attributes.a.b", "in", [1, 2.5]),
            ],
        }
    )
    assert rule == AllOf(
        (
            Comparison("item.category", Operator.EQ, FieldValue("viewed.category")),
            Not(Comparison("item.price", Operator.LT, ShareOf(Decimal(85), "viewed.price"))),
            Comparison(
                "item.price",
                Operator.BETWEEN,
                (Money(Decimal(10), "EUR"), Money(Decimal("19.90"), "EUR")),
            ),
            Comparison("item.attributes.a.b", Operator.IN, (Decimal(1), Decimal("2.5"))),
        )
    )


PRICE = "item.price"
REFUSED = [
    (single(PRICE, "lt", "cheap"), "money", "value"),
    (single(PRICE, "lt", 10), "money", "value"),
    (single(PRICE, "lt", {"amount": "ten", "currency": "EUR"}), "money", "value.amount"),
    (single(PRICE, "lt", {"amount": True, "currency": "EUR"}), "money", "value.amount"),
    (single(PRICE, "lt", {"amount": None, "currency": "EUR"}), "money", "value.amount"),
    (single(PRICE, "lt", {"amount": "1e9", "currency": "EUR"}), "money", "value.amount"),
    (single(PRICE, "lt", {"amount": "10", "currency": "eur"}), "currency", "value.currency"),
    (single(PRICE, "lt", {"amount": "10"}), "currency", "value.currency"),
    (single(PRICE, "lt", EUR | {"vat": 1}), "unknown_key", "value"),
    (single(PRICE, "lt", {"amount": "1.00001", "currency": "EUR"}), "places", "value.amount"),
    (single(PRICE, "lt", {"amount": "1" + 11 * "0", "currency": "EUR"}), "range", "value.amount"),
    (single(PRICE, "contains", "x"), "operator_not_for_field", "op"),
    (single(PRICE, "resembles", "x"), "unknown_operator", "op"),
    (single(PRICE, ["lt"], "x"), "unknown_operator", "op"),
    (single(PRICE, "lt"), "missing_key", ""),
    ({"field": PRICE}, "missing_key", ""),
    (single(PRICE, "exists", EUR), "no_value", "value"),
    (single(PRICE, "lt", {"field": "viewed.brand"}), "reference", "value.field"),
    (single(PRICE, "lt", {"field": "item.price"}), "own_field", "value.field"),
    (single(PRICE, "lt", {"percent": 85}), "missing_key", "value"),
    (single(PRICE, "lt", {"percent": "85", "of": "viewed.price"}), "number", "value.percent"),
    (single(PRICE, "lt", {"percent": -1, "of": "viewed.price"}), "range", "value.percent"),
    (single(PRICE, "lt", {"percent": 10001, "of": "viewed.price"}), "range", "value.percent"),
    (single("item.title", "eq", {"percent": 5, "of": "viewed.title"}), "reference", "value.of"),
    (single(PRICE, "between", [EUR]), "pair", "value"),
    (single(PRICE, "between", EUR), "no_list", "value"),
    (single(PRICE, "between", [EUR, EUR | {"currency": "USD"}]), "two_currencies", "value"),
    (single(PRICE, "between", [EUR, EUR | {"amount": "9"}]), "reversed", "value"),
    (single("item.stock", "between", [3, 2]), "reversed", "value"),
    (single("item.stock", "lt", True), "number", "value"),
    (single("item.stock", "lt", float("nan")), "number", "value"),
    (single("item.stock", "lt", 10**15), "range", "value"),
    (single("item.stock", "lt", 10**5000), "range", "value"),
    (single("item.stock", "lt", 0.1234567), "places", "value"),
    (single("item.stock", "lt", Decimal("12345678901234.56")), "digits", "value"),
    (single("item.margin", "ge", 101), "range", "value"),
    (single("item.margin", "ge", 33.333), "places", "value"),
    (single("item.margin", "ge", {"field": "customer.orders"}), "reference", "value.field"),
    (single("item.margin", "eq", 30), "operator_not_for_field", "op"),
    (single("item.title", "eq", 5), "text", "value"),
    (single("item.title", "eq", ""), "blank", "value"),
    (single("item.title", "eq", "x" * 301), "too_long", "value"),
    (single("item.title", "eq", "a\0b"), "characters", "value"),
    (single("item.title", "eq", "a\ud800"), "characters", "value"),
    (single("item.brand", "in", "Ayo"), "no_list", "value"),
    (single("item.brand", "in", []), "empty", "value"),
    (single("item.brand", "in", ["Ayo", 1]), "text", "value[1]"),
    (single("item.attributes.x", "in", ["Ayo", 1]), "mixed", "value"),
    (single("item.attributes.x", "lt", "big"), "number", "value"),
    (single("item.attributes.x", "between", [1, True]), "number", "value[1]"),
    (single("item.attributes.x", "contains", 1), "text", "value"),
    (single("item.attributes.x", "has", True), "text", "value"),
    (single("item.attributes.x", "has_any", [True]), "text", "value"),
    (single("item.attributes.x", "eq", None), "any", "value"),
    (single("item.attributes.x", "eq", ["a"]), "any", "value"),
    (single("item.attributes.", "exists"), "unknown_field_near", "field"),
    (single("item.attributes." + "x" * 101, "exists"), "unknown_field", "field"),
    (single("item.active", "eq", 1), "boolean", "value"),
    (single("page.time", "lt", "25:00"), "time", "value"),
    (single("page.time", "lt", "9:00"), "time", "value"),
    (single("page.weekday", "eq", "monday"), "choice", "value"),
    (single("page.weekday", "contains", "mon"), "operator_not_for_field", "op"),
    (single("customer.segments", "eq", "vip"), "operator_not_for_field", "op"),
    (single("customer.segments", "has", {"field": "basket.items"}), "reference", "value.field"),
    (single("item.brnad", "exists"), "unknown_field_near", "field"),
    (single("zzz", "exists"), "unknown_field", "field"),
    (single(7, "exists"), "text", "field"),
    ({"all": [], "any": []}, "unknown_key", ""),
    ({"any": []}, "empty", "any"),
    ({"not": {"all": []}}, "empty", "not.all"),
    ({"all": {}}, "no_list", "all"),
    ({"not": [1]}, "no_object", "not"),
    ({"not": {}}, "no_condition", "not"),
    ({}, "no_condition", ""),
    ({"not": single("item.brand", "exists") | {"if": 1}}, "unknown_key", "not"),
    ({"all": [{}, {"not": single(PRICE, "lt", "x")}]}, "no_condition", "all[0]"),
]


@pytest.mark.parametrize(("node", "code", "place"), REFUSED)
def test_what_is_wrong_is_refused_at_its_place(node, code, place):
    assert faults(node)[0] == (code, place)


def test_the_example_of_the_documentation():
    brand = single("item.brand", "exists")
    node = {"all": [brand, brand, {"not": single(PRICE, "lt", "cheap")}]}
    with pytest.raises(ConditionError, match="price needs an amount, not 'cheap'") as caught:
        parse({"version": 1, **node})
    (fault,) = caught.value.faults
    assert fault.words() == "all[2].not.value: a price needs an amount, not 'cheap'"


def test_all_faults_are_told_at_once_up_to_a_limit():
    node = {"any": [single("item.stock", "lt", "x"), single("item.brand", "lt", 1)]}
    assert faults(node) == [("number", "any[0].value"), ("operator_not_for_field", "any[1].op")]
    assert len(faults({"any": [single("item.stock", "lt", "x")] * 50})) == MAX_FAULTS


def test_a_fault_is_told_in_the_readers_language():
    told = Fault("no_value", ("value",)).words({MESSAGES["no_value"]: "kein Wert"}.get)
    assert told == "value: kein Wert"


def test_fields_of_another_kind_of_rule():
    assert faults(single("item.brand", "exists"), schema=AUDIENCE) == [("field_not_here", "field")]
    viewed = single("basket.total", "lt", {"field": "viewed.price"})
    assert faults(viewed, schema=AUDIENCE) == [("field_not_here", "value.field")]
    attribute = single("item.attributes.x", "exists")
    assert faults(attribute, schema=AUDIENCE) == [("field_not_here", "field")]


@pytest.mark.parametrize("version", [None, True, 2, 1.5, "1", [1]])
def test_other_versions_are_refused(version):
    with pytest.raises(ConditionError) as caught:
        parse({"version": version, "all": []})
    assert (caught.value.faults[0].code, caught.value.faults[0].place) == ("version", "version")


@pytest.mark.parametrize("raw", [None, [], "x", 1])
def test_what_is_no_object_is_refused(raw):
    with pytest.raises(ConditionError, match="object in braces"):
        parse(raw)


def test_a_document_without_a_version_is_refused():
    with pytest.raises(ConditionError, match="version is missing"):
        parse({"all": []})


def nested(depth):
    node = single("item.brand", "exists")
    for _ in range(depth - 1):
        node = {"not": node}
    return node


def test_depth_is_bounded():
    parse({"version": 1, **nested(8)})
    assert faults(nested(9)) == [("too_deep", ".".join(8 * ["not"]))]
    assert faults(nested(min(5000, sys.getrecursionlimit() // 2)))[0][0] == "too_deep"


def test_the_number_of_conditions_and_values_is_bounded():
    values = [f"b{n}" for n in range(MAX_NODES - 1)]
    parse({"version": 1, **single("item.brand", "in", values)})
    over = single("item.brand", "in", [*values, "x"])
    assert faults(over) == [("too_many", f"value[{MAX_NODES - 1}]")]
    assert faults({"all": [nested(1)] * 10**5})[0][0] == "too_many"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "not_json"),
        ("", "not_json"),
        ('{"version": 1, "field": "item.stock", "op": "lt", "value": NaN}', "not_json"),
        ('{"version": 1, "field": "item.stock", "op": "lt", "value": -Infinity}', "not_json"),
        ('{"version": 1, "version": 1, "all": []}', "repeated_key"),
        (
            '{"version": 1, "field": "item.stock", "op": "lt", "value": ' + "9" * 5000 + "}",
            "not_json",
        ),
        ("[" * 60000, "too_deep"),
        (" " * (MAX_BYTES + 1), "too_large"),
        ('"\ud800"', "no_object"),
        ("[]", "no_object"),
        ('{"version": 1, "field": "item.stock", "op": "lt", "value": 1e999}', "number"),
    ],
)
def test_texts_that_are_no_rule(text, code):
    with pytest.raises(ConditionError) as caught:
        loads(text)
    assert caught.value.faults[0].code == code


@given(strategies.conditions())
def test_a_rule_survives_export_and_import(condition):
    assert parse(document(condition)) == condition
    assert loads(dumps(condition)) == condition
    assert document(parse(document(condition))) == document(condition)
    # As a JSONField keeps it: through text that reads numbers as floats.
    kept = json.loads(json.dumps(document(condition)))
    assert document(parse(kept)) == document(condition)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["all", "any", "not", "field", "op", "value", "percent", "of", "x"])
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(json_values)
def test_any_json_is_read_or_refused_with_faults(raw):
    for one in (raw, {"version": 1, **raw} if isinstance(raw, dict) else raw):
        found = ()
        try:
            parse(one)
        except ConditionError as error:
            found = error.faults or pytest.fail("refused without a fault")
        assert all(fault.words() for fault in found)


@given(strategies.conditions(), st.data())
def test_one_thing_wrong_in_a_good_rule_is_found(condition, data):
    """Any value of any rule, replaced by what fits nowhere, is refused below its own key."""
    good = document(condition)
    places = [path for path in _paths(good) if path[-1] in {"field", "op"}]
    path = data.draw(st.sampled_from(places))
    *above, last = path
    target = good
    for step in above:
        target = target[step]
    target[last] = {"nothing": "known"}
    with pytest.raises(ConditionError) as caught:
        parse(good)
    assert path in [fault.path for fault in caught.value.faults]


def _paths(node, path=()):
    entries = node.items() if isinstance(node, dict) else enumerate(node)
    for key, inner in entries:
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from _paths(inner, (*path, key))


def test_the_farthest_amount_is_read():
    farthest = {"amount": "99999999999.9999", "currency": "EUR"}
    assert (
        document(parse({"version": 1, "field": PRICE, "op": "lt", "value": farthest}))["value"]
        == farthest
    )
