"""A shop that sells books and records, two models whose keys overlap."""

from tests.shops.base import *  # noqa: F403
from tests.shops.base import DJANGO_APPS, OUR_APPS, database

INSTALLED_APPS = [*DJANGO_APPS, *OUR_APPS, "tests.shops.several"]
DATABASES = database("several")
CROSSSELL_SHOP = "tests.shops.several.crosssell.Shop"
