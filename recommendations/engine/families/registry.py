"""Every family of models by name, and which of them answer which question.

Within a question the cheaper families come first: of two that find the same, `tune` keeps the
earlier, and when its time is over it is the later ones that are not tried.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from recommendations.engine.families import (
    als,
    buy_again,
    content,
    ease,
    graph_filter,
    hybrid,
    item_based,
    kernel,
    neural,
    next_basket,
    popular,
    user_based,
    walks,
    whole_basket,
)
from recommendations.engine.families.base import Family

EXACT_EASE = replace(
    ease.FAMILY,
    name="ease_exact",
    start={**ease.FAMILY.start, "candidates": 0, "l2": 100.0},
    grid={"l2": (20.0, 100.0, 500.0, 2_000.0), "size_exponent": (0.0, 0.5)},
)
"""EASE with every pair of items: the better one where a dense items × items matrix fits."""

_ALL = (
    popular.FAMILY,
    popular.RECENT,
    item_based.COSINE,
    item_based.TFIDF,
    item_based.BM25,
    item_based.JACCARD,
    item_based.LOG_LIKELIHOOD,
    kernel.BASKET_COSINE,
    kernel.FAMILY,
    walks.P3ALPHA,
    walks.RP3BETA,
    graph_filter.FAMILY,
    ease.FAMILY,
    EXACT_EASE,
    als.FAMILY,
    user_based.FAMILY,
    user_based.PEARSON,
    whole_basket.FAMILY,
    content.SIMILAR,
    content.COMPLEMENTS,
    hybrid.FAMILY,
    neural.FAMILY,
    neural.COMPLETION,
    next_basket.FREQUENCY,
    next_basket.FAMILY,
    next_basket.RANKED,
    buy_again.FAMILY,
)

FAMILIES: Mapping[str, Family] = {family.name: family for family in _ALL}
"""Name to family, as commands, tables and stored choices name them."""

_LISTS = (
    "popular",
    "cosine",
    "basket_cosine",
    "rp3beta",
    "p3alpha",
    "kernel",
    "bm25",
    "tfidf",
    "jaccard",
    "log_likelihood",
)
_LINEAR = ("ease", "graph_filter", "ease_exact")
_CONTENT = ("content", "content_complements", "hybrid")
_ABOUT_BASKETS = (*_LISTS, *_LINEAR, "whole_basket", "als", *_CONTENT, "neural_completion")

QUESTIONS: Mapping[str, Sequence[str]] = {
    "item": _ABOUT_BASKETS,
    "basket": _ABOUT_BASKETS,
    "customer": (
        *_LISTS,
        "popular_recent",
        *_LINEAR,
        "als",
        "user_cosine",
        "user_pearson",
        *_CONTENT,
        "neural",
    ),
    "next_basket": (
        "popular_recent",
        "own_frequency_then_popularity",
        "buy_again",
        "next_basket",
        "next_basket_ranked",
    ),
}
"""The families that answer about one item, about a whole basket, about what is new to a customer,
and about a customer's next basket (repeats included)."""


def families_for(question: str, *, only_pairs: bool = False) -> list[Family]:
    """Return the families that answer a question, the cheaper first.

    Parameters
    ----------
    question : str
        "item", "basket", "customer" or "next_basket".
    only_pairs : bool
        Leave out families that need more than who bought what: times or content.

    Returns
    -------
    list of Family
        In the order of `QUESTIONS`.

    Raises
    ------
    ValueError
        If the question is none of these.

    Examples
    --------
    >>> families_for("basket", only_pairs=True)[0].name
    'popular'
    """
    if question not in QUESTIONS:
        raise ValueError(f"question must be one of {', '.join(QUESTIONS)}, not {question!r}.")
    families = [FAMILIES[name] for name in QUESTIONS[question]]
    return [family for family in families if not (only_pairs and family.needs)]
