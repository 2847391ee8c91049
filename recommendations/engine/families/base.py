"""What every family of models takes and gives, so that one can stand where another stood.

A family fits a `Training` to a `Fitted`; a `Fitted` answers a `Query`. Families whose answer is a
list per item are `ListModel` in the end, and are stored as the packed lists that pages read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.caps import MAX_ROW_ITEMS, capped_history, without_large_rows
from recommendations.engine.completion import DEPTH, best_candidates
from recommendations.engine.events import Ratings, Views
from recommendations.engine.history import OrderHistory
from recommendations.engine.matrices import BasketMatrix
from recommendations.engine.neighbour_lists import NeighbourLists

Parameters = Mapping[str, Any]

MEBIBYTE = 2**20


class NotEnoughMemoryError(RuntimeError):
    """A model would not fit; said before it starts, with what it needs and what there is.

    Parameters
    ----------
    message : str
        In words, for logs and commands.
    figures : int
        The same by name, for whoever words it otherwise.

    Examples
    --------
    >>> NotEnoughMemoryError("Too much.", needed_bytes=9).figures
    {'needed_bytes': 9}
    """

    def __init__(self, message: str, **figures: int) -> None:
        super().__init__(message)
        self.figures = figures


@dataclass(frozen=True, kw_only=True, slots=True)
class Training:
    """All that a model may learn from.

    Parameters
    ----------
    matrix : BasketMatrix
        What is held together. A row is a basket where baskets are completed, and a customer
        (all that was ever bought, caps and decay applied) where customers are advised.
    history : OrderHistory, optional
        The orders with their times, for families that read the sequence of a customer's baskets.
    content : csr_matrix of shape (n_items, n_features), optional
        What each item is, rows of length 1 or empty, for families that compare items by it.
    ratings : Ratings, optional
        What customers gave, for families that foretell it; positions go on behind the history's.
    views : Views, optional
        What customers looked at; positions as of the ratings.
    min_customers : int
        Distinct customers below whom a pair, or an item, is not learnt from.
    seed : int
        The same seed and the same data give the same model.
    n_threads : int
        0 takes every core that the process may use.
    max_row_items : int
        Rows of the matrix of more distinct items are taken out here, once for every family, and
        what is too large in the history as `capped_history` says; at least 1.

    Raises
    ------
    ValueError
        If `max_row_items` is below 1.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1, 2], baskets=[[0, 1]], at=[0], customers=[0])
    >>> Training(matrix=basket_matrix(history, as_of=0, half_life_days=None)).n_items
    2
    """

    matrix: BasketMatrix
    history: OrderHistory | None = None
    content: sparse.csr_matrix | None = None
    ratings: Ratings | None = None
    views: Views | None = None
    min_customers: int = 1
    seed: int = 0
    n_threads: int = 0
    max_row_items: int = MAX_ROW_ITEMS

    def __post_init__(self) -> None:
        matrix = without_large_rows(self.matrix, self.max_row_items)
        object.__setattr__(self, "matrix", matrix)
        if self.history is not None:
            history = capped_history(self.history, self.max_row_items)
            object.__setattr__(self, "history", history)

    @property
    def n_items(self) -> int:
        """Number of item positions."""
        return self.matrix.n_items


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """Whom or what something is recommended for, many at once.

    Parameters
    ----------
    held : csr_matrix of shape (n_queries, n_items), float64
        Weight of each item that the basket or the customer has.
    barred : csr_matrix of shape (n_queries, n_items), optional
        Items stored are never recommended; `held` if not given. An empty matrix allows repeats.
    customers : ndarray of shape (n_queries,), int32, optional
        Customer positions in `Training.history`; -1 for those it does not know.

    Examples
    --------
    >>> Query(held=sparse.csr_matrix([[0.0, 1.0]])).without.nnz
    1
    """

    held: sparse.csr_matrix
    barred: sparse.csr_matrix | None = None
    customers: NDArray[np.int32] | None = None

    @property
    def without(self) -> sparse.csr_matrix:
        """What is never recommended."""
        return self.held if self.barred is None else self.barred

    def __len__(self) -> int:
        return int(self.held.shape[0])


class Fitted(Protocol):
    """A model that has learnt."""

    def recommend(self, query: Query, k: int) -> NDArray[np.int32]:
        """Return item positions of shape (n_queries, k), best first, ties to the smaller item.

        -1 stands where there are fewer than k. Nothing of `query.without` is among them.
        """
        ...


@runtime_checkable
class Listed(Protocol):
    """A model that also has a list per item: it can be stored for pages to read."""

    def item_lists(self, k: int) -> NeighbourLists:
        """Return the best k companions of every item, with their evidence."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class ListModel:
    """A model whose answer is the sum of its items' lists.

    Parameters
    ----------
    lists : NeighbourLists
        One row per item position.
    depth : int
        Entries of each list that a query adds up.

    Examples
    --------
    >>> model = ListModel(lists=NeighbourLists.empty(2))
    >>> model.recommend(Query(held=sparse.csr_matrix([[0.0, 1.0]])), 1).tolist()
    [[-1]]
    """

    lists: NeighbourLists
    depth: int = DEPTH

    def recommend(self, query: Query, k: int) -> NDArray[np.int32]:
        """Return the best items for each query, as `best_candidates` ranks them.

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
        >>> model = ListModel(lists=NeighbourLists.empty(1))
        >>> model.recommend(Query(held=sparse.csr_matrix([[0.0]])), 2).tolist()
        [[-1, -1]]
        """
        similarity = self.lists.first(self.depth).matrix(len(self.lists))
        return best_candidates(query.held, similarity, query.without, k)

    def item_lists(self, k: int) -> NeighbourLists:
        """Return the best k companions of every item.

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
        >>> len(ListModel(lists=NeighbourLists.empty(3)).item_lists(10))
        3
        """
        return self.lists.first(k)


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """How large a shop is, to say beforehand what a model would need.

    Examples
    --------
    >>> Size(n_rows=10, n_items=5, n_lines=20, n_features=0).n_items
    5
    """

    n_rows: int
    n_items: int
    n_lines: int
    n_features: int = 0

    @classmethod
    def of(cls, training: Training) -> Size:
        """Return the size of what a model would learn from.

        Parameters
        ----------
        training : Training
            Rows, items and lines are counted after the caps.

        Returns
        -------
        Size
            The counts.

        Examples
        --------
        >>> from recommendations.engine.history import order_history
        >>> from recommendations.engine.matrices import basket_matrix
        >>> history = order_history(item_ids=[1, 2], baskets=[[0, 1]], at=[0], customers=[0])
        >>> Size.of(Training(matrix=basket_matrix(history, as_of=0, half_life_days=None))).n_lines
        2
        """
        content = training.content
        return cls(
            n_rows=training.matrix.n_baskets,
            n_items=training.n_items,
            n_lines=training.matrix.n_lines,
            n_features=0 if content is None else int(content.shape[1]),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """A family of models: how it is fitted, what may be tuned, what it needs.

    Parameters
    ----------
    name : str
        As commands, tables and stored choices name it.
    fit : callable
        (Training, Parameters) to Fitted.
    bytes_needed : callable
        (Size, Parameters) to the peak memory of a fit in bytes, above what is there already.
    start : mapping
        The parameters to begin with: sound without any tuning.
    grid : mapping of str to sequence
        The values tried for each parameter, the most telling parameter first.
    needs : frozenset of str
        Of "history", "content", "ratings" and "views": what `Training` must hold.

    Examples
    --------
    >>> from recommendations.engine.families.base import Family
    >>> Family(name="none", fit=lambda training, chosen: None, bytes_needed=lambda s, p: 0).grid
    {}
    """

    name: str
    fit: Callable[[Training, Parameters], Fitted]
    bytes_needed: Callable[[Size, Parameters], int]
    start: Parameters = field(default_factory=dict)
    grid: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    needs: frozenset[str] = frozenset()

    def needs_for(self, parameters: Parameters) -> frozenset[str]:
        """Return what a fit with these parameters needs of `Training`.

        Parameters
        ----------
        parameters : mapping
            Of the fit; most families need the same whatever they are.

        Returns
        -------
        frozenset of str
            As `needs`.

        Examples
        --------
        >>> one = Family(name="one", fit=lambda t, p: None, bytes_needed=lambda s, p: 0)
        >>> one.needs_for({})
        frozenset()
        """
        return self.needs

    def check_memory(self, size: Size, parameters: Parameters, *, limit_bytes: int) -> None:
        """Refuse a fit that would not fit.

        Parameters
        ----------
        size : Size
            Of the training data.
        parameters : mapping
            Of the fit.
        limit_bytes : int
            What there is.

        Raises
        ------
        NotEnoughMemoryError
            If `bytes_needed` says more than `limit_bytes`.

        Examples
        --------
        >>> big = Family(name="big", fit=lambda t, p: None, bytes_needed=lambda s, p: 2**31)
        >>> one = Size(n_rows=1, n_items=1, n_lines=1)
        >>> big.check_memory(one, {}, limit_bytes=2**30)  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        recommendations.engine.families.base.NotEnoughMemoryError: big needs about 2,048 MiB ...
        """
        needed = self.bytes_needed(size, parameters)
        if needed > limit_bytes:
            raise NotEnoughMemoryError(
                f"{self.name} needs about {needed // MEBIBYTE:,} MiB for {size.n_items:,} items"
                f" and {size.n_rows:,} rows; {limit_bytes // MEBIBYTE:,} MiB are allowed.",
                needed_bytes=needed,
                limit_bytes=limit_bytes,
                n_items=size.n_items,
                n_rows=size.n_rows,
            )
