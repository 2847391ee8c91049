"""The border between our faults and the shop's page: caught once per way in, logged once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from django.db import connections, transaction

T = TypeVar("T")

logger = logging.getLogger("crosssell")

REPEAT_SECONDS = 3600.0
"""A fault that goes on is told again after this long: often enough to notice, too seldom to fill
a disk from a page that is asked for a hundred times a second."""

MAX_REMEMBERED = 256
"""Distinct faults remembered per process; beyond it all are forgotten, and told once more."""

_lock = threading.Lock()
_told: dict[tuple[str, str, str, int], tuple[float, int]] = {}
"""Fault to (when it was last logged, how often it was met since)."""


def contained(way_in: str, call: Callable[[], T], *, otherwise: T) -> T:
    """Return what ``call`` returns; a fault in it is undone and logged, and ``otherwise`` stands.

    This is the one border between us and the shop's page: each way in has it once, outermost.
    """
    try:
        with savepoints():
            return call()
    except Exception as error:
        log_fault(way_in, error)
        return otherwise


@contextmanager
def savepoints() -> Iterator[None]:
    """Let a failed statement of ours leave the shop's transaction usable.

    Only PostgreSQL refuses every further statement of a transaction in which one has failed, so
    only there two more statements are worth it, and only inside a transaction.
    """
    with ExitStack() as stack:
        for connection in connections.all(initialized_only=True):
            if connection.vendor == "postgresql" and connection.in_atomic_block:
                stack.enter_context(transaction.atomic(using=connection.alias))
        yield


def log_fault(way_in: str, error: Exception) -> None:
    """Log a fault with its traceback, once per place it comes from, then at most once an hour."""
    fault = _place(way_in, error)
    now = time.monotonic()
    with _lock:
        last, met = _told.get(fault, (float("-inf"), 0))
        if now - last < REPEAT_SECONDS:
            _told[fault] = (last, met + 1)
            return
        if len(_told) >= MAX_REMEMBERED:
            _told.clear()
        _told[fault] = (now, 0)
    logger.error("%s failed and was left out (%d times before).", way_in, met, exc_info=error)


def forget_faults() -> None:
    """Tell every fault anew: for tests."""
    with _lock:
        _told.clear()


def _place(way_in: str, error: Exception) -> tuple[str, str, str, int]:
    """Return what makes a fault distinct: not its message, which may hold a shopper's input."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    file, line = ("", 0)
    if traceback is not None:
        file, line = traceback.tb_frame.f_code.co_filename, traceback.tb_lineno
    return way_in, type(error).__qualname__, file, line
