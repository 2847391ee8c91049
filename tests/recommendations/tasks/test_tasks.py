"""Tasks: each calls one service, by a name that schedules can rely on."""

import json
from datetime import timedelta

import pytest
from celery import current_app
from django.utils import timezone

from recommendations import tasks
from recommendations.models import Build, Item
from recommendations.services.builds import BuildOutcome
from recommendations.services.lease import acquire_lease
from tests.recommendations.services.recipes import FakeRecipe, make_items, serve

pytestmark = pytest.mark.django_db


@pytest.fixture
def recipe(monkeypatch):
    make_items(4)
    monkeypatch.setattr(
        "recommendations.services.builds.rebuilding.sync_items", lambda **given: None
    )
    return serve(FakeRecipe(), monkeypatch)


@pytest.mark.parametrize(
    "name",
    [
        "crosssell.rebuild",
        "crosssell.rebuild_needed",
        "crosssell.sync_items",
        "crosssell.evaluate",
        "crosssell.tune",
    ],
)
def test_names_are_registered_and_acknowledged_late(name):
    task = current_app.tasks[name]
    assert task.acks_late


def test_rebuild_publishes(recipe):
    assert tasks.rebuild.delay("together", by="merchant").get() == "published"
    build = Build.objects.get()
    assert (build.status, build.requested_by) == ("published", "merchant")


def test_rebuild_says_when_somebody_is_at_it(recipe):
    acquire_lease("together", holder="somebody")
    assert tasks.rebuild.delay("together").get() == "busy"
    assert not Build.objects.exists()


def test_a_request_that_is_delivered_twice_builds_once(recipe):
    request = {"kind": "together", "requested_at": timezone.now().isoformat()}
    assert tasks.rebuild.apply_async(kwargs=request).get() == "published"
    assert tasks.rebuild.apply_async(kwargs=request).get() == "not due"
    assert Build.objects.count() == 1


def test_a_later_request_builds_again(recipe):
    tasks.rebuild.delay("together")
    later = timezone.now() + timedelta(seconds=1)
    assert tasks.rebuild.delay("together", requested_at=later.isoformat()).get() == "published"
    assert Build.objects.count() == 2


def test_an_unknown_kind_is_an_error_that_names_the_known_ones():
    with pytest.raises(ValueError, match="there are: together"):
        tasks.rebuild.delay("astrology")


def test_sync_items_synchronises():
    from shop.models import Product

    product = Product.objects.create(sku="a", slug="a", name="Anvil", price=1)
    assert "created=1" in tasks.sync_items.delay().get()
    assert Item.objects.get(key=str(product.pk)).title == "Anvil"


def test_evaluate_returns_what_json_can_hold():
    report = tasks.evaluate.delay("together", k=5).get()
    assert json.loads(json.dumps(report))["k"] == 5
    assert report["n_queries"] == 0


def test_the_moment_of_a_request_survives_the_queue(monkeypatch):
    seen = []

    def rebuild_build(kind, *, by, requested_at):
        seen.append(requested_at)
        return BuildOutcome("published", None)

    monkeypatch.setattr(tasks, "rebuild_build", rebuild_build)
    at = timezone.now()
    tasks.rebuild.delay("together", requested_at=at.isoformat())
    assert seen == [at]


def test_what_pages_read_is_rebuilt_though_one_kind_fails(monkeypatch):
    seen = []

    def rebuild(kind, *, by, sync):
        seen.append((kind, sync))
        if kind == "content":
            raise RuntimeError("no")
        return BuildOutcome("published", None)

    monkeypatch.setattr(tasks, "needed_kinds", lambda: iter(["together", "content", "ease"]))
    monkeypatch.setattr(tasks, "rebuild_build", rebuild)
    answers = tasks.rebuild_needed.delay(by="schedule").get()
    assert answers == {"together": "published", "content": "failed", "ease": "published"}
    assert seen == [("together", True), ("content", False), ("ease", False)]
