from __future__ import annotations

import time

import numpy as np
import pytest

from benchmarks.basket_files import read_baskets
from benchmarks.grocery_files import groceries, write
from benchmarks.next_basket_questions import slice_of
from benchmarks.next_basket_tuning import METRICS, Search, Tried, in_order, tuned
from recommendations.engine.families.next_basket import FAMILY, FREQUENCY, RANKED

N_USERS = 400


def tried(name, *means, never=(0.1, 0.1, 0.1), seed=0):
    """What was found by a model with these means; each user differs a little from the others."""
    noise = np.random.default_rng(seed).normal(0, 0.02, (len(METRICS), N_USERS))
    noise -= noise.mean(axis=1, keepdims=True)
    return Tried(
        name=name,
        parameters={},
        everything=np.array(means)[:, np.newaxis] + noise,
        never_bought=np.array(never)[:, np.newaxis] + noise,
    )


def chosen(*others):
    baseline = tried(FREQUENCY.name, 0.2, 0.3, 0.9, seed=1)
    return list(in_order({one.name: one for one in (baseline, *others)}))


def test_the_model_that_gains_most_is_chosen():
    better, best = tried("better", 0.21, 0.31, 0.91), tried("best", 0.23, 0.33, 0.91)
    assert chosen(better, best) == ["best", "better", FREQUENCY.name]


@pytest.mark.parametrize("lost", range(3))
def test_no_metric_is_given_up_for_another(lost):
    """Without the guard the first would be chosen: it gains most in the mean."""
    means = np.array([0.3, 0.45, 0.95])
    means[lost] = (0.2, 0.3, 0.9)[lost] - 0.01
    modest = tried("modest", 0.21, 0.31, 0.905)
    found = tried("greedy", *means)
    assert found.gain(tried(FREQUENCY.name, 0.2, 0.3, 0.9)) > 1.1
    assert chosen(found, modest) == ["modest", FREQUENCY.name, "greedy"]


def test_never_bought_items_are_not_given_up_either():
    assert chosen(tried("greedy", 0.3, 0.4, 0.95, never=(0.05, 0.1, 0.1)))[0] == FREQUENCY.name


def test_a_metric_within_the_noise_is_no_loss():
    """One user in 400 more or less is chance; 0.01 lower with the same noise is not."""
    near = tried("near", 0.25, 0.35, 0.9 - 0.0002)
    assert chosen(near)[0] == "near"
    assert chosen(tried("near", 0.25, 0.35, 0.88))[0] == FREQUENCY.name


def test_own_frequency_serves_where_nothing_gains():
    assert chosen(tried("worse", 0.19, 0.29, 0.89))[0] == FREQUENCY.name
    assert chosen(tried("same", 0.2, 0.3, 0.9, seed=1))[0] == FREQUENCY.name


def test_within_a_family_the_guard_decides_too():
    baseline = tried(FREQUENCY.name, 0.2, 0.3, 0.9, seed=1)
    greedy = tried("next_basket", 0.3, 0.4, 0.8)
    modest = tried("next_basket", 0.21, 0.31, 0.9)
    search = Search(question=None, k=10, stop_at=0.0)
    for found in (baseline, modest, greedy):
        search.keep(found)
    assert search.best["next_basket"] is modest
    assert greedy.beats(None, baseline)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("grocer")
    paths = folder / "history.tsv", folder / "future.tsv"
    write(groceries(12_000, seed=3), *paths)
    return read_baskets(*paths)


def test_weights_are_tried_as_a_fitted_blend_would_answer(shop):
    search = Search(slice_of(shop.history), 10, time.perf_counter() + 60)
    search.attempt(FREQUENCY.name, FREQUENCY.start)
    search.attempt(FAMILY.name, FAMILY.start)
    fitted = search.best.pop(FAMILY.name)
    search.weigh(FAMILY.fit(search.question.training, FAMILY.start).sources, FAMILY.start)
    best = search.best[FAMILY.name]
    assert not fitted.beats(best, search.baseline)
    search.best.pop(FAMILY.name)
    search.attempt(FAMILY.name, best.parameters)
    assert np.allclose(search.best[FAMILY.name].everything, best.everything)
    assert np.allclose(search.best[FAMILY.name].never_bought, best.never_bought)


def test_a_whole_search_gives_nothing_up(shop):
    best = tuned(shop.history, 10, seconds=300)
    assert set(best) == {FREQUENCY.name, FAMILY.name, RANKED.name}
    first = next(iter(best.values()))
    assert not first.gives_up(best[FREQUENCY.name])
    assert first.gain(best[FREQUENCY.name]) >= 1


def test_groceries_are_as_they_are_said_to_be(shop):
    made = groceries(12_000, seed=3)
    again, other = groceries(12_000, seed=3), groceries(12_000, seed=4)
    assert np.array_equal(made.item, again.item)
    assert not np.array_equal(made.item[:1000], other.item[:1000])
    assert len(made.item) == pytest.approx(12_000, rel=0.2)
    lines = np.stack([made.user, made.basket, made.item])
    assert len(np.unique(lines, axis=1).T) == len(made.item), "an item is once in a basket"
    # The last basket of every customer, and no other, is to be found.
    assert np.unique(made.user[made.future]).tolist() == list(range(len(made.n_baskets)))
    assert (made.basket[made.future] == made.n_baskets[made.user[made.future]] - 1).all()
    assert shop.history.n_lines == (~made.future).sum()
    assert shop.wanted.nnz == made.future.sum()
    pairs = made.user * 10**6 + made.item
    assert 0.3 < np.isin(pairs[made.future], pairs[~made.future]).mean() < 0.7
