"""The suite's own promises: which database a test meets, and that a missing service is said."""

from __future__ import annotations

import threading

import pytest
from django.contrib.auth.models import Group
from django.db import connection, connections

from tests import services


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True, databases=["default", "postgres"])
def test_on_postgres_turns_the_default_connection_in_every_thread(on_postgres):
    Group.objects.create(name="only here")
    seen = []

    def read():
        seen.append((connection.vendor, Group.objects.count()))
        connections.close_all()

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    assert seen == [("postgresql", 1)]


@pytest.mark.django_db
def test_two_tests_share_no_rows():
    assert Group.objects.count() == 0


def test_a_closed_port_is_no_service(monkeypatch):
    monkeypatch.setenv("CROSSSELL_TEST_REDIS_URL", "redis://127.0.0.1:1/0")
    assert not services.REDIS.answers()
    assert "redis://127.0.0.1:1/0" in services.missing()["redis"]
