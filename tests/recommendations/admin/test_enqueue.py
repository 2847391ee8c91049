"""Putting a task on the queue: after the commit, and with words when nobody answers."""

import time

import pytest
from celery import Celery
from django.contrib.messages.storage.cookie import CookieStorage
from django.db import transaction
from django.test import RequestFactory

from recommendations.admin.enqueue import enqueue_on_commit

pytestmark = pytest.mark.django_db(transaction=True)

PORT_OF_NOBODY = 1


@pytest.fixture
def request_with_messages():
    request = RequestFactory().post("/")
    request._messages = CookieStorage(request)
    return request


def task_at(broker, **options):
    app = Celery("elsewhere", broker=broker, set_as_current=False)
    app.conf.broker_transport_options = options

    @app.task(name="crosssell.rebuild")
    def rebuild(kind):
        raise AssertionError("only enqueued, never run")

    return rebuild


def messages_of(request):
    return [str(message) for message in request._messages._queued_messages]


@pytest.mark.parametrize(
    "broker",
    [f"redis://127.0.0.1:{PORT_OF_NOBODY}/0", f"amqp://guest@127.0.0.1:{PORT_OF_NOBODY}//"],
)
def test_a_dead_broker_is_told_within_seconds(request_with_messages, broker):
    begun = time.monotonic()
    enqueue_on_commit(
        request_with_messages,
        task_at(broker),
        done="Asked.",
        command="crosssell_rebuild together",
        kind="together",
    )
    (message,) = messages_of(request_with_messages)
    assert "task queue does not answer" in message
    assert "crosssell_rebuild together" in message
    assert time.monotonic() - begun < 10


def test_a_folder_that_cannot_be_written_is_told(request_with_messages, tmp_path):
    gone = str(tmp_path / "no" / "such" / "folder")
    task = task_at("filesystem://", data_folder_in=gone, data_folder_out=gone, control_folder=gone)
    enqueue_on_commit(
        request_with_messages,
        task,
        done="Asked.",
        command="crosssell_rebuild together",
        kind="together",
    )
    (message,) = messages_of(request_with_messages)
    assert "task queue does not answer" in message


def test_it_waits_for_the_commit(request_with_messages):
    with transaction.atomic():
        enqueue_on_commit(
            request_with_messages,
            task_at("memory://"),
            done="Asked.",
            command="crosssell_rebuild together",
            kind="together",
        )
        assert messages_of(request_with_messages) == []
    assert messages_of(request_with_messages) == ["Asked."]


def test_nothing_is_enqueued_after_a_rollback(request_with_messages):
    with transaction.atomic():
        enqueue_on_commit(
            request_with_messages,
            task_at("memory://"),
            done="Asked.",
            command="crosssell_rebuild together",
            kind="together",
        )
        transaction.set_rollback(True)
    assert messages_of(request_with_messages) == []
