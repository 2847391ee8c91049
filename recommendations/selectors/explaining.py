"""Why a block shows what it shows, and why not something else: asked of the real block.

No shopper is asked about: a basket is what whoever asks supposes, and prices are everybody's. The
same question has the same answer as long as builds, rules and the day stay the same.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

from recommendations.adapters import get_adapter
from recommendations.models import Merchandising, Placement
from recommendations.selectors import basket_upgrades, upgrades
from recommendations.selectors.baskets import basket_shelf, order_shelf
from recommendations.selectors.candidates import Candidate
from recommendations.selectors.customers import buy_again_shelf, customer_shelf
from recommendations.selectors.groups import new_arrivals_shelf, trending_shelf
from recommendations.selectors.item_shelves import also_viewed_shelf, similar_shelf
from recommendations.selectors.items import ItemFace, item_faces, known_faces
from recommendations.selectors.placements import PlacementChoice
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.slots import LeftOut, Rule, Slot
from recommendations.selectors.together import together_block
from recommendations.selectors.visits import recently_viewed_shelf, visit_shelf
from recommendations.selectors.watching import Watch, watching

Needs = Literal["item", "basket", "category", "nobody"]
"""What a block is about; "nobody": a shopper, who is not asked about here."""

Verdict = Literal["shown", "left out", "behind", "in no list", "not known", "no page"]
"""What is said of a product; "no page": the shop does not show the item whose page it is."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Supposed:
    """The page that is asked about."""

    item: str = ""
    """Key of the viewed item."""
    basket: Sequence[str] = ()
    """Keys of what is held, the newest last."""
    category: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class AskedList:
    """A list that the block asks for products."""

    told: Mapping[str, Any]
    """Its strategy, build and category, as traces name them."""
    entries: int


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Considered:
    """A candidate that is not shown."""

    candidate: Candidate
    rule: Rule | None
    """None: it stands behind what is shown."""
    by: str = ""
    """Name of the merchant's rule or share, where it has one."""
    condition: str = ""
    """The condition of that rule, as text."""
    place: int | None = None
    """Among all that may be shown, by score."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """Why a product is shown or not."""

    verdict: Verdict
    place: int | None = None
    """In the block where it is shown, else among all that may be shown."""
    rule: Rule | None = None
    by: str = ""
    condition: str = ""
    told: Mapping[str, Any] | None = None
    """The trace of its candidate: in which list it is, and where."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """A block with all that was considered for it."""

    choice: PlacementChoice
    found: bool
    """Whether the shop shows the item whose page it is."""
    slots: tuple[Slot, ...] = ()
    left_out: tuple[Considered, ...] = ()
    """Held back by a rule, in the order in which rules did so."""
    behind: tuple[Considered, ...] = ()
    """What would come next, best first."""
    lists: tuple[AskedList, ...] = ()
    answer: Answer | None = None


def explanation(choice: PlacementChoice, page: Supposed, *, why: str | None = None) -> Explanation:
    """Return a placement's block on a page with its reasons, and those of the item ``why``.

    A placement that is switched off is explained as if it were shown.
    """
    options = ShelfOptions(placement=dataclasses.replace(choice, enabled=True))
    with watching(known_faces(page.basket)) as watch:
        block = block_of(choice).make(page, options)
        watch.finish()
    if block is None:
        answer = None if why is None else Answer(verdict="no page")
        return Explanation(choice=choice, found=False, answer=answer)
    found = _Found(choice, watch, block.slots)
    return Explanation(
        choice=choice,
        found=True,
        slots=block.slots,
        left_out=found.left_out,
        behind=found.behind,
        lists=tuple(_lists(watch.listed)),
        answer=None if why is None else found.answer(why),
    )


class _Found:
    """What became of every candidate of a block."""

    def __init__(self, choice: PlacementChoice, watch: Watch, slots: Sequence[Slot]) -> None:
        assert watch.filling is not None  # noqa: S101 - a block that was made has been filled
        self.choice = choice
        self.filling = watch.filling
        self.slots = slots
        self.first = {each.face.id: each for each in reversed(watch.listed)}
        self.passed = {each.face.id: each for each in watch.passed}
        noted = [self._noted(left) for left in self.filling.sieve.left_out]
        gone = {each.candidate.face.id for each in noted if each.rule in _SAID_BY_THE_SHOP}
        self.order = [each for each in watch.passed if each.face.id not in gone]
        unsaid = {pk for pk in self.passed if pk not in gone} - {slot.item_id for slot in slots}
        unsaid -= {each.candidate.face.id for each in noted if each.rule in _ARRANGED}
        capped, behind = self._unsaid(unsaid)
        self.left_out = (*noted, *capped)
        self.behind = tuple(behind)

    def answer(self, key: str) -> Answer:
        """Return why an item is shown or not; variants of it are the same."""
        face = item_faces([key]).get(key)
        if face is None:
            return Answer(verdict="not known")
        for number, slot in enumerate(self.slots, start=1):
            if self.passed[slot.item_id].face.family == face.family:
                return Answer(verdict="shown", place=number, told=slot.trace)
        mine = next((each for each in self.order if each.face.family == face.family), None)
        left = [each for each in self.left_out if each.candidate.face.family == face.family]
        if mine is not None:  # a list before may have had too few customers for it
            left = [each for each in left if each.rule in _ARRANGED]
        if left:
            return self._held_back(left[0])
        return self._not_noted(face) if mine is None else self._behind(mine)

    def _behind(self, candidate: Candidate) -> Answer:
        place = self.order.index(candidate) + 1
        rule = self.filling.refusal(candidate)
        verdict: Verdict = "behind" if rule is None else "left out"
        return Answer(verdict=verdict, rule=rule, place=place, told=candidate.trace)

    def _not_noted(self, face: ItemFace) -> Answer:
        """Return what is to be said of an item that no list names."""
        sieve = self.filling.sieve
        rule = sieve.taken_out(face.family)
        if rule is None and not sieve.excluded.isdisjoint((face.id, face.family)):
            rule = "excluded"
        if rule is None and face.key not in get_adapter().live_products([face.key], request=None):
            rule = "not shown by the shop"
        return Answer(verdict="in no list" if rule is None else "left out", rule=rule)

    @staticmethod
    def _held_back(left: Considered) -> Answer:
        return Answer(
            verdict="left out",
            rule=left.rule,
            by=left.by,
            condition=left.condition,
            place=left.place,
            told=left.candidate.trace,
        )

    def _noted(self, left: LeftOut) -> Considered:
        pk = left.item_id
        candidate = self.passed[pk] if pk in self.passed else self.first[pk]
        condition = self._condition(left)
        return Considered(candidate=candidate, rule=left.rule, by=left.by, condition=condition)

    def _condition(self, left: LeftOut) -> str:
        """Return the condition of the rule that left something out."""
        if left.rule == "filtered":
            return self.choice.condition
        rules: Iterable[Any] = ()
        if left.rule == "hidden":
            rules = (rule for rule in self.choice.rules if rule.kind == Merchandising.Kind.HIDE)
        elif left.rule == "share":
            rules = self.choice.shares
        return next((rule.condition for rule in rules if rule.name == left.by), "")

    def _unsaid(self, unsaid: set[int]) -> tuple[list[Considered], list[Considered]]:
        """Return what the category cap held back before the shop was asked, and what is behind.

        As in the arrangement, the cap holds back what would else have come before something that
        is shown, or into a place that stayed empty.
        """
        shown = {slot.item_id for slot in self.slots}
        places = [n for n, each in enumerate(self.order, start=1) if each.face.id in shown]
        last = max(places, default=0)
        if len(self.slots) < self.filling.count:
            last = len(self.order)
        cap = self.choice.per_category
        of_category = Counter(self.passed[pk].face.category for pk in shown)
        capped, behind = [], []
        for place, candidate in enumerate(self.order, start=1):
            if candidate.face.id not in unsaid:
                continue
            category = candidate.face.category
            full = cap is not None and category != "" and of_category[category] >= cap
            if full and place <= last:
                told = Considered(candidate=candidate, rule="category cap", place=place)
                capped.append(told)
            else:
                behind.append(Considered(candidate=candidate, rule=None, place=place))
        return capped, behind


_SAID_BY_THE_SHOP: frozenset[Rule] = frozenset({
    "not shown by the shop", "not available", "other currency", "not dearer",
    "beyond the price band",
})  # fmt: skip
_ARRANGED: frozenset[Rule] = frozenset({"category cap", "share", "diversity", "rotation"})


def _lists(listed: Iterable[Candidate]) -> list[AskedList]:
    """Return the lists that the candidates come from, in the order in which they were asked."""
    counts: Counter[tuple[tuple[str, Any], ...]] = Counter(
        tuple((name, each.trace[name]) for name in _NAMING if name in each.trace) for each in listed
    )
    return [AskedList(told=dict(names), entries=n) for names, n in counts.items()]


_NAMING = ("step", "strategy", "build", "category")


# -- which block a placement is ------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, slots=True)
class Block:
    """A block by what it is about, and how it is made."""

    usual: str
    """Name of its usual placement."""
    needs: Needs
    make: Callable[[Supposed, ShelfOptions], Any]
    """Returns something with slots; None where the shop does not show the item of the page."""


def block_of(choice: PlacementChoice) -> Block:
    """Return the block of a placement."""
    return block_named(choice.slug, choice.page)


def block_named(slug: str, page: str) -> Block:
    """Return the block of a placement: by its name, else by the page it stands on."""
    return BLOCKS.get(slug) or BLOCKS[_USUAL_ON[page]]


_UPGRADES = Block(
    upgrades.PLACEMENT, "item", lambda page, options: upgrades.upgrades_block(page.item, options)
)

BLOCKS: Mapping[str, Block] = {
    block.usual: block
    for block in (
        Block(
            "product",
            "item",
            lambda page, options: together_block(page.item, placement=options.placement),
        ),
        _UPGRADES,
        Block("also-viewed", "item", lambda page, options: also_viewed_shelf(page.item, options)),
        Block("similar", "item", lambda page, options: similar_shelf(page.item, options)),
        Block("basket", "basket", lambda page, options: basket_shelf(page.basket, options)),
        Block("confirmation", "basket", lambda page, options: order_shelf(page.basket, options)),
        Block("trending", "category", lambda page, options: trending_shelf(page.category, options)),
        Block(
            "new-arrivals",
            "category",
            lambda page, options: new_arrivals_shelf(page.category, options),
        ),
        # No customer has the empty key: what is shown is what strangers see.
        Block("customer", "nobody", lambda _page, options: customer_shelf("", options)),
        Block("buy-again", "nobody", lambda _page, options: buy_again_shelf("", options)),
        Block(
            "recently-viewed", "nobody", lambda _page, options: recently_viewed_shelf(None, options)
        ),
        Block("visit", "nobody", lambda _page, options: visit_shelf(None, options)),
    )
} | {basket_upgrades.PLACEMENT: _UPGRADES}
"""The blocks by the name of their usual placement."""

_USUAL_ON: Mapping[str, str] = {
    Placement.Page.PRODUCT.value: "product",
    Placement.Page.BASKET.value: "basket",
    Placement.Page.CHECKOUT.value: "basket",
    Placement.Page.CONFIRMATION.value: "confirmation",
    Placement.Page.CATEGORY.value: "trending",
    Placement.Page.SEARCH.value: "trending",
    Placement.Page.ACCOUNT.value: "customer",
    Placement.Page.HOME.value: "customer",
    Placement.Page.EMAIL.value: "confirmation",
}
"""The block that stands on a page as a rule, for placements that the merchant has named."""
