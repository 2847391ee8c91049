"""A rule as a merchant reads it: one sentence, or an outline of points."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from recommendations.engine.conditions import phrases
from recommendations.engine.conditions.fields import SCHEMA
from recommendations.engine.conditions.phrases import Phrase
from recommendations.engine.conditions.syntax import (
    AllOf,
    Comparison,
    Condition,
    FieldValue,
    Not,
    Operand,
    Operator,
    ShareOf,
)
from recommendations.engine.conditions.values import Money


def _plain_number(value: Decimal) -> str:
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """How a reader's language says things.

    Parameters
    ----------
    translate : callable
        A message in English becomes one in the language, such as gettext.
    number : callable
        A Decimal becomes a text.
    money : callable
        A Money becomes a text.
    time : callable
        A time of day becomes a text.
    """

    translate: Callable[[str], str] = str
    number: Callable[[Decimal], str] = _plain_number
    money: Callable[[Money], str] = lambda money: f"{money.currency} {money.amount:,.2f}"
    time: Callable[[datetime.time], str] = lambda time: f"{time:%H:%M}"


ENGLISH: Final = Speech()


@dataclasses.dataclass(frozen=True, slots=True)
class Point:
    """A line of an outline.

    Parameters
    ----------
    text : str
        A sentence, or the words above a group.
    points : tuple of Point, default ()
        What stands below it.
    """

    text: str
    points: tuple[Point, ...] = ()


def words(condition: Condition, speech: Speech = ENGLISH) -> str:
    """Rule as one sentence.

    Parameters
    ----------
    condition : Condition
        The rule.
    speech : Speech, default English
        The reader's language.

    Returns
    -------
    str
        A sentence with a capital letter and a full stop.

    Examples
    --------
    >>> words(Comparison("item.category", Operator.EQ, "Shoes"))
    'The category is “Shoes”.'
    """
    return _Reading(speech).sentence(condition)


def outline(condition: Condition, speech: Speech = ENGLISH) -> Point:
    """Rule as points, for what a sentence would be too long for.

    Parameters
    ----------
    condition : Condition
        The rule.
    speech : Speech, default English
        The reader's language.

    Returns
    -------
    Point
        The outermost group, or the only comparison.

    Examples
    --------
    >>> shoes = Comparison("item.category", Operator.EQ, "Shoes")
    >>> outline(AllOf((shoes,))).points[0].text
    'The category is “Shoes”.'
    """
    return _Reading(speech).point(condition, so=True)


class _Reading:
    """Says conditions in one language. ``so`` is False below an odd number of denials."""

    def __init__(self, speech: Speech) -> None:
        self.speech = speech

    def say(self, message: str, **parts: str) -> str:
        """Return a message in the language with its parts filled in."""
        return self.speech.translate(message) % parts

    def sentence(self, condition: Condition) -> str:
        """Return a condition with a capital letter and a full stop."""
        text = self.clause(condition, so=True)
        return self.say(phrases.SENTENCE, sentence=text[:1].upper() + text[1:])

    def point(self, condition: Condition, *, so: bool) -> Point:
        """Return a condition and what stands below it."""
        if isinstance(condition, Not):
            return self.point(condition.part, so=not so)
        if isinstance(condition, Comparison) or not condition.parts:
            return Point(self.sentence(condition if so else Not(condition)))
        heading = phrases.ALL_OF if isinstance(condition, AllOf) else phrases.ANY_OF
        below = tuple(self.point(part, so=True) for part in condition.parts)
        return Point(self.say(heading.so if so else heading.not_so), below)

    def clause(self, condition: Condition, *, so: bool, inner: bool = False) -> str:
        """Return a condition without capital letter; groups within others in parentheses."""
        match condition:
            case Not(part):
                return self.clause(part, so=not so, inner=inner)
            case Comparison():
                return self.test(condition, so=so)
        if not condition.parts:
            text = self.say(phrases.ALWAYS)
        elif len(condition.parts) == 1:
            return self.clause(condition.parts[0], so=so, inner=inner)
        else:
            joint = phrases.AND if isinstance(condition, AllOf) else phrases.OR
            clauses = [self.clause(part, so=True, inner=True) for part in condition.parts]
            text = self.joined(clauses, joint)
        if inner or not so:
            text = self.say(phrases.GROUP, inner=text)
        return text if so else self.say(phrases.DENIED, inner=text)

    def joined(self, texts: Sequence[str], joint: str) -> str:
        """Return a list as people say it: "a, b and c"."""
        text = texts[-1]
        for position, one in enumerate(reversed(texts[:-1])):
            if position == 0:
                text = self.say(joint, first=one, last=text)
            else:
                text = self.say(phrases.ALL_COMMA, first=one, rest=text)
        return text

    def test(self, test: Comparison, *, so: bool) -> str:
        """Return one comparison."""
        operator = test.operator
        if operator in {Operator.NE, Operator.NOT_IN}:
            operator = Operator.EQ if operator is Operator.NE else Operator.IN
            so = not so
        if (test.field, operator) in phrases.OF_FIELDS and test.value is False:
            so = not so
        parts = {"field": self.noun(test.field)}
        phrase = self.phrase(test, operator)
        if phrase is phrases.TWO_SHARES:
            parts |= self.two_shares(test)
        elif operator is Operator.BETWEEN and isinstance(test.value, tuple):
            low, high = (self.value(one, test.field) for one in test.value)
            parts |= {"low": low, "high": high}
        elif isinstance(test.value, tuple):
            values = [self.value(one, test.field) for one in test.value]
            parts["value"] = self.joined(values, phrases.OR)
        elif test.value is not None:
            parts["value"] = self.value(test.value, test.field)
        return self.say(phrase.so if so else phrase.not_so, **parts)

    def phrase(self, test: Comparison, operator: Operator) -> Phrase:
        """Return the words of a comparison: the field's own, those of times, or the usual ones."""
        value = test.value
        scope, _, rest = test.field.partition(".")
        if operator is Operator.EQ and scope == "item" and value == FieldValue(f"viewed.{rest}"):
            return phrases.SAME
        if isinstance(value, tuple) and len(_shared(value)) == 1:
            return phrases.TWO_SHARES
        plain = not isinstance(value, FieldValue)
        if (test.field, operator) in phrases.OF_FIELDS and plain:
            return phrases.OF_FIELDS[test.field, operator]
        if test.field == "page.time" and operator in phrases.OF_TIMES:
            return phrases.OF_TIMES[operator]
        return phrases.COMPARISONS[operator]

    def two_shares(self, test: Comparison) -> dict[str, str]:
        """Return the parts of "between 85 % and 150 % of …"."""
        shares = test.value if isinstance(test.value, tuple) else ()
        low, high = (one for one in shares if isinstance(one, ShareOf))
        return {
            "low": self.percent(low.percent),
            "high": self.percent(high.percent),
            "other": self.noun(low.field),
        }

    def value(self, value: Operand, field: str) -> str:
        """Return a value as it is said of a field."""
        match value:
            case FieldValue(other):
                return self.noun(other)
            case ShareOf(percent, other):
                return self.say(
                    phrases.SHARE, percent=self.percent(percent), field=self.noun(other)
                )
            case bool():
                return self.say(phrases.TRUE if value else phrases.FALSE)
            case Money():
                return self.speech.money(value)
            case datetime.time():
                return self.speech.time(value)
            case Decimal():
                is_share = field.endswith(".margin")
                return self.percent(value) if is_share else self.speech.number(value)
        known = SCHEMA.field(field)
        if known is not None and value in known.choices:
            return self.say(phrases.CHOICES[value])
        return self.say(phrases.QUOTED, text=value)

    def percent(self, value: Decimal) -> str:
        """Return a percentage."""
        return self.say(phrases.PERCENT, number=self.speech.number(value))

    def noun(self, name: str) -> str:
        """Return what a field is called."""
        if name in phrases.NOUNS:
            return self.say(phrases.NOUNS[name])
        scope, _, attribute = name.split(".", 2)
        own = scope == "item"
        message = phrases.OWN_ATTRIBUTE if own else phrases.VIEWED_ATTRIBUTE
        return self.say(message, name=attribute)


def _shared(values: tuple[Operand, ...]) -> set[str]:
    """Return of which fields values are shares; empty where one of them is none."""
    fields = [one.field for one in values if isinstance(one, ShareOf)]
    return set(fields) if len(fields) == len(values) else set()
