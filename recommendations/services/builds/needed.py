"""Which kinds a shop's pages read: what a nightly rebuild makes, and nothing for nobody."""

from __future__ import annotations

from collections.abc import Iterator

from recommendations.models import Kind
from recommendations.selectors.choices import chosen
from recommendations.selectors.readiness import counted, missing
from recommendations.selectors.serving import STANDING_IN
from recommendations.services.kinds.table import buildable_kinds

ALWAYS = frozenset(
    {
        Kind.TOGETHER,
        Kind.CONTENT,
        Kind.BUY_AGAIN,
        Kind.UPGRADES,
        Kind.TRENDING,
        Kind.NEW_ARRIVALS,
        Kind.VIEWED_BOUGHT,
    }
)
"""Whatever was chosen: these have shelves of their own, or stand in for what has no list yet."""


def needed_kinds() -> Iterator[str]:
    """Yield the kinds that pages read, of those that have what they need, *together* first.

    Its build counts the orders, by which the next kinds are found to be ready: so each is yielded
    only when the one before has been dealt with.
    """
    yield Kind.TOGETHER.value
    wanted = _wanted()
    counts = counted()
    for kind in buildable_kinds():
        if kind in wanted and kind != Kind.TOGETHER and not missing(kind, counts):
            yield kind


def _wanted() -> set[str]:
    """Return the chosen kinds; for a question without a choice, those that stand in."""
    wanted = {str(kind) for kind in ALWAYS}
    for question, standing_in in STANDING_IN.items():
        choice = chosen(question)
        wanted |= {choice.kind} if choice is not None else set(standing_in)
    return wanted
