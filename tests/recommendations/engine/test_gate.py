from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.engine.completion import holdout_metric
from recommendations.engine.gate import (
    REASONS,
    BuildFacts,
    GateLimits,
    judge,
    list_overlap,
)
from recommendations.engine.history import order_history
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.neighbours import neighbours
from recommendations.engine.splits import only_baskets
from tests.recommendations.engine.histories import DAY

GOOD = BuildFacts(
    lines=10_000,
    baskets=2_000,
    sold_items=500,
    listed_items=400,
    queries=1_000,
    hits=300,
    overlap=0.9,
)


def codes(candidate, published=GOOD, **limits):
    return [
        reason.code for reason in judge(candidate, published, limits=GateLimits(**limits)).reasons
    ]


def test_the_same_facts_are_accepted():
    verdict = judge(GOOD, GOOD)
    assert verdict.accepted
    assert verdict.reasons == ()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"lines": 0, "baskets": 0, "sold_items": 0, "listed_items": 0},
            ["no_orders", "fewer_lines", "fewer_baskets", "lower_coverage"],
        ),
        ({"sold_items": 1, "listed_items": 0}, ["one_item", "lower_coverage"]),
        ({"listed_items": 0}, ["no_lists", "lower_coverage"]),
        ({"damaged_lines": 500}, ["damaged_lines"]),
        ({"lines": 6_999}, ["fewer_lines"]),
        ({"baskets": 1_399}, ["fewer_baskets"]),
        ({"listed_items": 279}, ["lower_coverage"]),
        ({"overlap": 0.29}, ["lists_changed"]),
        ({"overlap": float("nan")}, ["lists_changed"]),
        ({"hits": 100}, ["lower_hit_rate"]),
        ({"hits": 0}, ["lower_hit_rate"]),
    ],
)
def test_each_fault_has_its_reason(changes, expected):
    assert codes(replace(GOOD, **changes)) == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": 7_000},
        {"baskets": 1_400},
        {"listed_items": 280},
        {"overlap": 0.3},
        {"overlap": None},
        {"damaged_lines": 100},
        {"hits": 250},
        {"queries": 0, "hits": 0},
        {"lines": 90_000, "baskets": 30_000, "sold_items": 5_000, "listed_items": 4_000},
    ],
)
def test_what_is_good_enough_is_accepted(changes):
    assert codes(replace(GOOD, **changes)) == []


def test_the_first_build_is_only_checked_for_being_degenerate():
    assert judge(replace(GOOD, hits=0, overlap=0.0), None).accepted
    assert codes(replace(GOOD, lines=0), None) == ["no_orders"]
    assert codes(replace(GOOD, sold_items=1), None) == ["one_item"]
    assert codes(replace(GOOD, damaged_lines=9_999), None) == ["damaged_lines"]


def test_few_queries_prove_nothing():
    published = replace(GOOD, queries=20, hits=8)
    assert codes(replace(GOOD, queries=20, hits=4), published) == []
    assert codes(
        replace(GOOD, queries=2_000, hits=400), replace(GOOD, queries=2_000, hits=800)
    ) == ["lower_hit_rate"]


def test_noise_hardly_ever_refuses_a_sound_build():
    rng = np.random.default_rng(1)
    refused = sum(
        bool(
            codes(
                replace(GOOD, hits=int(ours)), replace(GOOD, hits=int(theirs)), min_metric_share=1.0
            )
        )
        for ours, theirs in rng.binomial(1_000, 0.3, (3_000, 2))
    )
    assert refused <= 12


def test_every_code_is_described_and_every_parameter_is_plain_json():
    bad = BuildFacts(
        lines=1,
        baskets=1,
        sold_items=5,
        listed_items=0,
        damaged_lines=9,
        queries=900,
        hits=0,
        overlap=0.0,
    )
    reasons = judge(bad, GOOD).reasons
    assert [reason.code for reason in reasons] == [
        "no_lists",
        "damaged_lines",
        "fewer_lines",
        "fewer_baskets",
        "lower_coverage",
        "lists_changed",
        "lower_hit_rate",
    ]
    for reason in reasons:
        assert json.loads(json.dumps(dict(reason.parameters))) == dict(reason.parameters)
        for name in reason.parameters:
            assert name in REASONS[reason.code]


@given(st.floats(0.001, 1), st.integers(0, 500))
def test_lowering_a_limit_never_refuses_more(share, hits):
    candidate = replace(GOOD, lines=int(10_000 * share), hits=hits, overlap=share)
    strict = set(codes(candidate))
    mild = set(codes(candidate, min_volume_share=0.1, min_overlap=0.1, min_metric_share=0.1))
    assert mild <= strict


@pytest.mark.parametrize(
    "name", [name for name in GateLimits.__dataclass_fields__ if "_z" not in name]
)
@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_limits_out_of_range_are_refused(name, share):
    with pytest.raises(ValueError, match=f"{name} must be 0 to 1"):
        GateLimits(**{name: share})


def test_a_negative_z_is_refused():
    with pytest.raises(ValueError, match="confidence_z must be at least 0"):
        GateLimits(confidence_z=-1)


def test_facts_go_through_json():
    stored = json.loads(json.dumps(GOOD.as_json()))
    assert BuildFacts.from_json({**stored, "of a later version": 1}) == GOOD
    with pytest.raises(ValueError, match="must name lines, baskets"):
        BuildFacts.from_json({})


def arrays(*lists):
    return [np.array(items, dtype=np.int64) for items in lists]


def test_overlap_by_hand():
    published = arrays([1, 2, 3, 4], [5], [], [7, 8])
    candidate = arrays([2, 9, 1, 4], [], [6], [8, 7, 1])
    assert list_overlap(candidate, published) == pytest.approx((3 / 4 + 0 + 1) / 3)
    assert list_overlap(candidate, published, k=2) == pytest.approx((1 / 2 + 0 + 1) / 3)
    weights = np.array([4, 1, 9, 0])
    assert list_overlap(candidate, published, weights=weights) == pytest.approx(3 / 5)


def test_overlap_of_nothing_is_unknown():
    assert list_overlap([], []) is None
    assert list_overlap(arrays([1]), arrays([])) is None
    assert list_overlap(arrays([1]), arrays([1]), weights=np.zeros(1)) is None


def test_overlap_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="k must be at least 1, not 0"):
        list_overlap([], [], k=0)
    with pytest.raises(ValueError, match="1 candidate lists, 2 published lists and 2 weights"):
        list_overlap(arrays([1]), arrays([1], [2]))


# --- whole builds ---------------------------------------------------------------------------------

N_ITEMS, N_BASKETS = 60, 3_000


def orders(n_baskets=N_BASKETS, seed=5):
    """Themes of six items each; a basket takes three of one theme and one from anywhere."""
    rng = np.random.default_rng(seed)
    baskets = []
    for _ in range(n_baskets):
        theme = int(rng.integers(0, N_ITEMS // 6))
        own = rng.choice(6, 3, replace=False) + 6 * theme
        baskets.append([*own.tolist(), int(rng.integers(0, N_ITEMS))])
    return order_history(
        item_ids=list(range(N_ITEMS)),
        baskets=baskets,
        at=[n * DAY // 10 for n in range(n_baskets)],
        customers=list(range(n_baskets)),
    )


def shuffled(history):
    """The same lines with the items dealt out anew: what a wrong join would give."""
    rng = np.random.default_rng(8)
    mixed = rng.permutation(history.line_item)
    baskets = np.split(mixed, np.searchsorted(history.line_basket, np.arange(1, history.n_baskets)))
    return order_history(
        item_ids=history.item_ids.tolist(),
        baskets=[basket.tolist() for basket in baskets],
        at=history.basket_at.tolist(),
        customers=history.basket_customer.tolist(),
    )


def build(history, published=None):
    """The facts and lists of one build, as the service gathers them."""
    matrix = basket_matrix(history, as_of=int(history.basket_at.max()), half_life_days=365.0)
    lists = neighbours(matrix, k=20)
    split = np.split(lists.items, lists.indptr[1:-1])
    metric = holdout_metric(history, matrix, holdout_days=28, max_queries=500)
    overlap = None
    if published is not None:
        overlap = list_overlap(split, published[1], weights=matrix.item_weight)
    facts = BuildFacts(
        lines=history.n_lines,
        baskets=matrix.n_baskets,
        sold_items=int((matrix.item_baskets > 0).sum()),
        listed_items=int((np.diff(lists.indptr) > 0).sum()),
        queries=metric.n_queries,
        hits=metric.hits,
        overlap=overlap,
    )
    return facts, split


def verdict_codes(history):
    published = build(orders())
    candidate = build(history, published)
    return [reason.code for reason in judge(candidate[0], published[0]).reasons]


def test_a_rebuild_on_the_same_data_is_accepted():
    assert verdict_codes(orders()) == []


def test_a_normal_day_of_growth_is_accepted():
    assert verdict_codes(orders(N_BASKETS + 10)) == []


def test_a_year_of_growth_is_accepted():
    assert verdict_codes(orders(2 * N_BASKETS)) == []


def test_half_the_orders_gone_is_refused():
    half = np.arange(N_BASKETS) % 2 == 0
    assert "fewer_lines" in verdict_codes(only_baskets(orders(), half))
    newest_gone = np.arange(N_BASKETS) < N_BASKETS // 2
    assert "fewer_baskets" in verdict_codes(only_baskets(orders(), newest_gone))


def test_shuffled_labels_are_refused():
    found = verdict_codes(shuffled(orders()))
    assert "lower_hit_rate" in found


def test_one_product_only_is_refused():
    history = orders()
    one = order_history(
        item_ids=history.item_ids.tolist(),
        baskets=[[0]] * N_BASKETS,
        at=history.basket_at.tolist(),
        customers=history.basket_customer.tolist(),
    )
    assert "one_item" in verdict_codes(one)
