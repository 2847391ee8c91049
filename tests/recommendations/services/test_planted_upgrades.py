"""What a seeded shop has planted as ladders comes back as upgrades, and nothing else does."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import call_command

from recommendations.models import Item
from recommendations.selectors.lists import item_list
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.upgrades import PLACEMENT, upgrades_block
from recommendations.services.builds import rebuild
from shop.models import Product
from shop.seeding.plan import Plan, load_plan

pytestmark = pytest.mark.django_db

SAMPLED = 1_000
MANY = 10
"""Upgrades asked for beside each item: more than pages show, so that there are enough to sample."""


@pytest.mark.parametrize("seed", [7, 23])
def test_planted_steps_are_in_the_top_three_and_no_accessory_is_an_upgrade(
    seed: int, tmp_path: Path
) -> None:
    plan_file = tmp_path / "plan.json"
    # Enough ladders and look-alikes to sample a thousand upgrades.
    call_command("seed_shop", products=900, seed=seed, plan_file=plan_file, verbosity=0)
    build = rebuild("upgrades").build
    assert build is not None
    plan = load_plan(plan_file)
    key_of = {sku: str(pk) for sku, pk in Product.objects.values_list("sku", "pk")}
    planted, found = next_steps(build.pk, plan, key_of)
    assert planted > 200
    assert found / planted >= 0.95, f"{found} of {planted}"
    sampled = sampled_upgrades()
    assert len(sampled) >= SAMPLED
    assert [pair for pair in sampled if not pair[2] > pair[3]] == [], "cheaper or as dear"
    accessories = {
        (key_of[sku], key_of[with_it])
        for sku, companions in plan.complements.items()
        for with_it in companions
    }
    accessories |= {(with_it, item) for item, with_it in accessories}
    assert len(accessories) > 200
    assert [pair for pair in sampled if pair[:2] in accessories] == []
    assert Item.objects.filter(parent__isnull=False).exists(), "variants are part of the trial"


def next_steps(build_id: int, plan: Plan, key_of: dict[str, str]) -> tuple[int, int]:
    """How many steps were planted, and how many are among the first three of their item."""
    planted = found = 0
    for ladder in plan.ladders:
        for sku, better in pairwise(ladder):
            listed = item_list(build_id, key_of[sku])
            assert listed is not None
            top = {companion.face.key for companion in listed.companions[:3]}
            planted += 1
            found += key_of[better] in top
    return planted, found


def sampled_upgrades() -> list[tuple[str, str, float, float]]:
    """(item, upgrade, its live price, the item's) as pages show them, item by item."""
    sampled = []
    options = ShelfOptions(placement=PLACEMENT, count=MANY)
    for product in Product.objects.filter(parent=None).order_by("pk"):
        block = upgrades_block(product, options)
        assert block is not None
        for slot in block.slots:
            assert slot.price is not None
            price = slot.product.price, product.price
            sampled.append((block.viewed.key, slot.key, float(price[0]), float(price[1])))
    return sampled
