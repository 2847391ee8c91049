"""The demo command: ports, folders, logins and the schedule."""

from __future__ import annotations

import io
import socket
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from recommendations import tasks
from recommendations.models import Question
from shop.management.commands.demo import (
    HOST,
    demo_environment,
    programs,
    require_free_port,
    welcome,
)
from shop.models import Order
from shop.services.demo import (
    REGULAR_ORDERS,
    ask_for_comparison,
    create_default_schedule,
    create_demo_logins,
    give_customer_a_past,
)
from tests.shop.factories import make_order


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
    for decision in ("add_merchandising", "delete_placementpin", "add_exclusion", "change_item"):
        assert merchant.has_perm(f"crosssell_recommendations.{decision}")
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
    assert len(created) == 3
    registered = {tasks.rebuild_needed.name, tasks.sync_items.name, tasks.tune.name}
    assert set(PeriodicTask.objects.values_list("task", flat=True)) == registered
    PeriodicTask.objects.update(enabled=False)
    assert create_default_schedule() == []
    assert not PeriodicTask.objects.filter(enabled=True).exists()


@pytest.fixture
def shoppers(settings, db):
    """Two who came back, the first of them later; one who came too often, one who hardly came."""
    settings.DEBUG = True
    create_demo_logins()
    least, most = REGULAR_ORDERS
    users = get_user_model()._default_manager
    found = []
    for name, n_orders in (("late", least), ("early", least), ("bot", most + 1), ("new", 1)):
        user = users.create(username=name)
        for number in range(n_orders):
            make_order(user=user, number=f"{name}-{number}")
        found.append(user)
    now = timezone.now()
    Order.objects.update(placed_at=now - timedelta(days=9))
    Order.objects.filter(user=found[0]).update(placed_at=now)
    return found


def test_the_customer_has_the_past_of_a_regular(shoppers):
    customer = get_user_model()._default_manager.get(username="customer")
    n_orders = Order.objects.count()
    assert give_customer_a_past()
    assert sorted(customer.orders.values_list("number", flat=True))[0] == "late-0"
    assert customer.orders.count() == REGULAR_ORDERS[0]
    assert not shoppers[0].orders.exists()
    assert Order.objects.count() == n_orders
    assert not give_customer_a_past()  # once is enough


def test_without_a_regular_the_customer_is_new(settings, db):
    settings.DEBUG = True
    create_demo_logins()
    assert not give_customer_a_past()


def test_each_question_is_compared_by_a_message_of_its_own(monkeypatch):
    """So that what is asked for in the admin meanwhile comes between them."""
    asked = []
    monkeypatch.setattr(tasks.tune, "delay", lambda question, **given: asked.append(question))
    monkeypatch.setattr(tasks.rebuild_needed, "delay", lambda **given: asked.append("build"))
    ask_for_comparison()
    assert asked == [*Question.values, "build"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
