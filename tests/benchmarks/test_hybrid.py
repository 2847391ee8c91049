from __future__ import annotations

import numpy as np

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
