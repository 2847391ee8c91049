"""A django-oscar 4.2 project that has just installed us, with the adapter of ``contrib``."""

from oscar import INSTALLED_APPS as OSCAR_APPS
from oscar.defaults import *  # noqa: F403

from tests.shops.base import *  # noqa: F403
from tests.shops.base import OUR_APPS, database

INSTALLED_APPS = [*OSCAR_APPS, *OUR_APPS]
DATABASES = database("oscar")
CROSSSELL_SHOP = "recommendations.contrib.oscar.OscarShop"
# Oscar's more than hundred migrations are its own matter: what is not ours is made at once.
MIGRATION_MODULES = dict.fromkeys(
    (
        "address", "analytics", "auth", "basket", "catalogue", "communication", "contenttypes",
        "customer", "flatpages", "offer", "order", "partner", "payment", "reviews", "sessions",
        "shipping", "sites", "thumbnail", "voucher", "wishlists",
    )
)  # fmt: skip
SITE_ID = 1
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
ROOT_URLCONF = "tests.shops.oscar.urls"
MEDIA_URL = "/media/"
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "oscar.apps.basket.middleware.BasketMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
