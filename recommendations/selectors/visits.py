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
from recommendations.selectors.looked_at import looked_at, viewed_faces
from recommendations.selectors.pages import held_faces
from recommendations.selectors.placements import PlacementChoice
from recommendations.selectors.shelves import ShelfOptions, filled_shelf
from recommendations.selectors.slots import Shelf
from recommendations.selectors.sums import SummedLists, Told

if TYPE_CHECKING:
    from django.http import HttpRequest

_LOOKED_AT = Told(
    reason="with looked at",
    none="nothing was looked at yet",
    unknown="no order holds what was looked at yet",
)


def recently_viewed_shelf(request: HttpRequest | None, options: ShelfOptions) -> Shelf:
    """Return the shelf of what was looked at, the newest first. Nothing stands in for it."""

    def candidates(_choice: PlacementChoice, _support: int) -> Iterator[Candidate]:
        return looked_at(request)

    held = held_faces(get_adapter(), request)
    return filled_shelf(options, candidates, request=request, held=held)


def visit_shelf(request: HttpRequest | None, options: ShelfOptions) -> Shelf:
    """Return the shelf of what goes with what was looked at; the newest counts most.

    What was looked at itself is left out: it has a shelf of its own.
    """
    viewed = viewed_faces(request)
    adapter = get_adapter()
    left_out = [*keys_of(adapter, options.exclude), *(face.key for face in viewed)]
    options = dataclasses.replace(options, exclude=left_out)
    asked = SummedLists(viewed[::-1], _LOOKED_AT)
    held = held_faces(get_adapter(), request)
    return filled_shelf(options, asked.candidates, request=request, held=held)
