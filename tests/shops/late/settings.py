"""A shop whose product model came with the second migration of its app."""

from tests.shops.base import *  # noqa: F403
from tests.shops.base import DJANGO_APPS, OUR_APPS, database

INSTALLED_APPS = [*DJANGO_APPS, *OUR_APPS, "tests.shops.late"]
DATABASES = database("late")
CROSSSELL_SHOP = "tests.shops.late.crosssell.Shop"
