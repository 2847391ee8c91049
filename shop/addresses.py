"""Addresses of pages and pictures, which a page holds by the dozen."""

from functools import lru_cache

from django.urls import get_resolver, get_script_prefix, get_urlconf, reverse


def address(name: str, *parts: str | int) -> str:
    """Return what ``reverse`` returns, remembered: it takes longer than all else about a link."""
    return _reversed(name, parts, get_resolver(get_urlconf()), get_script_prefix())


# What an address depends on (no address of this shop holds a language); a resolver is a new one
# when the addresses change. Room for what is asked for most.
@lru_cache(maxsize=4096)
def _reversed(name: str, parts: tuple[str | int, ...], _resolver: object, _prefix: str) -> str:
    return reverse(name, args=parts)
