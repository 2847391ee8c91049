"""What models answer to the questions held out, and how their lists are read best."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.families.base import Fitted, ListModel, Training
from recommendations.engine.families.pair_rules import followed_by
from recommendations.engine.families.whole_basket import BasketRule, WholeBasketModel
from recommendations.engine.filling import filled
from recommendations.engine.metrics import (
    RankingReport,
    hits,
    ndcg_by_user,
    ranking_report,
    recall_by_user,
)
from recommendations.engine.neighbour_lists import NeighbourLists
from recommendations.engine.tuning.fitting import DEPTH
from recommendations.engine.tuning.questions import Questions
from recommendations.engine.tuning.racing import Racer, depths_of, directions, mean_of

FIRST_DEPTH = 20

# Sums of the same numbers in another order differ by less.
EQUAL = 1e-12

METRICS: Mapping[str, Callable[..., NDArray[np.float64]]] = {
    "recall": recall_by_user,
    "ndcg": ndcg_by_user,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """The questions, what decides, and what fills places that a model leaves empty.

    Parameters
    ----------
    training : Training
        What was learnt from.
    questions : Questions
        What was held out.
    k : int
        Recommendations looked at.
    metric : str
        A name of `METRICS`.
    best : ndarray of shape (n_best,), int32, optional
        Best sellers, where they fill empty places.

    Examples
    --------
    >>> Asking.__name__
    'Asking'
    """

    training: Training
    questions: Questions
    k: int
    metric: str
    best: NDArray[np.int32] | None

    def first(self, shown: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the k items that would be shown.

        Parameters
        ----------
        shown : ndarray of shape (n_questions, depth), int32
            What a model recommends, k or more.

        Returns
        -------
        ndarray of shape (n_questions, k), int32
            Filled up with best sellers where they are given.

        Examples
        --------
        >>> Asking.first.__name__
        'first'
        """
        table = shown[:, : self.k]
        if self.best is None:
            return table
        return filled(table, self.questions.query.without, self.best)

    def scores(self, shown: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return the metric that decides, question by question.

        Parameters
        ----------
        shown : ndarray of shape (n_questions, depth), int32
            As in `first`.

        Returns
        -------
        ndarray of shape (n_questions,), float64
            0 to 1.

        Examples
        --------
        >>> Asking.scores.__name__
        'scores'
        """
        wanted = self.questions.wanted
        return METRICS[self.metric](hits(self.first(shown), wanted), np.diff(wanted.indptr))

    def metrics(self, shown: NDArray[np.int32]) -> RankingReport:
        """Return all metrics of what is shown; novelty and diversity by who bought what.

        Parameters
        ----------
        shown : ndarray of shape (n_questions, depth), int32
            As in `first`.

        Returns
        -------
        RankingReport
            At k.

        Examples
        --------
        >>> Asking.metrics.__name__
        'metrics'
        """
        matrix = self.training.matrix
        return ranking_report(
            self.first(shown),
            self.questions.wanted,
            item_customers=matrix.item_customers,
            n_customers=max(len(np.unique(matrix.basket_customer)), 1),
            vectors=matrix.baskets_items().T.tocsr(),
        )

    def by_depth(
        self, model: Fitted, racer: Racer
    ) -> tuple[int | None, Fitted, NDArray[np.float64]]:
        """Return the depth to which lists are read best, the model read so, and its scores.

        Parameters
        ----------
        model : Fitted
            Of the racer's family.
        racer : Racer
            With the best depth so far.

        Returns
        -------
        depth : int or None
            None for a model that is not read by depth.
        model : Fitted
            The same where there is no depth.
        scores : ndarray of shape (n_questions,), float64
            As `scores`.

        Examples
        --------
        >>> Asking.by_depth.__name__
        'by_depth'
        """
        depths = depths_of(model, racer.family)
        if not depths or not isinstance(model, ListModel):
            return None, model, self.scores(model.recommend(self.questions.query, self.k))
        current = int({DEPTH: FIRST_DEPTH, **racer.family.start, **racer.parameters}[DEPTH])
        nearest = min(depths, key=lambda depth: abs(depth - current))
        best: tuple[int, Fitted, NDArray[np.float64]] | None = None
        for direction in ([nearest], *directions(depths, nearest)):
            if best is not None and best[0] != nearest:
                break  # It got better upwards.
            for depth in direction:
                variant = replace(model, depth=depth)
                scores = self.scores(variant.recommend(self.questions.query, self.k))
                if best is not None and mean_of(scores) <= mean_of(best[2]) + EQUAL:
                    break
                best = depth, variant, scores
        assert best is not None, "the nearest depth is always read"  # noqa: S101
        return best

    def by_rule(
        self,
        lists: NeighbourLists,
        rules: Iterable[BasketRule],
        first: NDArray[np.int32] | None = None,
    ) -> tuple[BasketRule, NDArray[np.float64]]:
        """Return the rule by which lists are read best, and its scores.

        Parameters
        ----------
        lists : NeighbourLists
            As pages read them.
        rules : iterable of BasketRule
            At least one; of equals the earlier is kept.
        first : ndarray of shape (n_questions, k), int32, optional
            As in `read`.

        Returns
        -------
        rule : BasketRule
            One of them.
        scores : ndarray of shape (n_questions,), float64
            As `scores`.

        Examples
        --------
        >>> Asking.by_rule.__name__
        'by_rule'
        """
        best: tuple[BasketRule, NDArray[np.float64]] | None = None
        for rule in rules:
            scores = self.scores(self.read(lists, rule, first))
            if best is None or mean_of(scores) > mean_of(best[1]) + EQUAL:
                best = rule, scores
        assert best is not None, "there is always a rule"  # noqa: S101
        return best

    def read(
        self,
        lists: NeighbourLists,
        rule: BasketRule,
        first: NDArray[np.int32] | None = None,
    ) -> NDArray[np.int32]:
        """Return what pages would show from lists.

        Parameters
        ----------
        lists : NeighbourLists
            One row per item.
        rule : BasketRule
            How those of several items are added up.
        first : ndarray of shape (n_questions, k), int32, optional
            What pages show before it: see `ListServing.shown_first`.

        Returns
        -------
        ndarray of shape (n_questions, k), int32
            Best first; -1 where there are fewer.

        Examples
        --------
        >>> Asking.read.__name__
        'read'
        """
        summed = WholeBasketModel(lists=lists, rule=rule).recommend(self.questions.query, self.k)
        return summed if first is None else followed_by(first, summed)
