"""More like what a shopper asked for more of: the lists of those items, summed for this request."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING

from recommendations.models import Question
from recommendations.selectors.candidates import Candidate
from recommendations.selectors.feedback import said_by
from recommendations.selectors.items import remembered_faces
from recommendations.selectors.serving import described, serving
from recommendations.selectors.sums import SummedLists, Told

if TYPE_CHECKING:
    from django.http import HttpRequest

_LIKED = Told(
    reason="asked for",
    none="nothing was asked for",
    unknown="no order holds what was asked for",
)


def lifted(
    usual: Iterator[Candidate], request: HttpRequest | None, support: int
) -> Iterator[Candidate]:
    """Yield what is like the things asked for and what is usual by turns, the former first.

    So a word of the shopper is seen at once, and never takes more than half of a shelf.
    """
    liked = said_by(request).liked
    if not liked:
        return usual
    return _by_turns(_like(liked, support), usual)


def _like(liked: tuple[int, ...], support: int) -> Iterator[Candidate]:
    """Yield what goes with these families, of which the newest is the first."""
    faces = remembered_faces(liked)
    asked = SummedLists([faces[pk] for pk in reversed(liked) if pk in faces], _LIKED)
    answering = serving(Question.ITEM)
    kinds = {each.kind for each in answering}
    builds = chain(answering, (each for each in described() if each.kind not in kinds))
    for listed in asked.lists(builds):
        yield from listed.candidates("model", support, {})


def _by_turns(first: Iterator[Candidate], other: Iterator[Candidate]) -> Iterator[Candidate]:
    """Yield from both in turn; when one has ended, the rest of the other."""
    for candidate in first:
        yield candidate
        yield from islice(other, 1)
    yield from other
