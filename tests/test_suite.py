"""The suite's own promises: which database a test meets, and that a missing service is said."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import connection, connections

from tests import flushing, services
from tests.flushing import KEPT, empty_tables


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


@pytest.mark.parametrize("alias", ["default", pytest.param("postgres", marks=pytest.mark.postgres)])
@pytest.mark.django_db(transaction=True, databases=["default", "postgres"])
def test_what_a_transactional_test_wrote_is_deleted(alias):
    user = get_user_model().objects.using(alias).create(username="ann")
    user.user_permissions.add(*Permission.objects.using(alias).all()[:2])
    permissions = Permission.objects.using(alias).count()
    empty_tables(connections[alias])
    tables = connections[alias].introspection.django_table_names(only_existing=True)
    with connections[alias].cursor() as cursor:
        for table in set(tables) - set(KEPT):
            cursor.execute(f"SELECT COUNT(*) FROM {table}")
            assert cursor.fetchone()[0] == 0, table
    assert Permission.objects.using(alias).count() == permissions > 0


class TestTeardown:
    """What a test deletes of the kept rows is made anew: by Django's own flush."""

    @pytest.fixture
    def flushed(self, monkeypatch):
        calls = []
        monkeypatch.setattr(flushing, "_flush", calls.append)
        return calls

    @pytest.fixture
    def case(self):
        plain = {"reset_sequences": False, "serialized_rollback": False, "available_apps": None}
        return SimpleNamespace(_databases_names=lambda include_mirrors: ["default"], **plain)

    @pytest.mark.django_db
    def test_the_quick_way(self, flushed, case):
        Group.objects.create(name="gone")
        flushing.quick_teardown(case)
        assert not Group.objects.exists()
        assert flushed == []

    @pytest.mark.django_db
    def test_not_where_a_kept_row_is_missing_or_added(self, flushed, case):
        Permission.objects.first().delete()
        flushing.quick_teardown(case)
        assert flushed == [case]

    @pytest.mark.parametrize("wish", ["reset_sequences", "serialized_rollback"])
    @pytest.mark.django_db
    def test_not_where_a_test_asks_for_more(self, flushed, case, wish):
        setattr(case, wish, True)
        flushing.quick_teardown(case)
        assert flushed == [case]


@pytest.mark.django_db
def test_what_uses_the_database_is_marked(request):
    assert request.node.get_closest_marker("database")


def test_what_asks_for_a_fixture_of_the_database_is_marked(request, live_server):
    assert request.node.get_closest_marker("database")


def test_what_uses_no_database_is_not_marked(request):
    assert request.node.get_closest_marker("database") is None


def test_a_closed_port_is_no_service(monkeypatch):
    monkeypatch.setenv("CROSSSELL_TEST_REDIS_URL", "redis://127.0.0.1:1/0")
    assert not services.REDIS.answers()
    assert "redis://127.0.0.1:1/0" in services.missing()["redis"]
