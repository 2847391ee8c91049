"""A shop that sells variants and shows their parents, which are not sold themselves."""

from tests.shops.base import *  # noqa: F403
from tests.shops.base import DJANGO_APPS, OUR_APPS, database

INSTALLED_APPS = [*DJANGO_APPS, *OUR_APPS, "tests.shops.variants"]
DATABASES = database("variants")
CROSSSELL_SHOP = "tests.shops.variants.crosssell.Shop"
