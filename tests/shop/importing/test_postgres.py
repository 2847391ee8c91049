"""The same import on the other database."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from shop.models import Order, OrderLine
from tests.shop.importing.exports import write_export
from tests.shop.importing.snapshots import shop_snapshot
from tests.shop.importing.test_import_orders import ROWS

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True, databases=["default", "postgres"]),
]


def test_twice_is_once_and_a_file_that_grew_adds_what_is_new(on_postgres, tmp_path):
    path = write_export(tmp_path / "export.csv", ROWS[:2])
    call_command("import_orders", str(path), verbosity=0)
    path = write_export(tmp_path / "export.csv", ROWS)
    call_command("import_orders", str(path), verbosity=0)
    once = shop_snapshot()
    call_command("import_orders", str(path), verbosity=0)
    assert shop_snapshot() == once
    assert (Order.objects.count(), OrderLine.objects.count()) == (4, len(ROWS))
