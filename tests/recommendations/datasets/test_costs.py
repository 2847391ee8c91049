"""What products cost the shop, read where it is declared."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.core.checks import run_checks
from django.db.models import F, Value

from recommendations.adapters import Products
from recommendations.datasets.costs import item_costs
from recommendations.models import Item
from tests.recommendations.factories import SmallShop, make_product

pytestmark = pytest.mark.django_db


def costs(declared: Any, *, adapter: type[SmallShop] = SmallShop) -> list[float | None]:
    """The costs of all items with this declaration."""

    class Shop(adapter):  # type: ignore[misc, valid-type]
        products = Products(
            "shop.Product", title="name", price="price", currency="currency", cost=declared
        )

    ids = np.array(sorted(Item.objects.values_list("pk", flat=True)), dtype=np.int64)
    found = item_costs(ids, adapter=Shop())
    return [None if np.isnan(one) else one for one in found.tolist()]


def test_a_path_or_an_expression_and_nothing_where_none_is_declared() -> None:
    make_product("Tea", price="10", cost=Decimal("6.50"))
    make_product("Milk", price="10")
    assert costs("cost") == [6.5, None]
    assert costs(F("price") * Value(Decimal("0.5"))) == [5.0, 5.0]
    assert costs(None) == [None, None]


def test_what_is_no_amount_is_unknown() -> None:
    make_product("Tea", price="10", attributes={"cost": "ten"})
    make_product("Milk", price="10", attributes={"cost": -3})
    make_product("Rice", price="10", attributes={"cost": "4"})
    make_product("Salt", price="10", attributes={"cost": True})
    make_product("Oil", price="10", attributes={"cost": "nan"})
    assert costs("attributes__cost") == [None, None, 4.0, None, None]


def test_of_several_rows_the_dearest() -> None:
    tea, _ = make_product("Tea")
    for price in ("2", "7", "5"):
        make_product("Sort", parent=tea, price=price)
    assert costs("variants__price")[0] == 7.0


def test_items_that_are_not_asked_for_are_left_out() -> None:
    make_product("Tea", cost=Decimal(1))
    _, milk = make_product("Milk", cost=Decimal(2))

    class Shop(SmallShop):
        products = Products("shop.Product", title="name", cost="cost")

    assert item_costs(np.array([milk.pk]), adapter=Shop()).tolist() == [2.0]


class Misspelt(SmallShop):
    """A shop whose declared cost is no column."""

    products = Products("shop.Product", title="name", cost="costs")


def test_a_wrong_path_is_an_error_of_the_checks(settings: Any) -> None:
    settings.CROSSSELL_SHOP = f"{__name__}.Misspelt"
    found = [message for message in run_checks() if message.id == "crosssell.E004"]
    assert any("costs" in message.msg for message in found)
