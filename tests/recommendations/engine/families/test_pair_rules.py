"""What pairs say comes before what single items say: worked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from recommendations.engine.families.base import Query
from recommendations.engine.families.pair_rules import PairRuleLists, PairRulesModel, followed_by
from recommendations.engine.families.whole_basket import BasketRule
from recommendations.engine.neighbour_lists import NeighbourLists


def lists_of(*rows):
    """Return lists of (item, score)."""
    entries = [entry for row in rows for entry in row]
    counts = np.full(len(entries), 5, dtype=np.uint32)
    return NeighbourLists(
        indptr=np.cumsum([0, *map(len, rows)]),
        items=np.array([item for item, _ in entries], dtype=np.int32),
        scores=np.array([score for _, score in entries], dtype=np.float32),
        customers=counts,
        baskets=counts,
    )


MODEL = PairRulesModel(
    lists=lists_of([(5, 0.9), (3, 0.1)], [(4, 0.2)], [], [], [], []),
    rule=BasketRule(depth=10, exponent=1.0, norm=0.0, overlap=0.0),
    pair_rules=PairRuleLists(
        pairs=np.array([[0, 1], [0, 2], [1, 4]]),
        # Of {0, 1} item 3 follows less surely than of {0, 2}.
        following=lists_of([(3, 0.6), (2, 0.55)], [(3, 0.8), (4, 0.55)], [(5, 1.0)]),
    ),
)


def asked(*baskets, barred=None):
    held = np.zeros((len(baskets), 6))
    for row, basket in enumerate(baskets):
        held[row, basket] = 1.0
    return Query(held=sparse.csr_matrix(held), barred=barred)


@pytest.mark.parametrize(
    ("basket", "shown"),
    [
        ([0], [5, 3, -1, -1]),
        ([0, 1], [3, 2, 5, 4]),
        # Each once, by its surest pair; what is held is not shown.
        ([0, 1, 2], [3, 4, 5, -1]),
        ([1, 4], [5, -1, -1, -1]),
        ([2, 3], [-1, -1, -1, -1]),
        ([], [-1, -1, -1, -1]),
    ],
)
def test_by_hand(basket, shown):
    assert MODEL.recommend(asked(basket), 4).tolist() == [shown]


def test_no_more_than_asked_for_and_nothing_barred():
    assert MODEL.recommend(asked([0, 1], [0]), 1).tolist() == [[3], [5]]
    barred = sparse.csr_matrix(np.array([[0, 0, 0, 1.0, 0, 0]]))
    assert MODEL.recommend(asked([0, 1], barred=barred), 2).tolist() == [[2, 5]]


def test_items_of_most_weight_are_paired():
    few = replace(MODEL, pair_rules=replace(MODEL.pair_rules, most_paired=2))
    held = sparse.csr_matrix(np.array([[1.0, 0.5, 1.0, 0, 0, 0]]))
    assert few.recommend(Query(held=held), 2).tolist() == [[3, 4]]  # of {0, 2} alone
    assert few.recommend(asked([0, 1, 2]), 1).tolist() == [[3]]


def test_the_last_known_pair_is_no_end():
    # {3, 5} sorts after every pair that is known.
    assert MODEL.recommend(asked([3, 5]), 1).tolist() == [[-1]]


def test_the_lists_of_items_are_its_own():
    assert MODEL.item_lists(1).items.tolist() == [5, 4]


def test_what_comes_first_is_not_shown_again():
    first = np.array([[7, 2, -1], [-1, -1, -1], [1, 2, 3]])
    then = np.array([[2, 5, 7], [4, -1, -1], [9, 8, 7]])
    assert followed_by(first, then).tolist() == [[7, 2, 5], [4, -1, -1], [1, 2, 3]]
