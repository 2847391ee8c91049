"""Strict reading of what a caller sends: every fault is named, no rejected input reaches SQL."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework import exceptions

from recommendations.api.problems import INVALID_PARAMETERS, Problem
from recommendations.conf import recommendation_settings
from recommendations.models import Item

T = TypeVar("T")

KEY_LENGTH: int = Item._meta.get_field("key").max_length or 0
CATEGORY_LENGTH: int = Item._meta.get_field("category").max_length or 0
PLACEMENT = re.compile(r"[-a-zA-Z0-9_]{1,50}")
CURRENCY = re.compile(r"[A-Z]{3}")
# ASCII digits only: int() would also take "٣", and spend long on a million digits.
NUMBER = re.compile(r"[0-9]{1,9}")
AMOUNT = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,4})?")


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class TogetherParameters:
    """The query of *frequently bought together*."""

    count: int | None = None
    exclude: tuple[str, ...] = ()
    currency: str | None = None
    placement: str = "product"
    basket: bool = False
    explain: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ShelfParameters:
    """The query of a shelf. Each address takes some of these and has a placement of its own."""

    count: int | None = None
    exclude: tuple[str, ...] = ()
    currency: str | None = None
    placement: str = ""
    items: tuple[str, ...] | None = None
    category: str = ""
    basket: bool = False
    explain: bool = False


SHELF = frozenset({"count", "exclude", "currency", "placement", "explain"})


class Reader:
    """Reads values one by one and keeps what is wrong, so that a caller learns all at once."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.errors: list[dict[str, str]] = []

    def wrong(self, name: str, detail: str) -> None:
        """Note what is wrong with a value."""
        self.errors.append({self.where: name, "detail": detail})

    def read(self, name: str, parse: Callable[[], T], default: T) -> T:
        """Return what ``parse`` returns, or note its ``ValueError`` and return the default."""
        try:
            return parse()
        except ValueError as error:
            self.wrong(name, str(error))
            return default

    def finish(self) -> None:
        """Raise one problem for all that was wrong."""
        if self.errors:
            raise Problem(INVALID_PARAMETERS, errors=self.errors)


def item_key(text: str) -> str:
    """Return an item's key from a path, or raise a problem that says why it cannot be one."""
    reader = Reader("parameter")
    key = reader.read("key", lambda: valid_key(text), "")
    reader.finish()
    return key


def together_parameters(query: QueryDict) -> TogetherParameters:
    """Return the query as values, or raise a problem that names every fault."""
    known = [field.name for field in dataclasses.fields(TogetherParameters)]
    return TogetherParameters(**_values(query, known))


def shelf_parameters(
    query: QueryDict, *, placement: str, also: Collection[str] = ()
) -> ShelfParameters:
    """Return a shelf's query as values; ``also`` names what this address takes besides."""
    known = [
        field.name
        for field in dataclasses.fields(ShelfParameters)
        if field.name in SHELF or field.name in also
    ]
    return ShelfParameters(**{"placement": placement, **_values(query, known)})


def _values(query: QueryDict, known: Sequence[str]) -> dict[str, Any]:
    """Return what is given of the known parameters, or raise a problem that names every fault."""
    reader = Reader("parameter")
    parsers: Mapping[str, Callable[[str], Any]] = {
        "count": _count,
        "currency": _currency,
        "placement": _placement,
        "category": _category,
        "basket": _flag,
        "explain": _flag,
    }
    values: dict[str, Any] = {}
    no_keys: tuple[str, ...] = ()
    for name, given in query.lists():
        if name not in known:
            text = _("%(given)s is no parameter here; known are %(known)s.")
            reader.wrong(shown(name), text % {"given": shown(name), "known": ", ".join(known)})
        elif name in {"exclude", "items"}:
            values[name] = reader.read(name, partial(_keys, given), no_keys)
        else:
            values[name] = reader.read(name, partial(_single, parsers[name], given), None)
    reader.finish()
    return values


def basket_items(body: Any) -> list[str]:
    """Return the keys of a body ``{"items": ["1", "2"]}``, or raise a problem."""
    highest = recommendation_settings().api_max_count + 1
    if not isinstance(body, dict):
        raise exceptions.ParseError(_('Send an object, as in {"items": ["17", "23"]}.'))
    reader = Reader("pointer")
    for name in body:
        if name != "items":
            reader.wrong(f"/{shown(name)}", _("This member is not known; known is items."))
    items = body.get("items")
    if not isinstance(items, list) or not 1 <= len(items) <= highest:
        text = _("items must be a list of 1 to %(highest)s keys.")
        reader.wrong("/items", text % {"highest": highest})
        items = []
    keys = [
        reader.read(f"/items/{position}", partial(valid_key, item), "")
        for position, item in enumerate(items)
    ]
    if not reader.errors and len(set(keys)) < len(keys):
        reader.wrong("/items", _("A key is given twice."))
    reader.finish()
    return keys


def replacement(body: Any) -> tuple[str, str, Decimal | None]:
    """Return item, upgrade and told difference of a body, or raise a problem."""
    if not isinstance(body, dict):
        raise exceptions.ParseError(_('Send an object, as in {"item": "17", "with": "23"}.'))
    reader = Reader("pointer")
    for name in body:
        if name not in {"item", "with", "more"}:
            text = _("This member is not known; known are item, with and more.")
            reader.wrong(f"/{shown(name)}", text)
    key = reader.read("/item", partial(valid_key, body.get("item")), "")
    with_key = reader.read("/with", partial(valid_key, body.get("with")), "")
    more = None
    if body.get("more") is not None:
        more = reader.read("/more", partial(valid_amount, body["more"]), Decimal(0))
    reader.finish()
    return key, with_key, more


def valid_key(text: Any) -> str:
    """Return a key that an item could have; raise ``ValueError`` for any other text."""
    if not isinstance(text, str) or not 1 <= len(text) <= KEY_LENGTH:
        raise ValueError(_("A key is a text of 1 to %(most)s characters.") % {"most": KEY_LENGTH})
    if not _printable(text):
        raise ValueError(_("A key holds no control characters and is valid UTF-8."))
    return text


def valid_amount(text: Any) -> Decimal:
    """Return an amount of money written plainly, such as 12.50; raise ``ValueError`` else."""
    if not isinstance(text, str) or AMOUNT.fullmatch(text) is None:
        raise ValueError(_("An amount is written as in 12.50."))
    return Decimal(text)


def shown(text: str) -> str:
    """Return the beginning of what was given, fit for an error message."""
    return text if len(text) <= 40 else f"{text[:40]}…"


def _printable(text: str) -> bool:
    # What is no UTF-8 arrives as the replacement character; a NUL ends in an error of PostgreSQL.
    return not any(c == "\ufffd" or unicodedata.category(c) in {"Cc", "Cs"} for c in text)


def _single(parse: Callable[[str], Any], given: list[str]) -> Any:
    if len(given) != 1:
        raise ValueError(_("Give it once, not %(times)s times.") % {"times": len(given)})
    return parse(given[0])


def _count(text: str) -> int:
    highest = recommendation_settings().api_max_count
    if NUMBER.fullmatch(text) is None or not 1 <= int(text) <= highest:
        message = _("count is %(given)s; allowed are whole numbers from 1 to %(highest)s.")
        raise ValueError(message % {"given": shown(text), "highest": highest})
    return int(text)


def _currency(text: str) -> str:
    if CURRENCY.fullmatch(text) is None:
        message = _("currency is %(given)s; give three capital letters such as EUR.")
        raise ValueError(message % {"given": shown(text)})
    return text


def _placement(text: str) -> str:
    if PLACEMENT.fullmatch(text) is None:
        message = _("placement is %(given)s; give up to 50 letters, digits, - and _.")
        raise ValueError(message % {"given": shown(text)})
    return text


def _category(text: str) -> str:
    if not 1 <= len(text) <= CATEGORY_LENGTH:
        message = _("category is a text of 1 to %(most)s characters.")
        raise ValueError(message % {"most": CATEGORY_LENGTH})
    if not _printable(text):
        raise ValueError(_("category holds no control characters and is valid UTF-8."))
    return text


def _flag(text: str) -> bool:
    if text not in {"0", "1"}:
        raise ValueError(_("It is %(given)s; allowed are 0 and 1.") % {"given": shown(text)})
    return text == "1"


def _keys(given: list[str]) -> tuple[str, ...]:
    """Return the keys of a repeated parameter, of comma lists, or of both."""
    highest = recommendation_settings().api_max_exclude
    # Counted before anything is split: the list may be of any length.
    if sum(text.count(",") + 1 for text in given) > highest:
        raise ValueError(_("Give at most %(highest)s keys.") % {"highest": highest})
    keys = [valid_key(key) for text in given for key in text.split(",")]
    if len(set(keys)) < len(keys):
        raise ValueError(_("A key is given twice."))
    return tuple(keys)
