"""Which way a scan is read, and what it sees while the shop goes on selling."""

from __future__ import annotations

import dataclasses

import pytest
from django.db import connections
from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from recommendations.datasets import lines as datasets_lines
from recommendations.datasets.blocks import can_read_blocks, read_blocks
from recommendations.datasets.copy import can_copy, read_copy
from recommendations.datasets.scans import Column, Scan, read_portable
from recommendations.datasets.snapshot import snapshot
from tests.recommendations.datasets.app.models import Line, Order
from tests.recommendations.datasets.conftest import day, items, read
from tests.recommendations.datasets.test_orders import Shop

PLAIN = Scan(Line, (Column("order_id", "integer"), Column("product_id", "integer")))
FILTERED = dataclasses.replace(PLAIN, condition=Q(quantity=1) & ~Q(product_id=None))
JOINED = dataclasses.replace(PLAIN, condition=Q(order__status="paid"))
GROUPED = Scan(Line, (Column(Count("order"), "integer"),))

both = pytest.mark.django_db(databases="__all__")
ALIASES = [
    pytest.param("default", id="sqlite"),
    pytest.param("postgres", marks=pytest.mark.postgres),
]


def fast(scan: Scan, using: str) -> bool:
    return can_copy(connections[using], scan) or can_read_blocks(connections[using], scan)


@both
@pytest.mark.parametrize("using", ALIASES)
def test_plain_tables_are_read_the_fast_way(using):
    assert fast(PLAIN, using)
    assert fast(FILTERED, using)


@both
@pytest.mark.parametrize("using", ALIASES)
@pytest.mark.parametrize("scan", [JOINED, GROUPED])
def test_joins_and_groups_are_left_to_the_cursor(using, scan):
    assert not fast(scan, using)


@both
@pytest.mark.parametrize("using", ALIASES)
def test_views_are_left_to_the_cursor(monkeypatch, using):
    with connections[using].cursor() as cursor:
        cursor.execute("CREATE VIEW dataset_shop_view AS SELECT * FROM dataset_shop_line")
    monkeypatch.setattr(Line._meta, "db_table", "dataset_shop_view")
    assert not fast(PLAIN, using)


@both
@pytest.mark.parametrize("using", ALIASES)
def test_a_condition_that_nothing_meets(using):
    scan = dataclasses.replace(PLAIN, condition=Q(pk__in=[]))
    Line.objects.using(using).create(order_id=1, product_id=1)
    reader = read_copy if connections[using].vendor == "postgresql" else read_blocks
    assert list(reader(connections[using], scan)) == []
    assert list(read_portable(connections[using], scan)) == []


@both
@pytest.mark.parametrize("using", ALIASES)
def test_a_history_is_read_the_fast_way_unless_told_otherwise(monkeypatch, using):
    def refuse(connection, scan):
        raise AssertionError("the portable way was taken")

    items(1)
    Order.objects.using(using).create(pk=1, placed_at=day(1), email="a@x.example")
    Line.objects.using(using).create(order_id=1, product_id=1)
    assert read(Shop, using=using, path="portable").n_lines == 1
    monkeypatch.setattr(datasets_lines, "read_portable", refuse)
    assert read(Shop, using=using).n_lines == 1
    with pytest.raises(AssertionError, match="portable way"):
        read(Shop, using=using, path="portable")


def clear(using: str) -> None:
    """These tables belong to no installed app, so no flush empties them."""
    for model in (Line, Order):
        model.objects.using(using).all().delete()


@pytest.fixture
def emptied():
    yield
    for connection in connections.all():
        settings = connection.settings_dict
        if settings["NAME"] == settings["TEST"]["NAME"]:
            clear(connection.alias)


LIVE = pytest.mark.django_db(transaction=True, databases="__all__")


@LIVE
@pytest.mark.parametrize("path", ["auto", "portable"])
@pytest.mark.parametrize("using", ALIASES)
def test_what_is_sold_meanwhile_is_not_seen_by_halves(emptied, using, path):
    items(1, 2)
    Order.objects.using(using).create(pk=1, placed_at=day(1), email="a@x.example")
    Line.objects.using(using).create(order_id=1, product_id=1)
    sold = []

    def sell(phase, rows, total):
        """Add to the order that was read a moment ago, and sell another."""
        if not sold:
            sold.append(Line.objects.using(using).create(order_id=1, product_id=2))
            Order.objects.using(using).create(pk=2, placed_at=day(2))
            Line.objects.using(using).create(order_id=2, product_id=1)

    history = read(Shop, using=using, path=path, progress=sell)
    assert (history.n_baskets, history.n_lines, history.left_out) == (1, 1, {})
    history = read(Shop, using=using, path=path)
    assert (history.n_baskets, history.n_lines) == (2, 3)


@LIVE
@pytest.mark.parametrize("using", ALIASES)
def test_a_snapshot_ends_and_leaves_the_callers_connection_alone(emptied, using):
    with snapshot(using) as own:
        assert own is not connections[using]
        with own.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM dataset_shop_order")
            assert cursor.fetchone() == (0,)
        Order.objects.using(using).create(pk=5)
        with own.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM dataset_shop_order")
            assert cursor.fetchone() == (0,)
    assert own.connection is None
    assert Order.objects.using(using).count() == 1


@both
@pytest.mark.parametrize("using", ALIASES)
def test_inside_a_transaction_its_own_rows_are_seen(using):
    with snapshot(using) as own:
        assert own is connections[using]


def test_expressions_are_read_without_a_join():
    scan = Scan(Line, (Column(Coalesce("product_id", "order_id"), "integer"),))
    assert scan.is_one_table()
