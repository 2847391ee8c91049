"""What is known of items, as a shop tells it; the input of features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemFacts:
    """What is known of each item; every sequence by item position, empty text where unknown.

    Parameters
    ----------
    title, description, category, brand : sequence of str, length n_items
        Plain text. A category may be a path such as "Home > Kitchen > Mugs".
    price : ndarray of shape (n_items,), float64
        In units of the item's currency; NaN where unknown.
    currency : sequence of str, length n_items
        Prices of two currencies are never compared; "" counts as a currency of its own.
    attributes : sequence of mapping, length n_items
        Name to a text, number, yes/no, a list of such, or a further mapping.
    embedding : ndarray of shape (n_items, n_dimensions), optional
        Vectors that the shop brings, finite; a row of zeros where an item has none.

    Raises
    ------
    ValueError
        If the lengths differ, or a vector is not finite.

    Examples
    --------
    >>> len(ItemFacts.of_titles(["Red mug", "Blue mug"]))
    2
    """

    title: Sequence[str]
    description: Sequence[str]
    category: Sequence[str]
    brand: Sequence[str]
    price: NDArray[np.float64]
    currency: Sequence[str]
    attributes: Sequence[Mapping[str, object]]
    embedding: NDArray[np.floating] | None = None

    def __post_init__(self) -> None:
        for name in ("description", "category", "brand", "price", "currency", "attributes"):
            if len(getattr(self, name)) != len(self):
                raise ValueError(
                    f"{len(getattr(self, name))} values of {name} were given for {len(self)} items."
                )
        if self.embedding is not None:
            _check_embedding(self.embedding, len(self))

    def __len__(self) -> int:
        return len(self.title)

    @classmethod
    def of_titles(cls, titles: Sequence[str]) -> ItemFacts:
        """Return facts of items of which nothing but the title is known.

        Parameters
        ----------
        titles : sequence of str
            One per item.

        Returns
        -------
        ItemFacts
            All else unknown.

        Examples
        --------
        >>> ItemFacts.of_titles(["Tea"]).brand
        ['']
        """
        nothing = [""] * len(titles)
        return cls(
            title=titles,
            description=nothing,
            category=nothing,
            brand=nothing,
            price=np.full(len(titles), np.nan),
            currency=nothing,
            attributes=[{} for _ in titles],
        )


def _check_embedding(embedding: NDArray[np.floating], n_items: int) -> None:
    if embedding.ndim != 2 or len(embedding) != n_items:
        raise ValueError(
            f"The embedding must have one row for each of {n_items} items and two axes, not shape"
            f" {embedding.shape}."
        )
    wrong = np.flatnonzero(~np.isfinite(embedding).all(axis=1))
    if len(wrong):
        raise ValueError(f"The embedding of item {wrong[0]} holds a value that is not finite.")
