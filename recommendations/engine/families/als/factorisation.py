"""Implicit-feedback matrix factorisation: what it minimises and how it is fitted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.families.als.factors import solved_rows


@dataclass(frozen=True, kw_only=True, slots=True)
class Weighting:
    """How much each entry counts and how much factors are held down.

    Hu, Koren and Volinsky (2008), Collaborative filtering for implicit feedback datasets:
    Σ_ui c_ui (p_ui - x_u·y_i)² + Σ_u λ_u ‖x_u‖² + Σ_i λ_i ‖y_i‖², p_ui = 1 where u has i, else 0,
    and c_ui = 1 + alpha · r_ui.

    Parameters
    ----------
    alpha : float
        How much more an item that one has counts than one that one has not, above 0.
    l2 : float
        The mean λ of either side, above 0.
    frequency_exponent : float
        e of λ_u = l2 · (c_u / mean c)^e, c_u the sum of the row's confidences: 0 holds all rows
        down alike, 1 in proportion to what is known of them (Rendle, Krichene, Zhang and Koren
        2022, Revisiting the performance of iALS on item recommendation benchmarks).

    Examples
    --------
    >>> Weighting(alpha=10.0, l2=1.0, frequency_exponent=1.0).row_l2(
    ...     sparse.csr_matrix([[1.0, 0.0], [0.0, 0.0]])
    ... ).round(3).tolist()
    [1.714, 0.286]
    """

    alpha: float
    l2: float
    frequency_exponent: float = 0.0

    def row_l2(self, entries: sparse.csr_matrix) -> NDArray[np.float64]:
        """Return λ of each row.

        Parameters
        ----------
        entries : csr_matrix of shape (n_rows, n_columns)
            r, 0 or more.

        Returns
        -------
        ndarray of shape (n_rows,), float64
            Their mean is about `l2`.

        Examples
        --------
        >>> Weighting(alpha=1.0, l2=2.0).row_l2(sparse.csr_matrix([[1.0]])).tolist()
        [2.0]
        """
        confidence = self.confidence(entries)
        if not confidence.any():  # no column at all, as where no item has enough customers
            return np.full(len(confidence), self.l2)
        return self.scaled_l2(confidence, float(confidence.mean()))

    def confidence(self, entries: sparse.csr_matrix) -> NDArray[np.float64]:
        """Return the sum of confidences of each row.

        Parameters
        ----------
        entries : csr_matrix of shape (n_rows, n_columns)
            r, 0 or more.

        Returns
        -------
        ndarray of shape (n_rows,), float64
            At least n_columns each.

        Examples
        --------
        >>> Weighting(alpha=3.0, l2=1.0).confidence(sparse.csr_matrix([[2.0, 0.0]])).tolist()
        [8.0]
        """
        sums: NDArray[np.float64] = (
            entries.shape[1] + self.alpha * np.asarray(entries.sum(axis=1)).ravel()
        )
        return sums

    def scaled_l2(self, confidence: NDArray[np.float64], mean: float) -> NDArray[np.float64]:
        """Return λ of rows by the sum of their confidences.

        Parameters
        ----------
        confidence : ndarray of shape (n_rows,), float64
            From `confidence`.
        mean : float
            Mean confidence of the rows learnt from, above 0.

        Returns
        -------
        ndarray of shape (n_rows,), float64
            λ.

        Examples
        --------
        >>> both = Weighting(alpha=1.0, l2=3.0, frequency_exponent=1.0)
        >>> both.scaled_l2(np.array([4.0]), 2.0).tolist()
        [6.0]
        """
        return self.l2 * (confidence / mean) ** self.frequency_exponent


@dataclass(frozen=True, kw_only=True, slots=True)
class Factors:
    """Both sides of a factorisation.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_factors), float64
        x, of baskets or customers.
    items : ndarray of shape (n_items, n_factors), float64
        y.

    Examples
    --------
    >>> Factors(rows=np.ones((1, 2)), items=np.ones((3, 2))).items.shape
    (3, 2)
    """

    rows: NDArray[np.float64]
    items: NDArray[np.float64]


def half_step(
    entries: sparse.csr_matrix,
    other: NDArray[np.float64],
    weighting: Weighting,
    *,
    l2: NDArray[np.float64] | None = None,
    begin: NDArray[np.float64] | None = None,
    steps: int = 0,
    n_threads: int = 0,
    portable: bool = False,
) -> NDArray[np.float64]:
    """Return the factors of one side that are best with those of the other side.

    x_u = (YᵀY + Yᵀ (C_u - I) Y + λ_u I)⁻¹ Yᵀ C_u p_u (Hu, Koren and Volinsky 2008).

    Parameters
    ----------
    entries : csr_matrix of shape (n_rows, n_others)
        r, stored where the row has the item, 0 or more.
    other : ndarray of shape (n_others, n_factors), float64
        Y.
    weighting : Weighting
        Confidences and λ.
    l2 : ndarray of shape (n_rows,), float64, optional
        λ_u; by the weighting if not given.
    begin, steps, n_threads, portable
        As in `solved_rows`.

    Returns
    -------
    ndarray of shape (n_rows, n_factors), float64
        Zeros for a row without items.

    Examples
    --------
    >>> one = sparse.csr_matrix([[1.0, 0.0]])
    >>> half_step(one, np.array([[1.0], [1.0]]), Weighting(alpha=1.0, l2=1.0)).tolist()
    [[0.5]]
    """
    extra = sparse.csr_matrix(
        (weighting.alpha * entries.data.astype(np.float64), entries.indices, entries.indptr),
        shape=entries.shape,
    )
    return solved_rows(
        extra,
        other,
        targets=1.0 + extra.data,
        gram=other.T @ other,
        l2=weighting.row_l2(entries) if l2 is None else l2,
        begin=begin,
        steps=steps,
        n_threads=n_threads,
        portable=portable,
    )


def factorised(
    entries: sparse.csr_matrix,
    weighting: Weighting,
    *,
    n_factors: int,
    iterations: int,
    steps: int = 3,
    seed: int = 0,
    n_threads: int = 0,
    portable: bool = False,
) -> Factors:
    """Return the factors after some iterations from a seeded random start.

    Parameters
    ----------
    entries : csr_matrix of shape (n_rows, n_items)
        r, as in `half_step`.
    weighting : Weighting
        Confidences and λ.
    n_factors, iterations : int
        At least 1.
    steps : int
        As in `solved_rows`; 0 is exact.
    seed : int
        The same seed gives the same factors.
    n_threads : int
        0 for one per processor; the result does not depend on it.
    portable : bool
        Use NumPy and SciPy alone.

    Returns
    -------
    Factors
        Zeros for a row or an item without entries.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> both = factorised(
    ...     sparse.csr_matrix(np.eye(2)), Weighting(alpha=9.0, l2=0.1), n_factors=2, iterations=9
    ... )
    >>> (both.rows @ both.items.T).round(1).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    _check(weighting, n_factors, iterations)
    by_item = entries.T.tocsr()
    items = np.random.default_rng(seed).normal(
        0.0, 0.1 / np.sqrt(n_factors), (entries.shape[1], n_factors)
    )
    rows = np.zeros((entries.shape[0], n_factors))
    for _ in range(iterations):
        rows = half_step(
            entries,
            items,
            weighting,
            begin=rows,
            steps=steps,
            n_threads=n_threads,
            portable=portable,
        )
        items = half_step(
            by_item,
            rows,
            weighting,
            begin=items,
            steps=steps,
            n_threads=n_threads,
            portable=portable,
        )
    return Factors(rows=rows, items=items)


def loss(entries: sparse.csr_matrix, factors: Factors, weighting: Weighting) -> float:
    """Return what the factorisation minimises, without ever making the dense matrix.

    Parameters
    ----------
    entries : csr_matrix of shape (n_rows, n_items)
        r.
    factors : Factors
        x and y.
    weighting : Weighting
        Confidences and λ.

    Returns
    -------
    float
        The sum given at `Weighting`, 0 or more.

    Examples
    --------
    >>> nothing = Factors(rows=np.zeros((1, 1)), items=np.zeros((2, 1)))
    >>> loss(sparse.csr_matrix([[1.0, 0.0]]), nothing, Weighting(alpha=4.0, l2=1.0))
    5.0
    """
    row = np.repeat(np.arange(entries.shape[0]), np.diff(entries.indptr))
    predicted = np.einsum("ef,ef->e", factors.rows[row], factors.items[entries.indices])
    # Every cell as if it were empty, then what the filled ones differ by.
    empty = float(((factors.rows.T @ factors.rows) * (factors.items.T @ factors.items)).sum())
    filled = (1 + weighting.alpha * entries.data) * (1 - predicted) ** 2 - predicted**2
    held_down = (weighting.row_l2(entries) * (factors.rows**2).sum(axis=1)).sum()
    held_down += (weighting.row_l2(entries.T.tocsr()) * (factors.items**2).sum(axis=1)).sum()
    return empty + float(filled.sum()) + float(held_down)


def _check(weighting: Weighting, n_factors: int, iterations: int) -> None:
    for name, value in (("n_factors", n_factors), ("iterations", iterations)):
        if value < 1:
            raise ValueError(f"{name} must be at least 1, not {value}.")
    if not 0 < weighting.alpha < np.inf:
        raise ValueError(f"alpha must be above 0, not {weighting.alpha}.")
    if not 0 < weighting.l2 < np.inf:
        raise ValueError(f"l2 must be above 0, not {weighting.l2}.")
