"""What is wrong with a rule, and where: a code, figures, a path, and words."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""Keys and positions that lead from the document to the fault."""

Translate: TypeAlias = Callable[[str], str]
"""A message in English becomes one in the reader's language."""


def _(message: str) -> str:
    """Mark a message for the catalogue of translations."""
    return message


MESSAGES: Final[Mapping[str, str]] = {
    "not_json": _("this is no JSON: %(detail)s"),
    "too_large": _("the rule is too large: at most %(limit)s are allowed, given are %(given)s"),
    "too_deep": _("groups stand too deep within each other: at most %(limit)s levels"),
    "too_many": _("the rule has too many conditions and values: at most %(limit)s"),
    "too_long": _("the text is too long: at most %(limit)s characters, given are %(given)s"),
    "repeated_key": _("“%(key)s” is there twice"),
    "version": _("this is a rule of version %(given)s; only version %(wanted)s can be read"),
    "no_version": _("the version is missing: write “version”: %(wanted)s"),
    "no_object": _("a condition is an object in braces, not %(given)s"),
    "no_condition": _("a condition needs “all”, “any”, “not” or “field”"),
    "unknown_key": _("“%(key)s” is not known here; allowed are %(allowed)s"),
    "missing_key": _("“%(key)s” is missing"),
    "no_list": _("here stands a list in brackets, not %(given)s"),
    "empty": _("a group or list needs at least one entry"),
    "unknown_field": _("there is no field “%(given)s”"),
    "unknown_field_near": _("there is no field “%(given)s”; do you mean “%(near)s”?"),
    "field_not_here": _("the field “%(given)s” cannot be used in this kind of rule"),
    "own_field": _("a value cannot be another field of the item itself"),
    "unknown_operator": _("there is no comparison “%(given)s”; allowed are %(allowed)s"),
    "operator_not_for_field": _(
        "“%(given)s” cannot be asked of this field; allowed are %(allowed)s"
    ),
    "no_value": _("this comparison takes no value"),
    "text": _("a text is needed, not %(given)s"),
    "number": _("a number is needed, not %(given)s"),
    "money": _("a price needs an amount, not %(given)s"),
    "currency": _("a price needs a currency of three capital letters, not %(given)s"),
    "boolean": _("true or false is needed, not %(given)s"),
    "time": _("a time of day such as “18:30” is needed, not %(given)s"),
    "any": _("a text, a number, true or false is needed, not %(given)s"),
    "mixed": _("all values of a list are of one kind"),
    "range": _("%(given)s is out of range: from %(low)s to %(high)s"),
    "places": _("%(given)s has too many digits: at most %(limit)s behind the point"),
    "digits": _("%(given)s has too many digits: at most %(limit)s"),
    "characters": _("the text holds characters that cannot be stored"),
    "blank": _("an empty text is the same as a missing one; ask for “exists”"),
    "choice": _("%(given)s is none of %(allowed)s"),
    "pair": _("“between” needs two values, from and to"),
    "reversed": _("the first value is larger than the second, so nothing lies between them"),
    "two_currencies": _("the two amounts are of two currencies"),
    "reference": _("a value of this field cannot be compared with “%(given)s”"),
}
"""Words of each code."""


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Parameters
    ----------
    code : str
        A key of ``MESSAGES``.
    path : tuple of str and int
        Where it is.
    figures : mapping of str to str, default empty
        What the words of the code name.
    """

    code: str
    path: Path = ()
    figures: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def place(self) -> str:
        """The path as it would be written in a program, such as ``all[2].not.value``."""
        text = ""
        for step in self.path:
            text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
        return text

    def words(self, translate: Translate = _) -> str:
        """Place and fault as a sentence.

        Parameters
        ----------
        translate : callable, default the English message itself
            Such as gettext.

        Returns
        -------
        str
            The place, a colon and the words; without a colon where the whole rule is meant.

        Examples
        --------
        >>> Fault("money", ("all", 2, "not", "value"), {"given": "'cheap'"}).words()
        "all[2].not.value: a price needs an amount, not 'cheap'"
        """
        message = translate(MESSAGES[self.code]) % self.figures
        return f"{self.place}: {message}" if self.place else message


class ConditionError(ValueError):
    """A rule that cannot be read.

    Parameters
    ----------
    faults : iterable of Fault
        At least one, in the order of the document.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(fault.words() for fault in self.faults))


def shown(value: object) -> str:
    """Return a value as a fault names it: as JSON spells it, and short."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case dict():
            return "{…}"
        case list() | tuple():
            return "[…]"
    try:
        text = repr(value) if isinstance(value, str) else str(value)
    except ValueError:  # Python writes no integer of more than some thousand digits
        return "…"
    return text if len(text) <= 60 else f"{text[:59]}…"
