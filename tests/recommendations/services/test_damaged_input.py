"""A shop whose rows were damaged overnight keeps yesterday's lists."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from django.db import connection

from recommendations.models import Build
from recommendations.selectors.builds import published_build
from recommendations.services.builds import rebuild
from recommendations.services.sync import sync_items
from shop.models import Order, OrderLine, Product
from tests.recommendations.services.databases import ON_BOTH

KIND = "together"
pytestmark = pytest.mark.django_db


@pytest.fixture(params=ON_BOTH)
def good(request: pytest.FixtureRequest, tmp_path: Path) -> Build:
    """A seeded shop with a published build."""
    if request.param == "postgres":
        request.getfixturevalue("on_postgres")
    call_command(
        "seed_shop", products=120, customers=400, orders=2500, seed=5,
        plan_file=tmp_path / "plan.json", verbosity=0,
    )  # fmt: skip
    sync_items()
    outcome = rebuild(KIND, sync=False)
    assert outcome.build is not None
    assert outcome.status == "published", outcome.build.verdict
    return outcome.build


def half_the_orders_gone() -> None:
    pks = list(Order.objects.order_by("pk").values_list("pk", flat=True))
    OrderLine.objects.filter(order_id__in=pks[::2]).delete()
    Order.objects.filter(pk__in=pks[::2]).delete()


def labels_shuffled() -> None:
    lines = list(OrderLine.objects.order_by("pk").only("pk", "product_id"))
    shuffled = np.random.default_rng(1).permutation([line.product_id or 0 for line in lines])
    for line, product_id in zip(lines, shuffled.tolist(), strict=True):
        line.product_id = product_id or None
    OrderLine.objects.bulk_update(lines, ["product_id"], batch_size=300)


def labels_renamed() -> None:
    """Every product keeps its sales and companions, but all under another's name."""
    ids = list(Product.objects.order_by("pk").values_list("pk", flat=True))
    other = dict(zip(ids, np.random.default_rng(2).permutation(ids).tolist(), strict=True))
    lines = list(OrderLine.objects.filter(product__isnull=False).only("pk", "product_id"))
    for line in lines:
        assert line.product_id is not None
        line.product_id = other[line.product_id]
    OrderLine.objects.bulk_update(lines, ["product_id"], batch_size=300)


def amounts_not_a_number() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE shop_orderline SET amount = 'NaN', unit_price = 'NaN'")


def one_product_only() -> None:
    OrderLine.objects.update(product=Product.objects.order_by("pk").first())


DAMAGES = [
    half_the_orders_gone,
    labels_shuffled,
    labels_renamed,
    amounts_not_a_number,
    one_product_only,
]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_candidate_of_damaged_rows_is_refused(good: Build, damage: Callable[[], None]) -> None:
    damage()
    outcome = rebuild(KIND, sync=False)
    assert outcome.status == "rejected"
    assert outcome.build is not None
    assert outcome.build.verdict["reasons"], "the merchant is told why"
    assert published_build(KIND) == good


def test_the_same_rows_again_are_accepted(good: Build) -> None:
    again = rebuild(KIND, sync=False)
    assert again.build is not None
    assert again.status == "published", again.build.verdict
    assert again.build.digest == good.digest
    assert again.build.verdict == {"accepted": True, "reasons": []}
