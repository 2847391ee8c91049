"""Which servers the tests may use: by URL in the environment, else on the usual loopback port."""

from __future__ import annotations

import os
import shutil
import socket
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """A server that some tests need and the suite as a whole does not."""

    name: str
    variable: str
    default_url: str

    @property
    def url(self) -> str:
        """The address to use, whether or not anything answers there."""
        return os.environ.get(self.variable) or self.default_url

    def answers(self) -> bool:
        """Whether something listens at the address."""
        return _listens(self.url)


@cache
def _listens(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 0), timeout=1):
            return True
    except OSError:
        return False


POSTGRES = Service(
    name="postgres",
    variable="CROSSSELL_TEST_POSTGRES_URL",
    default_url="postgres://postgres@127.0.0.1:5432/postgres",
)
REDIS = Service(
    name="redis",
    variable="CROSSSELL_TEST_REDIS_URL",
    default_url="redis://127.0.0.1:6379/15",
)
RABBITMQ = Service(
    name="rabbitmq",
    variable="CROSSSELL_TEST_RABBITMQ_URL",
    default_url="amqp://guest:guest@127.0.0.1:5672//",
)
SERVICES = (POSTGRES, REDIS, RABBITMQ)


def chromium() -> str | None:
    """Return the path of a Chromium that browser tests can drive."""
    given = os.environ.get("CROSSSELL_TEST_CHROMIUM")
    return given or shutil.which("chromium") or shutil.which("chromium-browser")


def missing() -> dict[str, str]:
    """Return each marker whose tests cannot run here, with what would let them run."""
    found = {
        service.name: f"nothing answers at {service.url} ({service.variable})"
        for service in SERVICES
        if not service.answers()
    }
    if chromium() is None:
        found["browser"] = "no chromium on the path (CROSSSELL_TEST_CHROMIUM)"
    return found
