"""What a visitor has looked at in this visit, read from the shop's own session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from recommendations.selectors.candidates import Candidate
from recommendations.selectors.items import ItemFace, item_faces
from recommendations.selectors.privacy import is_personal

if TYPE_CHECKING:
    from django.http import HttpRequest

VIEWED = "crosssell_viewed"
"""Name in the session. It holds a list of item keys, the newest first, and nothing else."""


def viewed_keys(request: HttpRequest | None) -> list[str]:
    """Return the keys of what this visitor looked at, the newest first; of nobody else ever."""
    session = getattr(request, "session", None)
    if session is None or not is_personal(request):
        return []
    stored = session.get(VIEWED)
    # A session may have been written by another release, or by the shop.
    return [key for key in stored if isinstance(key, str)] if isinstance(stored, list) else []


def viewed_faces(request: HttpRequest | None) -> list[ItemFace]:
    """Return the items that this visitor looked at, the newest first."""
    keys = viewed_keys(request)
    faces = item_faces(keys)
    return [faces[key] for key in keys if key in faces]


def looked_at(request: HttpRequest | None) -> Iterator[Candidate]:
    """Yield what this visitor looked at, the newest first."""
    for position, face in enumerate(viewed_faces(request), start=1):
        trace = {"strategy": "recently_viewed", "build": None, "position": position}
        yield Candidate(face=face, source="model", reason="looked at", trace=trace)
