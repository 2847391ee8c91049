"""A shop whose products and orders have UUID keys."""

import os

from tests.shops.base import *  # noqa: F403
from tests.shops.base import DJANGO_APPS, OUR_APPS, database

INSTALLED_APPS = [*DJANGO_APPS, *OUR_APPS, "tests.shops.uuids"]
DATABASES = database("uuids")
# The suite puts a broken adapter here, to see that the contract finds the fault.
CROSSSELL_SHOP = os.environ.get("CROSSSELL_TEST_SHOP", "tests.shops.uuids.crosssell.Shop")
