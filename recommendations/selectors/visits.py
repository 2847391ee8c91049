"""What a visitor has looked at in this visit, and what goes with it.

Both are read from the shop's own session, so they are of this visitor alone and change with the
very next page.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

from recommendations.adapters import get_adapter
from recommendations.selectors.candidates import Candidate
from recommendations.selectors.filling import keys_of
from recommendations.selectors.items import ItemFace, item_faces
from recommendations.selectors.placements import PlacementChoice
from recommendations.selectors.privacy import is_personal
from recommendations.selectors.shelves import ShelfOptions, filled_shelf, held_keys
from recommendations.selectors.slots import Shelf
from recommendations.selectors.sums import SummedLists, Told

if TYPE_CHECKING:
    from django.http import HttpRequest

VIEWED = "crosssell_viewed"
"""Name in the session. It holds a list of item keys, the newest first, and nothing else."""

_LOOKED_AT = Told(
    reason="with looked at",
    none="nothing was looked at yet",
    unknown="no order holds what was looked at yet",
)


def viewed_keys(request: HttpRequest | None) -> list[str]:
    """Return the keys of what this visitor looked at, the newest first; of nobody else ever."""
    session = getattr(request, "session", None)
    if session is None or not is_personal(request):
        return []
    stored = session.get(VIEWED)
    # A session may have been written by another release, or by the shop.
    return [key for key in stored if isinstance(key, str)] if isinstance(stored, list) else []


def recently_viewed_shelf(request: HttpRequest | None, options: ShelfOptions) -> Shelf:
    """Return the shelf of what was looked at, the newest first. Nothing stands in for it."""

    def candidates(_choice: PlacementChoice, _support: int) -> Iterator[Candidate]:
        for position, face in enumerate(_viewed(request), start=1):
            trace = {"strategy": "recently_viewed", "build": None, "position": position}
            yield Candidate(face=face, source="model", reason="looked at", trace=trace)

    return filled_shelf(options, candidates, request=request, held=_held(request))


def visit_shelf(request: HttpRequest | None, options: ShelfOptions) -> Shelf:
    """Return the shelf of what goes with what was looked at; the newest counts most.

    What was looked at itself is left out: it has a shelf of its own.
    """
    viewed = _viewed(request)
    adapter = get_adapter()
    left_out = [*keys_of(adapter, options.exclude), *(face.key for face in viewed)]
    options = dataclasses.replace(options, exclude=left_out)
    asked = SummedLists(viewed[::-1], _LOOKED_AT)
    return filled_shelf(options, asked.candidates, request=request, held=_held(request))


def _viewed(request: HttpRequest | None) -> list[ItemFace]:
    keys = viewed_keys(request)
    faces = item_faces(keys)
    return [faces[key] for key in keys if key in faces]


def _held(request: HttpRequest | None) -> list[ItemFace]:
    return list(item_faces(held_keys(get_adapter(), request)).values())
