"""The project's settings, read in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SHOW = """
import json
from shop import settings as s
names = ("DATABASES", "CACHES", "CELERY_BROKER_URL", "DEBUG", "SESSION_COOKIE_HTTPONLY")
print(json.dumps({name: getattr(s, name) for name in names}, default=str))
"""


def run(tmp_path, *arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    ours = {"DATABASE_URL", "CACHE_URL", "CELERY_BROKER_URL", "SECRET_KEY", "DJANGO_DEBUG"}
    clean = {name: value for name, value in os.environ.items() if name not in ours}
    environment = clean | {
        "SHOP_VAR_DIR": str(tmp_path / "var"),
        "DJANGO_SETTINGS_MODULE": "shop.settings",
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment | given,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def settings_of(tmp_path, **given: str) -> dict:
    done = run(tmp_path, "-c", SHOW, **given)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_defaults_need_nothing_installed(tmp_path):
    found = settings_of(tmp_path)
    database = found["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.sqlite3"
    assert database["NAME"] == str(tmp_path / "var" / "shop.sqlite3")
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in database["OPTIONS"]["init_command"]
    assert found["CACHES"]["default"]["BACKEND"].endswith("LocMemCache")
    assert found["CELERY_BROKER_URL"] == "filesystem://"
    assert (tmp_path / "var" / "broker" / "messages").is_dir()


def test_three_addresses_put_real_servers_in_their_place(tmp_path):
    found = settings_of(
        tmp_path,
        DATABASE_URL="postgres://ann:secret@db.example:5433/shop",
        CACHE_URL="redis://cache.example:6379/2",
        CELERY_BROKER_URL="amqp://guest@mq.example//",
    )
    database = found["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.example", 5433, "shop")
    assert "transaction_mode" not in database.get("OPTIONS", {})
    assert found["CACHES"]["default"]["BACKEND"] == "django.core.cache.backends.redis.RedisCache"
    assert found["CELERY_BROKER_URL"] == "amqp://guest@mq.example//"
    assert not (tmp_path / "var" / "broker").exists()


def test_a_public_site_brings_its_own_key(tmp_path):
    refused = run(tmp_path, "-c", SHOW, DJANGO_DEBUG="0")
    assert refused.returncode != 0
    assert "SECRET_KEY" in refused.stderr


def test_a_public_site_passes_the_deployment_checks(tmp_path):
    done = run(
        tmp_path,
        "manage.py",
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        DJANGO_DEBUG="0",
        SECRET_KEY="".join(map(chr, range(48, 118))),
        CACHE_URL="redis://127.0.0.1:6379/0",
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("debug", ["0", "1"])
def test_the_policy_covers_every_page_but_djangos_own_error_pages(client, debug, settings, db):
    settings.DEBUG = debug == "1"
    assert "Content-Security-Policy" in client.get("/")
    assert ("Content-Security-Policy" in client.get("/nothing/")) == (debug == "0")
