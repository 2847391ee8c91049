from __future__ import annotations

import numpy as np
import pytest

from benchmarks.hybrid import models, scores, standard_error
from benchmarks.new_items import DAYS, TEST_DAYS, growing_shop
from recommendations.engine.matrices import SECONDS_PER_DAY


def test_a_third_of_the_items_is_new_and_sells_only_then():
    shop = growing_shop(n_items=90, n_baskets=600, seed=1)
    assert shop.is_new.sum() == 30
    day = shop.history.basket_at[shop.history.line_basket] / SECONDS_PER_DAY
    launched = shop.launched_day[shop.history.line_item]
    assert np.all(day >= np.floor(launched))
    late = day >= DAYS - TEST_DAYS
    assert not shop.is_new[shop.history.line_item[~late]].any()
    assert 0.2 < shop.is_new[shop.history.line_item[late]].mean() < 0.5


def test_the_same_seed_gives_the_same_shop():
    first, second = (growing_shop(n_items=60, n_baskets=200, seed=4) for _ in range(2))
    assert first.history.fingerprint() == second.history.fingerprint()
    assert first.facts.title == second.facts.title
    assert first.facts.price.tobytes() == second.facts.price.tobytes()


def test_the_standard_error_counts_orders_and_not_their_questions():
    # Ten orders, each asked ten times with one answer: known as surely as if asked once.
    once = np.array([1.0, 0, 0, 1, 0, 1, 1, 0, 0, 0])
    ten_times = standard_error(np.repeat(once, 10), np.repeat(np.arange(10), 10))
    assert ten_times == pytest.approx(standard_error(once, np.arange(10)))
    assert ten_times == pytest.approx(np.sqrt(0.4 * 0.6 / 10), rel=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [10, 11])
def test_above_every_part_on_new_and_on_old_items(seed):
    found = scores(growing_shop(seed=seed))
    parts = np.max([found[name][:3] for name in models() if name != "hybrid"], axis=0)
    assert np.all(found["hybrid"][:2] > parts[:2])
    assert found["hybrid"][2] > 1.1 * parts[2]
