"""Rules as merchants read them."""

from __future__ import annotations

import pytest
from hypothesis import given

from recommendations.engine.conditions import (
    SCHEMA,
    AllOf,
    Operator,
    Speech,
    outline,
    parse,
    words,
)
from recommendations.engine.conditions import phrases as phrases_module
from recommendations.engine.conditions.fields import CHANNELS, WEEKDAYS
from recommendations.engine.conditions.phrases import CHOICES, COMPARISONS, NOUNS, Phrase
from tests.recommendations.engine.conditions import strategies


def read(node):
    return words(parse({"version": 1, **node}))


def single(field, op, *value):
    return {"field": field, "op": op} | ({"value": value[0]} if value else {})


SHOES = single("item.category", "eq", "Shoes")
BAND = [{"percent": 85, "of": "viewed.price"}, {"percent": 150, "of": "viewed.price"}]
BRAND = single("item.brand", "in", ["Ayo", "Bo", "Cy"])
TEN = {"amount": "1000.5", "currency": "EUR"}

SENTENCES = [
    (
        {"all": [SHOES, single("item.price", "between", BAND)]},
        (
            "The category is “Shoes” and the price is between 85 % and 150 % of the viewed item's"
            " price."
        ),
    ),
    (
        {"any": [SHOES, BRAND, {"not": single("item.stock", "exists")}]},
        (
            "The category is “Shoes”, the brand is one of “Ayo”, “Bo” or “Cy” or the stock is not"
            " known."
        ),
    ),
    (
        {"all": [SHOES, {"any": [BRAND, single("item.active", "eq", False)]}]},
        (
            "The category is “Shoes” and (the brand is one of “Ayo”, “Bo” or “Cy” or the shop does"
            " not show it)."
        ),
    ),
    (
        {"not": {"all": [SHOES, single("item.margin", "lt", 12.5)]}},
        "It is not so that (the category is “Shoes” and the margin is less than 12.5 %).",
    ),
    ({"not": single("item.brand", "ne", "Ayo")}, "The brand is “Ayo”."),
    ({"not": single("customer.known", "eq", False)}, "The customer is known."),
    (
        single("item.brand", "eq", {"field": "viewed.brand"}),
        "The brand is the same as the viewed item's.",
    ),
    (
        single("item.brand", "eq", {"field": "viewed.title"}),
        "The brand is the viewed item's title.",
    ),
    (single("item.price", "ge", TEN), "The price is at least EUR 1,000.50."),
    (
        single("item.price", "between", [TEN, BAND[1]]),
        "The price is between EUR 1,000.50 and 150 % of the viewed item's price.",
    ),
    (single("page.weekday", "in", ["sat", "sun"]), "The weekday is one of Saturday or Sunday."),
    (single("page.time", "ge", "18:00"), "The time of day is 18:00 or later."),
    (single("customer.segments", "has", "VIP"), "The customer is in the segment “VIP”."),
    ({"not": single("basket.items", "has", "A1")}, "The basket does not hold the item “A1”."),
    (single("item.attributes.size", "gt", 41), "The attribute “size” is more than 41."),
    (single("item.attributes.new", "eq", True), "The attribute “new” is true."),
    ({"all": []}, "Always."),
    (single("item.title", "contains_word", "50% off"), "The title contains the word “50% off”."),
]


@pytest.mark.parametrize(("node", "sentence"), SENTENCES)
def test_sentences(node, sentence):
    assert read(node) == sentence


def test_an_outline_turns_what_is_denied():
    rule = parse({"version": 1, "all": [SHOES, {"not": {"any": [BRAND, SHOES]}}]})
    point = outline(rule)
    assert point.text == "All of these are so:"
    assert point.points[0].text == "The category is “Shoes”."
    assert point.points[1].text == "None of these is so:"
    assert [inner.text for inner in point.points[1].points] == [
        "The brand is one of “Ayo”, “Bo” or “Cy”.",
        "The category is “Shoes”.",
    ]


@given(strategies.conditions())
def test_every_rule_can_be_read(condition):
    sentence = words(condition)
    assert sentence.endswith(".")
    assert "%(" not in sentence
    assert outline(condition).text


def test_every_field_choice_and_comparison_has_words():
    assert set(NOUNS) == set(SCHEMA.fields)
    assert set(CHOICES) == {*WEEKDAYS, *CHANNELS}
    assert set(COMPARISONS) == set(Operator) - {Operator.NE, Operator.NOT_IN}


def test_all_words_go_through_the_translation():
    """With every message turned to marks, nothing but the merchant's own words is left."""

    def marks(message):
        return " ".join(_placeholders(message)) or "§"

    silent = Speech(translate=marks)
    values = {"€", "eur", "1,000.50", "85", "150", "12.5", "41", "18:00", "a1", "size", "new"}
    values |= {"ayo", "bo", "cy", "shoes", "vip", "50", "off"}
    for node, _ in SENTENCES:
        text = words(parse({"version": 1, **node}), silent)
        assert set(text.lower().replace("§", " ").replace("%", " ").split()) <= values, text


def _placeholders(message):
    parts = message.split("%(")[1:]
    return [f"%({part.split(')')[0]})s" for part in parts]


def test_both_sides_of_every_comparison_say_different_things():
    found = [one for one in vars(phrases_module).values() if isinstance(one, Phrase)]
    for table in (COMPARISONS, phrases_module.OF_FIELDS, phrases_module.OF_TIMES):
        found += table.values()
    for phrase in found:
        assert phrase.so != phrase.not_so
        if "field" in phrase.so:
            assert set(_placeholders(phrase.so)) == set(_placeholders(phrase.not_so))


def test_the_empty_rule_is_always():
    assert words(AllOf()) == "Always."
