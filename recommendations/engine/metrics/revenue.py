"""What the hits are worth: the money found of the money that was spent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from recommendations.engine.metrics.ranking import hits


@dataclass(frozen=True, slots=True)
class Revenue:
    """Money of one currency. A measure of models, not an amount that anybody is charged.

    Parameters
    ----------
    found : float
        Sum of the prices of the hits.
    wanted : float
        Sum of the prices of all relevant items.

    Examples
    --------
    >>> Revenue(found=5.0, wanted=20.0).share
    0.25
    """

    found: float
    wanted: float

    @property
    def share(self) -> float:
        """Found over wanted, 0 to 1; 0 where nothing was wanted."""
        return self.found / self.wanted if self.wanted else 0.0


def revenue(
    recommended: ArrayLike,
    relevant: sparse.csr_matrix,
    prices: NDArray[np.float64],
    currencies: Sequence[str] | None = None,
) -> dict[str, Revenue]:
    """Return revenue@k by currency: hits and relevant items, each weighted by its price.

    Amounts of two currencies are never added.

    Parameters
    ----------
    recommended : array-like of shape (n_users, k), integer
        Item positions, best first; NOTHING (-1) where there are fewer than k.
    relevant : csr_matrix of shape (n_users, n_items)
        Non-zero where the item is relevant to the user.
    prices : ndarray of shape (n_items,), float64
        Price of one piece, 0 or more; NaN where it is not known, which counts neither way.
    currencies : sequence of str, length n_items, optional
        Currency of each price; all one unnamed currency if not given.

    Returns
    -------
    dict of str to Revenue
        Currencies ascending. Empty without items.

    Raises
    ------
    ValueError
        As `hits`; or if there is not one price (and currency) per item, or a price is below 0.

    Examples
    --------
    >>> from recommendations.engine.metrics import relevant_items
    >>> wanted = relevant_items([[0, 1, 2]], n_items=3)
    >>> revenue([[1, 0]], wanted, np.array([1.0, 2.0, 5.0]))[""].share
    0.375
    """
    n_items = relevant.shape[1]
    if len(prices) != n_items or (currencies is not None and len(currencies) != n_items):
        raise ValueError(f"Each of the {n_items} items must have one price and one currency.")
    if np.any(prices < 0):
        raise ValueError(f"Prices must be 0 or more, not {np.nanmin(prices)}.")
    table = np.atleast_2d(np.asarray(recommended, dtype=np.int64))
    found = np.bincount(table[hits(table, relevant)], minlength=n_items)
    wanted = np.bincount(relevant.indices[relevant.data != 0], minlength=n_items)
    worth = np.nan_to_num(prices, nan=0.0)
    names = np.array([""] * n_items if currencies is None else list(currencies), dtype=str)
    return {
        str(name): Revenue(
            found=float((found * worth)[names == name].sum()),
            wanted=float((wanted * worth)[names == name].sum()),
        )
        for name in np.unique(names)
    }
