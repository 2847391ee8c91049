"""What holds for every kind: the same orders give the same lists, also after a killed builder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from recommendations.models import (
    Build,
    BuildLease,
    CustomerList,
    NeighbourList,
    PairRules,
    PopularList,
)
from recommendations.services.builds import KINDS, rebuild
from recommendations.services.builds.running import Run
from tests.recommendations.services.databases import ON_BOTH

pytestmark = pytest.mark.django_db

TABLES = (NeighbourList, CustomerList, PairRules, PopularList)


@pytest.fixture(params=ON_BOTH)
def shop(request: pytest.FixtureRequest, tmp_path: Path, settings: Settings) -> None:
    """A small shop in which some customers come back."""
    if request.param == "postgres":
        request.getfixturevalue("on_postgres")
    settings.RECOMMENDATIONS = {"MINIMUM_CUSTOMERS": 2, "BLOCK_ITEMS": 16, "THREADS": 1}
    call_command(
        "seed_shop", products=48, customers=60, orders=420, seed=5,
        plan_file=tmp_path / "plan.json", verbosity=0,
    )  # fmt: skip
    rebuild("together")  # it brings the products in


def contents(build: Build) -> dict[str, list[Any]]:
    """Return all rows of a build without its number."""
    return {
        model.__name__: sorted(
            tuple(
                bytes(value) if isinstance(value, memoryview) else value
                for name, value in sorted(row.items())
                if name != "build_id"
            )
            for row in model.objects.filter(build=build).values()
        )
        for model in TABLES
    }


def built(kind: str) -> Build:
    build = rebuild(kind, sync=False).build
    assert build is not None
    return build


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "viewed_bought"])
def test_the_same_orders_give_the_same_build(shop: None, kind: str) -> None:
    first, second = built(kind), built(kind)
    assert second.status == Build.Status.PUBLISHED
    assert first.digest == second.digest != ""
    rows = contents(first)
    assert rows == contents(second)
    assert rows["PopularList"], "there is something to fall back on"
    assert len(rows["NeighbourList"]) + len(rows["CustomerList"]) + len(rows["PopularList"]) > 8


class Killed(BaseException):
    """Stands for ``kill -9``: nothing of ours may catch it and tidy up."""


@pytest.mark.parametrize("kind", ["walks", "next_basket", "rules", "new_arrivals", "blend"])
def test_a_build_killed_between_chunks_is_carried_on(
    kind: str, shop: None, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "BLOCK_ITEMS": 2}
    undisturbed = built(kind)
    write_chunk = Run._write_chunk

    def killed_in_the_middle(run: Run, build: Build, prepared: Any) -> None:
        if build.done_items * 2 >= build.total_items:
            raise Killed
        write_chunk(run, build, prepared)

    with monkeypatch.context() as patched:
        patched.setattr(Run, "_write_chunk", killed_in_the_middle)
        with pytest.raises(Killed):
            built(kind)
    BuildLease.objects.update(expires_at=None)
    carried_on = built(kind)
    assert carried_on.resumed == 1
    assert carried_on.digest == undisturbed.digest
    assert contents(carried_on) == contents(undisturbed)
