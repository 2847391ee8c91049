"""What goes with several items at once: their stored lists, summed for this request.

Nothing is computed beforehand, so the very last item counts at once, and most.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from recommendations.engine.families.whole_basket import (
    DEFAULT_RULE,
    BasketRule,
    complete_basket,
    recency_weights,
)
from recommendations.engine.tuning import PLAIN_RULE, rule_from
from recommendations.models import Kind, Question
from recommendations.selectors.candidates import Candidate
from recommendations.selectors.fallbacks import Listed, Why, shown_in_order
from recommendations.selectors.items import ItemFace
from recommendations.selectors.lists import Companions, ItemList, item_lists
from recommendations.selectors.pair_rules import pair_rules
from recommendations.selectors.placements import PlacementChoice
from recommendations.selectors.reasons import Reason
from recommendations.selectors.serving import Serving, described, serving

MOST_ASKED = 50
"""Newest items whose lists are summed: older ones weigh next to nothing, and a basket of thousands
of lines would cost a page that much more."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What is said of the items that are asked about."""

    reason: Reason
    none: Why
    """Why something stands in where there are no items."""
    unknown: Why
    """The same where no order holds them."""
    pairs: bool = False
    """Whether rules about two of them may speak: their reasons name a basket."""


class SummedLists:
    """One question: what goes with these items, of which the newest is the last."""

    def __init__(self, items: Sequence[ItemFace], told: Told) -> None:
        # Of a family that is there twice, the later place counts.
        newest_first = {face.family: face for face in reversed(items)}
        self.items = list(newest_first.values())[:MOST_ASKED][::-1]
        self.told = told
        self.known = False

    def candidates(self, choice: PlacementChoice, support: int) -> Iterator[Candidate]:
        """Yield what goes with them, then what stands in as the placement allows."""
        answering = serving(Question.BASKET)
        kinds = {each.kind for each in answering}
        others = (each for each in described() if each.kind not in kinds)
        return shown_in_order(
            choice,
            support,
            own=self.lists(answering),
            others=self.lists(others),
            categories=[face.category for face in reversed(self.items)],
            why=lambda: self._why(published=bool(answering)),
        )

    def lists(self, builds: Iterable[Serving]) -> Iterator[Listed]:
        """Yield the sum of each build's lists."""
        for each in builds:
            lists = item_lists(each.build_id, [face.key for face in self.items])
            self.known = self.known or any(listed.known for listed in lists.values())
            companions = self._completed(lists, rule_of(each.kind, each.parameters))
            rules = self.told.pairs and each.kind == Kind.RULES
            yield Listed(
                each.kind, each.build_id, companions, reason=self.told.reason,
                beside=self.items[-1].category if self.items else "",
                rules=pair_rules(each.build_id, self.items) if rules else (),
            )  # fmt: skip

    def _completed(self, lists: dict[str, ItemList], rule: BasketRule) -> Companions:
        """Return what the lists say together, each with the evidence of its strongest pair."""
        asked = [face for face in self.items if face.key in lists]
        several = [lists[face.key].companions for face in asked]
        items, scores = complete_basket(
            [companions.columns() for companions in several],
            [face.family for face in asked],
            recency_weights(len(asked)),
            rule=rule,
        )
        # Fifty lists of forty: as plain rows they take a third of the time.
        strongest: dict[int, tuple[Any, ...]] = {}
        for companions in several:
            for row in companions.rows:
                face, _, customers, _ = row
                known = strongest.get(face[0])
                if known is None or customers > known[2]:
                    strongest[face[0]] = row
        rows = []
        for pk, score in zip(items.tolist(), scores.tolist(), strict=True):
            face, _, customers, baskets = strongest[pk]
            rows.append((face, score, customers, baskets))
        return Companions(rows)

    def _why(self, *, published: bool) -> Why:
        if not self.items:
            return self.told.none
        if not published:
            return "no build is published yet"
        return "too few customers share it" if self.known else self.told.unknown


def rule_of(kind: str, parameters: Mapping[str, Any]) -> BasketRule:
    """Return how a kind's lists are summed: as it was measured when it was chosen ("read").

    The default rule was measured on the lists of *together*; other kinds are tried, and so chosen,
    by the plain sum of the first entries, unless their parameters name a rule.
    """
    default = DEFAULT_RULE if kind == Kind.TOGETHER else PLAIN_RULE
    return rule_from(parameters, default)
