"""One build at a time, in chunks, resumable, judged, published by one row."""

from __future__ import annotations

import time

import pytest
from pytest_django.fixtures import Settings

from recommendations.models import Build, BuildLease, Item, NeighbourList
from recommendations.selectors.builds import published_build
from recommendations.services.builds import rebuild
from recommendations.services.lease import acquire_lease
from recommendations.services.recipes import Progress
from tests.recommendations.services.recipes import KIND, FakeRecipe, make_items, serve

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_chunks(settings: Settings) -> None:
    settings.RECOMMENDATIONS = {"BLOCK_ITEMS": 3, "KEEP_BUILDS": 3, "LEASE_SECONDS": 60}


@pytest.fixture
def items() -> list[Item]:
    return make_items(10)


@pytest.fixture
def recipe(items: list[Item], monkeypatch: pytest.MonkeyPatch) -> FakeRecipe:
    return serve(FakeRecipe(), monkeypatch)


class Killed(BaseException):
    """Stands for ``kill -9``: nothing of ours may catch it and tidy up."""


def killed_at(chunk_start: int) -> object:
    def before_chunk(start: int) -> None:
        if start == chunk_start:
            raise Killed

    return before_chunk


def let_the_lease_run_out() -> None:
    BuildLease.objects.update(expires_at=None)


def test_a_build_goes_through_all_items_in_chunks_and_is_published(recipe: FakeRecipe) -> None:
    outcome = rebuild(KIND, sync=False)
    assert outcome.status == "published"
    assert recipe.computed == [(0, 3), (3, 6), (6, 9), (9, 10)]
    build = published_build(KIND)
    assert build == outcome.build
    assert build is not None
    assert (build.done_items, build.total_items) == (10, 10)
    assert build.input_counts == {"lines": 100}
    assert NeighbourList.objects.filter(build=build).count() == 10


def test_progress_is_told_in_phases_and_items(recipe: FakeRecipe) -> None:
    told: list[tuple[str, int, int]] = []
    rebuild(KIND, sync=False, progress=lambda *step: told.append(step))
    assert [step for step in told if step[0] == "product"] == [
        ("product", 3, 10),
        ("product", 6, 10),
        ("product", 9, 10),
        ("product", 10, 10),
    ]
    assert [step[0] for step in told if step[1:] == (0, 0)] == ["read", "gate"]


def test_the_next_builder_goes_on_from_the_last_chunk(recipe: FakeRecipe) -> None:
    undisturbed = rebuild(KIND, sync=False).build
    recipe.computed.clear()
    recipe.before_chunk = killed_at(6)  # type: ignore[assignment]
    with pytest.raises(Killed):
        rebuild(KIND, sync=False)
    recipe.before_chunk = lambda start: None
    let_the_lease_run_out()
    resumed = rebuild(KIND, sync=False).build
    assert recipe.computed == [(0, 3), (3, 6), (6, 9), (9, 10)]
    assert resumed is not None
    assert undisturbed is not None
    assert resumed.resumed == 1
    assert resumed.digest == undisturbed.digest
    contents = [
        list(build.lists.order_by("item_id").values_list("item_id", "packed"))
        for build in (undisturbed, resumed)
    ]
    assert contents[0] == contents[1]


@pytest.mark.parametrize(
    "change",
    [{"fingerprint": "other orders"}, {"settings": {"neighbours": 9}}],
    ids=["input", "parameters"],
)
def test_an_interrupted_build_of_other_input_is_not_carried_on(
    recipe: FakeRecipe, change: dict[str, object]
) -> None:
    recipe.before_chunk = killed_at(6)  # type: ignore[assignment]
    with pytest.raises(Killed):
        rebuild(KIND, sync=False)
    interrupted = Build.objects.get()
    recipe.before_chunk = lambda start: None
    for name, value in change.items():
        setattr(recipe, name, value)
    recipe.computed.clear()
    let_the_lease_run_out()
    outcome = rebuild(KIND, sync=False)
    assert recipe.computed[0] == (0, 3)
    assert outcome.build != interrupted
    interrupted.refresh_from_db()
    assert interrupted.status == Build.Status.FAILED
    assert not interrupted.lists.exists()


def test_while_one_builds_the_other_is_told_so(recipe: FakeRecipe) -> None:
    outcomes: list[str] = []

    def second_builder(start: int) -> None:
        if start == 3:
            outcomes.append(rebuild(KIND, sync=False).status)

    recipe.before_chunk = second_builder
    assert rebuild(KIND, sync=False).status == "published"
    assert outcomes == ["busy"]
    assert Build.objects.count() == 1


def test_a_builder_that_overslept_writes_nothing(
    recipe: FakeRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows_when_overtaken: list[int] = []

    def oversleep(start: int) -> None:
        if start == 6:
            recipe.before_chunk = lambda start: None
            let_the_lease_run_out()
            assert rebuild(KIND, sync=False, holder="the next one").status == "published"
            rows_when_overtaken.append(NeighbourList.objects.count())

    recipe.before_chunk = oversleep
    assert rebuild(KIND, sync=False).status == "lost"
    assert rows_when_overtaken == [10]
    assert NeighbourList.objects.count() == 10
    build = Build.objects.get()
    assert build.status == Build.Status.PUBLISHED
    assert build.resumed == 1


def test_a_long_read_keeps_its_lease_by_signs_of_life(
    recipe: FakeRecipe, settings: Settings
) -> None:
    settings.RECOMMENDATIONS = {"LEASE_SECONDS": 0.3}
    others: list[object] = []

    def long_read(progress: Progress) -> None:
        for step in range(6):
            time.sleep(0.1)
            progress("read", step, 6)
            others.append(acquire_lease(KIND))

    recipe.while_reading = long_read
    assert rebuild(KIND, sync=False).status == "published"
    assert others == [None] * 6


def test_a_refused_candidate_changes_nothing_for_readers(recipe: FakeRecipe) -> None:
    good = rebuild(KIND, sync=False).build
    recipe.accepted = False
    refused = rebuild(KIND, sync=False)
    assert refused.status == "rejected"
    assert published_build(KIND) == good
    recipe.accepted = True
    assert rebuild(KIND, sync=False).status == "published"


def test_a_bug_is_kept_on_the_build_and_the_next_one_begins_anew(recipe: FakeRecipe) -> None:
    def bug(start: int) -> None:
        raise ZeroDivisionError("a bug")

    recipe.before_chunk = bug
    with pytest.raises(ZeroDivisionError):
        rebuild(KIND, sync=False)
    failed = Build.objects.get()
    assert (failed.status, failed.error) == (Build.Status.FAILED, "ZeroDivisionError: a bug")
    recipe.before_chunk = lambda start: None
    assert rebuild(KIND, sync=False).status == "published"


def test_a_request_delivered_twice_builds_once(recipe: FakeRecipe) -> None:
    first = rebuild(KIND, sync=False)
    assert first.build is not None
    again = rebuild(KIND, sync=False, requested_at=first.build.as_of)
    assert again.status == "not due"
    assert again.build == first.build
    assert Build.objects.count() == 1


def test_an_unknown_kind_names_the_known_ones(db: None) -> None:
    with pytest.raises(ValueError, match="no build kind 'togehter'; there are: together"):
        rebuild("togehter")


def test_the_lease_is_free_after_success_and_after_a_bug(recipe: FakeRecipe) -> None:
    rebuild(KIND, sync=False)
    assert acquire_lease(KIND) is not None
