"""A project on DEFAULT_AUTO_FIELD = AutoField."""

from tests.shops.base import *  # noqa: F403
from tests.shops.base import DJANGO_APPS, OUR_APPS, database

INSTALLED_APPS = [*DJANGO_APPS, *OUR_APPS, "tests.shops.autofield"]
DATABASES = database("autofield")
CROSSSELL_SHOP = "tests.shops.autofield.crosssell.Shop"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
