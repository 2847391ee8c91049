"""What every test shares: services found or skipped, the real data, hypothesis profiles."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from recommendations.selectors.builds import forget_published_builds
from tests.data import ONLINE_RETAIL, data_folder
from tests.flushing import quick_teardown, remember_kept_rows
from tests.services import POSTGRES, RABBITMQ, REDIS, chromium, missing

# No deadline: the machine that runs the suite may be busy with something else.
hypothesis_settings.register_profile(
    "default", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
hypothesis_settings.register_profile(
    "ci", parent=hypothesis_settings.get_profile("default"), derandomize=True
)
hypothesis_settings.load_profile("ci" if os.environ.get("CI") else "default")

DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "admin_user", "admin_client"}
"""Without one of them or the mark `django_db`, pytest-django lets no test near a database."""

SKIPPED_FOR = "needs the service "


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the database; tests that ask for `on_postgres` get the marks they need."""
    for item in items:
        if "on_postgres" in _fixtures(item):
            item.add_marker(pytest.mark.postgres)
            both = pytest.mark.django_db(transaction=True, databases=["default", "postgres"])
            item.add_marker(both, append=False)
        if item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(_fixtures(item)):
            item.add_marker(pytest.mark.database)


def _fixtures(item: pytest.Item) -> Sequence[str]:
    return getattr(item, "fixturenames", ())


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, or fail where services are required, what cannot run on this machine."""
    for marker, reason in missing().items():
        if item.get_closest_marker(marker) is None:
            continue
        if os.environ.get("CROSSSELL_REQUIRE_SERVICES", "") not in {"", "0"}:
            pytest.fail(f"CROSSSELL_REQUIRE_SERVICES is set, but {reason}", pytrace=False)
        pytest.skip(f"{SKIPPED_FOR}{marker}: {reason}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which tests did not run for want of which service."""
    counts: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        _, found, name = reason.partition(SKIPPED_FOR)
        if found:
            counts[name] += 1
    for name, count in sorted(counts.items()):
        terminalreporter.write_line(f"{count} skipped for want of {name}", yellow=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Empty the tables of transactional tests in the quick way."""
    with django_db_blocker.unblock():
        for alias in connections:
            remember_kept_rows(alias)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", quick_teardown)
        yield


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """No test sees what another one cached, or what its process remembers of builds."""
    cache.clear()
    forget_published_builds()


@pytest.fixture(autouse=True)
def _default_language() -> Iterator[None]:
    """No test reads the language that a request of another one left active in its thread."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture
def postgres_url() -> str:
    """Address of a PostgreSQL server; the test carries the marker `postgres`."""
    return POSTGRES.url


@pytest.fixture
def redis_url() -> str:
    """Address of a Redis database that tests may empty; the test carries the marker `redis`."""
    return REDIS.url


@pytest.fixture
def rabbitmq_url() -> str:
    """Address of a RabbitMQ broker; the test carries the marker `rabbitmq`."""
    return RABBITMQ.url


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A Chromium for all tests of a module, each with contexts of its own; marker `browser`."""
    playwright = pytest.importorskip("playwright.sync_api")
    with pytest.MonkeyPatch.context() as patch, playwright.sync_playwright() as started:
        # Playwright runs a loop in this thread; what tests ask of the database is synchronous.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        launched = started.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield launched
        launched.close()


@pytest.fixture
def on_postgres(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let the connection `default` be PostgreSQL during this test, in every thread of it.

    For code that uses the default connection, in a suite whose default is SQLite. A test that
    names it in its arguments is marked `postgres` and `django_db` with both databases; one that
    asks by `getfixturevalue` must carry these marks itself.
    """
    request.getfixturevalue("transactional_db")
    marker = request.node.get_closest_marker("django_db")
    assert marker is not None
    assert "postgres" in marker.kwargs["databases"], "rows would stay behind on PostgreSQL"
    if connections["default"].vendor == "postgresql":
        yield
        return
    before = connections.settings["default"]
    sqlite = connections["default"]
    connections.settings["default"] = {**connections.settings["postgres"]}
    connections.settings["default"]["NAME"] = connections["postgres"].settings_dict["NAME"]
    del connections["default"]
    try:
        yield
    finally:
        connections["default"].close()
        connections.settings["default"] = before
        connections["default"] = sqlite


@pytest.fixture(scope="session")
def online_retail() -> Path:
    """The real order export; skips with a clear message where it is missing."""
    path = data_folder() / ONLINE_RETAIL
    if not path.exists():
        pytest.skip(f"{path.name} is not in {path.parent}; set CROSSSELL_DATA to its folder")
    return path


@pytest.fixture
def var_folder() -> Path:
    """Folder of this run for files that outlive one test."""
    folder = Path(settings.TEST_RUN_FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
