"""What a word is: one answer for titles, descriptions and names, in any script."""

from __future__ import annotations

import re
import unicodedata

LETTERS = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0e7f"
"""Scripts without spaces between words are read letter by letter."""

TOKEN = rf"(?u)[{LETTERS}]|[^\W{LETTERS}]+"
"""Elsewhere a word is what stands between spaces and signs."""

_TOKEN = re.compile(TOKEN)


def folded(text: str) -> str:
    """Return text in one spelling: full-width letters, ligatures and capitals made plain.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        By Unicode's NFKC, then case folding.

    Examples
    --------
    >>> folded("Tea")
    'tea'
    """
    return unicodedata.normalize("NFKC", text).casefold()


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text in order, folded; repeats stay.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    tuple of str
        Empty for empty text.

    Examples
    --------
    >>> words_of("Alder Laptop, 15-inch"), words_of("茶杯")
    (('alder', 'laptop', '15', 'inch'), ('茶', '杯'))
    """
    return tuple(_TOKEN.findall(folded(text)))
