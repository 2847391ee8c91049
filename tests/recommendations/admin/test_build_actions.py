"""The buttons: who may press them, that GET never acts, and what they do."""

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from kombu.exceptions import OperationalError

from recommendations import tasks
from recommendations.models import Build, Kind, Publication
from tests.recommendations.admin.makers import make_build, make_staff


@pytest.fixture
def sent(monkeypatch):
    """What was put on the queue."""
    calls = []
    monkeypatch.setattr(tasks.rebuild, "apply_async", lambda **options: calls.append(options))
    return calls


@pytest.fixture
def builds():
    """A retired, the published, a good and a refused build."""
    return {
        "retired": make_build("retired"),
        "published": make_build("published"),
        "candidate": make_build("candidate"),
        "rejected": make_build("rejected"),
    }


def published_pk():
    return Publication.objects.get(kind=Kind.TOGETHER).build_id


def sign_in(client, *permissions):
    client.force_login(make_staff(*permissions))


def texts(response):
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


ACTIONS = {
    "rebuild": ("build_rebuild", lambda builds: "together"),
    "publish_build": ("build_publish", lambda builds: builds["candidate"].pk),
    "force_publish_build": ("build_force", lambda builds: builds["rejected"].pk),
}


@pytest.mark.parametrize("permission", ACTIONS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_without_the_permission_nothing_happens(client, url, builds, sent, permission, method):
    others = {"view_build", *ACTIONS} - {permission}
    sign_in(client, *others)
    name, argument = ACTIONS[permission]
    response = getattr(client, method)(url(name, argument(builds)))
    assert response.status_code == 403
    assert published_pk() == builds["published"].pk
    assert sent == []


@pytest.mark.parametrize("permission", ACTIONS)
def test_who_may_not_see_builds_may_not_act_either(client, url, builds, sent, permission):
    sign_in(client, permission)
    name, argument = ACTIONS[permission]
    assert client.post(url(name, argument(builds))).status_code == 403
    assert published_pk() == builds["published"].pk


def test_publishing_is_no_permission_to_force(client, url, builds):
    sign_in(client, "view_build", "publish_build")
    client.post(url("build_publish", builds["rejected"].pk))
    assert published_pk() == builds["published"].pk


@pytest.mark.parametrize("name", ["build_publish", "build_force"])
def test_a_get_only_asks(admin_client, url, builds, name):
    response = admin_client.get(url(name, builds["rejected"].pk))
    assert response.status_code == 200
    assert b'method="post"' in response.content
    assert published_pk() == builds["published"].pk


def test_a_get_does_not_roll_back(admin_client, url, builds):
    response = admin_client.get(url("build_roll_back", "together"))
    assert response.status_code == 200
    assert f"#{builds['retired'].pk}" in response.text
    assert published_pk() == builds["published"].pk


def test_a_get_does_not_rebuild(admin_client, url, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        response = admin_client.get(url("build_rebuild", "together"))
    assert response.status_code == 405
    assert sent == []


@pytest.mark.parametrize("name", ["build_publish", "build_force"])
def test_other_methods_are_refused(admin_client, url, builds, name):
    assert admin_client.put(url(name, builds["rejected"].pk)).status_code == 405
    assert published_pk() == builds["published"].pk


def test_a_post_without_a_token_is_refused(admin_user, url, builds):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    response = client.post(url("build_publish", builds["candidate"].pk))
    assert response.status_code == 403
    assert published_pk() == builds["published"].pk


def test_publish(client, url, builds):
    sign_in(client, "view_build", "publish_build")
    response = client.post(url("build_publish", builds["candidate"].pk))
    assert response.status_code == 302
    assert published_pk() == builds["candidate"].pk
    assert Publication.objects.get().published_by == "merchant"


def test_force(client, url, builds):
    sign_in(client, "view_build", "force_publish_build")
    client.post(url("build_force", builds["rejected"].pk))
    assert published_pk() == builds["rejected"].pk


def test_force_shows_the_reasons_before_it_acts(admin_client, url):
    reasons = [{"code": "no_lists", "parameters": {}}]
    build = make_build("rejected", verdict={"accepted": False, "reasons": reasons})
    response = admin_client.get(url("build_force", build.pk))
    assert "No item has a companion" in response.text


def test_roll_back(client, url, builds):
    sign_in(client, "view_build", "publish_build")
    client.post(url("build_roll_back", "together"))
    assert published_pk() == builds["retired"].pk


def test_nothing_to_roll_back_to_is_said(admin_client, url):
    build = make_build("published")
    response = admin_client.post(url("build_roll_back", "together"))
    assert "nothing to roll back to" in texts(response)
    assert published_pk() == build.pk


def test_a_build_without_lists_cannot_be_published(admin_client, url, builds):
    Build.objects.filter(pk=builds["retired"].pk).update(lists_kept=False)
    response = admin_client.post(url("build_publish", builds["retired"].pk))
    assert "no longer stored" in texts(response)
    assert published_pk() == builds["published"].pk


@pytest.mark.parametrize("name", ["build_rebuild", "build_roll_back"])
def test_unknown_kinds_are_not_found(admin_client, url, sent, name):
    assert admin_client.post(url(name, "astrology")).status_code == 404
    assert sent == []


def test_unknown_builds_are_not_found(admin_client, url):
    assert admin_client.post(url("build_publish", 10**12)).status_code == 404


def test_rebuild_is_enqueued_after_the_commit(
    client, url, sent, django_capture_on_commit_callbacks
):
    sign_in(client, "view_build", "rebuild")
    with django_capture_on_commit_callbacks() as callbacks:
        response = client.post(url("build_rebuild", "together"))
    assert response.status_code == 302
    assert sent == []
    for callback in callbacks:
        callback()
    (call,) = sent
    assert call["kwargs"]["kind"] == "together"
    assert call["kwargs"]["by"] == "merchant"
    assert call["retry"] is False
    assert "was asked for" in texts(response)


@pytest.mark.parametrize("fault", [OperationalError("refused"), ConnectionRefusedError(111)])
def test_a_broker_that_does_not_answer_breaks_nothing(
    admin_client, url, monkeypatch, django_capture_on_commit_callbacks, fault
):
    def refuse(**options):
        raise fault

    monkeypatch.setattr(tasks.rebuild, "apply_async", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        response = admin_client.post(url("build_rebuild", "together"))
    assert response.status_code == 302
    assert "task queue does not answer" in texts(response)
    assert "crosssell_rebuild together" in texts(response)
