"""Random rules, items and contexts, full of what databases read in their own ways."""

from __future__ import annotations

import datetime
from decimal import Decimal

from hypothesis import strategies as st

from recommendations.engine.conditions import (
    SCHEMA,
    AllOf,
    AnyOf,
    BasketFacts,
    Comparison,
    Context,
    CustomerFacts,
    FieldValue,
    ItemFacts,
    Money,
    Not,
    Operator,
    PageFacts,
    ShareOf,
    Type,
)
from recommendations.engine.conditions.fields import CHANNELS, OPERATORS, WEEKDAYS
from recommendations.engine.conditions.syntax import LISTED, OF_LISTS, TEXT_SEARCH

TEXTS = [
    *("Shoes", "shoes", "SHOES", "Running shoes", "shoe", "Straße", "STRASSE", "STRAẞE"),
    *("İstanbul", "istanbul", "\u0131stanbul", "Äpfel", "äPFEL", "k", "K", "\u212a", "ΣΑΣ", "σας"),
    *("100%", "a_b", "a%b", "axb", "a\\b", "it's", 'say "x"', "null", "true", "1", "42", "[]"),
    *("é", "e\u0301", "😀", " ", "\u2003x", "a.b", "(x)", "[abc]", "^x$", "日本語"),
    *("usb-c", "USB C", "{}", "$.a", "%s", "X-rated", "\u017f", "s", "ǆ", "ǅ", "Ǆ", "𐐀", "𐐨"),
]
STORED_TEXTS = [*TEXTS, "", "x\ny", "shoes\n", "\tshoes", "usb—c"]
KEYS = ["colour", "0", "a.b", "größe", 'say "x"', "it's", "$", "%s", "😀", "size", "tags", "a\\b"]
NUMBERS = [
    *(Decimal(0), Decimal(1), Decimal(-1), Decimal("0.1"), Decimal("0.3"), Decimal("42")),
    *(Decimal("2.5"), Decimal("-2.5"), Decimal(30), Decimal("0.000001"), Decimal("1E+14")),
    *(Decimal("999999999999999"), Decimal("12345678.901234"), Decimal("9.99")),
]
STORED_NUMBERS = [
    *(0, 1, -1, 0.1, 0.30000000000000004, 0.3, 42, 42.0, 2.5, -0.0, 1e22, 1e-7, 5e-324, 30),
    *(9007199254740993, 9007199254740992.0, 10**20, -(10**30), 1.7e308, 999999999999999, True),
]
AMOUNTS = [
    Decimal(text)
    for text in ("0", "0.0001", "8.50", "9.99", "10", "10.0001", "15", "-5", "99999999999.9999")
]
STORED_AMOUNTS = [*AMOUNTS, Decimal("99999999999998.5"), Decimal("11.7647"), Decimal("12.7500")]
CURRENCIES = ["EUR", "USD"]
PERCENTS = [Decimal(text) for text in ("0", "85", "100", "150", "33.3333", "0.01", "10000")]

texts = st.sampled_from(TEXTS)
stored_texts = st.sampled_from(STORED_TEXTS)
numbers = st.sampled_from(NUMBERS) | st.integers(-50, 50).map(Decimal)
money = st.builds(Money, st.sampled_from(AMOUNTS), st.sampled_from(CURRENCIES))
stored_money = st.none() | st.builds(
    Money, st.sampled_from(STORED_AMOUNTS), st.sampled_from(CURRENCIES)
)
times = st.builds(datetime.time, st.integers(0, 23), st.sampled_from([0, 30]))
stored_values = st.recursive(
    st.none() | stored_texts | st.sampled_from(STORED_NUMBERS) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=4,
)
attributes = st.dictionaries(st.sampled_from(KEYS), stored_values, max_size=5)

_LITERALS = {
    Type.TEXT: texts,
    Type.TEXTS: texts,
    Type.NUMBER: numbers,
    Type.MONEY: money,
    Type.BOOLEAN: st.booleans(),
    Type.TIME: times,
}
_NAMES = [*SCHEMA.fields, *(f"item.attributes.{key}" for key in KEYS)]
_NAMES += [name for name in _NAMES if name.startswith("item.")] * 3
_REFERABLE = [
    field
    for field in SCHEMA.fields.values()
    if field.scope != "item" and not field.name.endswith(".margin") and field.type != Type.TEXTS
]


@st.composite
def operands(draw, field, operator, kind):
    """One value that a field can be compared with: plain, another field's, or a share of it."""
    way = draw(st.integers(0, 5))
    if field.name.endswith(".margin"):
        return draw(st.sampled_from([Decimal(0), Decimal(30), Decimal("33.33"), Decimal(-100)]))
    if way == 0:
        wanted = {field.type, Type.ANY} if field.type != Type.TEXTS else {Type.TEXT, Type.ANY}
        names = [other.name for other in _REFERABLE if other.type in wanted]
        names += [f"viewed.attributes.{key}" for key in KEYS[:3]]
        return FieldValue(draw(st.sampled_from(names)))
    if way == 1 and field.type in {Type.NUMBER, Type.MONEY, Type.ANY} and kind is Type.NUMBER:
        names = [f.name for f in _REFERABLE if f.type is field.type or field.type is Type.ANY]
        names = [name for name in names if SCHEMA.field(name).type in {Type.NUMBER, Type.MONEY}]
        if operator not in {*TEXT_SEARCH, *OF_LISTS}:
            return ShareOf(draw(st.sampled_from(PERCENTS)), draw(st.sampled_from(names)))
    if way == 1 and field.type is Type.MONEY:
        return ShareOf(draw(st.sampled_from(PERCENTS)), "viewed.price")
    if field.choices:
        return draw(st.sampled_from(field.choices))
    return draw(_LITERALS[kind])


@st.composite
def comparisons(draw, names):
    """One comparison that the language allows."""
    field = SCHEMA.field(draw(st.sampled_from(names)))
    operator = draw(st.sampled_from(field.operators))
    if operator is Operator.EXISTS:
        return Comparison(field.name, operator)
    kind = field.type
    if kind is Type.ANY:
        kind = draw(st.sampled_from(_kinds(operator)))
    if operator in LISTED:
        plain = st.sampled_from(field.choices) if field.choices else _LITERALS[kind]
        return Comparison(
            field.name, operator, tuple(draw(st.lists(plain, min_size=1, max_size=4)))
        )
    value = operands(field, operator, kind)
    if operator is Operator.BETWEEN:
        return Comparison(field.name, operator, _ascending(draw(value), draw(value)))
    return Comparison(field.name, operator, draw(value))


def _kinds(operator):
    if operator in TEXT_SEARCH:
        return [Type.TEXT]
    if operator in OF_LISTS:
        return [Type.TEXT, Type.NUMBER]
    if operator in OPERATORS[Type.TIME]:
        return [Type.NUMBER]
    return [Type.TEXT, Type.NUMBER, Type.BOOLEAN]


def _ascending(low, high):
    """What the reader of documents would not refuse."""
    if isinstance(low, Money) and isinstance(high, Money):
        low, high = sorted((low.amount, high.amount))
        return Money(low, "EUR"), Money(high, "EUR")
    if isinstance(low, ShareOf) and isinstance(high, ShareOf) and low.field == high.field:
        least, most = sorted((low.percent, high.percent))
        return ShareOf(least, low.field), ShareOf(most, low.field)
    if isinstance(low, Decimal) and isinstance(high, Decimal) and low > high:
        return high, low
    return low, high


def conditions(names=tuple(_NAMES)):
    """Any rule of a few tests."""
    return st.recursive(
        comparisons(names),
        lambda inner: (
            st.builds(AllOf, st.lists(inner, min_size=1, max_size=3).map(tuple))
            | st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple))
            | st.builds(Not, inner)
        ),
        max_leaves=4,
    )


item_facts = st.builds(
    ItemFacts,
    key=texts,
    title=stored_texts,
    category=stored_texts,
    brand=stored_texts,
    currency=st.sampled_from(["", *CURRENCIES]),
    price=stored_money,
    stock=st.none() | numbers,
    age_days=st.none() | st.integers(-1, 60).map(Decimal),
    active=st.none() | st.booleans(),
    attributes=attributes,
)
contexts = st.builds(
    Context,
    viewed=st.none() | item_facts,
    customer=st.builds(
        CustomerFacts,
        known=st.none() | st.booleans(),
        segments=st.none() | st.frozensets(texts, max_size=3),
        orders=st.none() | st.integers(0, 50),
        days_since_order=st.none() | st.integers(0, 50),
    ),
    basket=st.builds(
        BasketFacts,
        total=stored_money,
        quantity=st.none() | st.integers(0, 50),
        items=st.none() | st.frozensets(texts, max_size=3),
        categories=st.none() | st.frozensets(stored_texts, max_size=3),
    ),
    page=st.builds(
        PageFacts,
        placement=stored_texts,
        channel=st.sampled_from(["", *CHANNELS]),
        weekday=st.sampled_from(["", *WEEKDAYS]),
        time=st.none() | times,
    ),
)
