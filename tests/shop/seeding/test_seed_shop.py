from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection

from shop.bulk import LineRow, insert_lines
from shop.models import Category, Order, OrderLine, Product, Review
from shop.seeding.plan import load_plan, save_plan
from shop.selectors.reviews import has_bought
from tests.shop.importing.snapshots import shop_snapshot

pytestmark = pytest.mark.django_db

SMALL = {"products": 40, "customers": 60, "orders": 600, "months": 6, "until": "2026-03-01"}


@pytest.fixture
def seed(tmp_path):
    def run(**options: object) -> str:
        out = StringIO()
        options = {**SMALL, "plan_file": tmp_path / "plan.json", **options}
        arguments = [
            f"--{name.replace('_', '-')}={value}"
            for name, value in options.items()
            if value is not True
        ]
        arguments += [
            f"--{name.replace('_', '-')}" for name, value in options.items() if value is True
        ]
        call_command("seed_shop", *arguments, stdout=out)
        return out.getvalue()

    return run


def test_a_shop_that_one_would_buy_from(seed, tmp_path):
    out = seed()
    assert "40 products (" in out
    assert "600 orders, 600 of them new" in out
    assert Product.objects.filter(parent=None).count() == 40
    assert Product.objects.exclude(parent=None).exists()
    assert Category.objects.exclude(parent=None).count() >= 12
    for product in Product.objects.filter(parent=None):
        product.full_clean()
        assert product.description
        assert product.brand is not None
        assert product.category is not None
    assert Order.objects.filter(source="seed").count() == 600
    assert set(Order.objects.values_list("status", flat=True)) >= {"paid", "cancelled", "refunded"}
    # A page with variants is not sold itself.
    assert not OrderLine.objects.filter(product__variants__isnull=False).exists()
    assert all(
        amount == quantity * unit_price
        for amount, quantity, unit_price in OrderLine.objects.values_list(
            "amount", "quantity", "unit_price"
        )
    )
    assert not Order.objects.filter(lines=None).exists()
    assert load_plan(tmp_path / "plan.json").finished


def test_dates_are_before_the_day_asked_for(seed):
    seed()
    placed = Order.objects.values_list("placed_at", flat=True)
    assert min(placed) >= datetime(2025, 9, 1, tzinfo=UTC)
    assert max(placed) < datetime(2026, 3, 1, tzinfo=UTC)
    assert not Order.objects.filter(shipped_at__gte=datetime(2026, 3, 1, tzinfo=UTC)).exists()


def test_nobody_real_and_nobody_who_can_log_in(seed):
    seed()
    assert not Order.objects.exclude(email__endswith="@example.com").exists()
    users = get_user_model().objects.all()
    assert not any(user.has_usable_password() for user in users)
    assert {user.first_name for user in users} == {"Customer"}
    assert Order.objects.filter(user=None).exists()


def test_the_plan_names_products_of_the_shop(seed, tmp_path):
    seed()
    plan = load_plan(tmp_path / "plan.json")
    skus = set(Product.objects.filter(parent=None).values_list("sku", flat=True))
    assert plan.complements
    assert skus.issuperset(plan.complements)
    assert all(skus.issuperset(companions) for companions in plan.complements.values())
    assert all(skus.issuperset(ladder) for ladder in plan.ladders)
    assert skus.issuperset(plan.rhythms)
    users = set(get_user_model().objects.values_list("username", flat=True))
    assert plan.bots
    assert users.issuperset(plan.bots)


def test_twice_is_once(seed):
    seed()
    once = shop_snapshot()
    assert "0 of them new" in seed()
    assert shop_snapshot() == once


@pytest.mark.parametrize("calls_before", [0, 1, 7])
@pytest.mark.parametrize(
    "resume", [{}, {"if_empty": True}, {"if_empty": True, "until": "2026-03-09"}]
)
def test_an_interrupted_seeding_goes_on_where_it_stopped(
    seed, monkeypatch, tmp_path, calls_before, resume
):
    calls: list[list[LineRow]] = []

    def killed(rows):
        calls.append(rows)
        if len(calls) > calls_before:
            raise KeyboardInterrupt
        insert_lines(rows)

    monkeypatch.setattr("shop.seeding.writer.insert_lines", killed)
    with pytest.raises(KeyboardInterrupt):
        seed()
    assert not load_plan(tmp_path / "plan.json").finished
    n_before = Order.objects.count()
    assert n_before == len({row.order_id for rows in calls[:calls_before] for row in rows}) < 600
    monkeypatch.setattr("shop.seeding.writer.insert_lines", insert_lines)
    assert f"{600 - n_before:,} of them new" in seed(**resume)
    resumed = shop_snapshot()
    for model in (OrderLine, Order, Product, get_user_model()):
        model._default_manager.all().delete()
    seed()
    assert shop_snapshot() == resumed


def test_if_empty_leaves_a_shop_with_products_alone(seed, tmp_path):
    Product.objects.create(sku="MINE", name="Mine", slug="mine", price=1)
    assert "left as it is" in seed(if_empty=True)
    assert not Order.objects.exists()
    assert not (tmp_path / "plan.json").exists()


def test_if_empty_leaves_a_seeded_shop_alone(seed):
    seed()
    assert "left as it is" in seed(if_empty=True, seed=9)
    assert Order.objects.count() == 600


def test_if_empty_does_not_take_the_plan_of_another_shop_for_its_own(seed, tmp_path):
    seed()
    plan = load_plan(tmp_path / "plan.json")
    save_plan(replace(plan, finished=False), tmp_path / "plan.json")
    Order.objects.all().delete()
    Product.objects.all().delete()
    Product.objects.create(sku="MINE", name="Mine", slug="mine", price=1)
    assert "left as it is" in seed(if_empty=True)
    assert Product.objects.count() == 1


def test_other_parameters_are_refused_before_anything_is_written(seed):
    seed()
    before = shop_snapshot()
    for other in ({"seed": 8}, {"until": "2026-03-02"}, {"products": 41}):
        with pytest.raises(CommandError, match="seeded with other parameters"):
            seed(**other)
    assert shop_snapshot() == before


def test_products_of_the_same_sku_are_not_taken_over(seed):
    Product.objects.create(sku="CMP-00001", name="Mine", slug="mine", price=1)
    with pytest.raises(CommandError, match="already has a product CMP-00001"):
        seed()
    assert Product.objects.get().name == "Mine"


def test_sizes_out_of_range_are_refused(seed):
    with pytest.raises(CommandError, match=r"products is 0; give 1 to 1,000,000"):
        seed(products=0)


def test_a_day_that_is_none_is_refused(seed):
    with pytest.raises(CommandError, match="'soon' is no date; write it as in 2026-01-31"):
        seed(until="soon")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True, databases=["default", "postgres"])
def test_postgres_gets_the_same_shop(seed, request):
    if connection.vendor == "postgresql":
        pytest.skip("this suite runs on PostgreSQL")
    seed()
    here = shop_snapshot()
    request.getfixturevalue("on_postgres")
    assert not Order.objects.exists()
    seed()
    assert shop_snapshot() == here


def test_customers_review_what_they_bought(seed):
    seed(orders=1500)
    reviews = Review.objects.select_related("product")
    assert reviews.count() > 150
    assert set(reviews.values_list("stars", flat=True)) == {1, 2, 3, 4, 5}
    assert 0 < reviews.exclude(text="").count() < reviews.count()
    newest = Order.objects.latest("placed_at").placed_at
    assert max(reviews.values_list("written_at", flat=True)) <= newest + timedelta(days=1)
    for review in reviews[:50]:
        assert review.product.parent_id is None
        assert has_bought(review.product, review.user)
        assert not review.user.username.startswith("bot-")
