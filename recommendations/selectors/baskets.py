"""What goes with a whole basket: the stored lists of its items, summed for this request.

Where rules answer, what surely follows from two things that are held comes before that sum.
Nothing is computed beforehand, so the very last thing put in counts at once, and most.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from django.db.models import Model
from django.http import HttpRequest

from recommendations.adapters import get_adapter
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
from recommendations.selectors.filling import keys_of
from recommendations.selectors.items import ItemFace, item_faces
from recommendations.selectors.lists import Companion, ItemList, item_lists
from recommendations.selectors.pair_rules import pair_rules
from recommendations.selectors.placements import PlacementChoice
from recommendations.selectors.serving import Serving, described, serving
from recommendations.selectors.shelves import ShelfOptions, filled_shelf, held_keys
from recommendations.selectors.slots import Shelf, Slot

if TYPE_CHECKING:
    from recommendations.selectors.filling import Given

MOST_ASKED = 50
"""Newest items of a basket whose lists are summed: older ones weigh next to nothing, and a basket
of thousands of lines would cost a page that much more."""


def goes_with_basket(
    basket: HttpRequest | Given,
    *,
    placement: str = "basket",
    count: int | None = None,
    exclude: Given = (),
    currency: str | None = None,
) -> list[Slot]:
    """Return what completes a basket, best first: that of a request's shopper, or products given.

    Products are in the order in which they were put in, the newest last.
    """
    options = ShelfOptions(placement=placement, count=count, exclude=exclude, currency=currency)
    return list(basket_shelf(basket, options).slots)


def basket_shelf(basket: HttpRequest | Given, options: ShelfOptions) -> Shelf:
    """Return the shelf of a basket; with a request, prices are its shopper's."""
    adapter = get_adapter()
    request = basket if isinstance(basket, HttpRequest) else None
    keys = held_keys(adapter, request) if request is not None else keys_of(adapter, _given(basket))
    faces = item_faces(keys)
    held = [faces[key] for key in keys if key in faces]
    asked = _Basket(held)
    return filled_shelf(options, asked.candidates, request=request, held=held, with_pins=True)


def _given(basket: HttpRequest | Given) -> str | Model | Iterable[str | Model]:
    return () if isinstance(basket, HttpRequest) else basket


class _Basket:
    """One question: what goes with these items."""

    def __init__(self, held: Sequence[ItemFace]) -> None:
        # Of a family that is held twice, the later place counts.
        newest_first = {face.family: face for face in reversed(held)}
        self.held = list(newest_first.values())[:MOST_ASKED][::-1]
        self.known = False

    def candidates(self, choice: PlacementChoice, support: int) -> Iterator[Candidate]:
        answering = serving(Question.BASKET)
        kinds = {each.kind for each in answering}
        others = (each for each in described() if each.kind not in kinds)
        return shown_in_order(
            choice,
            support,
            own=self._lists(answering),
            others=self._lists(others),
            categories=[face.category for face in reversed(self.held)],
            why=lambda: self._why(published=bool(answering)),
        )

    def _lists(self, builds: Iterable[Serving]) -> Iterator[Listed]:
        for each in builds:
            lists = item_lists(each.build_id, [face.key for face in self.held])
            self.known = self.known or any(listed.known for listed in lists.values())
            companions = self._completed(lists, rule_of(each))
            yield Listed(
                each.kind, each.build_id, companions, reason="in basket",
                beside=self.held[-1].category if self.held else "",
                rules=pair_rules(each.build_id, self.held) if each.kind == Kind.RULES else (),
            )  # fmt: skip

    def _completed(self, lists: dict[str, ItemList], rule: BasketRule) -> list[Companion]:
        """Return what the lists say together, each with the evidence of its strongest pair."""
        asked = [face for face in self.held if face.key in lists]
        several = [lists[face.key].companions for face in asked]
        items, scores = complete_basket(
            [companions.columns() for companions in several],
            [face.family for face in asked],
            recency_weights(len(asked)),
            rule=rule,
        )
        strongest: dict[int, Companion] = {}
        for companions in several:
            for entry in companions:
                known = strongest.get(entry.face.id)
                if known is None or entry.customers > known.customers:
                    strongest[entry.face.id] = entry
        return [
            strongest[pk]._replace(score=score)
            for pk, score in zip(items.tolist(), scores.tolist(), strict=True)
        ]

    def _why(self, *, published: bool) -> Why:
        if not self.held:
            return "the basket is empty"
        if not published:
            return "no build is published yet"
        return (
            "too few customers share it" if self.known else "no order holds the basket's items yet"
        )


def rule_of(build: Serving) -> BasketRule:
    """Return how a kind's lists are summed: as it was measured when it was chosen ("read").

    The default rule was measured on the lists of *together*; other kinds are tried, and so chosen,
    by the plain sum of the first entries, unless their parameters name a rule.
    """
    default = DEFAULT_RULE if build.kind == Kind.TOGETHER else PLAIN_RULE
    return rule_from(build.parameters, default)
