"""EASE for any number of items: each item is regressed on those most like it, and no others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine._portable import piece_bounds
from recommendations.engine._threads import PIECES_PER_THREAD, Pieces, run_pieces
from recommendations.engine.families.base import Query
from recommendations.engine.families.dense import best_of_scores, learnt_items, ranked, solvers
from recommendations.engine.families.ease.dense import weighted_gram
from recommendations.engine.matrices import BasketMatrix
from recommendations.engine.neighbour_lists import NeighbourLists, row_bounds
from recommendations.engine.neighbours import available_threads, neighbours, neighbours_of
from recommendations.engine.packing import MAX_LENGTH

PAIRS_PER_CANDIDATE = 2
"""Pairs counted per item for each candidate: candidates must also be known among each other."""

HEAD_ITEMS = 4_096
"""The items bought most, of whom every pair is counted: 64 MiB.

They have so many companions that the lists of the nearest miss much of what they share.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalEase:
    """EASE with the weights of each item's candidates alone.

    Parameters
    ----------
    pairs : NeighbourLists
        Row i holds the items whose score item i changes, with the evidence of the pair; scores
        are the weights, below 0 too, by ascending item.

    Examples
    --------
    >>> model = LocalEase(pairs=NeighbourLists.empty(2))
    >>> model.recommend(Query(held=sparse.csr_matrix([[0.0, 1.0]])), 1).tolist()
    [[-1]]
    """

    pairs: NeighbourLists

    def recommend(self, query: Query, k: int) -> NDArray[np.int32]:
        """Return the best items for each query by the sum of the weights of what it holds.

        Parameters
        ----------
        query : Query
            Over the same items.
        k : int
            At least 1.

        Returns
        -------
        ndarray of shape (n_queries, k), int32
            Item positions, best first; -1 where there are fewer.

        Examples
        --------
        >>> model = LocalEase(pairs=NeighbourLists.empty(1))
        >>> model.recommend(Query(held=sparse.csr_matrix([[0.0]])), 2).tolist()
        [[-1, -1]]
        """
        weights = self.pairs.matrix(len(self.pairs))
        return best_of_scores(lambda rows: (query.held[rows] @ weights).toarray(), query.without, k)

    def item_lists(self, k: int) -> NeighbourLists:
        """Return the k companions of every item with the largest weights above 0.

        Parameters
        ----------
        k : int
            0 or more.

        Returns
        -------
        NeighbourLists
            Best first.

        Examples
        --------
        >>> len(LocalEase(pairs=NeighbourLists.empty(3)).item_lists(5))
        3
        """
        return ranked(self.pairs, self.pairs.scores, k)


def local_ease(
    matrix: BasketMatrix,
    *,
    l2: float,
    candidates: int,
    min_customers: int,
    n_threads: int = 0,
    portable: bool = False,
) -> LocalEase:
    """Return EASE with each item regressed on its candidates, in memory n_items × candidates.

    The candidates N of item j are the items of highest weighted cosine to it among pairs of
    enough customers; its weights are (G_NN + l2 I)⁻¹ G_Nj. With all items as candidates that is
    EASE (Steck 2019) column by column; with the nearest it is the l2 part of SLIM with feature
    selection (Ning and Karypis 2011, SLIM: sparse linear methods for top-N recommender systems).
    Pairs that are counted for neither of the two items are taken as never bought together.

    Parameters
    ----------
    matrix : BasketMatrix
        The rows, with their weights.
    l2 : float
        Above 0, in units of the row weights.
    candidates : int
        At least 1.
    min_customers : int
        Distinct customers of a pair, at least 1.
    n_threads : int
        0 for one per processor; the result does not depend on it.
    portable : bool
        Use NumPy and SciPy alone: the same weights, about 30 times as slowly.

    Returns
    -------
    LocalEase
        The model. Items without a pair have no weights.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1, 2], baskets=[[0, 1], [0]], at=[0, 0],
    ...                         customers=[0, 1])
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None, size_exponent=0.0)
    >>> model = local_ease(matrix, l2=1.0, candidates=1, min_customers=1)
    >>> (6 * model.item_lists(1).scores).round(3).tolist()
    [2.0, 3.0]
    """
    if not 0 < l2 < np.inf:
        raise ValueError(f"l2 must be above 0, not {l2}.")
    if candidates < 1:
        raise ValueError(f"candidates must be at least 1, not {candidates}.")
    chosen = neighbours(
        matrix,
        k=min(candidates, MAX_LENGTH),
        min_customers=min_customers,
        n_threads=n_threads,
        portable=portable,
    )
    gram = _gram(
        matrix,
        _counted(
            matrix,
            PAIRS_PER_CANDIDATE * candidates,
            min_customers=min_customers,
            n_threads=n_threads,
            portable=portable,
        ),
        head=HEAD_ITEMS,
    )
    kernel = None if portable else solvers()
    if kernel is None:
        weights = _portable_weights(gram, chosen, l2)
    else:
        weights = _compiled_weights(kernel, gram, chosen, l2, n_threads)
    return LocalEase(pairs=_by_item_held(replace(chosen, scores=weights.astype(np.float32))))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Gram:
    """G = Xᵀ W X: whole among the items bought most, else the pairs that were counted.

    `pairs` holds both directions and no diagonal; `head` is by rank, most baskets first.
    """

    pairs: sparse.csr_matrix
    diagonal: NDArray[np.float64]
    head: NDArray[np.float32]
    ranks: NDArray[np.int32]

    def square(self, items: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return G of some items, its diagonal included."""
        known: NDArray[np.float64] = self.pairs[items][:, items].toarray().astype(np.float64)
        place = np.flatnonzero(self.ranks[items] < len(self.head))
        ranks = self.ranks[items[place]]
        known[np.ix_(place, place)] = self.head[np.ix_(ranks, ranks)]
        np.fill_diagonal(known, self.diagonal[items])
        return known


def _counted(
    matrix: BasketMatrix, k: int, *, min_customers: int, n_threads: int, portable: bool
) -> NeighbourLists:
    """Return the pairs of highest cosine of each item that is learnt, supported or not."""
    # What too few customers bought together is no candidate, but belongs in G: without it G is
    # no Gram matrix, and the regressions run wild (hit rate .27 instead of .33 in one case).
    learnt = learnt_items(matrix, min_customers)
    lists = neighbours_of(
        matrix,
        learnt,
        k=min(k, MAX_LENGTH, max(1, matrix.n_items - 1)),
        min_customers=1,
        n_threads=n_threads,
        portable=portable,
    )
    lengths = np.zeros(matrix.n_items, dtype=np.int64)
    lengths[learnt] = np.diff(lists.indptr)
    return replace(lists, indptr=row_bounds(lengths))


def _gram(matrix: BasketMatrix, counted: NeighbourLists, *, head: int) -> _Gram:
    """Return what is known of G: the cosine multiplied by its norms again, and its head."""
    norm = np.sqrt(matrix.item_weight)
    left = np.repeat(norm, np.diff(counted.indptr))
    values = (counted.scores * left * norm[counted.items]).astype(np.float32)
    pairs = sparse.csr_matrix(
        (values, counted.items, counted.indptr), shape=(matrix.n_items, matrix.n_items)
    )
    lines = np.repeat(matrix.basket_weight, np.diff(matrix.basket_indptr))
    by_rank = np.bincount(matrix.basket_ranks, weights=lines, minlength=matrix.n_items)
    return _Gram(
        # A pair may stand in the list of one of its items alone; where both list it, both agree.
        pairs=pairs.maximum(pairs.T.tocsr()),
        diagonal=by_rank[matrix.rank_by_item].astype(np.float64),
        head=weighted_gram(matrix, matrix.item_by_rank[:head], dtype=np.float32),
        ranks=matrix.rank_by_item,
    )


def _compiled_weights(
    kernel: ModuleType, gram: _Gram, chosen: NeighbourLists, l2: float, n_threads: int
) -> NDArray[np.float64]:
    n_threads = n_threads or available_threads()
    lengths = np.diff(chosen.indptr)
    longest = int(lengths.max(initial=0))
    weights = np.zeros(len(chosen.items))
    arguments: tuple[Any, ...] = (
        (
            gram.pairs.indptr,
            gram.pairs.indices,
            gram.pairs.data,
            gram.diagonal,
            gram.head,
            gram.ranks,
        ),
        (chosen.indptr, chosen.items),
        float(l2),
    )

    def work(pieces: Pieces) -> None:
        scratch = np.full(len(chosen), -1, dtype=np.int32), np.empty((longest, longest))
        for start, stop in pieces:
            kernel.solve_local(start, stop, *arguments, scratch, weights)

    if longest:
        bounds = piece_bounds(lengths**2, n_threads * PIECES_PER_THREAD)
        run_pieces(work, bounds, n_threads=n_threads)
    return weights


def _portable_weights(gram: _Gram, chosen: NeighbourLists, l2: float) -> NDArray[np.float64]:
    weights = np.zeros(len(chosen.items))
    for target in range(len(chosen)):
        entries = slice(chosen.indptr[target], chosen.indptr[target + 1])
        items = chosen.items[entries]
        if not len(items):
            continue
        known = gram.square(np.append(items, target))
        square = known[:-1, :-1] + l2 * np.eye(len(items))
        weights[entries] = _floored_solution(square, known[:-1, -1], l2)
    return weights


def _floored_solution(
    square: NDArray[np.float64], right: NDArray[np.float64], floor: float
) -> NDArray[np.float64]:
    """Solve as the compiled path: no pivot of G + l2 I is below l2 if G is a true Gram matrix."""
    square, right = np.triu(square), right.copy()
    for k in range(len(right)):
        root = np.sqrt(max(square[k, k], floor))
        square[k, k:] /= root
        square[k, k] = root
        right[k] /= root
        factors = square[k, k + 1 :].copy()
        square[k + 1 :, k + 1 :] -= np.triu(np.outer(factors, factors))
        right[k + 1 :] -= factors * right[k]
    return np.asarray(np.linalg.solve(square, right))


def _by_item_held(by_target: NeighbourLists) -> NeighbourLists:
    """Return weights listed by the item scored as lists by the item held."""
    n_items = len(by_target)
    target = np.repeat(np.arange(n_items, dtype=np.int32), np.diff(by_target.indptr))
    order = np.argsort(by_target.items, kind="stable")
    return NeighbourLists(
        indptr=row_bounds(np.bincount(by_target.items, minlength=n_items)),
        items=target[order],
        scores=by_target.scores[order],
        customers=by_target.customers[order],
        baskets=by_target.baskets[order],
    )
