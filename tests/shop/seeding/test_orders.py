from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import islice

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from shop.seeding.calendar import epoch, months_before
from shop.seeding.orders import Status, make_shop
from shop.seeding.plan import Parameters
from tests.shop.seeding.flat import counted, flat

UNTIL = date(2026, 11, 22)


@pytest.fixture(scope="module")
def shop():
    return make_shop(Parameters(until=UNTIL))


@pytest.fixture(scope="module")
def orders(shop):
    return flat(shop)


def test_the_same_parameters_make_the_same_orders_and_another_seed_others():
    def small(seed: int) -> Parameters:
        return Parameters(products=60, customers=200, orders=1_500, seed=seed, until=UNTIL)

    first, again, other = (flat(make_shop(small(seed))) for seed in (7, 7, 8))
    for name in ("placed_at", "customer", "line_page", "line_price", "line_refunded"):
        assert np.array_equal(getattr(first, name), getattr(again, name))
    assert not np.array_equal(first.placed_at, other.placed_at)


def test_sizes_are_those_asked_for(shop, orders):
    assert len(orders.placed_at) == 12_000
    assert len(shop.catalogue.pages) == 300
    people = orders.customer[orders.customer < shop.customers.n_people]
    assert people.max() < 2_000
    assert orders.placed_at.min() >= epoch(months_before(UNTIL, 18))
    assert orders.placed_at.max() < epoch(UNTIL)


@settings(max_examples=30)
@given(
    products=st.integers(1, 90),
    customers=st.integers(1, 40),
    n_orders=st.integers(0, 900),
    months=st.integers(1, 14),
    seed=st.integers(0, 99),
)
def test_any_size_works(products, customers, n_orders, months, seed):
    parameters = Parameters(
        products=products,
        customers=customers,
        orders=n_orders,
        months=months,
        seed=seed,
        until=UNTIL,
    )
    chunks = list(make_shop(parameters).chunks())
    assert sum(len(chunk.placed_at) for chunk in chunks) == n_orders
    assert [chunk.first_order for chunk in chunks] == sorted(chunk.first_order for chunk in chunks)
    for chunk in chunks:
        assert np.all(np.diff(chunk.placed_at) >= 0)
        assert np.array_equal(np.unique(chunk.line_order), np.arange(len(chunk.placed_at)))
        assert chunk.line_page.max() < products
        assert np.all(chunk.line_quantity >= 1)
        assert np.all((chunk.line_refunded >= 0) & (chunk.line_refunded <= chunk.line_quantity))
        assert np.all(chunk.line_price > 0)
        pairs = chunk.line_order * products + chunk.line_page
        assert len(np.unique(pairs)) == len(pairs)


def test_a_variant_belongs_to_its_page(shop, orders):
    first = shop.catalogue.page_first_sellable[orders.line_page]
    choice = orders.line_sellable - first
    assert np.all((choice >= 0) & (choice < shop.catalogue.page_n_sellables[orders.line_page]))


def found_companions(shop, orders, *, k=5, min_customers=5):
    """Return how many planted companions are in the top k of their item, and how many there are.

    By basket-weighted cosine, written from the formula and apart from the engine:
    Σ n^-½ over common baskets / √(Σ n^-½ over those of one · Σ n^-½ over those of the other).
    """
    kept = counted(orders)
    order, page = orders.line_order[kept], orders.line_page[kept]
    n_pages, n_orders = len(shop.catalogue.pages), len(orders.placed_at)
    size = np.bincount(order, minlength=n_orders)
    weight = 1 / np.sqrt(np.maximum(size, 1))
    baskets = scipy.sparse.csr_matrix((np.ones(len(order)), (order, page)), (n_orders, n_pages))
    together = (baskets.T @ scipy.sparse.diags(weight) @ baskets).toarray()
    total = np.sqrt(np.diag(together))
    cosine = together / np.maximum(np.outer(total, total), 1e-9)
    np.fill_diagonal(cosine, 0)
    by_page = baskets.tocsc()
    # Sets of baskets, sliced once: scipy's own slicing took nine tenths of the time.
    of_page = np.split(by_page.indices, by_page.indptr[1:-1])

    def n_customers(one, other):
        both = np.intersect1d(of_page[one], of_page[other], assume_unique=True)
        return len(np.unique(orders.customer[both]))

    hits = planted = 0
    for anchor in shop.planting.anchors:
        ranked = np.argsort(-cosine[anchor], kind="stable")
        shown = (other for other in ranked if n_customers(anchor, other) >= min_customers)
        top = set(islice(shown, k))
        companions = [c for c in shop.planting.companions[anchor] if c >= 0]
        hits += sum(companion in top for companion in companions)
        planted += len(companions)
    return hits, planted


def test_nearly_all_planted_companions_can_be_found(shop, orders):
    hits, planted = found_companions(shop, orders)
    assert planted >= 100
    assert hits / planted >= 0.95


def test_they_are_found_because_they_were_planted(shop, orders):
    # The same check on shuffled products must fail, or it could not fail at all.
    shuffled = np.random.default_rng(1).permutation(orders.line_page)
    orders = type(orders)(**{**vars(orders), "line_page": shuffled})
    hits, planted = found_companions(shop, orders)
    assert hits / planted < 0.3


def test_companions_go_along_as_often_as_planned(shop, orders):
    pages = [
        set(pages.tolist())
        for pages in np.split(orders.line_page, np.flatnonzero(np.diff(orders.line_order)) + 1)
    ]
    for anchor in shop.planting.anchors[:10]:
        sold = [basket for basket in pages if anchor in basket and len(basket) < 100]
        for companion, strength in zip(
            shop.planting.companions[anchor], shop.planting.strengths[anchor], strict=True
        ):
            if companion >= 0:
                share = np.mean([companion in basket for basket in sold])
                # Some are bots' lines, some companions come by themselves: 4 standard errors.
                margin = 4 * np.sqrt(strength * (1 - strength) / len(sold)) + 0.1
                assert abs(share - strength) < margin


def test_regular_customers_keep_their_rhythm(shop, orders):
    assert len(shop.planting.rhythms) >= 10
    for page, days in shop.planting.rhythms.items():
        lines = orders.line_page == page
        bought = orders.line_order[lines]
        gaps: list[float] = []
        for customer in np.unique(orders.customer[bought]):
            times = orders.placed_at[bought[orders.customer[bought] == customer]]
            if len(times) >= 4 and customer < shop.customers.n_people:
                gaps.extend(np.diff(np.sort(times)) / 86_400)
        assert len(gaps) >= 20
        assert np.median(gaps) == pytest.approx(days, rel=0.2)


def test_popularity_is_uneven(shop, orders):
    sold = np.sort(np.bincount(orders.line_page, minlength=300))[::-1]
    assert sold[:30].sum() > 0.25 * sold.sum()
    assert sold[-1] > 0


def test_gardens_sell_in_spring_and_gifts_in_december(shop, orders):
    names = [words.name for words in shop.catalogue.categories]
    month = np.array([datetime.fromtimestamp(t, UTC).month for t in orders.placed_at])
    category = shop.catalogue.page_category[orders.line_page]

    def share(name: str, months: set[int]) -> float:
        of_months = np.isin(month[orders.line_order], list(months))
        return float(np.mean(category[of_months] == names.index(name)))

    assert share("Garden", {3, 4, 5}) > 3 * share("Garden", {11, 12, 1})
    assert share("Gifts & Games", {12}) > 3 * share("Gifts & Games", {5, 6, 7})


def test_the_shop_grows_and_sleeps_at_night(orders):
    hour = orders.placed_at // 3600 % 24
    assert np.mean((hour >= 19) & (hour < 22)) > 4 * np.mean((hour >= 2) & (hour < 5))
    middle = (orders.placed_at.min() + orders.placed_at.max()) // 2
    assert np.sum(orders.placed_at >= middle) > 1.1 * np.sum(orders.placed_at < middle)


def test_some_orders_are_cancelled_open_or_given_back(shop, orders):
    share = np.bincount(orders.status, minlength=4) / len(orders.status)
    assert 0.9 < share[Status.PAID] < 0.97
    assert all(0.003 < share[s] < 0.05 for s in (Status.PENDING, Status.CANCELLED, Status.REFUNDED))
    refunded = orders.status[orders.line_order] == Status.REFUNDED
    assert np.all(orders.line_refunded[refunded] == orders.line_quantity[refunded])
    paid = orders.status[orders.line_order] == Status.PAID
    assert 0.005 < np.mean(orders.line_refunded[paid] > 0) < 0.05
    open_or_cancelled = ~refunded & ~paid
    assert not orders.line_refunded[open_or_cancelled].any()


def test_guests_have_addresses_and_bots_are_odd(shop, orders):
    customers = shop.customers
    guests = (orders.customer >= customers.n_registered) & (orders.customer < customers.n_people)
    assert 0.03 < guests.mean() < 0.2
    assert customers.username(customers.n_registered) == ""
    assert (
        customers.email(customers.n_registered) == f"guest-{customers.n_registered + 1}@example.com"
    )
    assert customers.bots == ("bot-1", "bot-2")
    size = np.bincount(orders.line_order)
    huge = orders.customer == customers.n_people
    assert size[huge].max() > 150
    per_customer = np.bincount(orders.customer)
    assert (
        per_customer[customers.n_people + 1] == 120 > 1.3 * per_customer[: customers.n_people].max()
    )


def test_the_plan_names_what_was_planted_by_sku(shop):
    plan = shop.plan()
    skus = [page.sku for page in shop.catalogue.pages]
    anchor = int(shop.planting.anchors[0])
    assert list(plan.complements[skus[anchor]]) == [
        skus[c] for c in shop.planting.companions[anchor] if c >= 0
    ]
    assert set(plan.complements) == set(plan.strengths)
    assert all(
        len(c) <= 4 and len(c) == len(plan.strengths[s]) for s, c in plan.complements.items()
    )
    assert all(len(ladder) == 3 for ladder in plan.ladders[:5])
    assert not plan.finished


@pytest.mark.parametrize(
    ("until", "months", "expected"),
    [
        (date(2026, 11, 22), 18, date(2025, 5, 22)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 12, 31), 12, date(2025, 12, 31)),
        (date(2026, 12, 1), 24, date(2024, 12, 1)),
    ],
)
def test_months_before(until, months, expected):
    assert months_before(until, months) == expected
