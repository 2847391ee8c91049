"""A shop with a foreign key to one of our models."""

from tests.shops.base import *  # noqa: F403
from tests.shops.base import DJANGO_APPS, OUR_APPS, database

INSTALLED_APPS = [*DJANGO_APPS, *OUR_APPS, "tests.shops.favourites"]
DATABASES = database("favourites")
CROSSSELL_SHOP = "tests.shops.favourites.crosssell.Shop"
