"""What follows from two items of a basket, before what its single items say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.families.base import Query
from recommendations.engine.families.whole_basket import BasketRule, WholeBasketModel
from recommendations.engine.metrics import NOTHING
from recommendations.engine.neighbour_lists import NeighbourLists


@dataclass(frozen=True, kw_only=True, slots=True)
class PairRuleLists:
    """What follows from pairs of items.

    Parameters
    ----------
    pairs : ndarray of shape (n_pairs, 2), int32
        Two items each, ascending, in lexical order.
    following : NeighbourLists
        What follows from each pair; scores compare across pairs.
    most_paired : int
        Items of a query that are paired, at least 2: those of most weight, ties to the smaller.

    Examples
    --------
    >>> one = NeighbourLists(
    ...     indptr=np.array([0, 1]), items=np.array([2]), scores=np.array([0.5], dtype=np.float32),
    ...     customers=np.array([5]), baskets=np.array([5]),
    ... )
    >>> rules = PairRuleLists(pairs=np.array([[0, 1]]), following=one)
    >>> from scipy import sparse
    >>> rules.recommend(Query(held=sparse.csr_matrix([[1.0, 1, 0], [1, 0, 0]])), 1).tolist()
    [[2], [-1]]
    """

    pairs: NDArray[np.integer]
    following: NeighbourLists
    most_paired: int = 20

    def recommend(self, query: Query, k: int) -> NDArray[np.int32]:
        """Return what follows from any two items of each query.

        Parameters
        ----------
        query : Query
            `held` says how much each item counts.
        k : int
            At least 1.

        Returns
        -------
        ndarray of shape (n_queries, k), int32
            Item positions, each once, the surest first, ties to the smaller; -1 where there are
            fewer.

        Examples
        --------
        >>> PairRuleLists.recommend.__name__
        'recommend'
        """
        held, without = query.held.tocsr(), query.without.tocsr()
        n_queries, n_items = held.shape
        shown = np.full((n_queries, k), NOTHING, dtype=np.int32)
        known = _keys(self.pairs[:, 0], self.pairs[:, 1], n_items)
        for row in np.flatnonzero(np.diff(held.indptr) > 1).tolist():
            entries = slice(held.indptr[row], held.indptr[row + 1])
            found = self._followed(held.indices[entries], held.data[entries], known, n_items)
            barred = without.indices[without.indptr[row] : without.indptr[row + 1]]
            found = found[~np.isin(found, barred)][:k]
            shown[row, : len(found)] = found
        return shown

    def _followed(
        self,
        items: NDArray[np.integer],
        weights: NDArray[np.floating],
        known: NDArray[np.int64],
        n_items: int,
    ) -> NDArray[np.int32]:
        """Return what follows from any two of the items, the surest first, each once."""
        paired = np.sort(items[np.lexsort((items, -weights))[: self.most_paired]])
        left, right = np.triu_indices(len(paired), k=1)
        wanted = _keys(paired[left], paired[right], n_items)
        place = np.searchsorted(known, wanted)
        at = place[np.append(known, -1)[place] == wanted]
        bounds = zip(self.following.indptr[at], self.following.indptr[at + 1], strict=True)
        entries = np.concatenate([np.arange(0), *(np.arange(low, high) for low, high in bounds)])
        found, scores = self.following.items[entries], self.following.scores[entries]
        order = np.lexsort((found, -scores))
        _, firsts = np.unique(found[order], return_index=True)
        surest: NDArray[np.int32] = found[order][np.sort(firsts)].astype(np.int32)
        return surest


@dataclass(frozen=True, kw_only=True, slots=True)
class PairRulesModel:
    """The lists of pairs first, the surest of each item, then the summed lists of items.

    Parameters
    ----------
    lists : NeighbourLists
        One row per item position.
    rule : BasketRule
        How the lists of several items are added up.
    pair_rules : PairRuleLists
        Over the same items.

    Examples
    --------
    >>> from scipy import sparse
    >>> none = PairRuleLists(
    ...     pairs=np.empty((0, 2), dtype=np.int32), following=NeighbourLists.empty(0)
    ... )
    >>> model = PairRulesModel(lists=NeighbourLists.empty(2), rule=BasketRule(), pair_rules=none)
    >>> model.recommend(Query(held=sparse.csr_matrix([[1.0, 1.0]])), 1).tolist()
    [[-1]]
    """

    lists: NeighbourLists
    rule: BasketRule
    pair_rules: PairRuleLists

    def recommend(self, query: Query, k: int) -> NDArray[np.int32]:
        """Return the best items for each query.

        Parameters
        ----------
        query : Query
            Over the same items; `held` says how much each item counts.
        k : int
            At least 1.

        Returns
        -------
        ndarray of shape (n_queries, k), int32
            Item positions, what follows from pairs first, ties to the smaller; -1 where there are
            fewer.

        Examples
        --------
        >>> PairRulesModel.recommend.__name__
        'recommend'
        """
        summed = WholeBasketModel(lists=self.lists, rule=self.rule).recommend(query, k)
        return followed_by(self.pair_rules.recommend(query, k), summed)

    def item_lists(self, k: int) -> NeighbourLists:
        """Return the best k companions of every item: one item is no pair.

        Parameters
        ----------
        k : int
            0 or more.

        Returns
        -------
        NeighbourLists
            The first k of each list.

        Examples
        --------
        >>> PairRulesModel.item_lists.__name__
        'item_lists'
        """
        return self.lists.first(k)


def followed_by(first: NDArray[np.int32], then: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return what comes first, and then the rest, no item of a row twice.

    Parameters
    ----------
    first, then : ndarray of shape (n_queries, k), int32
        Item positions, best first; -1 where there are fewer.

    Returns
    -------
    ndarray of shape (n_queries, k), int32
        In their order; -1 where there are fewer.

    Examples
    --------
    >>> followed_by(np.array([[4, -1, -1]]), np.array([[2, 4, 7]])).tolist()
    [[4, 2, 7]]
    """
    shown = then.copy()
    # Most baskets have no pair with a rule.
    rows = np.flatnonzero((first != NOTHING).any(axis=1))
    before, after = first[rows], then[rows]
    twice = (after[:, :, np.newaxis] == before[:, np.newaxis, :]).any(axis=2)
    both = np.hstack([before, np.where(twice, NOTHING, after)])
    order = np.argsort(both == NOTHING, axis=1, kind="stable")[:, : shown.shape[1]]
    shown[rows] = np.take_along_axis(both, order, axis=1)
    return shown


def _keys(
    first: NDArray[np.integer], second: NDArray[np.integer], n_items: int
) -> NDArray[np.int64]:
    return first.astype(np.int64) * n_items + second
