"""Publishing flips one row; rolling back goes to what was read before; old lists go."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from recommendations.models import Build, NeighbourList, Publication
from recommendations.selectors.builds import published_build, published_build_id
from recommendations.services.builds import PublishError, publish_build, rebuild, roll_back
from tests.recommendations.services.recipes import KIND, FakeRecipe, make_items, serve

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def recipe(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> FakeRecipe:
    settings.RECOMMENDATIONS = {"KEEP_BUILDS": 3, "PUBLISHED_CACHE_SECONDS": 3600}
    make_items(4)
    return serve(FakeRecipe(n_items=4), monkeypatch)


def built(recipe: FakeRecipe) -> Build:
    build = rebuild(KIND, sync=False).build
    assert build is not None
    return build


def test_readers_of_this_process_see_a_publish_at_once(recipe: FakeRecipe) -> None:
    assert published_build_id(KIND) is None
    first = built(recipe)
    assert published_build_id(KIND) == first.pk
    second = built(recipe)
    assert published_build_id(KIND) == second.pk
    roll_back(KIND)
    assert published_build_id(KIND) == first.pk


def test_rolling_back_twice_goes_two_builds_back(recipe: FakeRecipe) -> None:
    first, second, third = built(recipe), built(recipe), built(recipe)
    assert published_build(KIND) == third
    assert roll_back(KIND, by="merchant").build == second
    assert Publication.objects.get().published_by == "merchant"
    assert roll_back(KIND).build == first
    with pytest.raises(PublishError, match=f"No build before #{first.pk}"):
        roll_back(KIND)


def test_there_is_one_published_build(recipe: FakeRecipe) -> None:
    built(recipe)
    built(recipe)
    roll_back(KIND)
    assert Build.objects.filter(status=Build.Status.PUBLISHED).count() == 1


def test_the_last_three_keep_their_lists_and_all_keep_their_figures(recipe: FakeRecipe) -> None:
    builds = [built(recipe) for _ in range(5)]
    with_lists = set(NeighbourList.objects.values_list("build_id", flat=True))
    assert with_lists == {build.pk for build in builds[2:]}
    assert Build.objects.filter(lists_kept=False).count() == 2
    with pytest.raises(PublishError, match="no longer stored"):
        publish_build(builds[0])


def test_a_refused_build_needs_force(recipe: FakeRecipe) -> None:
    built(recipe)
    recipe.accepted = False
    refused = built(recipe)
    with pytest.raises(PublishError, match="rejected"):
        publish_build(refused)
    publish_build(refused, force=True, by="admin")
    assert published_build(KIND) == refused


def test_nothing_published_is_said(recipe: FakeRecipe) -> None:
    with pytest.raises(PublishError, match="nothing to roll back"):
        roll_back(KIND)


def test_a_running_build_cannot_be_published(recipe: FakeRecipe) -> None:
    build = built(recipe)
    Build.objects.filter(pk=build.pk).update(status=Build.Status.RUNNING)
    with pytest.raises(PublishError, match="running"):
        publish_build(build, force=True)
