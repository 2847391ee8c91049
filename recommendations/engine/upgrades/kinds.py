"""Which kind of thing an item is, learnt from the titles of its category: in no language.

Words that several brands use in a category name kinds ("laptop", "bag"); words that one brand uses
name its lines ("alder"). Words that only make the same name dearer ("plus") are grades: of them a
kind knows nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

LEAST_BRANDS = 2
"""Brands that use a word in a category before it names a kind."""

LEAST_LADDERS = 2
"""Names that a word is added to before it is a grade; once may be a name."""

DEARER_SHARE = 0.8
"""Of the names that a word is added to, so many are dearer with it if it is a grade."""

Apart = Callable[[Sequence[tuple[int, int]]], bool]
"""Tells whether pairs of items are not bought together."""


def kinds(
    names: Sequence[tuple[str, ...]],
    brand: Sequence[str],
    category: NDArray[np.integer],
    price: NDArray[np.floating],
    *,
    apart: Apart,
) -> list[frozenset[str]]:
    """Return the words that say which kind of thing each item is.

    Parameters
    ----------
    names : sequence of tuple of str, length n_items
        Words of titles without the brand's. An empty name has no kind.
    brand : sequence of str, length n_items
        "" where unknown; such items say nothing about kinds.
    category : ndarray of shape (n_items,), integer
        Which category each item is in: any number.
    price : ndarray of shape (n_items,), float64
        NaN where unknown.
    apart : callable
        Told pairs (item, the same with a word more), tells whether they are not bought together:
        what is added to a name and bought with it is an accessory.

    Returns
    -------
    list of frozenset of str, length n_items
        Empty where nothing is known. Two items of one category with the same words are of one
        kind; words with a digit are sizes and say nothing about it.

    Examples
    --------
    >>> found = kinds(
    ...     [("alder", "laptop"), ("cedar", "laptop"), ("dale", "laptop", "bag"), ("elm", "bag")],
    ...     ["a", "b", "a", "b"],
    ...     np.zeros(4, dtype=int),
    ...     np.array([500.0, 600.0, 50.0, 60.0]),
    ...     apart=lambda pairs: True,
    ... )
    >>> [sorted(words) for words in found]
    [['laptop'], ['laptop'], ['bag', 'laptop'], ['bag']]
    """
    brands: defaultdict[tuple[int, str], set[str]] = defaultdict(set)
    where = category.tolist()
    for name, made_by, place in zip(names, brand, where, strict=True):
        for word in name if made_by else ():
            brands[place, word].add(made_by)
    grades = grade_words(names, brand, category, price, apart=apart)
    common = {key for key, makers in brands.items() if len(makers) >= LEAST_BRANDS}
    return [
        frozenset(
            word
            for word in name
            if (place, word) in common and word not in grades and not _has_digit(word)
        )
        for name, place in zip(names, where, strict=True)
    ]


def grade_words(
    names: Sequence[tuple[str, ...]],
    brand: Sequence[str],
    category: NDArray[np.integer],
    price: NDArray[np.floating],
    *,
    apart: Apart,
) -> frozenset[str]:
    """Return the words that, added to a name, make it dearer and nothing else.

    Parameters
    ----------
    names, brand, category, price, apart
        As in `kinds`.

    Returns
    -------
    frozenset of str
        Words added to the names of `LEAST_LADDERS` items or more, dearer in `DEARER_SHARE` of
        them, and not bought together with what they are added to.

    Examples
    --------
    >>> names = [("oak", "desk"), ("oak", "desk", "pro"), ("elm", "lamp"), ("elm", "lamp", "pro")]
    >>> nowhere, price = np.zeros(4, dtype=int), np.array([300.0, 400.0, 50.0, 70.0])
    >>> sorted(grade_words(names, ["a"] * 4, nowhere, price, apart=lambda pairs: True))
    ['pro']
    """
    added: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for word, pair in _additions(names, brand, category):
        added[word].append(pair)
    return frozenset(
        word
        for word, pairs in added.items()
        if _grades(price, np.array(pairs, dtype=np.int64)) and apart(pairs)
    )


def _grades(price: NDArray[np.floating], pairs: NDArray[np.int64]) -> bool:
    if len(set(pairs[:, 0].tolist())) < LEAST_LADDERS:
        return False
    dearer = price[pairs[:, 1]] > price[pairs[:, 0]]
    return bool(np.mean(dearer) >= DEARER_SHARE)


def _additions(
    names: Sequence[tuple[str, ...]], brand: Sequence[str], category: NDArray[np.integer]
) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield each word that an item's name has more than another's, and (without, with) it."""
    where = category.tolist()
    by_name: defaultdict[tuple[int, str, frozenset[str]], list[int]] = defaultdict(list)
    for item, name in enumerate(names):
        if name:
            by_name[where[item], brand[item], frozenset(name)].append(item)
    for item, name in enumerate(names):
        for word in name:
            rest = frozenset(name) - {word}
            for other in by_name.get((where[item], brand[item], rest), ()):
                yield word, (other, item)


def _has_digit(word: str) -> bool:
    return any(letter.isdigit() for letter in word)
