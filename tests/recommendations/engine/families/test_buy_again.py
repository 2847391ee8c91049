from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from scipy import sparse
from scipy.stats import norm

from recommendations.engine.families.base import Query, Size, Training
from recommendations.engine.families.buy_again import FAMILY, rhythm
from recommendations.engine.history import order_history
from recommendations.engine.matrices import basket_matrix
from tests.recommendations.engine.histories import DAY, histories, random_history, with_basket


def bought_on(*purchases, n_items=3):
    """A history from (customer, item, day) triples, by day."""
    triples = sorted(purchases, key=lambda triple: triple[2])
    return order_history(
        item_ids=list(range(1, n_items + 1)),
        baskets=[[item] for _, item, _ in triples],
        at=[int(day * DAY) for _, _, day in triples],
        customers=[customer for customer, _, _ in triples],
    )


def every(days, times, *, customer, item, start=0):
    return [(customer, item, start + days * n) for n in range(times)]


def pair_of(found, customer, item):
    pairs = found.pairs(customer)
    return pairs.start + found.bought.pair_item[pairs].tolist().index(item)


def test_intervals_by_hand():
    # Customer 0 buys item 0 after 20 and 40 days; customer 1 buys it once, item 1 after 10 days.
    history = bought_on((0, 0, 0), (0, 0, 20), (0, 0, 60), (1, 0, 50), (1, 1, 55), (1, 1, 65))
    found = rhythm(history, as_of=80 * DAY, prior_repeats=2.0)
    own, other = np.log(30 / 1.5 * np.sqrt(2)), np.log(10)  # ln of 20 and 40 have this mean
    assert own == pytest.approx((np.log(20) + np.log(40)) / 2)
    shop = (own + other) / 2
    items = [(own + 2 * shop) / 3, (other + 2 * shop) / 3]
    expected = [(2 * own + 2 * items[0]) / 4, items[0], (other + 2 * items[1]) / 3]
    assert found.interval_days == pytest.approx(np.exp(expected), rel=1e-12)
    assert found.n_repeats.tolist() == [2, 0, 1]
    assert (found.last_at // DAY).tolist() == [60, 50, 65]
    assert (found.due_at - found.last_at) / DAY == pytest.approx(np.exp(expected), rel=1e-5)


def test_scores_by_hand():
    history = bought_on((0, 0, 0), (0, 0, 20), (0, 0, 60), (1, 0, 50), (1, 1, 55), (1, 1, 65))
    found = rhythm(history, as_of=80 * DAY, horizon_days=7.0)
    # Two logs off their median by ln(2)/2 each; the prior weighs ten values of 0.7².
    squares = 2 * (np.log(2) / 2) ** 2
    spread = np.sqrt((squares + 10 * 0.49) / (1 + 10))
    # Pairs: bought 3, 1 and 2 times. Item 0 was bought again by 1 of 2, all in all by 2 of 3.
    shares = {3: (0 + 1) / (1 + 2), 2: (1 + 1) / (2 + 2), 1: (1 + 2 * (2 + 1) / (3 + 2)) / (2 + 2)}
    for pair, (count, elapsed) in enumerate([(3, 20), (1, 30), (2, 15)]):
        centre = np.log(found.interval_days[pair])
        before, within = norm.cdf((np.log([elapsed, elapsed + 7]) - centre) / spread)
        share = shares[count]
        expected = share * (within - before) / (1 - share * before)
        assert found.score[pair] == pytest.approx(expected, rel=1e-12)


def test_a_planted_rhythm_is_found():
    rng = np.random.default_rng(4)
    usual = {0: 7, 1: 30, 2: 90}
    triples = []
    for customer in range(60):
        factor = 1.5 if customer < 30 else 0.75
        for item, days in usual.items():
            day = rng.uniform(0, days)
            while day < 720:
                triples.append((customer, item, day))
                day += days * factor * np.exp(0.15 * rng.standard_normal())
    found = rhythm(bought_on(*triples))
    expected = np.array([usual[i] for i in found.bought.pair_item]) * np.where(
        found.bought.pair_customer < 30, 1.5, 0.75
    )
    error = np.abs(np.log(found.interval_days / expected))
    # Few repeats lean on the other customers, whose rhythm is another here.
    assert error[found.n_repeats >= 10].max() < 0.2
    assert error.mean() < 0.1


def test_who_is_due_comes_first():
    history = bought_on(
        *every(30, 6, customer=0, item=0),  # last on day 150
        *every(30, 6, customer=0, item=1, start=28),  # last on day 178
        *every(30, 3, customer=0, item=2),  # given up after day 60
    )
    training = training_of(history)
    nothing = sparse.csr_matrix((1, 3))
    query = Query(held=nothing, barred=nothing, customers=np.array([0]))
    model = FAMILY.fit(training, {"as_of": 178 * DAY, "horizon_days": 7.0})
    assert model.recommend(query, 3).tolist() == [[0, 2, 1]]
    found = model.rhythm
    pair = pair_of(found, 0, 0)
    assert found.interval_days[pair] == pytest.approx(30)
    assert (found.as_of - found.last_at[pair]) / DAY == 28
    assert found.score[pair] > 1.5 * found.score[pair_of(found, 0, 2)]


def test_few_repeats_lean_on_others():
    others = [p for c in range(1, 11) for p in every(30, 8, customer=c, item=0)]
    history = bought_on(*others, (0, 0, 0), (0, 0, 5), (11, 0, 100))
    found = rhythm(history)
    assert 5 < found.interval_days[pair_of(found, 0, 0)] < 20
    assert found.interval_days[pair_of(found, 11, 0)] == pytest.approx(29, abs=3)
    assert found.n_repeats[pair_of(found, 11, 0)] == 0


def test_an_item_of_few_customers_tells_nothing_about_them():
    history = bought_on(
        *every(90, 4, customer=0, item=1),
        *[p for c in range(1, 8) for p in every(10, 8, customer=c, item=0)],
        (9, 1, 5),
    )
    alone, hidden = (rhythm(history, min_customers=n) for n in (1, 2))
    pair = pair_of(alone, 9, 1)
    assert alone.interval_days[pair] > 1.5 * hidden.interval_days[pair]
    assert hidden.interval_days[pair] == pytest.approx(10)


def test_two_orders_on_one_day_are_no_rhythm():
    history = bought_on((0, 0, 0), (0, 0, 0.1), (0, 0, 30))
    found = rhythm(history)
    assert found.n_repeats.tolist() == [1]
    assert found.interval_days == pytest.approx([29.9])


@given(histories())
def test_later_orders_change_nothing(history):
    as_of = 500 * DAY
    later = with_basket(history, [0], customer=0, at=as_of + 1)
    before = history.basket_at <= as_of
    for name in ("interval_days", "n_repeats", "last_at", "due_at", "score"):
        one, two = (getattr(rhythm(h, as_of=as_of), name) for h in (history, later))
        assert one.tobytes() == two.tobytes()
    score = rhythm(history, as_of=as_of).score
    assert np.all((score >= 0) & (score <= 1))
    assert bool(len(score)) == bool(before[history.line_basket].any())


def test_shifted_times_shift_the_answer():
    history = random_history(seed=3)
    shifted = type(history)(
        **{
            name: getattr(history, name)
            for name in ("item_ids", "line_basket", "line_item", "basket_customer", "n_customers")
        },
        basket_at=history.basket_at + 1000 * DAY,
    )
    one, two = rhythm(history), rhythm(shifted)
    assert one.score.tobytes() == two.score.tobytes()
    assert np.all(two.due_at - one.due_at == 1000 * DAY)


def training_of(history, **options):
    matrix = basket_matrix(history, as_of=0, half_life_days=None)
    return Training(matrix=matrix, history=history, **options)


def test_only_what_was_bought_and_is_not_barred():
    history = random_history(seed=5)
    training = training_of(history)
    held = sparse.csr_matrix((history.n_customers, history.n_items))
    customers = np.arange(history.n_customers, dtype=np.int32)
    model = FAMILY.fit(training, FAMILY.start)
    found = model.recommend(Query(held=held, barred=held, customers=customers), 5)
    bought = model.rhythm.bought.matrix().toarray() > 0
    assert all(bought[row, items[items >= 0]].all() for row, items in enumerate(found))
    assert (found[:, 0] >= 0).sum() == bought.any(axis=1).sum()
    barred = sparse.csr_matrix(
        (np.ones(history.n_customers), (customers, np.maximum(found[:, 0], 0))), shape=held.shape
    )
    second = model.recommend(Query(held=held, barred=barred, customers=customers), 5)
    full = found[:, 4] >= 0
    assert np.array_equal(second[full, :4], found[full, 1:])
    assert (model.recommend(Query(held=held), 3) == -1).all(), "nobody is known"


def test_minimum_of_purchases_and_ties():
    history = bought_on((0, 2, 0), (0, 1, 0), (0, 0, 0), (0, 0, 9))
    training = training_of(history)
    nothing = sparse.csr_matrix((1, 3))
    query = Query(held=nothing, barred=nothing, customers=np.array([0]))
    often = FAMILY.fit(training, {"min_purchases": 2})
    assert often.recommend(query, 3).tolist() == [[0, -1, -1]]
    any_ = FAMILY.fit(training, {"min_purchases": 1}).recommend(query, 3)
    places = any_.tolist()[0]
    assert places.index(1) < places.index(2), "equal scores go to the smaller item"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"horizon_days": 0}, "horizon_days must be above 0, not 0"),
        ({"prior_repeats": -1}, "prior_repeats must be above 0, not -1"),
        ({"min_customers": 0}, "min_customers must be at least 1, not 0"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        rhythm(random_history(seed=1), **arguments)


def test_nothing_bought_and_no_history():
    history = order_history(item_ids=[1], baskets=[], at=[], customers=[])
    query = Query(held=sparse.csr_matrix((1, 1)), customers=np.array([0]))
    assert FAMILY.fit(training_of(history), {}).recommend(query, 2).tolist() == [[-1, -1]]
    with pytest.raises(ValueError, match="history is None"):
        FAMILY.fit(Training(matrix=training_of(history).matrix), {})
    with pytest.raises(ValueError, match="k must be at least 1"):
        FAMILY.fit(training_of(history), {}).recommend(query, 0)


def test_memory_is_about_what_is_said():
    history = random_history(seed=2, n_baskets=60_000, n_items=500, n_customers=9_000, mean=8)
    training = training_of(history)
    tracemalloc.start()
    FAMILY.fit(training, FAMILY.start)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    said = FAMILY.bytes_needed(Size.of(training), FAMILY.start)
    assert peak / 2 < said < peak * 2
