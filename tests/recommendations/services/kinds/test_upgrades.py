"""The kind *upgrades*, from the shop's rows to stored lists."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from pytest_django.fixtures import Settings

from recommendations.adapters import Views
from recommendations.engine.packing import unpack
from recommendations.models import Build, Item, Kind, NeighbourList, PlacementStep
from recommendations.selectors.readiness import readiness
from recommendations.services.builds import rebuild
from shop.crosssell import ReferenceShop
from shop.models import Brand, Category, Order, Product
from tests.recommendations.factories import set_placement
from tests.recommendations.orders import sell_to_many
from tests.shop.factories import make_review

pytestmark = pytest.mark.django_db


@pytest.fixture
def ladder() -> list[Product]:
    """Three lamps of one name, each dearer than the one before."""
    category = Category.objects.create(name="Lamps", slug="lamps")
    brand = Brand.objects.create(name="Lumo", slug="lumo")
    made = []
    for name, price in (("Alder Lamp", 100), ("Alder Lamp Plus", 130), ("Alder Lamp Pro", 180)):
        slug = name.lower().replace(" ", "-")
        made.append(
            Product.objects.create(
                sku=slug,
                slug=slug,
                name=f"Lumo {name}",
                price=price,
                category=category,
                brand=brand,
            )
        )
    return made


def built(*, status: str = Build.Status.PUBLISHED) -> Build:
    build = rebuild(Kind.UPGRADES.value).build
    assert build is not None
    assert build.status == status
    return build


def listed(build: Build, product: Product) -> dict[str, int]:
    """Key and customers of each upgrade, best first; nothing for an item without a row."""
    item = Item.objects.get(key=str(product.pk))
    row = NeighbourList.objects.filter(build=build, item=item).first()
    if row is None:
        return {}
    found = unpack(row.packed)
    key = dict(Item.objects.values_list("pk", "key"))
    return {
        key[pk]: n for pk, n in zip(found.items.tolist(), found.customers.tolist(), strict=True)
    }


def test_a_shop_without_orders_has_upgrades(ladder: list[Product]) -> None:
    build = built()
    first, second, third = (str(product.pk) for product in ladder)
    assert list(listed(build, ladder[0])) == [second, third]
    assert listed(build, ladder[1]) == {third: 0}
    assert NeighbourList.objects.filter(build=build).count() == 2, "the best has no row"
    assert build.metrics["coverage"] == pytest.approx(2 / 3)
    assert first not in listed(build, ladder[2])


def test_customers_who_moved_up_are_counted(ladder: list[Product]) -> None:
    sell_to_many([ladder[0]], 8, days_ago=90)
    sell_to_many([ladder[1]], 6, days_ago=10)
    build = built()
    assert listed(build, ladder[0]) == {str(ladder[1].pk): 6, str(ladder[2].pk): 0}


class LookingShop(ReferenceShop):
    """The reference shop, as if a review were a look."""

    views = Views("shop.Review", product="product_id", viewed_at="written_at", guest="user__email")


def test_who_looked_at_one_and_bought_the_other_moved_up(
    ladder: list[Product], settings: Settings
) -> None:
    sell_to_many([ladder[1]], 6, days_ago=10)
    for number in range(6):
        user = get_user_model().objects.create_user(f"u{number}", f"guest-{number}@example.com")
        make_review(ladder[0], 4, user=user, written_at=timezone.now() - timedelta(days=30))
    step = {str(ladder[1].pk): 6, str(ladder[2].pk): 0}
    assert listed(built(), ladder[0]) == dict.fromkeys(step, 0)
    settings.CROSSSELL_SHOP = f"{__name__}.LookingShop"
    assert listed(built(), ladder[0]) == step


def test_hidden_products_are_none(ladder: list[Product]) -> None:
    Product.objects.filter(pk=ladder[1].pk).update(visible=False)
    assert list(listed(built(), ladder[0])) == [str(ladder[2].pk)]


def test_what_products_cost_decides_the_order(ladder: list[Product]) -> None:
    Product.objects.filter(pk=ladder[1].pk).update(price=Decimal(170), cost=Decimal(168))
    Product.objects.filter(pk=ladder[2].pk).update(cost=Decimal(90))
    Product.objects.filter(pk=ladder[0].pk).update(cost=Decimal(50))
    build = built()
    assert list(listed(build, ladder[0])) == [str(ladder[2].pk), str(ladder[1].pk)]
    assert build.metrics["costs_known"] == 3


def test_the_band_is_a_setting_and_part_of_the_parameters(
    ladder: list[Product], settings: Settings
) -> None:
    settings.RECOMMENDATIONS = {"UPGRADE_HIGHEST_RATIO": 1.5}
    build = built()
    assert list(listed(build, ladder[0])) == [str(ladder[1].pk)]
    assert build.parameters["upgrade_highest_ratio"] == 1.5


def test_a_new_cost_or_title_makes_another_fingerprint(ladder: list[Product]) -> None:
    before = built().input_fingerprint
    assert built().input_fingerprint == before
    Product.objects.filter(pk=ladder[2].pk).update(cost=Decimal(90))
    costlier = built().input_fingerprint
    assert costlier != before
    Product.objects.filter(pk=ladder[2].pk).update(name="Lumo Alder Lamp Max")
    assert built().input_fingerprint != costlier


def test_orders_that_vanished_are_an_objection(ladder: list[Product]) -> None:
    sell_to_many(ladder[:2], 30, days_ago=2)
    built()
    Order.objects.all().delete()
    build = built(status=Build.Status.REJECTED)
    assert "fewer_lines" in {reason["code"] for reason in build.verdict["reasons"]}


def test_what_it_still_needs_in_words() -> None:
    assert "Needs products" in readiness(Kind.UPGRADES.value).sentence
    Item.objects.create(key="1", title="Tea")
    Item.objects.create(key="2", title="Milk", price=2)
    assert "at least two items with a price (has 1)" in readiness(Kind.UPGRADES.value).sentence
    Item.objects.create(key="3", title="Rice", price=3)
    assert readiness(Kind.UPGRADES.value).ready


def test_lists_reach_as_far_as_a_placement_of_upgrades_looks(ladder: list[Product]) -> None:
    Product.objects.filter(pk=ladder[2].pk).update(price=290)
    set_placement("product", price_to_percent=900)
    assert list(listed(built(), ladder[0])) == [str(ladder[1].pk)]
    set_placement("upgrades", price_to_percent=300)
    build = built()
    assert list(listed(build, ladder[0])) == [str(ladder[1].pk), str(ladder[2].pk)]
    assert build.parameters["upgrade_highest_ratio"] == 3.0


def test_a_placement_among_whose_sources_upgrades_are_counts(ladder: list[Product]) -> None:
    Product.objects.filter(pk=ladder[2].pk).update(price=290)
    chained = set_placement("product", price_to_percent=300)
    PlacementStep.objects.create(placement=chained, strategy="upgrades")
    assert len(listed(built(), ladder[0])) == 2


def test_a_narrow_band_leaves_the_lists_as_they_are(ladder: list[Product]) -> None:
    set_placement("upgrades", price_to_percent=110)
    assert len(listed(built(), ladder[0])) == 2


def test_the_usual_share_of_costs_is_kept_for_who_reads_the_scores(ladder: list[Product]) -> None:
    assert built().metrics["cost_share"] == 0.0
    Product.objects.filter(pk=ladder[0].pk).update(cost=Decimal(60))
    assert built().metrics["cost_share"] == pytest.approx(0.6)
