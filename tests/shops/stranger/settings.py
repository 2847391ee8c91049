"""A shop of integer keys, plugged in with the lines that the README shows."""

from tests.shops.base import *  # noqa: F403
from tests.shops.base import DJANGO_APPS, OUR_APPS, database

INSTALLED_APPS = [
    *DJANGO_APPS,
    "tests.shops.stranger.catalog",
    "tests.shops.stranger.orders",
    *OUR_APPS,
]
DATABASES = database("stranger")
CROSSSELL_SHOP = "tests.shops.stranger.crosssell.MyShop"
