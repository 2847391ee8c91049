"""All that is known of items in one matrix, each kind of fact with its weight."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from recommendations.engine.item_features.blocks import (
    attribute_words,
    category_words,
    price_bands,
    shared_words,
    unit_rows,
)
from recommendations.engine.item_features.facts import ItemFacts
from recommendations.engine.item_features.text import text_vectors

DEFAULT_WEIGHTS: Mapping[str, float] = {
    "category": 1.0,
    "brand": 0.5,
    "price": 0.5,
    "attributes": 1.0,
    "text": 1.5,
    "embedding": 1.5,
}
"""How much each kind of fact counts in the cosine of two items that have them all.

Text and embeddings tell single products apart, price and brand only groups of them.
"""

TEXT_COMPONENTS = 64
"""Length of text vectors: enough to part the subjects of a catalogue, few enough to stay fast."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemFeatures:
    """What each item is, in numbers.

    Parameters
    ----------
    matrix : csr_matrix of shape (n_items, n_features), float32
        Rows of length 1; empty for an item of which nothing is known.
    blocks : mapping of str to (int, int)
        First column, and the one after the last, of each kind of fact.

    Examples
    --------
    >>> ItemFeatures(matrix=sparse.csr_matrix((2, 0), dtype=np.float32)).blocks
    {}
    """

    matrix: sparse.csr_matrix
    blocks: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def item_features(
    facts: ItemFacts,
    *,
    weights: Mapping[str, float] = DEFAULT_WEIGHTS,
    n_components: int = TEXT_COMPONENTS,
    seed: int = 0,
) -> ItemFeatures:
    """Return one row of features per item.

    The cosine of two items that have the same kinds of fact is the mean of the cosines within
    each kind, by weight. A kind that one of them lacks counts as not alike.

    Parameters
    ----------
    facts : ItemFacts
        What is known of n_items items.
    weights : mapping of str to float
        Of "category", "brand", "price", "attributes", "text" and "embedding", each 0 or more. What
        is not named counts 0 and is not looked at.
    n_components : int
        Length of the vectors of titles and descriptions, at least 1.
    seed : int
        The same seed and facts give the same features.

    Returns
    -------
    ItemFeatures
        No items give no rows; items with nothing known have empty rows.

    Raises
    ------
    ValueError
        If a weight is negative or its name unknown.

    Examples
    --------
    >>> features = item_features(ItemFacts.of_titles(["red mug", "blue mug", "rug"]))
    >>> features.matrix.toarray().tolist(), features.blocks["text"]
    ([[1.0], [1.0], [0.0]], (0, 1))
    """
    _check_weights(weights)
    built = {
        name: _block(name, facts, n_components, seed)
        for name in DEFAULT_WEIGHTS
        if weights.get(name, 0.0) > 0
    }
    used = {name: block for name, block in built.items() if block.shape[1]}
    if not used:
        return ItemFeatures(matrix=sparse.csr_matrix((len(facts), 0), dtype=np.float32))
    bounds = np.cumsum([0, *(block.shape[1] for block in used.values())]).tolist()
    weighted = [np.sqrt(weights[name]) * block for name, block in used.items()]
    return ItemFeatures(
        matrix=unit_rows(sparse.hstack(weighted, format="csr")).astype(np.float32),
        blocks=dict(zip(used, itertools.pairwise(bounds), strict=True)),
    )


def _check_weights(weights: Mapping[str, float]) -> None:
    for name, weight in weights.items():
        if name not in DEFAULT_WEIGHTS:
            raise ValueError(f"There are weights of {', '.join(DEFAULT_WEIGHTS)}, not of {name!r}.")
        if not 0 <= weight < float("inf"):
            raise ValueError(f"The weight of {name} must be 0 or more, not {weight}.")


def _block(name: str, facts: ItemFacts, n_components: int, seed: int) -> sparse.csr_matrix:
    """Return the features of one kind of fact: rows of length 1, or empty."""
    if not len(facts):
        return sparse.csr_matrix((0, 0))
    if name == "category":
        return shared_words(map(category_words, facts.category))
    if name == "brand":
        return shared_words(
            [brand.strip().casefold()] if brand.strip() else [] for brand in facts.brand
        )
    if name == "price":
        return price_bands(np.asarray(facts.price, dtype=np.float64), facts.currency)
    if name == "attributes":
        return shared_words(attribute_words(facts.attributes))
    if name == "text":
        return text_vectors(facts.title, facts.description, n_components=n_components, seed=seed)
    if facts.embedding is None:
        return sparse.csr_matrix((len(facts), 0))
    return unit_rows(sparse.csr_matrix(facts.embedding))
