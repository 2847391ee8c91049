r"""Texts as regular expressions that mean the same in Python, SQLite and PostgreSQL.

Every letter is written by its number, and small and capital letters side by side, so that no
engine folds case in its own way (SQLite by itself folds ASCII alone, PostgreSQL as its locale
says). Only what all three read alike is used: sets, groups, alternatives, ``\A`` and ``\Z``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Final

from recommendations.engine.conditions.syntax import Operator

SEPARATORS: Final = (
    ("\x01", "/"),
    (":", "@"),
    ("[", "`"),
    ("{", "\xa9"),
    ("\xab", "\xb4"),
    ("\xb6", "\xb9"),
    ("\xbb", "\xbb"),
    ("\xbf", "\xbf"),
    ("\xd7", "\xd7"),
    ("\xf7", "\xf7"),
    ("\u2000", "\u206f"),
    ("\u3000", "\u3003"),
    ("\u3008", "\u301f"),
    ("\uff01", "\uff0f"),
    ("\uff1a", "\uff20"),
)
"""Ranges of letters between which words stand: spaces, punctuation and signs."""


def folded(letter: str) -> str:
    """Letter by which capital and small ones are the same.

    Parameters
    ----------
    letter : str
        One character.

    Returns
    -------
    str
        One character: simple case folding, which never makes two letters of one.

    Notes
    -----
    Source: Unicode 15, CaseFolding.txt, statuses C and S.

    Examples
    --------
    >>> folded("Ä"), folded("ẞ"), folded("İ")
    ('ä', 'ß', 'İ')
    """
    for simple in (letter.casefold(), letter.lower()):
        if len(simple) == 1:
            return simple
    return letter


@functools.cache
def _alike() -> dict[str, str]:
    """Return all letters that fold to one, by that one, where there are several."""
    groups: dict[str, str] = {}
    for code in range(0x1F000):  # no script with case lies above
        letter = chr(code)
        simple = folded(letter)
        if simple != letter:
            groups[simple] = groups.get(simple, simple) + letter
    return groups


@functools.cache
def _table() -> dict[int, str]:
    """Return the fold of every letter that has another, as ``str.translate`` takes it."""
    return {
        ord(letter): simple
        for simple, letters in _alike().items()
        for letter in letters
        if letter != simple
    }


def folded_text(text: str) -> str:
    """Text in which capital and small letters are the same.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        As long as the text: every letter is folded by itself.

    Examples
    --------
    >>> folded_text("STRAẞE")
    'straße'
    """
    return text.translate(_table())


def unfolded(texts: Iterable[str]) -> dict[str, str]:
    """Letters that a database must still fold, having folded ASCII, to compare with texts.

    Parameters
    ----------
    texts : iterable of str
        Folded texts.

    Returns
    -------
    dict of str to str
        Letters beyond ASCII and what they fold to, of those letters alone that the texts hold:
        a text with any other letter is different anyway. In order of the letters.

    Examples
    --------
    >>> unfolded(["über"])
    {'Ü': 'ü'}
    """
    held = sorted({letter for text in texts for letter in text})
    return {
        letter: simple
        for simple in held
        for letter in _alike().get(simple, "")
        if letter != simple and not letter.isascii()
    }


@functools.lru_cache(maxsize=4096)
def _letter(letter: str, *, exact: bool) -> str:
    simple = folded(letter)
    letters = letter if exact else _alike().get(simple, simple)
    numbers = [_number(one) for one in letters]
    return numbers[0] if len(numbers) == 1 else f"[{''.join(numbers)}]"


def _number(letter: str) -> str:
    code = ord(letter)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


_SEPARATOR: Final = "[{}]".format(
    "".join(f"{_number(first)}-{_number(last)}" for first, last in SEPARATORS)
)


def pattern(operator: Operator, text: str, *, exact: bool) -> str:
    r"""Regular expression of a search in a text.

    Parameters
    ----------
    operator : Operator
        ``contains``, ``contains_word`` or ``starts_with``.
    text : str
        What is looked for.
    exact : bool
        Whether capital and small letters are different.

    Returns
    -------
    str
        ASCII, to be searched for (not matched from the start).

    Raises
    ------
    ValueError
        When the operator searches no text.

    Notes
    -----
    Only for single texts: PostgreSQL took 22 s to compile an alternative of a hundred of them.

    Examples
    --------
    >>> pattern(Operator.STARTS_WITH, "1a", exact=False)
    '\\A\\u0031[\\u0061\\u0041]'
    """
    body = "".join(_letter(letter, exact=exact) for letter in text)
    match operator:
        case Operator.CONTAINS:
            return body
        case Operator.STARTS_WITH:
            return rf"\A{body}"
        case Operator.CONTAINS_WORD:
            return rf"(?:\A|{_SEPARATOR}){body}(?:\Z|{_SEPARATOR})"
    raise ValueError(f"{operator!r} searches no text; allowed are contains and its like.")


@functools.lru_cache(maxsize=1024)
def compiled(expression: str) -> re.Pattern[str]:
    """Compiled regular expression.

    Parameters
    ----------
    expression : str
        What ``pattern`` gave.

    Returns
    -------
    re.Pattern
        Remembered, for rules are asked about many items.
    """
    return re.compile(expression)
