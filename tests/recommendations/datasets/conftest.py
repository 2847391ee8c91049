"""Tables of the miniature shops, made once a run in every database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.conf import settings as project_settings
from django.db import connections
from django.test import override_settings

from recommendations.datasets.orders import read_order_history
from recommendations.models import Item

APP = "tests.recommendations.datasets.app"
START = datetime(2024, 1, 1, tzinfo=UTC)
AS_OF = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Make the tables outside of any test's transaction: SQLite cannot make them inside."""
    with (
        django_db_blocker.unblock(),
        override_settings(INSTALLED_APPS=[*project_settings.INSTALLED_APPS, APP]),
    ):
        for connection in connections.all():
            # An alias that no test asks for is still the real database.
            if connection.settings_dict["NAME"] != connection.settings_dict["TEST"]["NAME"]:
                continue
            with connection.schema_editor() as editor:
                for model in apps.get_app_config("dataset_shop").get_models():
                    editor.create_model(model)


@pytest.fixture(autouse=True)
def shop_tables():
    """Install the miniature shops for each test."""
    with override_settings(INSTALLED_APPS=[*project_settings.INSTALLED_APPS, APP]):
        yield


def day(number: float) -> datetime:
    """Return a moment so many days after the start of the data."""
    return START + timedelta(days=number)


def seconds(number: float) -> int:
    """Return the same as seconds since 1970."""
    return int(day(number).timestamp())


def items(*keys: object) -> dict[str, int]:
    """Make items of these keys; return their positions."""
    Item.objects.bulk_create([Item(key=str(key)) for key in keys])
    return {
        key: n for n, key in enumerate(Item.objects.order_by("pk").values_list("key", flat=True))
    }


def baskets(history) -> list[list[int]]:
    """Return the item positions in each basket."""
    found: list[list[int]] = [[] for _ in range(history.n_baskets)]
    for basket, item in zip(history.line_basket.tolist(), history.line_item.tolist(), strict=True):
        found[basket].append(item)
    return found


def read(adapter, **options):
    """Read with an adapter class."""
    return read_order_history(**{"as_of": AS_OF, "adapter": adapter(), **options})
