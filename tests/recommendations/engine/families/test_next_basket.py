from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from recommendations.engine.families.base import Query, Size, Training
from recommendations.engine.families.next_basket import FAMILY, FREQUENCY, RANKED
from recommendations.engine.families.next_basket.candidates import product_at
from recommendations.engine.families.next_basket.known import (
    ITEM_COLUMNS,
    OWN_COLUMNS,
    customer_columns,
    item_columns,
    own_columns,
)
from recommendations.engine.families.next_basket.personal import personal_frequency
from recommendations.engine.families.next_basket.rankers import Blend, _examples, newest_of_each
from recommendations.engine.families.next_basket.sources import fit_sources, retuned
from recommendations.engine.families.purchases import purchases
from recommendations.engine.history import order_history, sorted_lines
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.metrics import ranking_report
from recommendations.engine.splits import only_baskets
from tests.recommendations.engine.histories import DAY, histories, random_history, with_basket

FAMILIES = (FREQUENCY, FAMILY, RANKED)

TIFU = {**FAMILY.start, "companion_share": 0.0, "alpha": 0.6, "n_neighbours": 2}


def training_of(history, **options):
    matrix = basket_matrix(history, as_of=0, half_life_days=None)
    return Training(matrix=matrix, history=history, **options)


def asked_of_all(history, *, barred=None):
    shape = (history.n_customers, history.n_items)
    nothing = sparse.csr_matrix(shape)
    customers = np.arange(shape[0], dtype=np.int32)
    return Query(held=nothing, barred=nothing if barred is None else barred, customers=customers)


def groceries(seed=0, n_customers=400, n_items=300, n_baskets=8):
    """Customers with a dozen staples each: three lines of four are repeats."""
    rng = np.random.default_rng(seed)
    shares = 1 / (np.arange(n_items) + 5.0)
    shares /= shares.sum()
    lines, customers, at = [], [], []
    for customer in range(n_customers):
        staples = rng.choice(n_items, 12, replace=False, p=shares)
        often = rng.uniform(0.15, 0.9, 12)
        for number in range(n_baskets):
            basket = staples[rng.random(12) < often]
            lines.append(np.append(basket, rng.choice(n_items, 2, p=shares)))
            customers.append(customer)
            at.append((7 * number + int(rng.integers(0, 3))) * DAY)
    basket_of, items = sorted_lines(
        np.repeat(np.arange(len(lines)), [len(line) for line in lines]),
        np.concatenate(lines),
        n_items=n_items,
    )
    return order_history(item_ids=[], baskets=[], at=[], customers=[]).__class__(
        item_ids=np.arange(n_items, dtype=np.int64),
        line_basket=basket_of,
        line_item=items,
        basket_at=np.array(at, dtype=np.int64),
        basket_customer=np.array(customers, dtype=np.int32),
        n_customers=n_customers,
    )


def newest_wanted(history):
    newest = newest_of_each(history)
    answers = only_baskets(history, newest)
    wanted = sparse.csr_matrix(
        (
            np.ones(answers.n_lines, dtype=bool),
            (answers.basket_customer[answers.line_basket], answers.line_item),
        ),
        shape=(history.n_customers, history.n_items),
    )
    return only_baskets(history, ~newest), wanted


def test_frequency_in_groups_by_hand():
    # Five baskets in two groups: ages 0, 1, 2 (three baskets) and 3, 4 (two).
    history = order_history(
        item_ids=[1, 2, 3],
        baskets=[[0], [0, 1], [1], [2], [0]],
        at=[n * DAY for n in range(5)],
        customers=[0] * 5,
    )
    found = personal_frequency(purchases(history), n_groups=2, within_decay=0.8, group_decay=0.5)
    old, new = 0.5 / 2 / 2, 1 / 3 / 2
    expected = [new * 1 + old * (1 + 0.8), new * 0.8**2 + old * 1, new * 0.8]
    assert found == pytest.approx(expected, abs=1e-12)


def dense_frequency(history, customer, n_groups, within, group):
    """The vector of one customer, group by group."""
    mine = np.flatnonzero(history.basket_customer == customer)
    held = np.bincount(history.line_basket, minlength=history.n_baskets) > 0
    mine = mine[held[mine]]
    mine = mine[np.lexsort((-mine, -history.basket_at[mine]))]
    result = np.zeros(history.n_items)
    groups = min(n_groups, len(mine))
    for place in range(groups):
        part = [b for age, b in enumerate(mine) if age * groups // len(mine) == place]
        vector = np.zeros(history.n_items)
        for age, basket in enumerate(part):
            vector[history.line_item[history.line_basket == basket]] += within**age
        result += group**place * vector / len(part) / groups
    return result


@given(histories(), st.integers(1, 5), st.sampled_from([(1.0, 1.0), (0.9, 0.7), (0.5, 1.0)]))
def test_frequency_against_the_dense_formula(history, n_groups, decays):
    bought = purchases(history)
    values = personal_frequency(
        bought, n_groups=n_groups, within_decay=decays[0], group_decay=decays[1]
    )
    found = bought.matrix(values).toarray()
    for customer in range(history.n_customers):
        expected = dense_frequency(history, customer, n_groups, *decays)
        assert found[customer] == pytest.approx(expected, abs=1e-12)


def test_without_decay_it_is_the_share_of_baskets():
    history = random_history(seed=2)
    bought = purchases(history)
    found = personal_frequency(bought, n_groups=1, within_decay=1.0, group_decay=1.0)
    counts = np.diff(bought.pair_lines)
    assert found == pytest.approx(counts / bought.n_baskets[bought.pair_customer])


def test_blend_against_the_dense_formula():
    """alpha · own + (1 − alpha) · mean of the nearest by cosine, weighted by it."""
    history = random_history(seed=6, n_baskets=120, n_items=25, n_customers=30)
    vectors = np.stack(
        [dense_frequency(history, c, 7, 0.9, 0.7) for c in range(history.n_customers)]
    )
    norms = np.linalg.norm(vectors, axis=1)
    cosine = vectors @ vectors.T / np.maximum(np.outer(norms, norms), 1e-300)
    np.fill_diagonal(cosine, 0.0)
    popularity = (vectors > 0).sum(axis=0) / (norms > 0).sum()
    expected = []
    for customer, similarity in enumerate(cosine):
        near = np.argsort(-similarity, kind="stable")[:2]
        weights = similarity[near]
        mean = weights @ vectors[near] / max(weights.sum(), 1e-300)
        score = 0.6 * vectors[customer] + 0.4 * mean + 1e-9 * popularity
        expected.append(np.lexsort((np.arange(25), -score.round(15)))[:8])
    found = FAMILY.fit(training_of(history), TIFU).recommend(asked_of_all(history), 8)
    same = [np.array_equal(one, two) for one, two in zip(found, expected, strict=True)]
    # Single precision may swap what differs in the eighth digit.
    assert np.mean(same) > 0.95


def test_blend_with_the_distance_of_the_paper():
    """TIFU-KNN: alpha · own + (1 − alpha) · plain mean of the nearest by Euclidean distance."""
    history = random_history(seed=6, n_baskets=120, n_items=25, n_customers=30)
    vectors = np.stack(
        [dense_frequency(history, c, 7, 0.9, 0.7) for c in range(history.n_customers)]
    )
    apart = np.linalg.norm(vectors[:, np.newaxis] - vectors, axis=2)
    # Who shares nothing is no neighbour, nor is oneself.
    apart[vectors @ vectors.T == 0] = np.inf
    np.fill_diagonal(apart, np.inf)
    popularity = (vectors > 0).mean(axis=0)
    model = FAMILY.fit(training_of(history), TIFU | {"distance": "euclidean"})
    found = model.recommend(asked_of_all(history), 8)
    same = []
    for customer, distance in enumerate(apart):
        near = np.argsort(distance, kind="stable")[:2]
        score = 0.6 * vectors[customer] + 0.4 * vectors[near].mean(axis=0) + 1e-9 * popularity
        expected = np.lexsort((np.arange(25), -score.round(15)))[:8]
        same.append(np.array_equal(found[customer], expected))
    assert np.mean(same) > 0.95
    other = FAMILY.fit(training_of(history), TIFU).recommend(asked_of_all(history), 8)
    assert not np.array_equal(found, other)


def test_own_frequency_then_popularity_by_hand():
    history = order_history(
        item_ids=[1, 2, 3, 4, 5],
        baskets=[[4], [4, 3], [1, 3], [1], [2], [1, 2]],
        at=[n * DAY for n in range(6)],
        customers=[0, 0, 1, 2, 3, 3],
    )
    model = FREQUENCY.fit(training_of(history), FREQUENCY.start)
    # Customers of each item: 0, 3, 1, 2, 1.
    assert model.recommend(asked_of_all(history), 5).tolist() == [
        [4, 3, 1, 2, -1],
        [1, 3, 2, 4, -1],
        [1, 3, 2, 4, -1],
        [2, 1, 3, 4, -1],
    ]
    new = asked_of_all(history, barred=purchases(history).matrix())
    assert model.recommend(new, 3).tolist() == [[1, 2, -1], [2, 4, -1], [3, 2, 4], [3, 4, -1]]
    nobody = Query(held=sparse.csr_matrix((1, 5)))
    assert model.recommend(nobody, 3).tolist() == [[1, 3, 2]], "ties go to the smaller item"


@pytest.mark.parametrize("family", FAMILIES)
def test_never_bought_items_alone(family):
    history = random_history(seed=7)
    held = purchases(history).matrix()
    found = family.fit(training_of(history), family.start).recommend(
        asked_of_all(history, barred=held), 10
    )
    bought = held.toarray() > 0
    assert not any(bought[row, items[items >= 0]].any() for row, items in enumerate(found))
    assert all(len(set(items[items >= 0])) == (items >= 0).sum() for items in found)


@pytest.mark.parametrize("family", FAMILIES)
def test_items_of_few_customers_are_shown_to_none_but_these(family):
    history = random_history(seed=8)
    held = purchases(history).matrix().toarray() > 0
    few = held.sum(axis=0) < 12
    assert few.any()
    model = family.fit(training_of(history, min_customers=12), family.start)
    found = model.recommend(asked_of_all(history), 40)
    row, place = np.nonzero(found >= 0)
    rare = few[found[row, place]]
    assert rare.any()
    assert held[row[rare], found[row, place][rare]].all()


def test_repeats_decide_in_a_grocery():
    before, wanted = newest_wanted(groceries())
    bought = purchases(before).matrix().toarray() > 0
    repeats = (wanted.toarray() & bought).sum() / wanted.nnz
    assert 0.68 < repeats < 0.85
    recalls = {}
    for family in FAMILIES:
        model = family.fit(training_of(before, min_customers=2), family.start)
        recalls[family.name] = ranking_report(
            model.recommend(asked_of_all(before), 10), wanted
        ).recall
    popular = model.recommend(Query(held=sparse.csr_matrix(wanted.shape)), 10)
    assert recalls["own_frequency_then_popularity"] > 0.6
    assert recalls["own_frequency_then_popularity"] > 2 * ranking_report(popular, wanted).recall
    assert recalls["next_basket_ranked"] > 0.98 * recalls["own_frequency_then_popularity"]


def test_a_planted_companion_is_found():
    """Who buys item 0 buys item 1 later; nobody said so to customer 0."""
    rng = np.random.default_rng(1)
    baskets, customers, at = [], [], []
    for customer in range(1, 60):
        others = rng.choice(np.arange(2, 40), 3, replace=False).tolist()
        first = [0, *others[:2]] if customer % 2 else others[:2]
        baskets += [first, [1, others[2]] if customer % 2 else [others[2]]]
        customers += [customer, customer]
        at += [0, 7 * DAY]
    history = order_history(
        item_ids=list(range(40)), baskets=[[0], *baskets], at=[0, *at], customers=[0, *customers]
    )
    barred = purchases(history).matrix()
    query = asked_of_all(history, barred=barred)
    found = FAMILY.fit(training_of(history, min_customers=5), FAMILY.start).recommend(query, 1)
    assert found[0, 0] == 1


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_answer_twice_and_on_any_threads(family):
    history = random_history(seed=9)
    found = [
        family.fit(training_of(history, n_threads=n, seed=3), family.start).recommend(
            asked_of_all(history), 10
        )
        for n in (1, 1, 3)
    ]
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])


def test_the_learnt_order_does_not_see_the_answer():
    """Trees are learnt from what was before; a column that knew the answer would be perfect."""
    before, wanted = newest_wanted(groceries(seed=2, n_customers=200))
    model = RANKED.fit(training_of(before), RANKED.start)
    inside, answers = newest_wanted(before)
    known = ranking_report(model.recommend(asked_of_all(inside), 10), answers).recall
    future = ranking_report(model.recommend(asked_of_all(before), 10), wanted).recall
    assert future > 0.8 * known


def test_newest_of_each_looks_at_time_and_at_who_came_twice():
    history = order_history(
        item_ids=[1],
        baskets=[[0], [0], [0], [], [0]],
        at=[9, 5, 5, 99, 5],
        customers=[0, 0, 1, 1, 0],
    )
    assert newest_of_each(history).tolist() == [True, False, False, False, False]


def test_customers_who_are_not_known_are_taken_by_what_they_hold():
    history = random_history(seed=11)
    held = purchases(history).matrix()
    model = FAMILY.fit(training_of(history), FAMILY.start)
    stranger = Query(held=held[:20], customers=np.full(20, -1, dtype=np.int32))
    found = model.recommend(stranger, 5)
    best = model.recommend(Query(held=sparse.csr_matrix((1, history.n_items))), 5)
    assert not np.array_equal(found, np.repeat(best, 20, axis=0))
    bought = held[:20].toarray() > 0
    assert not any(bought[row, items[items >= 0]].any() for row, items in enumerate(found))


@pytest.mark.parametrize("family", FAMILIES)
def test_nothing_bought(family):
    history = order_history(item_ids=[1, 2], baskets=[], at=[], customers=[])
    model = family.fit(training_of(history), family.start)
    assert model.recommend(Query(held=sparse.csr_matrix((1, 2))), 2).tolist() == [[-1, -1]]
    one = with_basket(history, [1], customer=0, at=5)
    model = family.fit(training_of(one), family.start)
    assert model.recommend(asked_of_all(one), 2).tolist() == [[1, -1]]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"alpha": 1.1}, "alpha must be 0 to 1, not 1.1"),
        ({"companion_share": -1}, "companion_share must be 0 to 1, not -1"),
        ({"popularity": -1}, "popularity must be at least 0, not -1"),
        ({"distance": "manhattan"}, "distance must be one of .*euclidean, not 'manhattan'"),
        ({"n_groups": 0}, "n_groups must be at least 1, not 0"),
        ({"within_decay": 0}, "within_decay must be above 0 and at most 1, not 0"),
    ],
)
def test_wrong_parameters(parameters, message):
    with pytest.raises(ValueError, match=message):
        FAMILY.fit(training_of(random_history(seed=1)), parameters)


def test_a_history_is_needed():
    matrix = training_of(random_history(seed=1)).matrix
    for family in FAMILIES:
        with pytest.raises(ValueError, match="history is None"):
            family.fit(Training(matrix=matrix), {})
    with pytest.raises(ValueError, match="k must be at least 1"):
        FAMILY.fit(training_of(random_history(seed=1)), {}).recommend(
            asked_of_all(random_history(seed=1)), 0
        )


@pytest.mark.parametrize("portable", [False, True])
@given(seed=st.integers(0, 50))
def test_single_entries_of_a_product(portable, seed):
    rng = np.random.default_rng(seed)
    weights = sparse.random(7, 9, 0.3, format="csr", random_state=rng)
    rows = sparse.random(9, 13, 0.4, format="csr", random_state=rng)
    row, item = np.nonzero(rng.random((7, 13)) < 0.3)
    found = product_at(weights, rows, row, item.astype(np.int32), portable=portable)
    assert found == pytest.approx((weights @ rows).toarray()[row, item], abs=1e-12)


def test_sources_retuned_are_those_fitted_anew():
    training = training_of(random_history(seed=4), min_customers=3)
    chosen = {
        "n_groups": 2, "within_decay": 0.8, "group_decay": 0.5, "n_neighbours": 9,
        "distance": "euclidean",
    }  # fmt: skip
    anew = fit_sources(training, chosen)
    found = retuned(fit_sources(training, {}), chosen)
    assert (found.n_neighbours, found.distance) == (9, "euclidean")
    assert np.array_equal(found.own, anew.own, equal_nan=True)
    for name in ("personal", "shared", "with_baskets"):
        assert (getattr(found, name) != getattr(anew, name)).nnz == 0
    assert (found.personal != fit_sources(training, {}).personal).nnz > 0


@pytest.mark.parametrize("family", FAMILIES)
def test_several_bars_at_once(family):
    history = random_history(seed=13)
    model = family.fit(training_of(history), family.start)
    held = purchases(history).matrix()
    bars = [sparse.csr_matrix(held.shape), held]
    both = model.recommend_each(asked_of_all(history), bars, 7)
    for bar, found in zip(bars, both, strict=True):
        assert np.array_equal(found, model.recommend(asked_of_all(history, barred=bar), 7))
    assert not np.array_equal(*both)


def test_what_is_known_by_hand():
    """Customer 0: mug, mug + tea, tea, mug; customer 1: tea once, lately."""
    history = order_history(
        item_ids=[1, 2, 3],
        baskets=[[0], [0, 1], [1], [0], [1, 2]],
        at=[n * DAY for n in (0, 1, 2, 3, 9)],
        customers=[0, 0, 0, 0, 1],
    )
    bought = purchases(history)
    items = dict(zip(ITEM_COLUMNS, item_columns(bought, min_customers=1).T.tolist(), strict=True))
    assert items["popularity"] == [0.5, 1.0, 0.5]
    assert items["recent_popularity"] == [0, 1, 1], "the newest tenth is the last basket"
    assert items["repeat_share"] == [1.0, 0.5, 0.0]
    # Mug: 2 purchases after the first in 3 baskets. Tea: 1 in 2, none in 0.
    assert items["rebuy_rate"] == pytest.approx([2 / 3, 1 / 2, 0.0])
    assert items["usual_gap"][:2] == [1.5, 1.0]
    assert np.isnan(items["usual_gap"][2])
    frequency = np.array([0.2, 0.3, 0.1, 0.1])
    gap = item_columns(bought, min_customers=1)[:, -1]
    own = dict(zip(OWN_COLUMNS, own_columns(bought, frequency, gap).T.tolist(), strict=True))
    # Pairs: 0 mug, 0 tea, 1 tea, 1 pot.
    assert own["frequency_rank"] == [1, 0, 0, 1]
    assert own["count"] == [3, 2, 1, 1]
    assert own["newest_age"] == [0, 1, 0, 0]
    assert own["last_gap"][:2] == [2, 1]
    assert own["rate"] == pytest.approx([3 / 4, 2 / 3, 1, 1])
    assert own["overdue"][:2] == pytest.approx([1 / 1.5, 2.0])
    assert own["item_overdue"][:3] == pytest.approx([1 / 1.5, 2.0, 1.0])
    assert np.isnan([own["last_gap"][2:], own["overdue"][2:]]).all()
    customers = customer_columns(bought)
    assert customers[0].tolist() == pytest.approx([4, 5 / 4, 1, 3 / 5, 3 / 5])
    assert customers[1].tolist() == [1, 2, 2, 0, 0]


def test_items_of_few_customers_are_not_told_of():
    bought = purchases(random_history(seed=8))
    few = bought.item_customers() < 12
    told = item_columns(bought, min_customers=12)
    assert few.any()
    assert (~few).any()
    assert np.isnan(told[few, -1]).all()
    assert not told[few, :-1].any()
    assert (told[~few, 0] > 0).all()


def test_the_baskets_before_the_newest_are_learnt_from_while_there_is_room():
    history = groceries(n_customers=60)
    training = training_of(history)
    n_rows = [len(_examples(training, {"max_rows": rows})[1]) for rows in (1, 10**6)]
    newest = len(_examples(training_of(newest_wanted(history)[0]), {"max_rows": 1})[1])
    assert n_rows[1] == n_rows[0] + newest


def test_blend_of_nothing_is_nothing():
    assert Blend(alpha=0.0, companion_share=1.0).popularity == 0.0


@pytest.mark.parametrize("family", [FAMILY, RANKED])
def test_memory_is_about_what_is_said(family):
    history = random_history(seed=12, n_baskets=60_000, n_items=1_000, n_customers=9_000, mean=10.0)
    training = training_of(history, n_threads=1)
    family.fit(training_of(random_history(seed=1)), family.start)
    tracemalloc.start()
    family.fit(training, family.start)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    said = family.bytes_needed(Size.of(training), family.start)
    assert peak / 2 < said < peak * 2, (peak, said)
