"""The small shop behind the admin, for every test of its pages."""

import pytest
from django.urls import reverse

from recommendations.selectors.builds import forget_published_builds
from tests.recommendations.factories import SMALL_SHOP


@pytest.fixture(autouse=True)
def small_shop(settings, db):
    settings.CROSSSELL_SHOP = SMALL_SHOP
    forget_published_builds()


@pytest.fixture
def url():
    """Return the address of an admin page of ours: ``url("build_change", 3)``."""

    def find(name, *args):
        return reverse(f"admin:crosssell_recommendations_{name}", args=args)

    return find
