"""Measures of how strongly two items go together: counts in, numbers out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, special


def wilson_lower_bound(
    successes: NDArray[np.floating], trials: NDArray[np.floating], z: float
) -> NDArray[np.float64]:
    """Return the lower end of Wilson's score interval for a share.

    Wilson, E. B. (1927), Probable inference, the law of succession, and statistical inference.

    Parameters
    ----------
    successes : ndarray of shape (n,)
        Counts, 0 to `trials`.
    trials : ndarray of shape (n,)
        Counts, above 0.
    z : float
        Standard errors, 0 or more; 0 gives the plain share.

    Returns
    -------
    ndarray of shape (n,), float64
        0 to successes / trials. Empty for empty input.

    Examples
    --------
    >>> wilson_lower_bound(np.array([3, 400]), np.array([3, 1000]), 2.576).round(3).tolist()
    [0.311, 0.361]
    """
    successes = np.asarray(successes, dtype=np.float64)
    trials = np.asarray(trials, dtype=np.float64)
    share = successes / trials
    centre = share + z * z / (2.0 * trials)
    spread = z * np.sqrt(share * (1.0 - share) / trials + z * z / (4.0 * trials * trials))
    bound: NDArray[np.float64] = (centre - spread) / (1.0 + z * z / trials)
    return bound


def wilson_share(
    successes: NDArray[np.floating], trials: NDArray[np.floating], z: float
) -> NDArray[np.float64]:
    """Return which part of a share is left at the lower end of its Wilson interval.

    Parameters
    ----------
    successes : ndarray of shape (n,)
        Counts, above 0 to `trials`.
    trials : ndarray of shape (n,)
        Counts, above 0.
    z : float
        Standard errors, 0 or more; 0 leaves all.

    Returns
    -------
    ndarray of shape (n,), float64
        Above 0 to 1. Empty for empty input.

    Examples
    --------
    >>> wilson_share(np.array([3]), np.array([3]), 0.0).tolist()
    [1.0]
    """
    successes = np.asarray(successes, dtype=np.float64)
    trials = np.asarray(trials, dtype=np.float64)
    return wilson_lower_bound(successes, trials, z) / (successes / trials)


@dataclass(frozen=True, slots=True)
class _Pairs:
    """The stored pairs of a co-occurrence matrix, side by side, without the diagonal."""

    shape: tuple[int, int]
    row: NDArray[np.int32]
    column: NDArray[np.int32]
    both: NDArray[np.float64]
    left: NDArray[np.float64]
    right: NDArray[np.float64]

    @classmethod
    def of(cls, counts: sparse.csr_matrix) -> _Pairs:
        n_rows, n_columns = counts.shape
        if n_rows != n_columns:
            raise ValueError(
                f"Co-occurrence has items on both axes; its shape is {n_rows} × {n_columns}."
            )
        diagonal = np.asarray(counts.diagonal(), dtype=np.float64)
        entries = counts.tocoo()
        keep = (entries.row != entries.col) & (entries.data != 0)
        row, column = entries.row[keep], entries.col[keep]
        return cls(
            shape=(n_rows, n_columns),
            row=row,
            column=column,
            both=entries.data[keep].astype(np.float64),
            left=diagonal[row],
            right=diagonal[column],
        )

    def matrix(self, values: NDArray[np.float64]) -> sparse.csr_matrix:
        result = sparse.csr_matrix((values, (self.row, self.column)), shape=self.shape)
        result.sort_indices()
        return result


def support(counts: sparse.csr_matrix, *, n_baskets: int) -> sparse.csr_matrix:
    """Return the share of all baskets that hold both items: c_ij / N.

    Agrawal, Imieliński and Swami (1993), Mining association rules.

    Parameters
    ----------
    counts : csr_matrix of shape (n_items, n_items)
        Co-occurrence; the diagonal holds the items' own counts.
    n_baskets : int
        N: all baskets, at least 1.

    Returns
    -------
    csr_matrix of shape (n_items, n_items), float64
        Pairs that occur; symmetric, without diagonal. Empty for empty input.

    Raises
    ------
    ValueError
        If the matrix is not square or `n_baskets` is below 1.

    Examples
    --------
    >>> counts = sparse.csr_matrix([[3.0, 2.0], [2.0, 4.0]])
    >>> support(counts, n_baskets=10).toarray().tolist()
    [[0.0, 0.2], [0.2, 0.0]]
    """
    pairs = _Pairs.of(counts)
    return pairs.matrix(pairs.both / _baskets(n_baskets))


def confidence(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return the share of item i's baskets that also hold j: c_ij / n_i.

    Agrawal, Imieliński and Swami (1993), Mining association rules.

    Parameters
    ----------
    counts : csr_matrix of shape (n_items, n_items)
        Co-occurrence; the diagonal holds the items' own counts.

    Returns
    -------
    csr_matrix of shape (n_items, n_items), float64
        Row i, column j: p(j | i). Not symmetric; without diagonal. Empty for empty input.

    Raises
    ------
    ValueError
        If the matrix is not square.

    Examples
    --------
    >>> confidence(sparse.csr_matrix([[4.0, 2.0], [2.0, 8.0]])).toarray().tolist()
    [[0.0, 0.5], [0.25, 0.0]]
    """
    pairs = _Pairs.of(counts)
    return pairs.matrix(pairs.both / pairs.left)


def lift(counts: sparse.csr_matrix, *, n_baskets: int) -> sparse.csr_matrix:
    """Return how many times more often two items meet than by chance: c_ij N / (n_i n_j).

    Brin, Motwani, Ullman and Tsur (1997), Dynamic itemset counting. Without a floor on the
    count it puts the rarest accidents first.

    Parameters
    ----------
    counts : csr_matrix of shape (n_items, n_items)
        Co-occurrence; the diagonal holds the items' own counts.
    n_baskets : int
        N: all baskets, at least 1.

    Returns
    -------
    csr_matrix of shape (n_items, n_items), float64
        1 is chance. Symmetric, without diagonal. Empty for empty input.

    Raises
    ------
    ValueError
        If the matrix is not square or `n_baskets` is below 1.

    Examples
    --------
    >>> lift(sparse.csr_matrix([[4.0, 2.0], [2.0, 5.0]]), n_baskets=20).toarray().tolist()
    [[0.0, 2.0], [2.0, 0.0]]
    """
    pairs = _Pairs.of(counts)
    return pairs.matrix(pairs.both * _baskets(n_baskets) / (pairs.left * pairs.right))


def leverage(counts: sparse.csr_matrix, *, n_baskets: int) -> sparse.csr_matrix:
    """Return by how much the share of common baskets exceeds chance: c_ij/N - n_i n_j/N².

    Piatetsky-Shapiro (1991), Discovery, analysis, and presentation of strong rules.

    Parameters
    ----------
    counts : csr_matrix of shape (n_items, n_items)
        Co-occurrence; the diagonal holds the items' own counts.
    n_baskets : int
        N: all baskets, at least 1.

    Returns
    -------
    csr_matrix of shape (n_items, n_items), float64
        Of pairs that occur; negative where they avoid each other. Symmetric, without diagonal.
        Empty for empty input.

    Raises
    ------
    ValueError
        If the matrix is not square or `n_baskets` is below 1.

    Examples
    --------
    >>> leverage(sparse.csr_matrix([[4.0, 2.0], [2.0, 2.0]]), n_baskets=8).toarray().tolist()
    [[0.0, 0.125], [0.125, 0.0]]
    """
    pairs = _Pairs.of(counts)
    total = _baskets(n_baskets)
    return pairs.matrix(pairs.both / total - pairs.left * pairs.right / (total * total))


def jaccard(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return common baskets over baskets of either: c_ij / (n_i + n_j - c_ij).

    Jaccard (1901), Étude comparative de la distribution florale.

    Parameters
    ----------
    counts : csr_matrix of shape (n_items, n_items)
        Co-occurrence; the diagonal holds the items' own counts.

    Returns
    -------
    csr_matrix of shape (n_items, n_items), float64
        Above 0 to 1. Symmetric, without diagonal. Empty for empty input.

    Raises
    ------
    ValueError
        If the matrix is not square.

    Examples
    --------
    >>> jaccard(sparse.csr_matrix([[3.0, 2.0], [2.0, 4.0]])).toarray().tolist()
    [[0.0, 0.4], [0.4, 0.0]]
    """
    pairs = _Pairs.of(counts)
    return pairs.matrix(pairs.both / (pairs.left + pairs.right - pairs.both))


def cosine(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return the cosine of two items' columns: c_ij / √(c_ii c_jj).

    Sarwar, Karypis, Konstan and Riedl (2001), Item-based collaborative filtering.

    Parameters
    ----------
    counts : csr_matrix of shape (n_items, n_items)
        Co-occurrence of ones or of any values: its entries are the products of columns, its
        diagonal their squares.

    Returns
    -------
    csr_matrix of shape (n_items, n_items), float64
        Above 0 to 1. Symmetric, without diagonal. Empty for empty input.

    Raises
    ------
    ValueError
        If the matrix is not square.

    Examples
    --------
    >>> from recommendations.engine.cooccurrence import cooccurrence
    >>> columns = sparse.csr_matrix([[3, 0], [4, 0], [5, 4], [0, 5], [0, 3]])
    >>> round(float(cosine(cooccurrence(columns))[0, 1]), 12)
    0.4
    """
    pairs = _Pairs.of(counts)
    return pairs.matrix(pairs.both / np.sqrt(pairs.left * pairs.right))


def log_likelihood_ratio(counts: sparse.csr_matrix, *, n_baskets: int) -> sparse.csr_matrix:
    """Return how surprising a pair is under independence: G² of its 2 × 2 table.

    G² = 2 Σ observed · ln(observed / expected). Dunning (1993), Accurate methods for the
    statistics of surprise and coincidence.

    Parameters
    ----------
    counts : csr_matrix of shape (n_items, n_items)
        Co-occurrence; the diagonal holds the items' own counts.
    n_baskets : int
        N: all baskets, at least the count of any item or pair of items.

    Returns
    -------
    csr_matrix of shape (n_items, n_items), float64
        0 or more, whether the two meet more or less often than by chance; chi-square with one
        degree of freedom for large counts. Symmetric, without diagonal. Empty for empty input.

    Raises
    ------
    ValueError
        If the matrix is not square or there are fewer baskets than the counts need.

    Examples
    --------
    >>> counts = sparse.csr_matrix([[10.0, 10.0], [10.0, 10.0]])
    >>> round(float(log_likelihood_ratio(counts, n_baskets=20)[0, 1]), 4)
    27.7259
    """
    pairs = _Pairs.of(counts)
    total = _baskets(n_baskets)
    only_left, only_right = pairs.left - pairs.both, pairs.right - pairs.both
    neither = total - pairs.left - pairs.right + pairs.both
    if np.any(neither < 0):
        raise ValueError(f"The counts need more than {n_baskets} baskets.")
    information = (
        _plogp(pairs.both)
        + _plogp(only_left)
        + _plogp(only_right)
        + _plogp(neither)
        - _plogp(pairs.left)
        - _plogp(total - pairs.left)
        - _plogp(pairs.right)
        - _plogp(total - pairs.right)
        + _plogp(np.full(len(pairs.both), total))
    )
    # Rounding can leave a hair below 0 where the two are independent.
    return pairs.matrix(np.maximum(2.0 * information, 0.0))


def kernel(
    weighted_counts: sparse.csr_matrix,
    item_weight: NDArray[np.floating],
    *,
    item_exponent: float,
    companion_exponent: float,
) -> sparse.csr_matrix:
    """Return s_ij = Σ_u w_u n_u^(-g) / (n_i^a · n_j^b), the family that `neighbours` computes.

    Cosine (g, a, b) = (0, ½, ½), cosine by baskets of weight 1/√n (½, ½, ½), P3α (1, 1, 0) of
    Cooper et al. (2014), RP3β (1, 1, β) of Paudel et al. (2017), and all between.

    Parameters
    ----------
    weighted_counts : csr_matrix of shape (n_items, n_items)
        `cooccurrence` with the weights w_u n_u^(-g).
    item_weight : ndarray of shape (n_items,)
        n: the weighted baskets of each item, above 0 where it has a pair.
    item_exponent, companion_exponent : float
        a and b.

    Returns
    -------
    csr_matrix of shape (n_items, n_items), float64
        Without diagonal. Empty for empty input.

    Raises
    ------
    ValueError
        If the matrix is not square.

    Examples
    --------
    >>> counts = sparse.csr_matrix([[4.0, 2.0], [2.0, 16.0]])
    >>> kernel(counts, np.array([4, 16]), item_exponent=0.5, companion_exponent=1.0).toarray()
    array([[0.    , 0.0625],
           [0.125 , 0.    ]])
    """
    pairs = _Pairs.of(weighted_counts)
    weight = np.asarray(item_weight, dtype=np.float64)
    left = weight[pairs.row] ** -item_exponent
    return pairs.matrix(pairs.both * left * weight[pairs.column] ** -companion_exponent)


def shrunk(
    similarity: sparse.csr_matrix, counts: sparse.csr_matrix, *, shrinkage: float
) -> sparse.csr_matrix:
    """Return s_ij · c_ij / (c_ij + λ): thin evidence counts less.

    Bell and Koren (2007), Improved neighborhood-based collaborative filtering.

    Parameters
    ----------
    similarity : csr_matrix of shape (n_items, n_items)
        Any measure of these counts.
    counts : csr_matrix of shape (n_items, n_items)
        Co-occurrence.
    shrinkage : float
        λ, 0 or more: at c_ij = λ half is left.

    Returns
    -------
    csr_matrix of shape (n_items, n_items), float64
        The same pairs. Pairs without a count become 0.

    Raises
    ------
    ValueError
        If `shrinkage` is below 0 or the shapes differ.

    Examples
    --------
    >>> counts = sparse.csr_matrix([[4.0, 2.0], [2.0, 5.0]])
    >>> shrunk(confidence(counts), counts, shrinkage=2.0).toarray().tolist()
    [[0.0, 0.25], [0.2, 0.0]]
    """
    if not shrinkage >= 0:
        raise ValueError(f"shrinkage must be at least 0, not {shrinkage}.")
    if similarity.shape != counts.shape:
        raise ValueError(f"Shapes {similarity.shape} and {counts.shape} differ.")
    share = sparse.csr_matrix(counts, dtype=np.float64)
    share.data = share.data / (share.data + shrinkage)
    return similarity.multiply(share).tocsr()


def _baskets(n_baskets: int) -> float:
    if n_baskets < 1:
        raise ValueError(f"n_baskets must be at least 1, not {n_baskets}.")
    return float(n_baskets)


def _plogp(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(special.xlogy(counts, counts), dtype=np.float64)
