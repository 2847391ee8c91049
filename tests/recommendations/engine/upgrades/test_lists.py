"""Which dearer items are upgrades, and in which order: worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recommendations.engine.upgrades.shops import goods, lists_of, moves, of, together

LADDER = ["Alder Laptop", "Alder Laptop Plus", "Alder Laptop Pro"]


def test_steps_of_one_ladder_the_next_one_first() -> None:
    lists = lists_of(goods(LADDER, [600, 800, 1100], brand="Quillmar"))
    assert [of(lists, item) for item in range(3)] == [[1, 2], [2], []]


@pytest.mark.parametrize(
    ("prices", "found"),
    [
        ([600, 600], []),  # as dear is not dearer
        ([600, 500], []),
        ([600, 1200], [1]),  # the end of the band is in it
        ([600, 1201], []),
        ([600, np.nan], []),
        ([np.nan, 600], []),
        ([0, 600], []),
    ],
)
def test_only_the_band_of_prices(prices: list[float], found: list[int]) -> None:
    assert of(lists_of(goods(LADDER[:2], prices)), 0) == found


def test_prices_of_two_currencies_are_not_compared() -> None:
    assert of(lists_of(goods(LADDER[:2], [600, 800], currency=["EUR", "USD"])), 0) == []


def test_what_is_not_shown_is_no_upgrade_and_has_none() -> None:
    lists = lists_of(goods(LADDER, [600, 800, 1100], hidden=[1]))
    assert [of(lists, item) for item in range(3)] == [[2], [], []]


def test_the_same_name_in_another_category_or_of_another_brand_is_no_step() -> None:
    titles = ["Alder Laptop", "Alder Laptop Plus"]
    assert of(lists_of(goods(titles, [600, 800], category=["Laptops", "Tools"])), 0) == []
    titles = ["Alder Laptop Plus", "Alder Laptop Bag", "Cedar Laptop Bag"]
    brand = ["Quillmar", "Tarnholm", "Quillmar"]
    assert of(lists_of(goods(titles, [600, 800, 10], brand=brand)), 0) == []


BRANDS = ["Quillmar", "Tarnholm"] * 3
MIXED = ["Alder Lamp", "Cedar Lamp", "Dale Bag", "Elm Bag", "Fell Lamp Stand", "Glade Lamp Stand"]


def test_the_same_kind_of_another_brand_and_no_other_kind() -> None:
    lists = lists_of(goods(MIXED, [100, 120, 130, 140, 150, 160], brand=BRANDS))
    assert of(lists, 0) == [1], "a bag is no lamp, and neither is the stand of one"
    assert of(lists, 2) == [3]
    assert of(lists, 4) == [5]


COVER = ["Alder Lamp", "Alder Lamp Cover", "Tea"], [50, 60, 2]
APART = [(customer, 1, [0 if customer < 150 else 1 if customer < 200 else 2])
         for customer in range(100, 1500)]  # fmt: skip


def test_what_shares_baskets_is_an_accessory_whatever_it_is_called() -> None:
    assert of(lists_of(goods(*COVER, APART)), 0) == [1]
    assert of(lists_of(goods(*COVER, APART + together([0, 1], 30))), 0) == []


def test_too_few_customers_tell_of_no_accessory() -> None:
    """One household that buys both every week must not decide what the others see."""
    weekly = [(1, week, [0, 1]) for week in range(30)]
    assert of(lists_of(goods(*COVER, APART + weekly)), 0) == [1]


def test_a_word_that_is_bought_with_what_it_is_added_to_is_no_grade() -> None:
    titles = [f"{name} Hose{more}" for name in ("Alder", "Cedar") for more in ("", " Reel")]
    prices = [40, 60, 42, 62]
    brand = ["Quillmar", "Quillmar", "Tarnholm", "Tarnholm"]
    titles, prices, brand = [*titles, "Tea"], [*prices, 2], [*brand, "Tarnholm"]
    apart = [(customer, 1, [min(customer % 40, 4)]) for customer in range(100, 2100)]
    assert of(lists_of(goods(titles, prices, apart, brand=brand)), 0) == [1, 2, 3]
    bought = apart + together([0, 1], 20) + together([2, 3], 20, first=50)
    assert of(lists_of(goods(titles, prices, bought, brand=brand)), 0) == [2]


def test_in_a_category_whose_items_are_never_bought_together_any_of_them() -> None:
    titles = ["Sonata", "Etude", "Nocturne", "Tea", "Milk"]
    category = ["Pianos"] * 3 + ["Food"] * 2
    prices = [1000, 1500, 1900, 2, 3]
    single = [(customer, 1, [customer % 3]) for customer in range(600)]
    meals = together([3, 4], 300, first=1000)
    found = lists_of(goods(titles, prices, single + meals, category=category))
    assert sorted(of(found, 0)) == [1, 2]
    assert of(found, 3) == [], "tea and milk are bought together"
    too_few = lists_of(goods(titles, prices, single[:30] + meals, category=category))
    assert of(too_few, 0) == [], "thirty orders do not tell"


def test_customers_who_moved_from_one_shelf_to_the_shelf_beside_it() -> None:
    category = ["Sport > Shoes", "Sport > Boots", "Kitchen > Pots"]
    titles, prices = ["Runner", "Hiker", "Boiler"], [80, 120, 130]
    orders = moves(0, 1, 12) + moves(0, 2, 12, first=50)
    orders += [(customer, 1, [0]) for customer in range(100, 110)]
    others = [(customer, 1, [3]) for customer in range(200, 600)]
    shop = goods([*titles, "Tea"], [*prices, 2], orders + others, category=[*category, "Food"])
    lists = lists_of(shop)
    assert of(lists, 0) == [1], "pots are not beside shoes"
    assert lists.customers.tolist() == [12]


def beside(moved: int, *, others: int = 0) -> list[int]:
    """Upgrades of shoes where so many left them for boots, and others bought boots at once."""
    category = ["Sport > Shoes", "Sport > Boots", "Food"]
    orders = moves(0, 1, moved) + [(customer, 1, [0]) for customer in range(100, 110)]
    orders += [(customer, 1, [1]) for customer in range(200, 200 + others)]
    orders += [(customer, 1, [2]) for customer in range(1000, 1400)]
    return of(lists_of(goods(["Runner", "Hiker", "Tea"], [80, 120, 2], orders,
                             category=category)), 0)  # fmt: skip


def test_a_few_who_went_there_and_what_everybody_buys_teach_nothing() -> None:
    assert beside(5) == [1]
    assert beside(4) == []
    assert beside(5, others=400) == []


def test_customers_who_went_on_to_another_kind_bought_it_besides() -> None:
    rest = [(customer, 1, [6]) for customer in range(1000, 1400)]
    shop = goods([*MIXED, "Tea"], [100, 120, 130, 140, 150, 160, 2], moves(0, 2, 40) + rest,
                 brand=[*BRANDS, "Quillmar"])  # fmt: skip
    assert of(lists_of(shop), 0) == [1]


def test_what_stands_on_no_shelf_has_no_need_in_common() -> None:
    single = [(customer, 1, [customer % 2]) for customer in range(600)]
    meals = together([2, 3], 300, first=1000)
    titles, category = ["Alder Lamp", "Alder Desk", "Tea", "Milk"], ["", "", "Food", "Food"]
    assert of(lists_of(goods(titles, [100, 150, 2, 3], single + meals, category=category)), 0) == []


def test_four_customers_who_moved_up_are_not_told_and_do_not_count() -> None:
    def told(n_customers: int) -> tuple[list[int], list[float]]:
        lists = lists_of(goods(LADDER[:2], [600, 800], moves(0, 1, n_customers)))
        return lists.customers.tolist(), lists.scores.tolist()

    assert told(4)[0] == [0]
    assert told(5)[0] == [5]
    nobody = [(customer, 1, [0]) for customer in range(4)]
    nobody += [(customer, 1, [1]) for customer in range(10, 14)]
    assert told(4)[1] == lists_of(goods(LADDER[:2], [600, 800], nobody)).scores.tolist()


def test_where_customers_went_comes_first() -> None:
    orders = [(customer, 1, [0]) for customer in range(100, 200)]
    assert of(lists_of(goods(LADDER, [600, 800, 1100], orders)), 0) == [1, 2]
    assert of(lists_of(goods(LADDER, [600, 800, 1100], orders + moves(0, 2, 60))), 0) == [2, 1]


def test_what_earns_more_comes_first_where_costs_are_known() -> None:
    titles, prices = ["Alder Lamp", "Alder Lamp Plus", "Alder Lamp Pro"], [100, 130, 132]
    assert of(lists_of(goods(titles, prices)), 0) == [1, 2]
    assert of(lists_of(goods(titles, prices, cost={0: 50, 1: 128, 2: 40})), 0) == [2, 1]


def test_the_list_is_cut_to_its_length() -> None:
    assert of(lists_of(goods(LADDER, [600, 800, 1100]), k=1), 0) == [1]


@pytest.mark.parametrize("band", [(1.0, 1.0), (0.9, 2.0), (2.0, 1.5)])
def test_a_band_without_dearer_prices_is_refused(band: tuple[float, float]) -> None:
    from recommendations.engine.upgrades.lists import upgrade_lists

    with pytest.raises(ValueError, match="band of prices"):
        upgrade_lists(
            goods(LADDER, [1, 2, 3]), k=3, min_customers=5, lowest_ratio=band[0],
            highest_ratio=band[1],
        )  # fmt: skip


def test_no_items_no_lists() -> None:
    assert len(lists_of(goods([], []))) == 0


words = st.sampled_from(["alder", "cedar", "lamp", "bag", "plus", "pro", "15", "茶"])
items = st.tuples(
    st.lists(words, max_size=4).map(" ".join),
    st.sampled_from([0.0, 9.5, 10.0, 12.0, 19.0, 20.0, np.nan]),
    st.sampled_from(["", "Quillmar", "Tarnholm"]),
    st.sampled_from(["", "Shelf", "House > Shelf", "House > Wall"]),
    st.sampled_from(["EUR", "USD"]),
)
orders = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 40), st.sets(st.integers(0, 5), min_size=1))
)


@settings(max_examples=150, deadline=None)
@given(st.lists(items, min_size=6, max_size=6), orders)
def test_never_cheaper_never_another_currency_never_itself(shop, bought) -> None:
    titles, prices, brand, category, currency = zip(*shop, strict=True)
    given_orders = [(who, day, sorted(some)) for who, day, some in bought]
    made = goods(
        titles, prices, given_orders, brand=brand, category=category, currency=currency
    )  # fmt: skip
    lists = lists_of(made)
    assert lists.indptr.tolist() == sorted(lists.indptr.tolist())
    for item in range(6):
        found = of(lists, item)
        assert len(set(found)) == len(found)
        for other in found:
            assert prices[item] < prices[other] <= 2 * prices[item]
            assert currency[item] == currency[other]
        scores = lists.scores[lists.indptr[item] : lists.indptr[item + 1]]
        assert np.all(np.diff(scores) <= 0)
        assert np.all(np.isfinite(scores))
    assert set(lists.customers.tolist()) <= {0, *range(5, 8)}


def test_scores_are_the_chance_times_the_gain_worked_by_hand() -> None:
    """Three lamps of one name without orders: the chances are the priors.

    Weights are 1.3⁻³ = .4552, 1.8⁻³ = .1715 and (18/13)⁻³ = .3767, their mean .3345, and the usual
    share of steps 1/100: chances of .01361, .00513 and .01126. A step gains what it earns less half
    of what the item earns.
    """
    titles, prices = ["Alder Lamp", "Alder Lamp Plus", "Alder Lamp Pro"], [100, 130, 180]
    unknown = lists_of(goods(titles, prices))
    assert of(unknown, 0) == [1, 2]
    assert unknown.scores[:2] == pytest.approx([0.01361 * 80, 0.00513 * 130], rel=2e-3)
    # Margins of 50, 6 and 90: 90 - 25 is gained by the dearest step, and nothing by the other.
    known = lists_of(goods(titles, prices, cost={0: 50, 1: 124, 2: 90}))
    assert of(known, 0) == [2, 1]
    assert known.scores[:2] == pytest.approx([0.00513 * 65, 0.0], rel=2e-3)
    # Of the second lamp no cost is known: the usual half of the price stands in.
    partly = lists_of(goods(titles, prices, cost={0: 50, 2: 90}))
    assert of(partly, 0) == [1, 2]
    assert partly.scores[:2] == pytest.approx([0.01361 * 40, 0.00513 * 65], rel=2e-3)
