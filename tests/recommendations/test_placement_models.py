"""What the tables of placements refuse, in the form and behind it."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from recommendations.models import Merchandising, Placement, PlacementPin, PlacementStep, SlotShare
from tests.recommendations.factories import make_product, set_placement

pytestmark = pytest.mark.django_db

RULE = {"version": 1, "field": "item.brand", "op": "exists"}


@pytest.mark.parametrize(
    "values",
    [
        {"price_from_percent": 0},
        {"price_to_percent": 10_001},
        {"price_from_percent": 150, "price_to_percent": 85},
        {"per_category": 0},
        {"per_category": 21},
        {"diversity": 101},
        {"count": 21},
    ],
)
def test_bounds_of_a_placement(values):
    placement = Placement(slug="bounds", **values)
    with pytest.raises(ValidationError):
        placement.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        placement.save()


@pytest.mark.parametrize("strength", [0, 401])
def test_bounds_of_a_rule(strength):
    rule = Merchandising(name="Rule", condition=RULE, strength=strength)
    with pytest.raises(ValidationError):
        rule.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        rule.save()


def test_a_kind_of_rule_that_there_is_not():
    with pytest.raises(IntegrityError), transaction.atomic():
        Merchandising.objects.create(name="Rule", condition=RULE, kind="praise")


@pytest.mark.parametrize("percent", [0, 101])
def test_bounds_of_a_share(percent):
    share = SlotShare(placement=set_placement(), name="Own", condition=RULE, percent=percent)
    with pytest.raises(ValidationError):
        share.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        share.save()


@pytest.mark.parametrize("position", [0, 21])
def test_bounds_of_a_pin(position):
    pin = PlacementPin(placement=set_placement(), item=make_product()[1], position=position)
    with pytest.raises(ValidationError):
        pin.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        pin.save()


def test_a_source_and_a_pinned_item_once_a_placement():
    placement, item = set_placement(), make_product()[1]
    PlacementStep.objects.create(placement=placement, strategy="trending")
    PlacementPin.objects.create(placement=placement, item=item)
    for again in (
        PlacementStep(placement=placement, strategy="trending", position=2),
        PlacementStep(placement=placement, strategy="similar", position=0),
        PlacementPin(placement=placement, item=item, position=2),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            again.save()


@pytest.mark.parametrize(
    "holder",
    [
        lambda rule: Placement(slug="ruled", condition=rule),
        lambda rule: Merchandising(name="Rule", condition=rule),
        lambda rule: SlotShare(placement=set_placement(), name="Own", percent=1, condition=rule),
    ],
)
def test_a_rule_that_cannot_be_read_is_refused_with_its_place(holder):
    broken = {"version": 1, "all": [RULE | {"field": "item.bread"}]}
    with pytest.raises(ValidationError) as refused:
        holder(broken).clean()
    assert "all[0]" in refused.value.message_dict["condition"][0]
    holder(RULE).clean()


@pytest.mark.parametrize(
    "holder", [Merchandising(name="Rule"), SlotShare(name="Own", percent=1)], ids=["rule", "share"]
)
def test_a_rule_without_products_says_nothing(holder):
    holder.condition = None
    with pytest.raises(ValidationError, match="which products"):
        holder.clean()
