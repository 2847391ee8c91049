"""The demo command: ports, folders, logins and the schedule."""

from __future__ import annotations

import io
import socket
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django_celery_beat.models import PeriodicTask

from recommendations import tasks
from shop.management.commands.demo import (
    HOST,
    demo_environment,
    programs,
    require_free_port,
    welcome,
)
from shop.services.demo import create_default_schedule, create_demo_logins


def test_a_taken_port_gives_one_clear_sentence():
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} is taken .* make demo PORT="):
            require_free_port(port)


def test_a_free_port_is_left_free():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    require_free_port(port)
    require_free_port(port)


def test_a_number_that_is_no_port_is_refused():
    with pytest.raises(CommandError, match="Port 70000 cannot be used"):
        require_free_port(70_000)


def test_the_demo_refuses_a_public_site(settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="only with DEBUG on"):
        call_command("demo", stdout=io.StringIO())


def test_a_missing_order_file_is_one_sentence(settings, tmp_path):
    settings.DEBUG = True
    with pytest.raises(CommandError, match="There is no file"):
        call_command("demo", port=_free_port(), orders=tmp_path / "none.csv", stdout=io.StringIO())


def test_each_order_export_has_a_folder_of_its_own(monkeypatch, tmp_path):
    monkeypatch.delenv("SHOP_VAR_DIR", raising=False)
    seeded = demo_environment(None)
    one = demo_environment(tmp_path / "a" / "orders.csv.gz")
    other = demo_environment(tmp_path / "b" / "orders.csv.gz")
    assert "SHOP_VAR_DIR" not in seeded
    assert Path(one["SHOP_VAR_DIR"]).name.startswith("orders-orders-")
    assert one["SHOP_VAR_DIR"] != other["SHOP_VAR_DIR"]


def test_a_folder_that_was_chosen_is_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("SHOP_VAR_DIR", str(tmp_path))
    assert demo_environment(tmp_path / "orders.csv")["SHOP_VAR_DIR"] == str(tmp_path)


def test_server_worker_and_beat_are_started():
    assert [name for name, _ in programs(8000)] == ["web", "worker", "beat"]
    assert any("http://127.0.0.1:8123/admin/" in line for line in welcome(8123))


@pytest.mark.django_db
def test_logins_are_made_once_with_their_rights(settings, client):
    settings.DEBUG = True
    assert create_demo_logins() == ["admin", "merchant", "customer"]
    assert create_demo_logins() == []
    users = get_user_model().objects
    merchant = users.get(username="merchant")
    assert merchant.has_perm("crosssell_recommendations.rebuild")
    assert merchant.has_perm("crosssell_recommendations.view_build")
    assert not merchant.has_perm("crosssell_recommendations.force_publish_build")
    assert not merchant.has_perm("shop.delete_order")
    assert not users.get(username="customer").is_staff
    assert client.login(username="admin", password="admin")


@pytest.mark.django_db
def test_well_known_passwords_are_never_made_on_a_public_site(settings):
    settings.DEBUG = False
    with pytest.raises(ImproperlyConfigured, match="DEBUG"):
        create_demo_logins()
    assert not get_user_model().objects.exists()


@pytest.mark.django_db
def test_the_schedule_names_real_tasks_and_keeps_what_the_admin_changed():
    created = create_default_schedule()
    assert len(created) == 2
    registered = {tasks.rebuild.name, tasks.sync_items.name}
    assert set(PeriodicTask.objects.values_list("task", flat=True)) == registered
    PeriodicTask.objects.update(enabled=False)
    assert create_default_schedule() == []
    assert not PeriodicTask.objects.filter(enabled=True).exists()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
