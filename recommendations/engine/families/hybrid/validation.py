"""Which weights do best on a shop's own newest orders, for new items and for old ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.caps import part_of, rows_as_orders
from recommendations.engine.completion import best_candidates
from recommendations.engine.families.base import Query, Training
from recommendations.engine.families.content.model import VectorModel
from recommendations.engine.families.hybrid.blending import Weights, blended
from recommendations.engine.families.hybrid.lifts import NAME as LIFTS
from recommendations.engine.families.hybrid.lifts import LiftModel
from recommendations.engine.neighbour_lists import NeighbourLists, row_bounds
from recommendations.engine.splits import Queries, hidden_lines

FOLDS = 3
FOLD_SHARE = 0.1
"""Share of the orders in each fold; the newest is the first."""

PRETENDED_SHARES = (0.1, 0.33)
"""Least and most of the items taken for new in a fold; between them as many as nobody bought yet.

Few items are launched within a fold's days, so that without these there would be too few questions
to weigh content by. They stand for the new items that will be in the lists: with a third of the
catalogue new, but a tenth taken for new, weights were chosen that showed too many new items.
"""

DRAWINGS = 3
"""Lines hidden of each order, one at a time: the same orders then tell more surely."""

MIN_QUESTIONS = 50
"""Questions about each kind of item below which the weights to begin with are kept: a rate of one
fifth is then known to ±6 points."""

MAX_QUESTIONS = 3_000
"""Of each drawing."""

K = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Fold:
    """Older orders without the items taken for new, and questions about the newer ones.

    Parameters
    ----------
    training : Training
        What is older than the questions.
    queries : Queries
        One hidden line per newer order.
    is_new : ndarray of shape (n_queries,), bool
        Whether nobody bought the hidden item in `training`.

    Examples
    --------
    >>> Fold.__name__
    'Fold'
    """

    training: Training
    queries: Queries
    is_new: NDArray[np.bool_]


def folds(training: Training) -> list[Fold]:
    """Return slices held out by time, the newest first.

    Parameters
    ----------
    training : Training
        With history, to know when orders were placed.

    Returns
    -------
    list of Fold
        Empty where the history is missing or all orders are of one moment. Folds with fewer
        than `MIN_QUESTIONS` about new or about old items are left out.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1, 2], baskets=[[0, 1]], at=[0], customers=[0])
    >>> folds(Training(matrix=basket_matrix(history, as_of=0, half_life_days=None)))
    []
    """
    at = row_times(training)
    if at is None or not len(at) or at.min() == at.max():
        return []
    bounds = np.quantile(at, [1 - FOLD_SHARE * fold for fold in range(FOLDS + 1)])
    return [
        fold
        for number, (newest, oldest) in enumerate(pairwise(bounds.tolist()))
        if (fold := _fold(training, at, (oldest, newest), seed=training.seed + number)) is not None
    ]


def row_times(training: Training) -> NDArray[np.int64] | None:
    """Return when each row of the matrix was last added to.

    Parameters
    ----------
    training : Training
        Rows are baskets, or customers with all that they bought.

    Returns
    -------
    ndarray of shape (n_rows,), int64, or None
        Seconds since 1970; None without history.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1], baskets=[[0], [0]], at=[3, 5], customers=[1, 0])
    >>> matrix = basket_matrix(history, as_of=5, half_life_days=None)
    >>> row_times(Training(matrix=matrix, history=history)).tolist()
    [5, 3]
    """
    history, matrix = training.history, training.matrix
    if history is None:
        return None
    customers = matrix.basket_customer
    if np.all(customers[1:] > customers[:-1]):
        # One row each: rows may be customers, and positions those of no basket.
        newest = np.zeros(history.n_customers, dtype=np.int64)
        np.maximum.at(newest, history.basket_customer, history.basket_at)
        return newest[customers]
    return history.basket_at[matrix.basket_position]


def _fold(
    training: Training, at: NDArray[np.int64], between: tuple[float, float], *, seed: int
) -> Fold | None:
    matrix = training.matrix
    sold = matrix.item_customers > 0
    asked = (at > between[0]) & (at <= between[1]) & (matrix.basket_weight > 0)
    share = float(np.clip(1 - sold.mean(), *PRETENDED_SHARES))
    pretended = np.random.default_rng(seed).random(matrix.n_items) < share
    older = part_of(matrix, rows=at <= between[0], items=~pretended)
    newer, _ = rows_as_orders(matrix, asked, np.ones(matrix.n_items, dtype=bool))
    queries = _joined(
        [
            hidden_lines(newer, seed=DRAWINGS * seed + drawing, max_queries=MAX_QUESTIONS)
            for drawing in range(DRAWINGS)
        ]
    )
    is_new = older.item_customers[queries.hidden] == 0
    if min(int(is_new.sum()), int((~is_new).sum())) < DRAWINGS * MIN_QUESTIONS:
        return None
    return Fold(
        training=replace(
            training, matrix=older, history=None, content=_rows_of(training.content, sold)
        ),
        queries=queries,
        is_new=is_new,
    )


def _joined(several: Sequence[Queries]) -> Queries:
    lengths = [np.diff(queries.indptr) for queries in several]
    return Queries(
        indptr=row_bounds(np.concatenate(lengths)),
        items=np.concatenate([queries.items for queries in several]),
        hidden=np.concatenate([queries.hidden for queries in several]),
        basket=np.concatenate([queries.basket for queries in several]),
    )


def _rows_of(
    content: sparse.csr_matrix | None, kept: NDArray[np.bool_]
) -> sparse.csr_matrix | None:
    # What nobody ever bought cannot be the answer to a question of a fold: in lists it would only
    # stand in the way, and content would seem to be worth less than it is.
    if content is None:
        return None
    rows = (sparse.diags(kept.astype(content.dtype)) @ content).tocsr()
    rows.eliminate_zeros()
    return rows


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """The two parts of a hybrid, fitted on one fold, with lists of the items asked about.

    Parameters
    ----------
    behaviour : NeighbourLists
        Row r belongs to rows[r].
    content : mapping of str to NeighbourLists
        By the name of the content part.
    rows : ndarray of shape (n_rows,), integer
        Item positions that the questions hold, ascending.
    alone : mapping of str to ndarray of shape (2,)
        Hit rate@10 of new and of old items by each part alone, behaviour under "behaviour".

    Examples
    --------
    >>> Parts.__name__
    'Parts'
    """

    behaviour: NeighbourLists
    content: Mapping[str, NeighbourLists]
    rows: NDArray[np.integer]
    alone: Mapping[str, NDArray[np.float64]]

    @classmethod
    def of(
        cls,
        fold: Fold,
        *,
        behaviour: NeighbourLists,
        models: Mapping[str, VectorModel | LiftModel],
        rows: NDArray[np.integer],
        n_companions: int,
    ) -> Parts:
        """Return the parts with what each finds alone.

        Parameters
        ----------
        fold : Fold
            The questions.
        behaviour : NeighbourLists
            Row r belongs to rows[r].
        models : mapping of str to VectorModel or LiftModel
            By the name of the content part, fitted on the fold.
        rows : ndarray of shape (n_rows,), integer
            Item positions that the questions hold, ascending.
        n_companions : int
            Entries of each content list.

        Returns
        -------
        Parts
            Content answers alone as it would without a hybrid.

        Examples
        --------
        >>> Parts.of.__name__
        'of'
        """
        held = fold.queries.matrix(fold.training.n_items)
        by_lists = best_candidates(held[:, rows], behaviour.matrix(held.shape[1]), held, K)
        alone = {"behaviour": _rate(fold, by_lists)}
        for name, model in models.items():
            alone[name] = _rate(fold, model.recommend(Query(held=held), K))
        return cls(
            behaviour=behaviour,
            content={name: model.lists_of(rows, n_companions) for name, model in models.items()},
            rows=rows,
            alone=alone,
        )


def gains(
    parts: Parts,
    fold: Fold,
    choices: Sequence[tuple[str, Weights]],
) -> NDArray[np.float64]:
    """Return how much more each choice finds than the better part alone.

    Parameters
    ----------
    parts : Parts
        Fitted on the fold.
    fold : Fold
        The questions.
    choices : sequence of (str, Weights)
        Name of the content part, and the weights.

    Returns
    -------
    ndarray of shape (n_choices, 2), float64
        For new and for old items: hit rate@10 of the choice over that of the best family that a
        shop could have instead; lifts are none.

    Examples
    --------
    >>> gains.__name__
    'gains'
    """
    held = fold.queries.matrix(fold.training.n_items)
    n_customers = fold.training.matrix.item_customers
    # One hit in the place of none: a ratio to nothing would outweigh all else.
    others = [rates for name, rates in parts.alone.items() if name != LIFTS]
    best = np.maximum(np.max(others, axis=0), 1 / len(fold.queries))
    outcome = []
    for name, weights in choices:
        lists = parts.content[name]
        scores = blended(parts.behaviour, lists, n_customers, weights)
        found = best_candidates(held[:, parts.rows], scores, held, K)
        outcome.append(_rate(fold, found) / best)
    return np.array(outcome)


def _rate(fold: Fold, found: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return hit rate@10 of new and of old items."""
    hit = (found == fold.queries.hidden[:, np.newaxis]).any(axis=1)
    return np.array([hit[fold.is_new].mean(), hit[~fold.is_new].mean()])
