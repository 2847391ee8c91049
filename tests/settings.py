"""Settings of the test suite: the reference project on throw-away databases.

`DATABASE_URL` moves the whole suite to another database. Where a PostgreSQL server answers, the
alias `postgres` is there too, for tests that compare both (see `on_postgres` in conftest.py).
"""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import Any

import environ

from tests.services import POSTGRES

# One token per run, inherited by workers and child processes: two runs never share a database.
_first = "CROSSSELL_TEST_RUN" not in os.environ
RUN = os.environ.setdefault("CROSSSELL_TEST_RUN", secrets.token_hex(4))
TEST_RUN_FOLDER = Path(tempfile.gettempdir()) / f"crosssell-tests-{RUN}"
TEST_RUN_FOLDER.mkdir(parents=True, exist_ok=True)
if _first:
    atexit.register(shutil.rmtree, TEST_RUN_FOLDER, ignore_errors=True)
os.environ["SHOP_VAR_DIR"] = str(TEST_RUN_FOLDER / "var")
os.environ.setdefault("DJANGO_DEBUG", "0")
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + 50 * "x")

from shop.settings import *  # noqa: E402, F403

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # Nothing has to survive a power cut, so nothing waits for the disk.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
}


def _database(url: str, name: str) -> dict[str, Any]:
    database: dict[str, Any] = dict(environ.Env.db_url_config(url))
    if database["ENGINE"].endswith("sqlite3"):
        # A file, not memory: threads and child processes then meet real locks.
        database["OPTIONS"] = SQLITE_OPTIONS
        database["TEST"] = {"NAME": str(TEST_RUN_FOLDER / f"{name}.sqlite3")}
    else:
        # As the reference shop has it: the server binds parameters and keeps plans. It is the
        # stricter way, for every type must then be clear without looking at the value.
        database["OPTIONS"] = {"server_side_binding": True, "prepare_threshold": 5}
        database["TEST"] = {"NAME": f"test_crosssell_{RUN}_{name}"}
    return database


DATABASES = {
    "default": _database(
        os.environ.get("DATABASE_URL") or f"sqlite:///{TEST_RUN_FOLDER / 'unused.sqlite3'}",
        "default",
    )
}
if POSTGRES.answers():
    DATABASES["postgres"] = _database(POSTGRES.url, "second")

ALLOWED_HOSTS = ["*"]
SECURE_SSL_REDIRECT = False
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CELERY_BROKER_URL = "memory://"
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
