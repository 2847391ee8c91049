"""Orders from which lists can be made, and a way to run a command."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from recommendations.models import Item
from recommendations.selectors.builds import forget_published_builds
from shop.models import Product
from tests.recommendations.orders import sell_to_many


@pytest.fixture(autouse=True)
def _forget(db):
    forget_published_builds()


@pytest.fixture
def run():
    """Run a command; return its output, its error output and its exit status."""

    def call(name, *args):
        out, err = io.StringIO(), io.StringIO()
        status, message = 0, ""
        try:
            call_command(name, *args, stdout=out, stderr=err)
        except CommandError as error:
            status, message = error.returncode, str(error)
        return SimpleNamespace(
            out=out.getvalue(), err=err.getvalue(), status=status, message=message
        )

    return call


@pytest.fixture
def bakery():
    """Bread with butter 12 times and with jam 6 times, bread with salt 3 times, and soap alone."""
    names = ("bread", "butter", "jam", "salt", "soap")
    products = {
        name: Product.objects.create(sku=name, slug=name, name=name.title(), price=1)
        for name in names
    }
    for days_ago in (40, 2):
        sell_to_many([products["bread"], products["butter"]], 12, days_ago=days_ago)
        sell_to_many([products["bread"], products["jam"]], 6, days_ago=days_ago)
        sell_to_many([products["bread"], products["salt"]], 3, days_ago=days_ago)
        sell_to_many([products["soap"]], 20, days_ago=days_ago)
    return products


@pytest.fixture
def item_of():
    """Return the item that stands for a product."""
    return lambda product: Item.objects.get(key=str(product.pk))
