"""What is known before anyone asks: own frequencies, customers, companions, best sellers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.families.base import Parameters, Training
from recommendations.engine.families.next_basket.known import (
    ITEM_COLUMNS,
    OWN_COLUMNS,
    customer_columns,
    item_columns,
    own_columns,
)
from recommendations.engine.families.next_basket.personal import personal_frequency
from recommendations.engine.families.purchases import Purchases, purchases
from recommendations.engine.families.user_based.nearest import MEASURES, Measure
from recommendations.engine.history import OrderHistory
from recommendations.engine.matrices import BasketMatrix, basket_matrix
from recommendations.engine.neighbours import neighbours

# Exponents of the lists: the shipped defaults of *frequently bought together*.
_SIZE_EXPONENT, _ITEM_EXPONENT, _COMPANION_EXPONENT = 0.75, 0.75, 0.5

COMPANIONS = 100
"""Entries per item list. Online Retail II, never-bought items: the sums need depth, recall@10 .074
with 100 and no more with 200."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """All that candidates and their columns are made of.

    Parameters
    ----------
    bought : Purchases
        The purchases, capped.
    personal : csr_matrix of shape (n_customers, n_items), float64
        Personal frequency of each pair.
    shared : csr_matrix of shape (n_customers, n_items), float64
        The same without items of too few distinct customers: what others are told of.
    own : ndarray of shape (n_pairs, len(OWN_COLUMNS)), float32
        What the pair's own purchases say.
    items : ndarray of shape (n_items, len(ITEM_COLUMNS)), float32
        What is known of each item; 0 below the minimum of distinct customers.
    customers : ndarray of shape (n_customers, len(CUSTOMER_COLUMNS)), float32
        What is known of each customer.
    with_baskets, with_customers : csr_matrix of shape (n_items, n_items), float64
        Lists of companions in one basket, and in all that a customer bought.
    n_neighbours : int
        Similar customers looked at.
    distance : "cosine", "pearson" or "euclidean"
        How alike two customers are.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(item_ids=[10, 20], baskets=[[0, 1]], at=[0], customers=[0])
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> fit_sources(Training(matrix=matrix, history=history), {}).popularity.tolist()
    [1.0, 1.0]
    """

    bought: Purchases
    personal: sparse.csr_matrix
    shared: sparse.csr_matrix
    own: NDArray[np.float32]
    items: NDArray[np.float32]
    customers: NDArray[np.float32]
    with_baskets: sparse.csr_matrix
    with_customers: sparse.csr_matrix
    n_neighbours: int
    distance: Measure = "cosine"

    @property
    def popularity(self) -> NDArray[np.float64]:
        """Share of the customers who bought each item; 0 below the minimum of customers."""
        return self.items[:, ITEM_COLUMNS.index("popularity")].astype(np.float64)

    @property
    def allowed(self) -> NDArray[np.bool_]:
        """Which items are recommended to those who never bought them."""
        return self.popularity > 0

    def best_sellers(self, column: str = "popularity") -> NDArray[np.int32]:
        """Return the allowed items that anyone bought, most popular first.

        Parameters
        ----------
        column : str
            "popularity" or "recent_popularity".

        Returns
        -------
        ndarray of shape (n_allowed,), int32
            Ties go to the smaller item.

        Examples
        --------
        >>> from recommendations.engine.history import order_history
        >>> history = order_history(item_ids=[10, 20], baskets=[[1]], at=[0], customers=[0])
        >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
        >>> fit_sources(Training(matrix=matrix, history=history), {}).best_sellers().tolist()
        [1]
        """
        sold = self.items[:, ITEM_COLUMNS.index(column)]
        order = np.argsort(-sold, kind="stable").astype(np.int32)
        return order[sold[order] > 0]


def fit_sources(training: Training, chosen: Parameters, *, with_companions: bool = True) -> Sources:
    """Return the sources of a training history.

    Parameters
    ----------
    training : Training
        With its history; `matrix` is not read, because what was bought in one basket and what by
        one customer both count here.
    chosen : mapping
        Those of `retuned`, `half_life_days` (of the companions), `max_basket_items` and
        `max_customer_baskets`; each may be left out.
    with_companions : bool
        Without them the lists are empty: enough for a model that asks nobody else.

    Returns
    -------
    Sources
        Empty history gives no candidates.

    Raises
    ------
    ValueError
        If there is no history, or a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(item_ids=[1], baskets=[], at=[], customers=[])
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> fit_sources(Training(matrix=matrix, history=history), {}).best_sellers().tolist()
    []
    """
    history = training.history
    if history is None:
        raise ValueError("The next basket is learnt from a history; training.history is None.")
    caps = {name: chosen.get(name, 500) for name in ("max_basket_items", "max_customer_baskets")}
    bought = purchases(history, **caps)
    nothing = sparse.csr_matrix((history.n_items, history.n_items))
    pairs, lists = bought.matrix(), (nothing, nothing)
    if with_companions:
        lists = _companions(history, bought, training, chosen.get("half_life_days"), caps)
    return retuned(
        Sources(
            bought=bought,
            personal=pairs,
            shared=pairs,
            own=np.zeros((0, len(OWN_COLUMNS)), dtype=np.float32),
            items=item_columns(bought, min_customers=training.min_customers),
            customers=customer_columns(bought),
            with_baskets=lists[0],
            with_customers=lists[1],
            n_neighbours=0,
        ),
        chosen,
    )


def retuned(sources: Sources, chosen: Parameters) -> Sources:
    """Return sources with other weights of a customer's baskets and other similar customers.

    Purchases, companions, items and customers stay, which are most of the work: a search over the
    rest is cheap.

    Parameters
    ----------
    sources : Sources
        From `fit_sources`.
    chosen : mapping
        `n_groups`, `within_decay`, `group_decay`, `n_neighbours`, `distance`; each may be left
        out.

    Returns
    -------
    Sources
        As `fit_sources` would make them.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(item_ids=[1], baskets=[[0]], at=[0], customers=[0])
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> sources = fit_sources(Training(matrix=matrix, history=history), {})
    >>> retuned(sources, {"n_neighbours": 7}).n_neighbours
    7
    """
    bought, distance = sources.bought, chosen.get("distance", "cosine")
    if distance not in MEASURES:
        raise ValueError(f"distance must be one of {', '.join(MEASURES)}, not {distance!r}.")
    frequency = personal_frequency(
        bought,
        n_groups=chosen.get("n_groups", 7),
        within_decay=chosen.get("within_decay", 0.9),
        group_decay=chosen.get("group_decay", 0.7),
    )
    return replace(
        sources,
        personal=bought.matrix(frequency),
        shared=_shared(bought, frequency, sources.allowed),
        own=own_columns(bought, frequency, sources.items[:, ITEM_COLUMNS.index("usual_gap")]),
        n_neighbours=chosen.get("n_neighbours", 100),
        distance=distance,
    )


def _shared(
    bought: Purchases, frequency: NDArray[np.float64], enough: NDArray[np.bool_]
) -> sparse.csr_matrix:
    result = bought.matrix(np.where(enough[bought.pair_item], frequency, 0.0))
    if enough.all():
        return result
    # SciPy shares the index arrays with other matrices of the purchases and would shorten them.
    result = result.copy()
    result.eliminate_zeros()
    return result


def _companions(
    history: OrderHistory,
    bought: Purchases,
    training: Training,
    half_life_days: float | None,
    caps: dict[str, int],
) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Return the lists of companions in one basket, and in all that a customer bought."""
    whole = {"max_basket_items": training.max_row_items}
    return (
        _lists(_matrix(history, half_life_days, caps), training),
        _lists(_matrix(_merged(history, bought), half_life_days, whole), training),
    )


def _merged(history: OrderHistory, bought: Purchases) -> OrderHistory:
    """Return a history in which all that a customer bought is one basket, at the newest time."""
    newest = np.zeros(bought.n_customers, dtype=np.int64)
    np.maximum.at(newest, bought.line_customer, bought.line_at)
    return OrderHistory(
        item_ids=history.item_ids,
        line_basket=bought.pair_customer.astype(np.int32),
        line_item=bought.pair_item,
        basket_at=newest,
        basket_customer=np.arange(bought.n_customers, dtype=np.int32),
        n_customers=bought.n_customers,
    )


def _matrix(
    history: OrderHistory, half_life_days: float | None, caps: dict[str, int]
) -> BasketMatrix:
    as_of = int(history.basket_at.max()) if history.n_baskets else 0
    return basket_matrix(
        history, as_of=as_of, half_life_days=half_life_days, size_exponent=_SIZE_EXPONENT, **caps
    )


def _lists(matrix: BasketMatrix, training: Training) -> sparse.csr_matrix:
    lists = neighbours(
        matrix,
        k=COMPANIONS,
        min_customers=training.min_customers,
        item_exponent=_ITEM_EXPONENT,
        companion_exponent=_COMPANION_EXPONENT,
        n_threads=training.n_threads,
    )
    found = lists.matrix(matrix.n_items)
    # Lists share no scale with frequencies; the best companion of an item counts 1.
    found.data /= found.data.max(initial=1e-300)
    return found
