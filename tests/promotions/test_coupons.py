"""Coupons in the database: issued, found by any spelling, unique by what they read like."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from promotions.checks import check_settings
from promotions.models import Campaign, Coupon
from promotions.selectors.coupons import usable_coupon
from promotions.services.coupons import issue_coupons

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    return Campaign.objects.create(name="Autumn", percent_off=10)


def _chosen(campaign, code):
    coupon = Coupon(campaign=campaign, code=code)
    coupon.full_clean()
    coupon.save()
    return coupon


def test_issued_codes_are_found_in_any_spelling(campaign):
    codes = issue_coupons(campaign, 50)
    assert len(set(codes)) == 50
    typed = codes[0].lower().replace("-", " ").replace("0", "o").replace("1", "l")
    found = usable_coupon(typed)
    assert found is not None
    assert found.code == codes[0]


def test_finding_a_coupon_takes_one_query(campaign, django_assert_num_queries):
    code = issue_coupons(campaign, 1)[0]
    with django_assert_num_queries(1):
        found = usable_coupon(code)
        assert found is not None
        assert found.campaign.name == "Autumn"


def test_issuing_in_batches_stores_each_code_once(campaign, settings):
    settings.PROMOTIONS = {"INSERT_BATCH": 7}
    issue_coupons(campaign, 20)
    assert Coupon.objects.count() == 20


@pytest.mark.parametrize("n_coupons", [0, -1, 11])
def test_a_slip_of_the_keyboard_issues_nothing(campaign, settings, n_coupons):
    settings.PROMOTIONS = {"MAX_ISSUE": 10}
    with pytest.raises(ValueError, match="from 1 to 10"):
        issue_coupons(campaign, n_coupons)
    assert not Coupon.objects.exists()


@pytest.mark.parametrize("text", ["", "NOSUCH", "x" * 10_000, "\x00", "'; DROP TABLE"])
def test_no_coupon_is_no_error(campaign, text):
    _chosen(campaign, "WELCOME")
    assert usable_coupon(text) is None


@pytest.mark.parametrize(
    "change",
    [
        {"active": False},
        {"starts_at": timezone.now() + timedelta(days=1)},
        {"ends_at": timezone.now() - timedelta(days=1)},
    ],
)
def test_a_campaign_that_does_not_run_has_no_usable_code(campaign, change):
    _chosen(campaign, "WELCOME")
    assert usable_coupon("welcome") is not None
    Campaign.objects.update(**change)
    assert usable_coupon("welcome") is None


def test_a_code_that_reads_like_another_is_refused(campaign):
    _chosen(campaign, "WELCOME10")
    with pytest.raises(ValidationError, match="reads alike"):
        _chosen(campaign, "welc0me-lO")
    with pytest.raises(IntegrityError), transaction.atomic():
        Coupon.objects.create(campaign=campaign, code="twin", normal_form="WE1C0ME10")


def test_a_code_that_nobody_can_type_is_refused(campaign):
    with pytest.raises(ValidationError, match="Only letters"):
        _chosen(campaign, "50 %")


def test_a_coupon_can_be_saved_again(campaign):
    _chosen(campaign, "WELCOME").full_clean()


def test_the_admin_finds_a_code_in_the_customers_spelling(campaign, admin_client):
    _chosen(campaign, "WELCOME-10")
    _chosen(campaign, "OTHER")
    page = admin_client.get("/admin/crosssell_promotions/coupon/", {"q": "welcome 1o"})
    assert "WELCOME-10" in page.content.decode()
    assert "OTHER" not in page.content.decode()
    page = admin_client.get("/admin/crosssell_promotions/coupon/", {"q": "Autumn"})
    assert "OTHER" in page.content.decode()


def test_a_misspelt_setting_is_reported_with_the_nearest_name(settings):
    settings.PROMOTIONS = {"MAX_ISSUES": 3}
    (message,) = check_settings()
    assert message.id == "crosssell.promotions.E002"
    assert message.hint == "Did you mean 'MAX_ISSUE'?"


def test_a_setting_out_of_range_is_an_error(settings):
    settings.PROMOTIONS = {"INSERT_BATCH": 0}
    assert [message.id for message in check_settings()] == ["crosssell.promotions.E001"]
