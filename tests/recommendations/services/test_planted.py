"""What a seeded shop has planted comes back as its lists."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command

from recommendations.models import Item
from recommendations.selectors.lists import item_list
from recommendations.services.builds import rebuild
from shop.models import Product
from shop.seeding.plan import load_plan

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", [7, 23])
def test_planted_companions_are_in_the_top_five_of_their_item(seed: int, tmp_path: Path) -> None:
    plan_file = tmp_path / "plan.json"
    call_command("seed_shop", seed=seed, plan_file=plan_file, verbosity=0)
    build = rebuild("together").build
    assert build is not None
    key_of = {sku: str(pk) for sku, pk in Product.objects.values_list("sku", "pk")}
    planted = found = 0
    for sku, companions in load_plan(plan_file).complements.items():
        companion_list = item_list(build.pk, key_of[sku])
        assert companion_list is not None
        top = {companion.face.key for companion in companion_list.companions[:5]}
        planted += len(companions)
        found += len(top & {key_of[companion] for companion in companions})
    assert planted > 50
    assert found / planted >= 0.95
    assert Item.objects.filter(parent__isnull=False).exists(), "variants are part of the trial"
