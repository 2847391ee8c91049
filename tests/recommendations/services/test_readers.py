"""Readers while builds are published and rolled back: whole lists of one build, or none."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from pytest_django.fixtures import Settings

from recommendations.models import Build, Item
from recommendations.selectors.builds import published_build_id
from recommendations.selectors.lists import item_list
from recommendations.services.builds import publish_build, rebuild, roll_back
from tests.recommendations.services.databases import ON_BOTH
from tests.recommendations.services.recipes import KIND, FakeRecipe, make_items, serve

pytestmark = pytest.mark.django_db(transaction=True)

READS = 1000
PUBLISHES = 100


@pytest.fixture(params=ON_BOTH)
def builds(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> Iterator[dict[int, float]]:
    """Three kept builds, each with a score of its own in every list."""
    if request.param == "postgres":
        request.getfixturevalue("on_postgres")
    settings.RECOMMENDATIONS = {"PUBLISHED_CACHE_SECONDS": 0, "LIST_CACHE_SECONDS": 0}
    make_items(8)
    recipe = serve(FakeRecipe(n_items=8), monkeypatch)
    contents = {}
    for content in (0.25, 0.5, 0.75):
        recipe.content = content
        build = rebuild(KIND, sync=False).build
        assert build is not None
        contents[build.pk] = content
    yield contents
    connection.close()


def test_no_reader_sees_two_builds_at_once(builds: dict[int, float]) -> None:
    keys = list(Item.objects.values_list("key", flat=True))
    done = threading.Event()

    def read_all(_: int) -> tuple[int | None, set[float]]:
        """Read a page's worth of lists by the build that is published when the page begins."""
        try:
            build_id = published_build_id(KIND)
            lists = [item_list(build_id, key) for key in keys]
        finally:
            connections.close_all()
        scores = {entry.score for found in lists if found is not None for entry in found.companions}
        return build_id, scores

    def publish() -> list[float]:
        seconds = []
        try:
            for turn in range(PUBLISHES):
                begun = time.perf_counter()
                if turn % 3 < 2:
                    roll_back(KIND)
                else:
                    publish_build(Build.objects.get(pk=max(builds)))
                seconds.append(time.perf_counter() - begun)
        finally:
            done.set()
            connections.close_all()
        return seconds

    with ThreadPoolExecutor(max_workers=3) as pool:
        publishing = pool.submit(publish)
        pages = list(pool.map(read_all, range(READS // len(keys))))
        while not done.is_set():
            pages.extend(pool.map(read_all, range(10)))
    assert len(pages) * len(keys) >= READS
    assert {build_id for build_id, _ in pages} == set(builds), "every build was read in turn"
    for build_id, scores in pages:
        assert build_id is not None
        assert scores == {builds[build_id]}
    # A machine that stands still for a moment delays a few, not one in ten.
    assert sorted(publishing.result())[PUBLISHES * 9 // 10] < 1.0
