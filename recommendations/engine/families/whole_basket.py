"""The whole basket, or a session, as the question: what complements everything in it together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from recommendations.engine.completion import best_candidates
from recommendations.engine.families.base import Family, Parameters, Query, Size, Training
from recommendations.engine.families.kernel import fit_kernel
from recommendations.engine.families.lists import bytes_of_lists
from recommendations.engine.neighbour_lists import NeighbourLists

RECENCY_POWER = 2.0
"""How fast older events of a session count less.

Measured on Online Retail II, slice held out of train, lines in the order in which they were
entered, the next one asked for, hit rate@10: .236 with all lines alike, .295 with power 1, .303
with 2, .294 with the last line alone.
"""

# Lines of queries weighed together: with lists of 40, about 200 MB.
_BLOCK_LINES = 50_000


@dataclass(frozen=True, kw_only=True, slots=True)
class BasketRule:
    """How the lists of a basket's items become one list.

    The defaults were chosen on Online Retail II, on a slice held out of train: hit rate@10 .291,
    where the plain sum of the first 10 entries gives .272. The exponent and the norm make that
    difference; within 1.5 to 2.5 and .6 to .8 it hardly matters where they are. The overlap
    neither adds nor costs there (.292 without it), and keeps near-duplicates from voting twice.

    Parameters
    ----------
    depth : int
        Entries of each list that count, at least 1.
    exponent : float
        Power to which scores are raised before they are added, above 0: the higher, the less
        do many weak matches outweigh a strong one.
    norm : float
        0 to 1: how far the list of each item is brought to the same sum, so that an item with
        strong companions everywhere does not speak for the whole basket.
    overlap : float
        How much an item counts less for what the rest of the basket says already, 0 or more.

    Raises
    ------
    ValueError
        If a value is out of its range.

    Examples
    --------
    >>> BasketRule(depth=10).exponent
    2.0
    """

    depth: int = 40
    exponent: float = 2.0
    norm: float = 0.75
    overlap: float = 0.1

    def __post_init__(self) -> None:
        if self.depth < 1:
            raise ValueError(f"depth must be at least 1, not {self.depth}.")
        if not 0 < self.exponent < float("inf"):
            raise ValueError(f"exponent must be above 0, not {self.exponent}.")
        if not 0 <= self.norm <= 1:
            raise ValueError(f"norm must be 0 to 1, not {self.norm}.")
        if not 0 <= self.overlap < float("inf"):
            raise ValueError(f"overlap must be 0 or more, not {self.overlap}.")


DEFAULT_RULE = BasketRule()


def complete_basket(
    lists: Sequence[tuple[ArrayLike, ArrayLike]],
    query: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    rule: BasketRule = DEFAULT_RULE,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return what complements a basket, from the stored lists of its items alone.

    score(j) = Σ_i v_i · s_ij^p / (Σ_j s_ij^p)^r, over the items i of the basket, with p the
    exponent and r the norm. v_i = w_i / (1 + o · Σ_h w_h · s_ih / max_j s_ij), over the other
    items h of the basket: the more of i's own list the basket holds, the less is left that only
    i can say. (Of the kind of a marginal gain, as in Carbonell and Goldstein 1998, *The use of
    MMR*, but among the items that ask instead of those that answer.)

    Parameters
    ----------
    lists : sequence of (items, scores), length n_query
        The list of each item of the basket, best first; ids or positions, as in `query`. Scores
        of 0 or less say nothing.
    query : array-like of shape (n_query,)
        The items of the basket, each once; they are no candidates.
    weights : array-like of shape (n_query,), optional
        How much each item says, for instance `recency_weights`; 1 each if not given.
    rule : BasketRule
        Depth, exponent, norm and overlap.

    Returns
    -------
    items : ndarray of shape (n_candidates,), int64
        Highest score first; ties go to the smaller item. Empty for an empty basket.
    scores : ndarray of shape (n_candidates,), float64
        The sums.

    Raises
    ------
    ValueError
        If the numbers of lists, items and weights differ.

    Examples
    --------
    >>> rule = BasketRule(exponent=1.0, norm=1.0, overlap=0.0)
    >>> items, scores = complete_basket([([3, 4], [0.3, 0.1]), ([4], [0.01])], [1, 2], rule=rule)
    >>> items.tolist(), scores.round(2).tolist()
    ([4, 3], [1.25, 0.75])
    """
    held = np.asarray(query, dtype=np.int64)
    given = np.ones(len(held)) if weights is None else np.asarray(weights, dtype=np.float64)
    if not len(lists) == len(held) == len(given):
        raise ValueError(
            f"{len(lists)} lists, {len(held)} items and {len(given)} weights were given;"
            " an item has one of each."
        )
    if not lists:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    tops = [np.asarray(entries, dtype=np.int64)[: rule.depth] for entries, _ in lists]
    row = np.repeat(np.arange(len(tops)), [len(top) for top in tops])
    items = np.concatenate(tops)
    scores = np.concatenate(
        [np.asarray(scores, dtype=np.float64)[: rule.depth] for _, scores in lists]
    )
    by_item = np.argsort(held, kind="stable")
    place = by_item[np.minimum(np.searchsorted(held, items, sorter=by_item), len(held) - 1)]
    inside = held[place] == items
    relative, shares = _measured(row, scores, len(held), rule)
    covered = np.bincount(
        row[inside], weights=relative[inside] * given[place[inside]], minlength=len(held)
    )
    votes = (given / (1 + rule.overlap * covered))[row] * shares
    kept = ~inside & (votes > 0)
    candidates, which = np.unique(items[kept], return_inverse=True)
    sums = np.bincount(which, weights=votes[kept], minlength=len(candidates)).astype(np.float64)
    order = np.argsort(-sums, kind="stable")
    return candidates[order], sums[order]


def recency_weights(n_events: int, *, power: float = RECENCY_POWER) -> NDArray[np.float64]:
    """Return how much each event of a session says: the very last one most.

    w = 1 / (1 + steps back) ** power

    Parameters
    ----------
    n_events : int
        Events, the oldest first.
    power : float
        0 for all alike; the higher, the faster older events fade.

    Returns
    -------
    ndarray of shape (n_events,), float64
        Ascending to 1. No events give no weights.

    Raises
    ------
    ValueError
        If the power is below 0.

    Examples
    --------
    >>> recency_weights(3, power=1.0).round(3).tolist()
    [0.333, 0.5, 1.0]
    """
    if not 0 <= power < float("inf"):
        raise ValueError(f"power must be 0 or more, not {power}.")
    weights: NDArray[np.float64] = np.arange(n_events, 0, -1, dtype=np.float64) ** -power
    return weights


@dataclass(frozen=True, kw_only=True, slots=True)
class WholeBasketModel:
    """`complete_basket` for many queries at once.

    Parameters
    ----------
    lists : NeighbourLists
        One row per item position.
    rule : BasketRule
        As in `complete_basket`.

    Examples
    --------
    >>> model = WholeBasketModel(lists=NeighbourLists.empty(2))
    >>> model.recommend(Query(held=sparse.csr_matrix([[0.0, 1.0]])), 1).tolist()
    [[-1]]
    """

    lists: NeighbourLists
    rule: BasketRule = DEFAULT_RULE

    def recommend(self, query: Query, k: int) -> NDArray[np.int32]:
        """Return the best items for each query, as `complete_basket` ranks them.

        Parameters
        ----------
        query : Query
            Over the same items; `held` says how much each item counts.
        k : int
            At least 1.

        Returns
        -------
        ndarray of shape (n_queries, k), int32
            Item positions, best first, ties to the smaller; -1 where there are fewer.

        Examples
        --------
        >>> model = WholeBasketModel(lists=NeighbourLists.empty(1))
        >>> model.recommend(Query(held=sparse.csr_matrix([[1.0]])), 2).tolist()
        [[-1, -1]]
        """
        top = self.lists.first(self.rule.depth)
        n_items = len(top)
        row = np.repeat(np.arange(n_items), np.diff(top.indptr))
        relative, shares = _measured(row, top.scores.astype(np.float64), n_items, self.rule)
        votes = sparse.csr_matrix((shares, top.items, top.indptr), shape=(n_items, n_items))
        held = query.held.tocsr().astype(np.float64).sorted_indices()
        if self.rule.overlap:
            covered = _covered(held, top, relative)
            held.data = held.data / (1 + self.rule.overlap * covered)
        return best_candidates(held, votes, query.without, k)

    def item_lists(self, k: int) -> NeighbourLists:
        """Return the best k companions of every item: a basket of one asks only its own list.

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
        >>> len(WholeBasketModel(lists=NeighbourLists.empty(3)).item_lists(10))
        3
        """
        return self.lists.first(k)


def votes_of(lists: NeighbourLists, rule: BasketRule) -> NDArray[np.float64]:
    """Return how much each entry of each list adds to the score of a basket that holds its item.

    Parameters
    ----------
    lists : NeighbourLists
        One row per item, best first.
    rule : BasketRule
        Depth, exponent and norm; overlap is a matter of the basket and has no part in it.

    Returns
    -------
    ndarray of shape (n_entries,), float64
        0 for entries beyond the depth and for scores of 0 or less.

    Examples
    --------
    >>> lists = NeighbourLists(
    ...     indptr=np.array([0, 2]),
    ...     items=np.array([1, 2], dtype=np.int32),
    ...     scores=np.array([0.5, 0.25], dtype=np.float32),
    ...     customers=np.zeros(2, dtype=np.uint32),
    ...     baskets=np.zeros(2, dtype=np.uint32),
    ... )
    >>> votes_of(lists, BasketRule(exponent=2.0, norm=1.0)).tolist()
    [0.8, 0.2]
    """
    lengths = np.diff(lists.indptr)
    row = np.repeat(np.arange(len(lists)), lengths)
    place = np.arange(len(lists.items)) - np.repeat(lists.indptr[:-1], lengths)
    scores = np.where(place < rule.depth, lists.scores.astype(np.float64), 0.0)
    return _measured(row, scores, len(lists), rule)[1]


def _measured(
    row: NDArray[np.integer], scores: NDArray[np.float64], n_rows: int, rule: BasketRule
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each entry relative to the best of its row, and its share of the row's vote."""
    best = np.zeros(n_rows)
    np.maximum.at(best, row, scores)
    # Relative first: scores may be so small that their powers would be 0.
    relative = np.maximum(scores, 0.0) / np.where(best > 0, best, 1.0)[row]
    powers = relative**rule.exponent
    sums = np.bincount(row, weights=powers, minlength=n_rows)
    scale = np.where(sums > 0, best ** (rule.exponent * (1 - rule.norm)), 0.0)
    scale /= np.where(sums > 0, sums, 1.0) ** rule.norm
    return relative, powers * scale[row]


def _covered(
    held: sparse.csr_matrix, lists: NeighbourLists, relative: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return, for each entry of `held`, how much of its list the rest of its row holds."""
    n_items = held.shape[1]
    query = np.repeat(np.arange(held.shape[0], dtype=np.int64), np.diff(held.indptr))
    keys = query * n_items + held.indices
    lengths = np.diff(lists.indptr)
    covered = np.zeros(held.nnz)
    for start in range(0, held.nnz, _BLOCK_LINES):
        block = slice(start, start + _BLOCK_LINES)
        items = held.indices[block]
        counts = lengths[items]
        owner = np.repeat(np.arange(len(items)), counts)
        firsts = lists.indptr[items] - (np.cumsum(counts) - counts)
        entry = np.arange(len(owner)) + firsts[owner]
        wanted = query[block][owner] * n_items + lists.items[entry]
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        met = keys[place] == wanted
        covered[block] = np.bincount(
            owner[met], weights=relative[entry[met]] * held.data[place[met]], minlength=len(items)
        )
    return covered


START: Mapping[str, Any] = {
    # The point of the kernel that the shipped settings stand at.
    "neighbours": 40,
    "size_exponent": 0.75,
    "item_exponent": 0.75,
    "companion_exponent": 0.5,
    "confidence_z": 2.33,
    "depth": DEFAULT_RULE.depth,
    "exponent": DEFAULT_RULE.exponent,
    "norm": DEFAULT_RULE.norm,
    "overlap": DEFAULT_RULE.overlap,
}


def fit_whole_basket(training: Training, parameters: Parameters) -> WholeBasketModel:
    """Return the model over the lists of the kernel.

    Parameters
    ----------
    training : Training
        Rows are baskets, best.
    parameters : mapping
        Those of `START`; what is not given is taken from there.

    Returns
    -------
    WholeBasketModel
        Pairs of at least `training.min_customers` distinct customers.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(
    ...     item_ids=[1, 2], baskets=[[0, 1], [0, 1]], at=[0, 0], customers=[0, 1]
    ... )
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> fit_whole_basket(Training(matrix=matrix), {}).item_lists(1).items.tolist()
    [1, 0]
    """
    chosen = {**START, **parameters}
    rule = BasketRule(
        depth=int(chosen.pop("depth")),
        exponent=chosen.pop("exponent"),
        norm=chosen.pop("norm"),
        overlap=chosen.pop("overlap"),
    )
    # The kernel's own depth is a matter of its sum; here it only makes lists long enough.
    lists = fit_kernel(training, {**chosen, "depth": rule.depth}).lists
    return WholeBasketModel(lists=lists, rule=rule)


def bytes_of_whole_basket(size: Size, parameters: Parameters) -> int:
    """Return the peak memory of the fit, or of answering a block of queries if that is more.

    Parameters
    ----------
    size : Size
        Of the training data.
    parameters : mapping
        As for `fit_whole_basket`.

    Returns
    -------
    int
        Bytes.

    Examples
    --------
    >>> bytes_of_whole_basket(Size(n_rows=1, n_items=1, n_lines=1), {}) > 0
    True
    """
    chosen = {**START, **parameters}
    # The fit; then, beside its lists, the votes: two columns of 8 bytes and one of 4, each twice.
    return bytes_of_lists(size, chosen) + 40 * size.n_items * int(chosen["depth"])


FAMILY = Family(
    name="whole_basket",
    fit=fit_whole_basket,
    bytes_needed=bytes_of_whole_basket,
    start=START,
    grid={
        "exponent": (1.0, 1.5, 2.0, 3.0),
        "norm": (0.0, 0.5, 0.75, 1.0),
        "companion_exponent": (0.3, 0.4, 0.5, 0.6),
        "size_exponent": (0.5, 0.75, 1.0),
        "item_exponent": (0.5, 0.75, 1.0),
        "depth": (10, 20, 40),
        "overlap": (0.0, 0.1, 0.3),
    },
)
