"""Frequently bought together: from an item's list to the slots of a block, in at most two queries.

Candidates (pins, then the list of the kind that was chosen for items, then the fallback) pass the
merchant's rules, then the shop says what is live.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

from django.db.models import Model

from recommendations.adapters import ShopAdapter, get_adapter
from recommendations.models import Question, Strategy
from recommendations.selectors.blocks import Asked, filling_of, within_band
from recommendations.selectors.candidates import Candidate, pinned
from recommendations.selectors.fallbacks import Listed, Why, shown_in_order
from recommendations.selectors.filling import Given, least_support
from recommendations.selectors.items import ItemFace
from recommendations.selectors.lists import ItemList, item_list
from recommendations.selectors.pages import held_faces
from recommendations.selectors.placements import (
    ItemRules,
    PlacementChoice,
    item_rules,
    placement_choice,
)
from recommendations.selectors.serving import Serving, described, serving
from recommendations.selectors.slots import Rule, Slot, TogetherBlock
from recommendations.selectors.steps import Subject, stepped
from recommendations.selectors.upgrade_steps import price_band

if TYPE_CHECKING:
    from django.http import HttpRequest


def frequently_bought_together(
    key_or_product: str | Model,
    *,
    request: HttpRequest | None = None,
    placement: str = "product",
    count: int | None = None,
    exclude: Given = (),
    currency: str | None = None,
) -> list[Slot]:
    """Return the companions of an item, best first; nothing to recommend is an empty list.

    With a request, what its shopper holds is left out and prices are that shopper's.
    """
    block = together_block(
        key_or_product,
        request=request,
        placement=placement,
        count=count,
        exclude=exclude,
        currency=currency,
    )
    return [] if block is None else list(block.slots)


def together_block(
    key_or_product: str | Model,
    *,
    request: HttpRequest | None = None,
    placement: str | PlacementChoice = "product",
    count: int | None = None,
    exclude: Given = (),
    currency: str | None = None,
    channel: str = "web",
) -> TogetherBlock | None:
    """Return an item with its companions, or None if there is no such item in the shop now.

    A ``PlacementChoice`` stands for settings that are not saved: the admin's preview.
    """
    adapter = get_adapter()
    key, product = _viewed(adapter, key_or_product)
    answering = serving(Question.ITEM)
    viewed = item_list(answering[0].build_id if answering else None, key)
    if viewed is None:
        return None
    choice = placement if isinstance(placement, PlacementChoice) else placement_choice(placement)
    query = _Query(
        adapter=adapter,
        answering=answering,
        viewed=viewed,
        product=product,
        choice=choice,
        count=count,
        request=request,
        currency=currency,
        exclude=exclude,
        channel=channel,
        rules=item_rules((viewed.face.id, viewed.face.family)),
    )
    return query.block()


def _viewed(adapter: ShopAdapter, key_or_product: str | Model) -> tuple[str, Model | None]:
    if isinstance(key_or_product, str):
        return key_or_product, None
    return adapter.key(key_or_product), key_or_product


@dataclasses.dataclass(kw_only=True)
class _Query:
    """One question for companions, answered by ``block``."""

    adapter: ShopAdapter
    answering: Sequence[Serving]
    viewed: ItemList
    """In the first of the builds that answer."""
    product: Any
    choice: PlacementChoice
    count: int | None
    request: HttpRequest | None
    currency: str | None
    exclude: Given
    channel: str
    rules: ItemRules

    def block(self) -> TogetherBlock | None:
        """Return the viewed item with its companions; None if the shop does not show it now."""
        face = self.viewed.face
        filling = filling_of(self._asked())
        candidates = filling.considered(self._candidates())
        first = filling.round(candidates, *(() if self.product is not None else (face.key,)))
        product = first[1].get(face.key) if self.product is None else self.product
        if product is None:
            return None
        available = self.adapter.available(product, request=self.request)
        viewed = filling.slot(face, product, source="viewed", available=available)
        if filling.currency is None and viewed.price is not None:
            filling.currency = viewed.price.currency
        filling.refused = within_band(self.choice, viewed)
        if Strategy.UPGRADES in self.choice.steps:
            filling.refused = self._dearer(viewed, filling.refused)
        return TogetherBlock(
            placement=self.choice.slug,
            title=self.choice.title,
            viewed=viewed,
            slots=tuple(filling.filled(candidates, first)),
            build_id=self.answering[0].build_id if self.answering else None,
            left_out=tuple(filling.sieve.left_out),
        )

    @cached_property
    def _held(self) -> Sequence[ItemFace]:
        return held_faces(self.adapter, self.request)

    def _asked(self) -> Asked:
        return Asked(
            adapter=self.adapter,
            choice=self.choice,
            rules=self.rules,
            request=self.request,
            viewed=self.viewed.face,
            held=self._held,
            exclude=self.exclude,
            count=self.count,
            currency=self.currency,
            channel=self.channel,
        )

    def _candidates(self) -> Iterator[Candidate]:
        support = least_support(self.choice)
        pins = pinned((*self.rules.pins, *self.choice.pins), self.viewed.companions, support)
        if self.choice.steps:
            return chain(pins, stepped(self.choice.steps, self._subject(), support))
        shown = shown_in_order(
            self.choice,
            support,
            own=self._lists(self.answering),
            others=self._lists(self._describing()),
            categories=(self.viewed.face.category,),
            why=self._why,
        )
        return chain(pins, shown)

    def _dearer(
        self, viewed: Slot, otherwise: Callable[[Slot], Rule | None]
    ) -> Callable[[Slot], Rule | None]:
        """Return the rule on live prices where some of the products are upgrades."""
        band = price_band(self.choice)

        def rule(slot: Slot) -> Rule | None:
            upgrade = slot.trace.get("step") == Strategy.UPGRADES
            return band.rule(viewed, slot) if upgrade else otherwise(slot)

        return rule

    def _subject(self) -> Subject:
        return Subject(
            request=self.request,
            viewed=self.viewed.face,
            held=self._held,
            comparable=True,
        )

    def _describing(self) -> Iterator[Serving]:
        """Yield the builds that know an item nobody has bought yet."""
        kinds = {each.kind for each in self.answering}
        yield from (each for each in described() if each.kind not in kinds)

    def _lists(self, builds: Iterable[Serving]) -> Iterator[Listed]:
        face = self.viewed.face
        for each in builds:
            listed = self.viewed if each is self._first else item_list(each.build_id, face.key)
            if listed is not None:
                yield Listed(each.kind, each.build_id, listed.companions, beside=face.category)

    @property
    def _first(self) -> Serving | None:
        return self.answering[0] if self.answering else None

    def _why(self) -> Why:
        """Return why the item has no list."""
        if not self.answering:
            return "no build is published yet"
        if self.viewed.known:
            return "too few customers share it"
        return "no order holds this item yet"
