"""What the table of items refuses, in the form and behind it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from recommendations.models import Item

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("price", ["99999999999999.9999", "99999999999999.95"])
def test_a_price_that_sqlite_could_not_read_back_is_not_kept(price: str, sign: int) -> None:
    item = Item(key="1", price=sign * Decimal(price))
    with pytest.raises(ValidationError, match="crosssell_item_price"):
        item.full_clean()
    with pytest.raises(IntegrityError, match="crosssell_item_price"), transaction.atomic():
        item.save()
    kept = Item.objects.create(key="2", price=1)
    with pytest.raises(IntegrityError, match="crosssell_item_price"), transaction.atomic():
        Item.objects.filter(pk=kept.pk).update(price=item.price)
    assert [item.price for item in Item.objects.all()] == [1]


@pytest.mark.parametrize("price", [None, "0", "99999999999999.9", "-99999999999999.9"])
def test_every_other_price_is_read_back(price: str | None) -> None:
    item = Item(key="1", price=price and Decimal(price))
    item.full_clean()
    item.save()
    assert Item.objects.get().price == item.price
