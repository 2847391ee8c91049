"""Our tables missing under a shop that wraps each request in a transaction."""

from __future__ import annotations

import logging

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from recommendations import faults
from recommendations.faults import contained
from recommendations.models import NeighbourList, Placement
from recommendations.selectors.builds import forget_published_builds
from shop.models import Product
from tests.recommendations.factories import SMALL_SHOP, companions, make_product, publish


@pytest.fixture
def renamed_tables():
    """Take two of our tables away and bring them back."""
    tables = [model._meta.db_table for model in (NeighbourList, Placement)]

    def rename(start, end):
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f'ALTER TABLE "{start}{table}" RENAME TO "{end}{table}"')

    # SQLite would otherwise rewrite what refers to the tables.
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA legacy_alter_table=ON")
    rename("", "away_")
    yield
    rename("away_", "")
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA legacy_alter_table=OFF")


def check_page(client, caplog):
    """A page inside a transaction goes on working behind the block."""
    connection.settings_dict["ATOMIC_REQUESTS"] = True
    faults.forget_faults()
    caplog.set_level(logging.ERROR, "crosssell")
    try:
        product = Product.objects.get()
        for _ in range(2):
            response = client.get(f"/page/{product.pk}/")
            assert response.status_code == 200
            assert response.content.decode().endswith("<p>Foot</p><p>1 products</p>")
    finally:
        connection.settings_dict["ATOMIC_REQUESTS"] = False
    assert len([record for record in caplog.records if record.name == "crosssell"]) == 1
    assert caplog.records[-1].exc_info[0].__name__ in {"OperationalError", "ProgrammingError"}


@pytest.fixture
def product(transactional_db, settings):
    settings.CROSSSELL_SHOP = SMALL_SHOP
    forget_published_builds()
    product, item = make_product()
    publish({item: companions()})
    return product


@pytest.mark.urls("tests.recommendations.templatetags.test_crosssell")
@pytest.mark.django_db(transaction=True)
def test_on_the_default_database(product, renamed_tables, client, caplog):
    check_page(client, caplog)


@pytest.mark.postgres
@pytest.mark.urls("tests.recommendations.templatetags.test_crosssell")
@pytest.mark.django_db(transaction=True, databases=["default", "postgres"])
def test_on_postgresql(on_postgres, product, renamed_tables, client, caplog):
    check_page(client, caplog)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True, databases=["default", "postgres"])
def test_postgresql_would_refuse_the_rest_of_the_page_without_a_savepoint(on_postgres):
    def fault():
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM there_is_no_such_table")

    with transaction.atomic():
        contained("Test", fault, otherwise=None)
        assert Product.objects.count() == 0  # goes on
        with pytest.raises(DatabaseError):
            fault()
        with pytest.raises(DatabaseError):
            Product.objects.count()
        transaction.set_rollback(True)
