"""What the example shops' settings share: a small project that has just installed us."""

from __future__ import annotations

import os
from typing import Any

import environ

SECRET_KEY = "only-for-tests-" + 50 * "x"
USE_TZ = True
ROOT_URLCONF = "tests.shops.urls"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DJANGO_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
]
OUR_APPS = ["recommendations", "bundles", "promotions"]


def database(name: str) -> dict[str, Any]:
    """Return a throw-away database: SQLite in memory, or the server that DATABASE_URL names."""
    run = os.environ.get("CROSSSELL_TEST_RUN", str(os.getpid()))
    url = os.environ.get("DATABASE_URL") or "sqlite://:memory:"
    config: dict[str, Any] = dict(environ.Env.db_url_config(url))
    if not config["ENGINE"].endswith("sqlite3"):
        config["TEST"] = {"NAME": f"test_crosssell_{run}_{name}"}
    return {"default": config}
