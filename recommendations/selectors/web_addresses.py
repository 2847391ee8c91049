"""Addresses that a block may link to or load: those of the web, and no others.

A shop's product may carry an address that somebody typed or that came with a feed. Escaping keeps
it inside its attribute; that it is no script only its scheme tells.
"""

from __future__ import annotations

import re
from functools import lru_cache

# What browsers drop before they look for the scheme (WHATWG URL standard, basic URL parser):
# control characters and spaces in front, tabs and line breaks anywhere.
_IN_FRONT = "".join(map(chr, range(0x21)))
_ANYWHERE = re.compile(r"[\t\n\r]")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_ALLOWED = frozenset({"http", "https"})


@lru_cache(maxsize=4096)
def web_address(address: str) -> str:
    """Return the address if it is relative or of the web, else nothing."""
    read = _ANYWHERE.sub("", address).lstrip(_IN_FRONT)
    scheme = _SCHEME.match(read)
    return address if scheme is None or scheme[1].lower() in _ALLOWED else ""
