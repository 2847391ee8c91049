"""The database that holds a benchmark's history: made once, kept, dropped on demand."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import django

from benchmarks.reporting import run_apart, say

WORK_DIR = Path(__file__).resolve().parents[2] / "var" / "benchmarks"
SERVER = "postgres://postgres@127.0.0.1:5432/postgres"
SERVER_VARIABLE = "CROSSSELL_TEST_POSTGRES_URL"
URL_VARIABLE = "CROSSSELL_BENCHMARK_DATABASE"


@dataclass(frozen=True, slots=True)
class History:
    """A history of so many lines in a database of its own."""

    kind: str
    n_lines: int
    work_dir: Path

    @property
    def name(self) -> str:
        """The database's name."""
        return f"crosssell_bench_{self.n_lines}"

    @property
    def file(self) -> Path:
        """Where SQLite keeps it."""
        return self.work_dir / f"{self.name}.sqlite3"

    @property
    def arrays(self) -> Path:
        """Where the peers find the matrix as arrays."""
        return self.work_dir / f"{self.name}_arrays"

    @property
    def url(self) -> str:
        """The database's address."""
        if self.kind == "sqlite":
            return f"sqlite:///{self.file}"
        return urlunsplit(urlsplit(_server())._replace(path=f"/{self.name}"))

    def use(self) -> None:
        """Let this process and its children use it."""
        os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.large_shop.settings"
        os.environ[URL_VARIABLE] = self.url

    def make(self) -> None:
        """Make it unless it is there."""
        self.work_dir.mkdir(parents=True, exist_ok=True)
        if self._exists():
            return
        say(f"Making {self.n_lines:,} order lines in {self.name} ({self.kind}), once …")
        if self.kind == "postgres":
            _on_server(f'CREATE DATABASE "{self.name}"')
        try:
            run_apart(_fill, self.n_lines)
        except BaseException:
            self.drop()
            raise

    def drop(self) -> None:
        """Remove it and all that was made with it."""
        if self.kind == "postgres":
            _on_server(f'DROP DATABASE IF EXISTS "{self.name}"')
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.file}{suffix}").unlink(missing_ok=True)
        for file in self.arrays.glob("*.npy"):
            file.unlink()
        if self.arrays.exists():
            self.arrays.rmdir()

    def _exists(self) -> bool:
        if self.kind == "sqlite":
            return self.file.exists()
        return bool(_on_server(f"SELECT 1 FROM pg_database WHERE datname = '{self.name}'"))  # noqa: S608


def _server() -> str:
    return os.environ.get(SERVER_VARIABLE) or SERVER


def _on_server(statement: str) -> list[tuple[object, ...]]:
    import psycopg

    with psycopg.connect(_server(), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def _fill(n_lines: int) -> None:
    """Load the history and build once: what is measured later is a rebuild, not the first build."""
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from benchmarks.history import load
    from benchmarks.sales import zipf_sales
    from recommendations.services.builds import rebuild

    call_command("migrate", verbosity=0)
    load(zipf_sales(n_lines))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")
    say("Building for the first time …")
    outcome = rebuild("together")
    if outcome.status != "published":
        raise RuntimeError(f"The first build is {outcome.status}, not published.")
