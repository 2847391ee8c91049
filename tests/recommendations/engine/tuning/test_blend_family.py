from __future__ import annotations

import json

import numpy as np
import pytest

from recommendations.engine.families.base import (
    Family,
    ListModel,
    NotEnoughMemoryError,
    Size,
    Training,
)
from recommendations.engine.families.whole_basket import BasketRule
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.neighbour_lists import NeighbourLists
from recommendations.engine.neighbours import neighbours
from recommendations.engine.tuning import Blend, BlendFamily, fitted_model
from recommendations.engine.tuning.mixing import mixed_lists
from tests.recommendations.engine.histories import random_history

PLAIN = {"depth": 10, "exponent": 1.0, "norm": 0.0, "overlap": 0.0}


def lists_of(*rows):
    lengths = [len(row) for row in rows]
    entries = [entry for row in rows for entry in row]
    return NeighbourLists(
        indptr=np.append(0, np.cumsum(lengths)),
        items=np.array([item for item, *_ in entries], dtype=np.int32),
        scores=np.array([score for _, score, _ in entries], dtype=np.float32),
        customers=np.array([count for *_, count in entries], dtype=np.uint32),
        baskets=np.array([count + 1 for *_, count in entries], dtype=np.uint32),
    )


def test_votes_are_added_up_pair_by_pair():
    one = lists_of([(1, 0.6, 5), (2, 0.2, 6)], [(0, 0.4, 5)], [])
    other = lists_of([(2, 30.0, 7)], [], [(0, 10.0, 6)])
    rule = BasketRule(**PLAIN)
    mixed = mixed_lists([(one, rule), (other, rule)], [0.75, 0.25], k=9)
    # Sums of lists average .6 and 20, so scores are divided by those.
    assert mixed.indptr.tolist() == [0, 2, 3, 4]
    assert mixed.items.tolist() == [1, 2, 0, 0]
    np.testing.assert_allclose(
        mixed.scores,
        [0.75 * 0.6 / 0.6, 0.75 * 0.2 / 0.6 + 0.25 * 30 / 20, 0.75 * 0.4 / 0.6, 0.25 * 10 / 20],
        rtol=1e-6,
    )
    assert mixed.customers.tolist() == [5, 7, 5, 6]
    assert mixed.baskets.tolist() == [6, 8, 6, 7]
    assert mixed_lists([(one, rule), (other, rule)], [0.75, 0.25], k=1).items.tolist() == [1, 0, 0]


def test_each_part_votes_by_its_own_rule():
    one = lists_of([(1, 0.5, 5), (2, 0.25, 5)], [], [])
    squares = BasketRule(depth=10, exponent=2.0, norm=1.0, overlap=0.0)
    mixed = mixed_lists([(one, squares)], [1.0], k=9)
    np.testing.assert_allclose(mixed.scores, [0.8, 0.2], rtol=1e-6)
    first = BasketRule(depth=1, exponent=1.0, norm=0.0, overlap=0.0)
    assert mixed_lists([(one, first)], [1.0], k=9).items.tolist() == [1]


@pytest.mark.parametrize("weights", [[1.0], [1.0, -0.1]])
def test_wrong_weights_are_refused(weights):
    nothing = NeighbourLists.empty(2), BasketRule()
    with pytest.raises(ValueError, match="2 parts need as many weights of 0 or more"):
        mixed_lists([nothing, nothing], weights, k=3)


def test_parts_without_a_pair_make_empty_lists():
    nothing = NeighbourLists.empty(2), BasketRule()
    assert mixed_lists([nothing, nothing], [1.0, 1.0], k=3).indptr.tolist() == [0, 0, 0]


def family(name, *, exponent, needed=10, needs=()):
    return Family(
        name=name,
        fit=lambda training, chosen: ListModel(
            lists=neighbours(
                training.matrix,
                k=20,
                min_customers=training.min_customers,
                companion_exponent=chosen.get("exponent", exponent),
            )
        ),
        bytes_needed=lambda size, chosen: needed,
        needs=frozenset(needs),
    )


@pytest.fixture
def families():
    made = family("one", exponent=0.1), family("other", exponent=0.9, needed=30, needs=["content"])
    return {one.name: one for one in made}


@pytest.fixture
def training():
    history = random_history(seed=3)
    matrix = basket_matrix(history, as_of=int(history.basket_at.max()), half_life_days=None)
    return Training(matrix=matrix, history=history, min_customers=2)


CHOSEN = {
    "by": "lists",
    "length": 7,
    "weights": {"other": 0.35, "one": 0.65},
    "models": {"other": {"exponent": 0.8, "read": {**PLAIN, "norm": 1.0}}, "one": {"read": PLAIN}},
    "read": PLAIN,
}


def test_a_blend_is_fitted_again_from_its_stored_parameters(families, training):
    blend = BlendFamily.of(families)
    first = fitted_model(blend, training, CHOSEN)
    # A database gives the names back in another order.
    stored = json.loads(json.dumps(CHOSEN, sort_keys=True))
    again = fitted_model(blend, training, stored)
    assert isinstance(first, ListModel)
    for name in ("indptr", "items", "scores", "customers", "baskets"):
        assert np.array_equal(getattr(first.lists, name), getattr(again.lists, name)), name
    assert first.lists.customers.min() >= 2, "the floor holds for what parts say"
    assert np.diff(first.lists.indptr).max() == 7
    alone = fitted_model(blend, training, {**stored, "weights": {"one": 1.0, "other": 0.0}})
    assert not np.array_equal(first.lists.items, alone.lists.items)


def test_by_ranks_its_parts_are_asked_live(families, training):
    model = fitted_model(BlendFamily.of(families), training, {**CHOSEN, "by": "ranks"})
    assert isinstance(model, Blend)
    assert model.weights == (0.65, 0.35), "parts by name"


def test_it_needs_what_its_parts_need(families):
    blend = BlendFamily.of(families)
    assert blend.needs_for(CHOSEN) == {"content"}
    assert blend.needs_for({"models": {"one": {}}}) == set()


def test_its_memory_is_said_before_it_starts(families):
    blend = BlendFamily.of(families)
    size = Size(n_rows=1, n_items=0, n_lines=1)
    live = {**CHOSEN, "by": "ranks"}
    with pytest.raises(NotEnoughMemoryError):
        blend.check_memory(size, live, limit_bytes=39)
    blend.check_memory(size, live, limit_bytes=40)
    with pytest.raises(NotEnoughMemoryError):
        blend.check_memory(size, CHOSEN, limit_bytes=29)
    blend.check_memory(size, CHOSEN, limit_bytes=30)
    many = Size(n_rows=1, n_items=1000, n_lines=1)
    assert blend.bytes_needed(many, CHOSEN) > 30 + 2 * 1000 * 7 * 16, "the lists of both parts"


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"models": {}, "weights": {}}, "needs models with a weight each"),
        ({"models": {"one": {}}, "weights": {}}, "needs models with a weight each"),
        ({"models": {"gone": {}}, "weights": {"gone": 1.0}}, "No family is called gone"),
    ],
)
def test_what_makes_no_blend_is_refused(families, training, chosen, message):
    with pytest.raises(ValueError, match=message):
        BlendFamily.of(families).fit(training, {"by": "lists", "length": 5, **chosen})


def test_a_part_without_a_floor_of_its_own_is_floored(families, training):
    def fit(training, chosen):
        return ListModel(lists=neighbours(training.matrix, k=20, min_customers=1))

    free = Family(name="free", fit=fit, bytes_needed=lambda size, chosen: 0)
    chosen = {"by": "lists", "length": 20, "weights": {"free": 1.0}, "models": {"free": {}}}
    blend = BlendFamily.of({"free": free})
    assert fit(training, {}).lists.customers.min() == 1
    assert blend.fit(training, chosen).lists.customers.min() >= 2
