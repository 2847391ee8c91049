"""What follows from two things in one basket: the rules of pairs, as a page reads them.

They are not remembered: there are as many baskets as shoppers, and one query reads all pairs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from recommendations.engine.packing import unpack
from recommendations.models import PairRules
from recommendations.selectors.candidates import Candidate
from recommendations.selectors.items import ItemFace, remembered_faces
from recommendations.selectors.slots import Evidence, Source

MOST_PAIRED = 20
"""Newest items of a basket whose pairs are looked up, 190 at most: twice as many items would be
four times the rows for a third more of what pairs find (figures at ``LEAST_PAIR_SHARE``)."""

MOST_RULES = 50
"""Rules that a page looks at, as many as it may show at most."""


class PairRule(NamedTuple):
    """One thing that follows from two that are held."""

    face: ItemFace
    score: float
    """Lower bound of the share of the pair's customers who bought it as well."""
    customers: int
    baskets: int
    pair: tuple[str, str]
    """Keys of the two."""
    titles: tuple[str, str]
    """As the shop last told; empty for what it shows no longer, which nobody is to learn of."""
    pair_customers: int


_COLUMNS = (
    "first_id", "first__key", "first__title", "first__active",
    "second_id", "second__key", "second__title", "second__active",
    "n_customers", "packed",
)  # fmt: skip


def pair_rules(build_id: int, held: Sequence[ItemFace]) -> list[PairRule]:
    """Return what follows from any two of these items, the surest first, each thing once.

    One query for all pairs; another for what follows, none when cached.
    """
    families = [face.family for face in held[-MOST_PAIRED:]]
    if len(set(families)) < 2:
        return []
    rows = PairRules.objects.filter(
        build_id=build_id, first_id__in=families, second_id__in=families
    ).values_list(*_COLUMNS)
    surest = _surest(rows)
    first = sorted(surest.items(), key=lambda each: (-each[1].score, each[0]))[:MOST_RULES]
    faces = remembered_faces([pk for pk, _ in first])
    return [rule._replace(face=faces[pk]) for pk, rule in first if pk in faces]


def followed(
    rules: Iterable[PairRule], source: Source, trace: Mapping[str, Any]
) -> Iterator[Candidate]:
    """Yield what follows as candidates, each with the two things that it follows from."""
    for position, rule in enumerate(rules, start=1):
        pair = {"keys": rule.pair, "titles": rule.titles, "customers": rule.pair_customers}
        yield Candidate(
            face=rule.face,
            source=source,
            reason="pair",
            evidence=Evidence(customers=rule.customers, baskets=rule.baskets),
            score=rule.score,
            trace={**trace, "pair": pair, "position": position},
        )


def _surest(rows: Iterable[tuple[Any, ...]]) -> dict[int, PairRule]:
    """Return for each thing that follows the surest of its rules, ties to the smaller pair."""
    found: dict[int, PairRule] = {}
    for row in sorted(rows, key=lambda each: (each[0], each[4])):
        _, key, title, active, _, other_key, other_title, other_active, customers, packed = row
        listed = unpack(packed)
        columns = (listed.items, listed.scores, listed.customers, listed.baskets)
        for pk, score, both, baskets in zip(*(c.tolist() for c in columns), strict=True):
            if pk in found and found[pk].score >= score:
                continue
            found[pk] = PairRule(
                _UNKNOWN,
                score,
                both,
                baskets,
                (key, other_key),
                (title if active else "", other_title if other_active else ""),
                customers,
            )
    return found


_UNKNOWN = ItemFace(0, "", None, "")
"""Until faces are read, for all rules that are left at once."""
