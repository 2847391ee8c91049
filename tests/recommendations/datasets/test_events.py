"""Ratings and looks at products, from rows to arrays, on both databases."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import numpy as np
import pytest
from django.db import connection
from django.db.models import Q

from recommendations.adapters import Lines, Products, Ratings, ShopAdapter, Views
from recommendations.datasets.orders import read_orders
from recommendations.datasets.ratings import read_ratings
from recommendations.datasets.views import read_views
from tests.recommendations.datasets.app import models as shop
from tests.recommendations.datasets.conftest import AS_OF, day, items, seconds
from tests.recommendations.services.databases import ON_BOTH

pytestmark = pytest.mark.django_db


class RatedShop(ShopAdapter):
    products = Products("dataset_shop.Product", title="name")
    lines = Lines(
        "dataset_shop.Line",
        product="product_id",
        order="order_id",
        customer="order__account_id",
        guest="order__email",
        placed_at="order__placed_at",
    )
    ratings = Ratings(
        "dataset_shop.Review",
        product="product_id",
        customer="account_id",
        guest="email",
        value="stars",
        rated_at="at",
        counted=Q(approved=True),
    )
    views = Views(
        "dataset_shop.Look",
        product="product_id",
        customer="account_id",
        guest="email",
        viewed_at="at",
    )


@pytest.fixture(params=ON_BOTH)
def position(request: pytest.FixtureRequest) -> Iterator[dict[str, int]]:
    """Three items, an order of account 7 and one of a guest."""
    if request.param == "postgres":
        request.getfixturevalue("on_postgres")
    positions = items(1, 2, 3)
    for account in (7, 8, 9):
        shop.Account.objects.create(pk=account)
    for account, email in ((None, "ann@x.example"), (7, "")):
        order = shop.Order.objects.create(account_id=account, email=email, placed_at=day(1))
        shop.Line.objects.create(order=order, product_id=1)
    yield positions
    # Only tables of installed apps are emptied after a test with real transactions.
    for model in (shop.Line, shop.Order, shop.Account, shop.Review, shop.Look):
        model.objects.all().delete()


def review(account: int | None, product: int | None, stars: float | None, at: float | None, **more):
    moment = None if at is None else day(at)
    return shop.Review.objects.create(
        account_id=account, product_id=product, stars=stars, at=moment, **more
    )


def orders(adapter=RatedShop):
    return read_orders(as_of=AS_OF, path="auto", progress=None, adapter=adapter(), using=None)


def given(adapter=RatedShop, **options):
    return read_ratings(orders(adapter), as_of=AS_OF, adapter=adapter(), **options)


def rows(read) -> list[tuple[int, int, float]]:
    """Customer, item and value of each rating."""
    columns = (read.ratings.customer, read.ratings.item, read.ratings.value)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def test_who_ordered_keeps_the_position_and_others_follow(position):
    review(9, 2, 4.0, 3)
    review(7, 2, 2.5, 3)
    review(None, 3, 5.0, 3, email=" Ann@X.example")
    read = given()
    # By their orders the guest is customer 0 and account 7 is customer 1.
    assert rows(read) == [(0, position["3"], 5.0), (1, position["2"], 2.5), (2, position["2"], 4.0)]
    assert read.ratings.n_customers == 3
    assert read.ratings.scale == (1.0, 5.0)
    assert read.keys.positions.tolist() == [0, 1, 2]
    assert read.keys.keys == [RatedShop().guest_key("ann@x.example"), "7", "9"]
    assert read.left_out == {}


def test_the_newest_rating_counts_in_any_order_of_rows(position):
    for at, stars in ((5, 2.0), (9, 4.0), (7, 1.0)):
        review(7, 1, stars, at)
    review(7, 2, 3.0, 9)
    review(7, 2, 4.0, 9)  # of one second the higher
    read = given()
    assert [row[2] for row in rows(read)] == [4.0, 4.0]
    assert read.ratings.at.tolist() == [seconds(9), seconds(9)]
    assert read.left_out == {"rated again later": 3}


def test_damaged_rows_are_counted_by_reason_and_left_out(position):
    good = review(7, 1, 3.0, 5)
    review(7, 1, float("inf"), 6)
    review(8, 1, 0.5, 6)
    review(8, 1, 5.001, 6)
    review(8, 1, 1e300, 6)
    review(8, 1, None, 6)
    review(8, 77, 3.0, 6)
    review(8, None, 3.0, 6)
    review(None, 1, 3.0, 6)
    review(8, 1, 3.0, None)
    review(8, 1, 3.0, 400)
    review(8, 1, 3.0, 6, approved=False)
    not_a_number = review(8, 2, 3.0, 6)
    with connection.cursor() as cursor:
        value = "'NaN'" if connection.vendor == "postgresql" else "'many'"
        cursor.execute(
            f"UPDATE dataset_shop_review SET stars = {value} WHERE id = %s", [not_a_number.pk]
        )
    read = given()
    assert rows(read) == [(1, position["1"], good.stars)]
    assert read.left_out == {
        "after as_of": 1,
        "no customer": 1,
        "no product": 1,
        "no time": 1,
        "no value": 1,
        "out of scale": 3,
        "unknown product": 1,
        "value is no number": 2,
    }


def test_decimals_are_read_to_the_millionth(position):
    class Marks(RatedShop):
        ratings = dataclasses.replace(RatedShop.ratings, value="mark", lowest=-10, highest=10)

    for product, mark in ((1, "-9.999"), (2, "0.125"), (3, "10")):
        review(7, product, None, 3, mark=Decimal(mark))
    read = given(Marks)
    assert [row[2] for row in rows(read)] == [-9.999, 0.125, 10.0]
    assert read.ratings.scale == (-10, 10)


def test_a_second_declaration_is_told_on_the_scale_of_the_first(position):
    marks = dataclasses.replace(RatedShop.ratings, value="mark", lowest=0, highest=10)

    class Two(RatedShop):
        ratings = [RatedShop.ratings, marks]

    review(7, 1, 2.0, 3)
    review(8, 2, None, 3, mark=Decimal(10))
    review(9, 2, None, 3, mark=Decimal(5))
    read = given(Two)
    assert [row[2] for row in rows(read)] == [2.0, 5.0, 3.0]
    assert read.left_out == {"no value": 3}


def test_who_rates_absurdly_much_counts_by_the_newest_alone(position):
    for product, at in ((1, 3), (2, 5), (3, 4)):
        review(7, product, 3.0, at)
    review(8, 1, 1.0, 1)
    read = given(most=2)
    assert [row[:2] for row in rows(read)] == [(1, position["2"]), (1, position["3"]), (2, 0)]
    assert read.left_out == {"beyond the newest ratings of a customer": 1}


def test_without_a_declaration_there_is_nothing(position):
    class Unrated(RatedShop):
        ratings = ()
        views = ()

    review(7, 1, 3.0, 3)
    assert len(given(Unrated).ratings) == 0
    assert len(read_views(orders(Unrated), as_of=AS_OF, adapter=Unrated()).views) == 0


def test_the_portable_path_gives_the_same_arrays(position):
    rng = np.random.default_rng(4)
    shop.Review.objects.bulk_create(
        shop.Review(
            account_id=int(account), product_id=int(product), stars=float(stars),
            at=day(float(at)), email="x@x.example" if account == 8 else "",
        )
        for account, product, stars, at in zip(
            rng.integers(7, 10, 400), rng.integers(1, 5, 400), rng.integers(0, 7, 400),
            rng.integers(0, 50, 400), strict=True,
        )
    )  # fmt: skip
    fast, portable = given(path="auto"), given(path="portable")
    assert fast.ratings.fingerprint() == portable.ratings.fingerprint()
    assert fast.left_out == portable.left_out
    assert len(fast.ratings) == 9


def test_the_first_look_counts(position):
    for account, product, at in ((7, 1, 9), (7, 1, 4), (9, 2, 5), (None, 1, 5), (7, 5, 5)):
        shop.Look.objects.create(account_id=account, product_id=product, at=day(at))
    shop.Look.objects.create(email="ann@x.example", product_id=3, at=day(2))
    read = read_views(orders(), as_of=AS_OF, adapter=RatedShop())
    columns = (read.views.customer, read.views.item, read.views.at)
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == [
        (0, position["3"], seconds(2)),
        (1, position["1"], seconds(4)),
        (2, position["2"], seconds(5)),
    ]
    assert read.left_out == {"looked at before": 1, "no customer": 1, "unknown product": 1}


def test_a_moment_without_a_time_zone_is_refused(position):
    with pytest.raises(ValueError, match="must carry its time zone"):
        read_ratings(orders(), as_of=datetime(2024, 1, 1), adapter=RatedShop())  # noqa: DTZ001
