"""Bundles in the database: made, found, priced, guarded."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from bundles.checks import check_settings
from bundles.conf import bundle_settings
from bundles.models import Bundle, BundlePart
from bundles.selectors.bundles import bundle_prices, bundles_on_sale, bundles_with_items
from bundles.services.bundles import create_bundle
from recommendations.models import Item

pytestmark = pytest.mark.django_db


@pytest.fixture
def items():
    return [Item.objects.create(key=str(number), title=f"Item {number}") for number in range(8)]


def test_a_bundle_keeps_its_order_and_quantities(items):
    bundle = create_bundle("Set", {items[2].pk: 1, items[0].pk: 3}, percent_off=Decimal(10))
    assert [(part.item, part.quantity) for part in bundle.parts.all()] == [
        (items[2], 1),
        (items[0], 3),
    ]


def test_prices_are_the_shops_own_times_quantity(items):
    bundle = create_bundle("Set", {items[0].pk: 2, items[1].pk: 1}, percent_off=Decimal(10))
    prices = {items[0].pk: Decimal("4.99"), items[1].pk: Decimal("0.05")}
    priced = bundle_prices(bundle, prices, "EUR")
    # 10 % of 10.03 is 1.003, so 1.00: 0.995 to the first part, 0.005 to the second.
    assert priced is not None
    assert priced[items[0].pk].reduced_price == Decimal("8.98")
    assert priced[items[1].pk].reduced_price == Decimal("0.05")


def test_a_bundle_with_an_unpriced_item_has_no_price(items):
    bundle = create_bundle("Set", {items[0].pk: 1, items[1].pk: 1})
    assert bundle_prices(bundle, {items[0].pk: Decimal(1)}, "EUR") is None


def test_only_bundles_whose_time_has_come_are_on_sale(items):
    now = timezone.now()
    for name, starts, ends in (
        ("over", None, now),
        ("now", now, now + timedelta(days=1)),
        ("later", now + timedelta(seconds=1), None),
    ):
        Bundle.objects.create(name=name, starts_at=starts, ends_at=ends)
    Bundle.objects.create(name="off", active=False)
    assert [bundle.name for bundle in bundles_on_sale(now=now)] == ["now"]


def test_bundles_of_a_page_take_three_queries(items, django_assert_num_queries):
    for number in range(3):
        create_bundle(f"Set {number}", {items[0].pk: 1, items[number + 1].pk: 1})
    with django_assert_num_queries(3):
        found = list(bundles_with_items([items[0].pk, items[1].pk]))
        titles = [part.item.title for bundle in found for part in bundle.parts.all()]
    assert len(found) == 3
    assert len(titles) == 6


@pytest.mark.parametrize("n_items", [1, 7])
def test_a_bundle_has_two_to_six_items(items, n_items):
    with pytest.raises(ValidationError, match="2 to 6"):
        create_bundle("Set", {item.pk: 1 for item in items[:n_items]})
    assert not Bundle.objects.exists()


def test_a_refused_part_leaves_no_bundle_behind(items):
    with pytest.raises(ValidationError):
        create_bundle("Set", {items[0].pk: 1, items[1].pk: 0})
    assert not Bundle.objects.exists()


def test_a_discount_above_the_shops_limit_is_refused(items):
    with pytest.raises(ValidationError, match=r"60 % is more than the 50 % allowed"):
        create_bundle("Set", {items[0].pk: 1, items[1].pk: 1}, percent_off=Decimal(60))


@pytest.mark.parametrize(
    "values",
    [
        {"percent_off": 101},
        {"percent_off": -1},
        {"starts_at": timezone.now(), "ends_at": timezone.now() - timedelta(days=1)},
    ],
)
def test_the_database_itself_refuses_nonsense(values):
    with pytest.raises(IntegrityError), transaction.atomic():
        Bundle.objects.create(name="bad", **values)


def test_an_item_is_in_a_bundle_once(items):
    bundle = create_bundle("Set", {items[0].pk: 1, items[1].pk: 1})
    with pytest.raises(IntegrityError), transaction.atomic():
        BundlePart.objects.create(bundle=bundle, item=items[0])


def test_a_misspelt_setting_is_reported_with_the_nearest_name(settings):
    settings.BUNDLES = {"MAX_PART": 3}
    (message,) = check_settings()
    assert message.id == "crosssell.bundles.E002"
    assert message.hint == "Did you mean 'MAX_PARTS'?"


def test_a_setting_out_of_range_is_an_error(settings):
    settings.BUNDLES = {"MAX_PARTS": 1}
    assert [message.id for message in check_settings()] == ["crosssell.bundles.E001"]
    with pytest.raises(ImproperlyConfigured, match="from 2 to 100"):
        bundle_settings()


def test_the_admin_shows_and_makes_bundles(items, admin_client):
    create_bundle("Set", {items[0].pk: 1, items[1].pk: 1})
    page = admin_client.get("/admin/crosssell_bundles/bundle/")
    assert page.status_code == 200
    assert "Set" in page.content.decode()
    assert admin_client.get("/admin/crosssell_bundles/bundle/add/").status_code == 200
