"""The words of rules: what each field is called, and how each comparison is said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from recommendations.engine.conditions.syntax import Operator


def _(message: str) -> str:
    """Mark a message for the catalogue of translations."""
    return message


class Phrase(NamedTuple):
    """A comparison, and the same comparison denied."""

    so: str
    not_so: str


NOUNS: Final[Mapping[str, str]] = {
    "item.key": _("the key"),
    "item.title": _("the title"),
    "item.category": _("the category"),
    "item.brand": _("the brand"),
    "item.price": _("the price"),
    "item.currency": _("the currency"),
    "item.margin": _("the margin"),
    "item.stock": _("the stock"),
    "item.days_of_cover": _("the number of days for which the stock lasts"),
    "item.age_days": _("the number of days since it was first seen"),
    "item.active": _("whether the shop shows it"),
    "viewed.key": _("the viewed item's key"),
    "viewed.title": _("the viewed item's title"),
    "viewed.category": _("the viewed item's category"),
    "viewed.brand": _("the viewed item's brand"),
    "viewed.price": _("the viewed item's price"),
    "viewed.currency": _("the viewed item's currency"),
    "viewed.margin": _("the viewed item's margin"),
    "viewed.stock": _("the viewed item's stock"),
    "viewed.days_of_cover": _("the number of days for which the viewed item's stock lasts"),
    "viewed.age_days": _("the number of days since the viewed item was first seen"),
    "viewed.active": _("whether the shop shows the viewed item"),
    "page.placement": _("the placement"),
    "page.channel": _("the channel"),
    "page.weekday": _("the weekday"),
    "page.time": _("the time of day"),
    "customer.known": _("whether the customer is known"),
    "customer.segments": _("the list of the customer's segments"),
    "customer.orders": _("the customer's number of orders"),
    "customer.days_since_order": _("the number of days since the customer's last order"),
    "basket.total": _("the total of the basket"),
    "basket.quantity": _("the number of pieces in the basket"),
    "basket.items": _("the list of items in the basket"),
    "basket.categories": _("the list of categories in the basket"),
}
OWN_ATTRIBUTE: Final = _("the attribute “%(name)s”")
VIEWED_ATTRIBUTE: Final = _("the viewed item's attribute “%(name)s”")

CHOICES: Final[Mapping[str, str]] = {
    "mon": _("Monday"),
    "tue": _("Tuesday"),
    "wed": _("Wednesday"),
    "thu": _("Thursday"),
    "fri": _("Friday"),
    "sat": _("Saturday"),
    "sun": _("Sunday"),
    "web": _("web pages"),
    "api": _("the API"),
    "email": _("e-mail"),
}

COMPARISONS: Final[Mapping[Operator, Phrase]] = {
    Operator.EQ: Phrase(_("%(field)s is %(value)s"), _("%(field)s is not %(value)s")),
    Operator.LT: Phrase(
        _("%(field)s is less than %(value)s"), _("%(field)s is not less than %(value)s")
    ),
    Operator.LE: Phrase(
        _("%(field)s is at most %(value)s"), _("%(field)s is not at most %(value)s")
    ),
    Operator.GT: Phrase(
        _("%(field)s is more than %(value)s"), _("%(field)s is not more than %(value)s")
    ),
    Operator.GE: Phrase(
        _("%(field)s is at least %(value)s"), _("%(field)s is not at least %(value)s")
    ),
    Operator.BETWEEN: Phrase(
        _("%(field)s is between %(low)s and %(high)s"),
        _("%(field)s is not between %(low)s and %(high)s"),
    ),
    Operator.IN: Phrase(_("%(field)s is one of %(value)s"), _("%(field)s is none of %(value)s")),
    Operator.CONTAINS: Phrase(
        _("%(field)s contains %(value)s"), _("%(field)s does not contain %(value)s")
    ),
    Operator.CONTAINS_WORD: Phrase(
        _("%(field)s contains the word %(value)s"),
        _("%(field)s does not contain the word %(value)s"),
    ),
    Operator.STARTS_WITH: Phrase(
        _("%(field)s starts with %(value)s"), _("%(field)s does not start with %(value)s")
    ),
    Operator.HAS: Phrase(_("%(field)s holds %(value)s"), _("%(field)s does not hold %(value)s")),
    Operator.HAS_ANY: Phrase(
        _("%(field)s holds one of %(value)s"), _("%(field)s holds none of %(value)s")
    ),
    Operator.EXISTS: Phrase(_("%(field)s is known"), _("%(field)s is not known")),
}

OF_TIMES: Final[Mapping[Operator, Phrase]] = {
    Operator.LT: Phrase(_("%(field)s is before %(value)s"), _("%(field)s is not before %(value)s")),
    Operator.LE: Phrase(
        _("%(field)s is %(value)s or earlier"), _("%(field)s is later than %(value)s")
    ),
    Operator.GT: Phrase(_("%(field)s is after %(value)s"), _("%(field)s is not after %(value)s")),
    Operator.GE: Phrase(
        _("%(field)s is %(value)s or later"), _("%(field)s is earlier than %(value)s")
    ),
}

SAME: Final = Phrase(
    _("%(field)s is the same as the viewed item's"),
    _("%(field)s is not the same as the viewed item's"),
)

OF_FIELDS: Final[Mapping[tuple[str, Operator], Phrase]] = {
    ("item.active", Operator.EQ): Phrase(_("the shop shows it"), _("the shop does not show it")),
    ("viewed.active", Operator.EQ): Phrase(
        _("the shop shows the viewed item"), _("the shop does not show the viewed item")
    ),
    ("customer.known", Operator.EQ): Phrase(
        _("the customer is known"), _("the customer is not known")
    ),
    ("customer.segments", Operator.HAS): Phrase(
        _("the customer is in the segment %(value)s"),
        _("the customer is not in the segment %(value)s"),
    ),
    ("customer.segments", Operator.HAS_ANY): Phrase(
        _("the customer is in one of the segments %(value)s"),
        _("the customer is in none of the segments %(value)s"),
    ),
    ("basket.items", Operator.HAS): Phrase(
        _("the basket holds the item %(value)s"), _("the basket does not hold the item %(value)s")
    ),
    ("basket.items", Operator.HAS_ANY): Phrase(
        _("the basket holds one of the items %(value)s"),
        _("the basket holds none of the items %(value)s"),
    ),
    ("basket.categories", Operator.HAS): Phrase(
        _("the basket holds something of the category %(value)s"),
        _("the basket holds nothing of the category %(value)s"),
    ),
    ("basket.categories", Operator.HAS_ANY): Phrase(
        _("the basket holds something of one of the categories %(value)s"),
        _("the basket holds nothing of the categories %(value)s"),
    ),
}
"""What is said in another way than of any field."""

TRUE: Final = _("true")
FALSE: Final = _("false")
QUOTED: Final = _("“%(text)s”")
PERCENT: Final = _("%(number)s %%")
SHARE: Final = _("%(percent)s of %(field)s")
TWO_SHARES: Final = Phrase(
    _("%(field)s is between %(low)s and %(high)s of %(other)s"),
    _("%(field)s is not between %(low)s and %(high)s of %(other)s"),
)

ALL_COMMA: Final = _("%(first)s, %(rest)s")
"""Joins all but the last two of a list."""
AND: Final = _("%(first)s and %(last)s")
OR: Final = _("%(first)s or %(last)s")
GROUP: Final = _("(%(inner)s)")
DENIED: Final = _("it is not so that %(inner)s")
ALWAYS: Final = _("always")
SENTENCE: Final = _("%(sentence)s.")

ALL_OF: Final = Phrase(_("All of these are so:"), _("Not all of these are so:"))
ANY_OF: Final = Phrase(_("At least one of these is so:"), _("None of these is so:"))
