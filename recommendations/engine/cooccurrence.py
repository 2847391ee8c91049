"""How often two items are in one basket: the counts that every measure starts from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


def cooccurrence(
    baskets_items: sparse.spmatrix, *, weights: NDArray[np.floating] | None = None
) -> sparse.csr_matrix:
    """Return how often two items are in one basket.

    For a whole catalogue use `neighbours`, which never stores all pairs; this is for one
    question at a time, for reports and for checking.

    Parameters
    ----------
    baskets_items : sparse matrix of shape (n_baskets, n_items)
        1 where the basket holds the item, or any values 0 or more.
    weights : ndarray of shape (n_baskets,), optional
        How much each basket counts; 1 each if not given.

    Returns
    -------
    csr_matrix of shape (n_items, n_items), float64
        Σ_b w_b x_bi x_bj. The diagonal holds how often each item is in a basket. Symmetric.
        Only pairs that occur are stored; no baskets give none.

    Raises
    ------
    ValueError
        If there is not one weight per basket.

    Examples
    --------
    >>> cooccurrence(sparse.csr_matrix([[1, 1, 0], [1, 0, 0]])).toarray().tolist()
    [[2.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    ones = sparse.csr_matrix(baskets_items, dtype=np.float64)
    right = ones
    if weights is not None:
        if len(weights) != ones.shape[0]:
            raise ValueError(f"{len(weights)} weights were given for {ones.shape[0]} baskets.")
        right = sparse.diags(np.asarray(weights, dtype=np.float64)) @ ones
    result = (ones.T.tocsr() @ right).tocsr()
    result.sort_indices()
    return result


def supported(counts: sparse.csr_matrix, *, minimum: float) -> sparse.csr_matrix:
    """Return the counts of pairs that occur often enough, and of all items.

    Parameters
    ----------
    counts : csr_matrix of shape (n_items, n_items)
        From `cooccurrence`; of customers rather than baskets where the floor is one of
        privacy.
    minimum : float
        Smallest count of a pair to keep.

    Returns
    -------
    csr_matrix of shape (n_items, n_items), float64
        The diagonal is kept whole, because the measures divide by it.

    Examples
    --------
    >>> supported(sparse.csr_matrix([[1, 1, 3], [1, 5, 2], [3, 2, 4]]), minimum=3).toarray()
    array([[1., 0., 3.],
           [0., 5., 0.],
           [3., 0., 4.]])
    """
    entries = sparse.csr_matrix(counts, dtype=np.float64).tocoo()
    keep = (entries.data >= minimum) | (entries.row == entries.col)
    return sparse.csr_matrix(
        (entries.data[keep], (entries.row[keep], entries.col[keep])), shape=entries.shape
    )
