"""A connection of its own that sees the shop as it was at one moment."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

logger = logging.getLogger(__name__)


@contextmanager
def snapshot(using: str) -> Iterator[BaseDatabaseWrapper]:
    """Open a second connection whose statements all see the same rows, and close it at the end.

    The caller's connection stays free: what it writes meanwhile, its progress above all, is
    committed and seen at once. Inside a transaction the caller's own connection is used, since
    another one would not see what the transaction has written.

    A SQLite file without write-ahead log (Django's default) is read through the caller's own
    connection too: there a reader keeps every other connection from committing, ours included.
    """
    own = connections[using]
    if own.in_atomic_block or _lives_in_memory(own) or _readers_block_writers(own):
        yield own
        return
    connection = connections.create_connection(using)
    try:
        _begin(connection)
        yield connection
    finally:
        _end(connection)


def _begin(connection: BaseDatabaseWrapper) -> None:
    if connection.vendor == "postgresql":
        connection.set_autocommit(False)
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return
    with connection.cursor() as cursor:
        # Deferred: a reader must not take the write lock that Django's own BEGIN may ask for.
        cursor.execute("BEGIN DEFERRED")


def _end(connection: BaseDatabaseWrapper) -> None:
    try:
        if not connection.autocommit:  # a pool wants its connections back without a transaction
            connection.rollback()
    except Error:
        logger.debug("The snapshot's connection was lost before its end.", exc_info=True)
    finally:
        connection.close()


def _lives_in_memory(connection: BaseDatabaseWrapper) -> bool:
    return connection.vendor == "sqlite" and bool(connection.is_in_memory_db())  # type: ignore[attr-defined]


def _readers_block_writers(connection: BaseDatabaseWrapper) -> bool:
    if connection.vendor != "sqlite":
        return False
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        return bool(cursor.fetchone()[0] != "wal")
