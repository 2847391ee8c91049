"""What models are asked while one is chosen: slices held out by time, each with its training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.families.base import Query, Training
from recommendations.engine.history import OrderHistory, sorted_lines
from recommendations.engine.matrices import BasketMatrix, basket_matrix
from recommendations.engine.splits import hidden_lines, only_baskets, split_by_time

Question = Literal["item", "basket", "customer", "next_basket"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Questions:
    """Queries with what should be found.

    Parameters
    ----------
    query : Query
        Whom or what something is recommended for.
    wanted : csr_matrix of shape (n_queries, n_items), bool
        True where the item should be found; every row has one at least.

    Examples
    --------
    >>> asked = Questions(
    ...     query=Query(held=sparse.csr_matrix([[0.0, 1.0]])),
    ...     wanted=sparse.csr_matrix([[True, False]]),
    ... )
    >>> len(asked)
    1
    """

    query: Query
    wanted: sparse.csr_matrix

    def __len__(self) -> int:
        return len(self.query)

    @classmethod
    def joined(cls, parts: Sequence[Questions]) -> Questions:
        """Return the questions of all parts, which name their customers and bar what is held.

        Parameters
        ----------
        parts : sequence of Questions
            At least one, over the same items and customers.

        Returns
        -------
        Questions
            One part after the other.

        Examples
        --------
        >>> held = sparse.csr_matrix([[1.0, 0.0]])
        >>> asked = Questions(
        ...     query=Query(held=held, customers=np.array([0], dtype=np.int32)),
        ...     wanted=held.astype(bool),
        ... )
        >>> len(Questions.joined([asked, asked]))
        2
        """
        if len(parts) == 1:
            return parts[0]
        customers = [part.query.customers for part in parts if part.query.customers is not None]
        return cls(
            query=Query(
                held=sparse.vstack([part.query.held for part in parts], format="csr"),
                customers=np.concatenate(customers),
            ),
            wanted=sparse.vstack([part.wanted for part in parts], format="csr"),
        )

    def drawn(self, most: int, *, seed: int) -> Questions:
        """Return at most so many of the questions, drawn at random.

        Parameters
        ----------
        most : int
            At least 1.
        seed : int
            The same seed draws the same questions.

        Returns
        -------
        Questions
            In their order; all of them if there are no more.

        Raises
        ------
        ValueError
            If `most` is below 1.

        Examples
        --------
        >>> held = sparse.csr_matrix(np.eye(3))
        >>> asked = Questions(query=Query(held=held), wanted=held.astype(bool))
        >>> len(asked.drawn(2, seed=0))
        2
        """
        if most < 1:
            raise ValueError(f"most must be at least 1, not {most}.")
        if len(self) <= most:
            return self
        rows = np.random.default_rng(seed).choice(len(self), most, replace=False)
        rows.sort()
        query = self.query
        return Questions(
            query=Query(
                held=query.held[rows],
                barred=None if query.barred is None else query.barred[rows],
                customers=None if query.customers is None else query.customers[rows],
            ),
            wanted=self.wanted[rows],
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldOut:
    """A slice of a shop's orders: what is older, to learn from, and what is asked of the newest.

    Parameters
    ----------
    training : Training
        The older orders.
    questions : Questions
        Made from the newer ones.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(
    ...     item_ids=[1, 2], baskets=[[0, 1], [0, 1]], at=[0, 86_400 * 30], customers=[0, 1]
    ... )
    >>> held_out = shop_slice(history, "basket", holdout_days=28)
    >>> held_out.training.matrix.n_baskets, len(held_out.questions)
    (1, 1)
    """

    training: Training
    questions: Questions


def shop_slice(
    history: OrderHistory,
    question: Question,
    *,
    holdout_days: float,
    half_life_days: float | None = None,
    max_basket_items: int = 500,
    max_customer_baskets: int = 500,
    size_exponent: float = 0.5,
    min_customers: int = 1,
    content: sparse.csr_matrix | None = None,
    max_questions: int | None = None,
    drawings: int = 1,
    seed: int = 0,
) -> HeldOut:
    """Return the newest orders as questions and the older ones to learn from.

    Parameters
    ----------
    history : OrderHistory
        All orders that may be known; the newest of them are held out here.
    question : str
        "item" and "basket" hide one line of each held-out order and give one line, or all, of the
        rest; "customer" wants what a customer never bought before; "next_basket" wants all of a
        customer's next order.
    holdout_days : float
        Days before the newest order, above 0.
    half_life_days, max_basket_items, max_customer_baskets, size_exponent
        As in `basket_matrix`, for what is learnt from.
    min_customers : int
        As in `Training`.
    content : csr_matrix of shape (n_items, n_features), optional
        As in `Training`.
    max_questions : int, optional
        Ask at most so many, drawn by the seed; all if not given.
    drawings : int
        Hide a line of each held-out order so many times, with the seeds from `seed` on: more
        drawings of few orders make the choice less a matter of luck.
    seed : int
        Of hidden lines, of the sample, and of the models.

    Returns
    -------
    HeldOut
        Without questions if no held-out order asks any.

    Raises
    ------
    ValueError
        If `holdout_days` is not above 0, `question` is none of these, or as `basket_matrix`.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(
    ...     item_ids=[1, 2], baskets=[[0], [0, 1]], at=[0, 86_400 * 30], customers=[0, 0]
    ... )
    >>> shop_slice(history, "customer", holdout_days=28).questions.wanted.indices.tolist()
    [1]
    """
    train, test = split_by_time(history, holdout_days=holdout_days)
    as_of = int(train.basket_at.max()) if train.n_baskets else 0
    by_customer = question in {"customer", "next_basket"}
    if by_customer:
        matrix = customer_matrix(train, as_of=as_of, half_life_days=half_life_days)
    else:
        matrix = basket_matrix(
            train,
            as_of=as_of,
            half_life_days=half_life_days,
            max_basket_items=max_basket_items,
            max_customer_baskets=max_customer_baskets,
            size_exponent=size_exponent,
        )
    if question == "customer":
        questions = customer_questions(train, test)
    elif question == "next_basket":
        questions = next_basket_questions(train, test)
    elif question in {"item", "basket"}:
        questions = Questions.joined(
            [
                basket_questions(train, test, single=question == "item", seed=seed + drawing)
                for drawing in range(drawings)
            ]
        )
    else:
        raise ValueError(f"question must be item, basket, customer or next_basket: {question!r}.")
    if max_questions is not None:
        questions = questions.drawn(max_questions, seed=seed)
    training = Training(
        matrix=matrix, history=train, content=content, min_customers=min_customers, seed=seed
    )
    return HeldOut(training=training, questions=questions)


def customer_matrix(
    history: OrderHistory, *, as_of: int, half_life_days: float | None, size_exponent: float = 0.0
) -> BasketMatrix:
    """Return customers × items: a customer's row is all that was ever bought.

    Parameters
    ----------
    history : OrderHistory
        The orders.
    as_of : int
        The moment to which ages are counted, seconds since 1970 UTC.
    half_life_days : float or None
        A customer counts half when the newest order is so old.
    size_exponent : float
        How much customers with many items count less, 0 to 2.

    Returns
    -------
    BasketMatrix
        One basket per customer with an order, at the time of the newest; no caps, because a
        customer counts once whatever was bought.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(
    ...     item_ids=[1, 2], baskets=[[0], [0, 1]], at=[0, 9], customers=[0, 0]
    ... )
    >>> customer_matrix(history, as_of=9, half_life_days=None).item_baskets.tolist()
    [1, 1]
    """
    line_customer, line_item = sorted_lines(
        history.basket_customer[history.line_basket], history.line_item, n_items=history.n_items
    )
    newest = np.zeros(history.n_customers, dtype=np.int64)
    np.maximum.at(newest, history.basket_customer, history.basket_at)
    together = replace(
        history,
        line_basket=line_customer,
        line_item=line_item,
        basket_at=newest,
        basket_customer=np.arange(history.n_customers, dtype=np.int32),
    )
    return basket_matrix(
        together,
        as_of=as_of,
        half_life_days=half_life_days,
        max_basket_items=history.n_items + 1,
        max_customer_baskets=1,
        size_exponent=size_exponent,
    )


def basket_questions(
    train: OrderHistory, test: OrderHistory, *, single: bool, seed: int = 0
) -> Questions:
    """Return one question per held-out order of two items or more, about a line that is hidden.

    Parameters
    ----------
    train, test : OrderHistory
        As `split_by_time` gives them, over the same customers and items.
    single : bool
        Give one random line of the rest, as a product page does, instead of all of it.
    seed : int
        The same seed hides the same lines.

    Returns
    -------
    Questions
        With the customer of each order, -1 for those who had no order before.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(item_ids=[1, 2], baskets=[[0, 1]], at=[0], customers=[0])
    >>> basket_questions(history, history, single=True).wanted.nnz
    1
    """
    known = np.bincount(train.basket_customer, minlength=train.n_customers) > 0
    queries = hidden_lines(test, seed=seed)
    if single:
        queries = queries.single(seed=seed)
    wanted = sparse.csr_matrix(
        (np.ones(len(queries), dtype=bool), queries.hidden, np.arange(len(queries) + 1)),
        shape=(len(queries), test.n_items),
    )
    customers = test.basket_customer[queries.basket]
    return Questions(
        query=Query(
            held=queries.matrix(test.n_items),
            customers=np.where(known[customers], customers, -1).astype(np.int32),
        ),
        wanted=wanted,
    )


def customer_questions(train: OrderHistory, test: OrderHistory) -> Questions:
    """Return what customers bought for the first time: one question per customer known before.

    Parameters
    ----------
    train, test : OrderHistory
        As `split_by_time` gives them, over the same customers and items.

    Returns
    -------
    Questions
        By ascending customer; those who bought nothing new ask nothing.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> train = order_history(item_ids=[1, 2], baskets=[[0]], at=[0], customers=[0])
    >>> test = order_history(item_ids=[1, 2], baskets=[[0, 1]], at=[9], customers=[0])
    >>> customer_questions(train, test).wanted.indices.tolist()
    [1]
    """
    before, after = _bought(train), _bought(test)
    new = (after.astype(np.int8) - after.multiply(before).astype(np.int8)).tocsr()
    new.eliminate_zeros()
    asked = np.flatnonzero((np.diff(before.indptr) > 0) & (np.diff(new.indptr) > 0))
    return Questions(
        query=Query(held=before[asked].astype(np.float64), customers=asked.astype(np.int32)),
        wanted=new[asked].astype(bool),
    )


def next_basket_questions(train: OrderHistory, test: OrderHistory) -> Questions:
    """Return the next order of each customer known before; nothing is barred.

    Parameters
    ----------
    train, test : OrderHistory
        As `split_by_time` gives them, over the same customers and items.

    Returns
    -------
    Questions
        By ascending customer; of two orders at one second the one at the smaller position.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> train = order_history(item_ids=[1, 2], baskets=[[0]], at=[0], customers=[0])
    >>> test = order_history(item_ids=[1, 2], baskets=[[0], [1]], at=[9, 10], customers=[0, 0])
    >>> next_basket_questions(train, test).wanted.indices.tolist()
    [0]
    """
    order = np.lexsort((np.arange(test.n_baskets), test.basket_at, test.basket_customer))
    customers = test.basket_customer[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = customers[1:] != customers[:-1]
    keep = np.zeros(test.n_baskets, dtype=bool)
    keep[order[first]] = True
    before, after = _bought(train), _bought(only_baskets(test, keep))
    asked = np.flatnonzero((np.diff(before.indptr) > 0) & (np.diff(after.indptr) > 0))
    held = before[asked].astype(np.float64)
    return Questions(
        query=Query(
            held=held,
            barred=sparse.csr_matrix(held.shape),
            customers=asked.astype(np.int32),
        ),
        wanted=after[asked],
    )


def _bought(history: OrderHistory) -> sparse.csr_matrix:
    """Return customers × items, True where the customer ever bought the item."""
    rows: NDArray[np.int32] = history.basket_customer[history.line_basket]
    pairs = sorted_lines(rows, history.line_item, n_items=history.n_items)
    return sparse.csr_matrix(
        (np.ones(len(pairs[0]), dtype=bool), pairs),
        shape=(history.n_customers, history.n_items),
    )
