"""The small shop, for every test of the tags."""

import pytest

from tests.recommendations.factories import SMALL_SHOP, set_placement


@pytest.fixture(autouse=True)
def small_shop(settings, db):
    settings.CROSSSELL_SHOP = SMALL_SHOP
    set_placement()
