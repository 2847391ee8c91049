"""Names of items: what tells that two of them are steps of one ladder. Light: pages read it."""

from __future__ import annotations

from recommendations.engine.words import words_of

LEAST_SHARED = 2
"""Words that two names share at least: a single one, such as "lamp", names a kind."""

SHARED_SHARE = 2 / 3
"""Part of the shorter name that both share: of three words one may be another grade's."""


def name_words(title: str, brand: str) -> tuple[str, ...]:
    """Return the words of a title in order, each once, without those of its brand.

    Parameters
    ----------
    title, brand : str
        Plain text, "" where unknown.

    Returns
    -------
    tuple of str
        Folded words. Empty where the title says no more than the brand.

    Examples
    --------
    >>> name_words("Quillmar Alder Laptop Plus", "Quillmar")
    ('alder', 'laptop', 'plus')
    """
    own = set(words_of(brand))
    return tuple(dict.fromkeys(word for word in words_of(title) if word not in own))


def same_name(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Return whether two names of one brand are those of one ladder.

    They share two words at least, and two thirds of the shorter: "Alder Laptop" and "Alder Laptop
    Pro", "Alder Laptop Plus" and "Alder Laptop Pro".

    Parameters
    ----------
    one, other : tuple of str
        As `name_words` gives them.

    Returns
    -------
    bool
        False for empty names.

    Examples
    --------
    >>> same_name(("alder", "laptop"), ("alder", "laptop", "pro"))
    True
    >>> same_name(("alder", "laptop"), ("cedar", "laptop"))
    False
    """
    shared = len(set(one) & set(other))
    return shared >= max(LEAST_SHARED, SHARED_SHARE * min(len(one), len(other)))
