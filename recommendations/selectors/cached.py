"""Where reads of a page are remembered between requests: names and times in Django's cache.

Only tuples, numbers and text go in: what one release has stored, the next can read or ignores.
What every page reads, and a moment later may read anew, stays in the process itself.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from django.core.cache import cache

from recommendations.conf import recommendation_settings

T = TypeVar("T")
N = TypeVar("N")

LAYOUT = 3
"""Part of every key. Raise it when the form of what is stored changes."""

RULES_SECONDS = 60.0
"""How long placements, pins and exclusions may stay. A change in the admin flushes them at once in
a cache that all processes share; with one cache per process the others learn of it this late."""


_glances: dict[str, tuple[float, Any]] = {}
"""Name to (until when, value)."""


def glanced(name: str, seconds: float, load: Callable[[], T]) -> T:
    """Return what this process remembers for a moment, else load it."""
    now = time.monotonic()
    until, value = _glances.get(name, (0.0, None))
    if now < until:
        known: T = value
        return known
    loaded = load()
    _glances[name] = (now + seconds, loaded)
    return loaded


def forget_glances() -> None:
    """Let this process look again at whatever it is asked next."""
    _glances.clear()


def cache_key(*parts: object) -> str:
    """Return the name under which something is stored."""
    return ":".join(("crosssell", str(LAYOUT), *map(str, parts)))


def digest(text: str) -> str:
    """Return text of any length and any characters as part of a cache key."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def rules_seconds() -> float:
    """Return how long merchants' choices are remembered; lists that are not, make these neither."""
    return min(RULES_SECONDS, recommendation_settings().list_cache_seconds)


def remembered(key: str, seconds: float, load: Callable[[], T]) -> T:
    """Return the stored value, else load and store it. ``None`` is loaded anew each time."""
    return recall({key: key}, seconds, lambda _missing: {key: load()})[key]


def recall(
    keys: Mapping[N, str], seconds: float, load: Callable[[list[N]], Mapping[N, T]]
) -> dict[N, T]:
    """Return the stored values by name; load what is missing in one go and store it.

    They come in the order of the names, whatever was stored: a basket's order counts.
    """
    stored = cache.get_many(keys.values()) if seconds > 0 else {}
    found: dict[N, Any] = {name: stored[key] for name, key in keys.items() if key in stored}
    missing = [name for name in keys if name not in found]
    if missing:
        loaded = load(missing)
        found.update(loaded)
        fresh = {keys[name]: value for name, value in loaded.items() if value is not None}
        if seconds > 0 and fresh:
            cache.set_many(fresh, timeout=seconds)
        found = {name: found[name] for name in keys if name in found}
    return found


def forget(keys: Iterable[str]) -> None:
    """Remove stored values."""
    cache.delete_many(list(keys))
