"""A django-salesman 1.3 project with two product types, with the adapter of ``contrib``."""

from tests.shops.base import *  # noqa: F403
from tests.shops.base import DJANGO_APPS, OUR_APPS, database

INSTALLED_APPS = [
    *DJANGO_APPS,
    "rest_framework",
    "salesman.core",
    "salesman.basket",
    "salesman.checkout",
    "salesman.orders",
    "tests.shops.salesman",
    *OUR_APPS,
]
DATABASES = database("salesman")
SALESMAN_PRODUCT_TYPES = {
    "gear.Phone": "tests.shops.salesman.serializers.PhoneSerializer",
    "gear.Cover": "tests.shops.salesman.serializers.CoverSerializer",
}
CROSSSELL_SHOP = "tests.shops.salesman.crosssell.Shop"
