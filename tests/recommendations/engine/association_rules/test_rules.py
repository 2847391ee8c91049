from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.engine.association_rules import (
    MEASURES,
    association_rules,
    frequent_itemsets,
    rule_lists,
)
from recommendations.engine.cooccurrence import cooccurrence
from recommendations.engine.families.base import NotEnoughMemoryError
from recommendations.engine.history import order_history
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.similarity import confidence as confidence_of
from tests.recommendations.engine.histories import DAY, histories, lopsided, random_history


def matrix_of(history, half_life_days=None):
    return basket_matrix(history, as_of=700 * DAY, half_life_days=half_life_days)


def rules_of(history, *, min_baskets=1, min_customers=1, **asked):
    found = frequent_itemsets(
        matrix_of(history), min_baskets=min_baskets, min_customers=min_customers
    )
    return association_rules(found, **asked)


def sides(rules):
    return [
        (tuple(i for i in left if i >= 0), tuple(i for i in right if i >= 0))
        for left, right in zip(rules.antecedents.tolist(), rules.consequents.tolist(), strict=True)
    ]


def as_dict(rules):
    columns = zip(*(getattr(rules, name).tolist() for name in MEASURES), strict=True)
    return dict(zip(sides(rules), columns, strict=True))


def test_the_lopsided_history_by_hand():
    # Baskets ab, abc, ad, a, bc: a 4, b 3, c 2, d 1, ab 2, ac 1, ad 1, bc 2, abc 1, of 5.
    rules = rules_of(lopsided(), pair_consequents=True)
    expected = {
        ((0,), (1,)): (2 / 5, 1 / 2, 5 / 6, 2 / 5 - 12 / 25, (2 / 5) / (1 / 2)),
        ((1,), (0,)): (2 / 5, 2 / 3, 5 / 6, 2 / 5 - 12 / 25, (1 / 5) / (1 / 3)),
        ((3,), (0,)): (1 / 5, 1, 5 / 4, 1 / 5 - 4 / 25, math.inf),
        ((0, 2), (1,)): (1 / 5, 1, 5 / 3, 1 / 5 - 3 / 25, math.inf),
        ((0, 1), (2,)): (1 / 5, 1 / 2, 5 / 4, 1 / 5 - 4 / 25, (3 / 5) / (1 / 2)),
        ((2,), (0, 1)): (1 / 5, 1 / 2, 5 / 4, 1 / 5 - 4 / 25, (3 / 5) / (1 / 2)),
        ((0,), (1, 2)): (1 / 5, 1 / 4, 5 / 8, 1 / 5 - 8 / 25, (3 / 5) / (3 / 4)),
    }
    found = as_dict(rules)
    assert len(rules) == 4 * 2 + 6
    for rule, measures in expected.items():
        assert found[rule] == pytest.approx(measures), rule
    evidence = dict(
        zip(sides(rules), zip(rules.customers, rules.baskets, strict=True), strict=True)
    )
    assert evidence[(0,), (1,)] == (2, 2)
    assert evidence[(0, 1), (2,)] == (1, 1)


def test_without_pair_consequents_every_rule_names_one_item():
    rules = rules_of(lopsided())
    assert len(rules) == 4 * 2 + 3
    assert np.all(rules.consequents[:, 1] == -1)


@pytest.mark.parametrize("score", MEASURES)
def test_rules_go_by_score_then_by_items(score):
    rules = rules_of(random_history(seed=1), min_baskets=3, score=score, pair_consequents=True)
    keys = list(
        zip(
            (-getattr(rules, score)).tolist(),
            rules.antecedents.tolist(),
            rules.consequents.tolist(),
            strict=True,
        )
    )
    assert keys == sorted(keys)
    assert len(keys) > 100


@given(histories(), st.floats(0, 1), st.floats(0, 3))
def test_minima_leave_out_exactly_what_is_below_them(history, min_confidence, min_lift):
    everything = as_dict(rules_of(history))
    kept = as_dict(rules_of(history, min_confidence=min_confidence, min_lift=min_lift))
    for rule, measures in everything.items():
        _, confidence, lift, *_ = measures
        if abs(lift - min_lift) > 1e-9:
            assert (rule in kept) == (confidence >= min_confidence and lift > min_lift)
    assert all(everything[rule] == measures for rule, measures in kept.items())


def test_decayed_measures_agree_with_the_weighted_counts():
    matrix = matrix_of(random_history(seed=2), 60.0)
    found = frequent_itemsets(matrix, min_baskets=1, min_customers=1, decayed=True, triples=False)
    dense = matrix.baskets_items().toarray()
    both = dense.T @ (matrix.basket_decay[:, np.newaxis] * dense)
    rules = association_rules(found)
    left, right = rules.antecedents[:, 0], rules.consequents[:, 0]
    assert rules.confidence == pytest.approx(both[left, right] / np.diag(both)[left])
    assert rules.support == pytest.approx(both[left, right] / matrix.basket_decay.sum())


def test_confidence_is_that_of_the_measures():
    matrix = matrix_of(random_history(seed=7))
    expected = confidence_of(cooccurrence(matrix.baskets_items())).toarray()
    rules = association_rules(frequent_itemsets(matrix, min_baskets=1, min_customers=1))
    single = rules.antecedents[:, 1] < 0
    left, right = rules.antecedents[single, 0], rules.consequents[single, 0]
    assert rules.confidence[single] == pytest.approx(expected[left, right])


@pytest.mark.parametrize(("seed", "min_baskets"), [(1, 2), (2, 4), (3, 9)])
def test_equal_to_mlxtend_on_lopsided_data(seed, min_baskets):
    reference = pytest.importorskip("mlxtend.frequent_patterns")
    pandas = pytest.importorskip("pandas")
    history = random_history(seed=seed, n_baskets=700, n_items=40)
    matrix = matrix_of(history)
    table = pandas.DataFrame(matrix.baskets_items().toarray().astype(bool))
    # Half a basket less: a share is not exact.
    share = (min_baskets - 0.5) / matrix.n_baskets
    itemsets = reference.fpgrowth(table, min_support=share, max_len=3)
    theirs = {
        (tuple(sorted(row.antecedents)), tuple(sorted(row.consequents))): (
            row.support, row.confidence, row.lift, row.leverage, row.conviction,
        )
        for row in reference.association_rules(
            itemsets, metric="confidence", min_threshold=0
        ).itertuples()
    }  # fmt: skip
    ours = as_dict(rules_of(history, min_baskets=min_baskets, pair_consequents=True))
    assert ours.keys() == theirs.keys()
    assert any(len(left) == 2 for left, _ in ours)
    for rule, measures in ours.items():
        assert measures == pytest.approx(theirs[rule], abs=1e-6), rule


def test_lists_hold_the_best_single_companions():
    lists = rule_lists(rules_of(lopsided()), n_items=4, k=2)
    assert lists.indptr.tolist() == [0, 2, 4, 6, 7]
    assert lists.items.tolist() == [1, 2, 0, 2, 1, 0, 0]
    assert lists.scores == pytest.approx([1 / 2, 1 / 4, 2 / 3, 2 / 3, 1, 1 / 2, 1])
    assert lists.customers.tolist() == [2, 1, 2, 2, 2, 1, 1]


def test_lists_leave_out_what_does_not_score():
    lists = rule_lists(rules_of(lopsided()), n_items=4, k=9, score="leverage")
    # ad: 1/5 - 4/25, bc: 2/5 - 6/25; ab and ac are bought together less often than by chance.
    assert lists.items.tolist() == [3, 2, 1, 0]


def test_a_rule_that_never_failed_scores_as_if_it_failed_once_more():
    lists = rule_lists(rules_of(lopsided()), n_items=4, k=9, score="conviction")
    # Baskets ab, abc, ad, a, bc. c → b held in 2 of 2 and d → a in 1 of 1: with one failure
    # (1 - 3/5) / (1/3) and (1 - 4/5) / (1/2).
    assert lists.indptr.tolist() == [0, 3, 5, 7, 8]
    assert lists.items.tolist() == [3, 1, 2, 2, 0, 1, 0, 0]
    wanted = [
        *(16 / 15, 4 / 5, 4 / 5),
        *(9 / 5, 3 / 5),
        *(6 / 5, 2 / 5),
        2 / 5,
    ]
    assert lists.scores == pytest.approx(wanted)


def test_nothing_leads_to_what_every_basket_holds():
    always = order_history(item_ids=[1, 2], baskets=[[0, 1], [0]], at=[0, 0], customers=[0, 1])
    lists = rule_lists(rules_of(always), n_items=2, k=9, score="conviction")
    assert lists.items.tolist() == [1]
    assert lists.indptr.tolist() == [0, 1, 1]


def test_no_sets_give_no_rules():
    rules = rules_of(lopsided(), min_baskets=5)
    assert len(rules) == 0
    assert rules.antecedents.shape == (0, 2)
    assert len(rule_lists(rules, n_items=4, k=3)) == 4


def test_more_than_fits_is_refused():
    with pytest.raises(NotEnoughMemoryError, match="rules need about"):
        rules_of(lopsided(), limit_bytes=100)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"score": "size"}, "score must be one of support, confidence"),
        ({"min_confidence": 1.5}, "min_confidence must be 0 to 1, not 1.5"),
        ({"min_lift": -1.0}, "min_lift must be 0 or more, not -1.0"),
    ],
)
def test_wrong_arguments_are_refused(asked, message):
    with pytest.raises(ValueError, match=message):
        rules_of(lopsided(), **asked)
