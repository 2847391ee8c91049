"""One comparison of models at a time; one that was overtaken stores nothing more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from celery.exceptions import Retry
from django.utils import timezone

from recommendations import tasks
from recommendations.models import BuildLease, Comparison, ModelChoice
from recommendations.services import comparing
from recommendations.services.comparing import compare_models
from recommendations.services.lease import LeaseLost, acquire_lease
from recommendations.services.tuning import Tuned

pytestmark = pytest.mark.django_db


def tuned(question: str) -> Tuned:
    return Tuned(question=question, kind="ease", parameters={}, table={}, serves="ease")


@pytest.fixture
def tuning(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Stands for the long computation: it tells what it was asked, and does what it is told."""

    class Tuning:
        def __init__(self) -> None:
            self.asked: list[str | None] = []
            self.meanwhile: Any = lambda given: None

        def __call__(self, question: str | None, **given: Any) -> list[Tuned]:
            self.asked.append(question)
            self.meanwhile(given)
            return [tuned(question or "item")]

    stand_in = Tuning()
    monkeypatch.setattr(comparing, "tune_models", stand_in)
    return stand_in


def test_it_is_noted_and_gives_the_lease_back(tuning: Any) -> None:
    outcome = compare_models("basket", by="merchant")
    assert (outcome.status, outcome.found[0].question) == ("done", "basket")
    row = Comparison.objects.get()
    assert (row.asked, row.requested_by, row.percent, row.error) == ("basket", "merchant", 100, "")
    assert row.finished_at is not None
    assert acquire_lease(Comparison.LEASE) is not None


def test_a_second_one_does_not_start_while_one_runs(tuning: Any) -> None:
    inner: list[str] = []
    tuning.meanwhile = lambda given: inner.append(compare_models().status)
    assert compare_models().status == "done"
    assert inner == ["busy"]
    assert tuning.asked == [None]
    assert Comparison.objects.count() == 1


def test_pressed_twice_it_runs_once(tuning: Any) -> None:
    pressed = [timezone.now(), timezone.now()]
    found = [compare_models(requested_at=at).status for at in pressed]
    assert found == ["done", "not due"]
    assert len(tuning.asked) == 1
    assert compare_models(requested_at=timezone.now()).status == "done", "a later press counts"


def test_one_question_does_not_answer_for_all(tuning: Any) -> None:
    pressed = timezone.now()
    compare_models("item")
    assert compare_models("item", requested_at=pressed).status == "not due"
    assert compare_models("basket", requested_at=pressed).status == "done"
    assert compare_models(requested_at=pressed).status == "done"
    assert compare_models("item", requested_at=pressed).status == "not due"


def test_how_far_it_is_is_written(tuning: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "EVERY_SECONDS", 0.0)
    seen: list[tuple[Any, ...]] = []

    def meanwhile(given: dict[str, Any]) -> None:
        given["trying"]("basket", "rp3beta", 0.375)
        seen.extend(Comparison.objects.values_list("question", "trying", "percent"))

    tuning.meanwhile = meanwhile
    compare_models()
    assert seen == [("basket", "rp3beta", 38)]


def test_an_overtaken_one_stores_nothing_more(tuning: Any) -> None:
    def overtaken(given: dict[str, Any]) -> None:
        BuildLease.objects.update(fence=99)
        with given["guard"]():
            ModelChoice.objects.create(question="item", kind="ease")

    tuning.meanwhile = overtaken
    assert compare_models().status == "lost"
    assert not ModelChoice.objects.exists()


def test_what_failed_is_told_and_blocks_nobody(tuning: Any) -> None:
    def broken(given: dict[str, Any]) -> None:
        raise RuntimeError("out of luck")

    tuning.meanwhile = broken
    with pytest.raises(RuntimeError, match="out of luck"):
        compare_models()
    row = Comparison.objects.get()
    assert row.error == "RuntimeError: out of luck"
    assert row.finished_at is not None
    tuning.meanwhile = lambda given: None
    assert compare_models(requested_at=row.started_at).status == "done", "a failure is no answer"


def test_one_that_was_killed_is_told_of_by_the_next(tuning: Any) -> None:
    now = timezone.now()
    Comparison.objects.create(fence=1, started_at=now, heartbeat_at=now)
    compare_models()
    killed = Comparison.objects.order_by("pk")[0]
    assert (killed.error, killed.finished_at is None) == (comparing.INTERRUPTED, False)


def test_an_unknown_question_takes_no_lease(tuning: Any) -> None:
    with pytest.raises(ValueError, match="there are: item, basket"):
        compare_models("astrology")
    assert not BuildLease.objects.exists()


def test_the_task_for_one_question_waits_for_its_turn(
    tuning: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    acquire_lease(Comparison.LEASE, holder="somebody")
    assert tasks.tune.delay().get() == {}
    waits: list[float] = []

    def retry(*, countdown: float) -> Retry:
        waits.append(countdown)
        return Retry()

    monkeypatch.setattr(tasks.tune, "retry", retry)
    with pytest.raises(Retry):
        tasks.tune.run("basket")
    assert waits == [tasks.BUSY_SECONDS]
    BuildLease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert tasks.tune.delay("basket").get() == {"basket": "ease"}


def test_the_guard_is_the_lease(tuning: Any) -> None:
    def released(given: dict[str, Any]) -> None:
        BuildLease.objects.update(fence=7)
        with pytest.raises(LeaseLost), given["guard"]():
            pass

    tuning.meanwhile = released
    assert compare_models().status == "lost", "it cannot say that it has finished either"
