"""Who is asked about, what they had bought before, and what they then bought."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.families.base import Query, Training
from recommendations.engine.families.next_basket import NextBasketModel
from recommendations.engine.families.next_basket.rankers import newest_of_each
from recommendations.engine.families.purchases import purchases
from recommendations.engine.history import OrderHistory
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.metrics import RankingReport, ranking_report
from recommendations.engine.splits import only_baskets

SEED = 20_091_201

# A recall of .2 is then known to ±0.4 points, and a step of the search takes seconds.
MAX_TUNING_USERS = 5_000

# A file given to a benchmark has no secrets to keep: two customers tell a pair from an accident.
MIN_CUSTOMERS = 2

Lists = tuple[NDArray[np.int32], NDArray[np.int32]]
"""Recommendations where nothing is barred, and where what was bought before is."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """Users to be asked about, and the answer."""

    history: OrderHistory
    users: NDArray[np.int32]
    held: sparse.csr_matrix
    wanted: sparse.csr_matrix
    new: sparse.csr_matrix
    """Those of `wanted` that the user had never bought."""

    @cached_property
    def training(self) -> Training:
        """What a model may learn from."""
        matrix = basket_matrix(self.history, as_of=0, half_life_days=None)
        return Training(matrix=matrix, history=self.history, min_customers=MIN_CUSTOMERS, seed=SEED)

    @property
    def bars(self) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
        """What is not recommended: nothing is barred, and all that was bought before is."""
        return sparse.csr_matrix(self.held.shape), self.held

    def lists(self, model: NextBasketModel, k: int, *, unknown: bool = False) -> Lists:
        """Return what a model recommends; with `unknown` it is not told who asks."""
        query = Query(held=self.held, customers=self.users)
        if unknown:
            query = Query(held=self.bars[0])
        everything, never_bought = model.recommend_each(query, self.bars, k)
        return everything, never_bought

    def reports(self, lists: Lists) -> tuple[RankingReport, RankingReport]:
        """Return the metrics of all items, and of never-bought items ranked among these alone."""
        return ranking_report(lists[0], self.wanted.astype(bool)), self.new_report(lists[1])

    def new_report(self, found: NDArray[np.integer]) -> RankingReport:
        """Return the metrics of never-bought items, over the users who went on to buy any."""
        return ranking_report(found, self.new.astype(bool))


def question(
    history: OrderHistory, users: NDArray[np.integer], wanted: sparse.csr_matrix
) -> Question:
    """Return the question what some users buy next, `wanted` being the answer, row by row."""
    everything = purchases(history, max_basket_items=10**9, max_customer_baskets=10**9)
    held = everything.matrix()[users]
    new = (wanted - wanted.multiply(held)).tocsr()
    new.eliminate_zeros()
    return Question(
        history=history, users=users.astype(np.int32), held=held, wanted=wanted, new=new
    )


def slice_of(history: OrderHistory) -> Question:
    """Return the users' last history baskets as a question about all that was before."""
    newest = newest_of_each(history)
    answers = only_baskets(history, newest)
    users = np.unique(answers.basket_customer)
    if len(users) > MAX_TUNING_USERS:
        drawn = np.random.default_rng(SEED).choice(users, MAX_TUNING_USERS, replace=False)
        users = np.sort(drawn)
    wanted = sparse.csr_matrix(
        (
            np.ones(answers.n_lines),
            (answers.basket_customer[answers.line_basket], answers.line_item),
        ),
        shape=(history.n_customers, history.n_items),
    )
    return question(only_baskets(history, ~newest), users, wanted[users])
