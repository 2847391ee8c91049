"""The ladder on an item's page: its steps in order of price, and the merchant's word about each."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations import wording
from recommendations.adapters import Money
from recommendations.comparison import attributes_of, rows
from recommendations.conf import recommendation_settings
from recommendations.faults import contained
from recommendations.models import Item, LadderStep
from recommendations.selectors.ladders import MOST_STEPS, Step, ladder
from recommendations.selectors.placements import placement_choice
from recommendations.selectors.prices import number_style, price_text
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.slots import Slot
from recommendations.selectors.upgrade_steps import more
from recommendations.selectors.upgrades import PLACEMENT, UpgradesBlock, upgrades_block
from recommendations.services.ladders import FORBID, MODEL, OFFER, WORDS, set_step

MOST_DIFFERENCES = 4
"""Facts told per step: the comparison on the product's page has the others."""

MAX_KEY = 2**63 - 1
"""The largest primary key that a database holds; beyond it SQLite raises."""

WHY = {
    "forbidden step": gettext_lazy("forbidden"),
    "excluded": gettext_lazy("excluded with this item"),
    "not dearer": gettext_lazy("not dearer now"),
    "beyond the price band": gettext_lazy("outside the price band"),
    "other currency": gettext_lazy("in another currency"),
    "not available": gettext_lazy("not available now"),
    "not shown by the shop": gettext_lazy("hidden in the shop"),
    "filtered": gettext_lazy("left out by the placement's rule"),
    "hidden": gettext_lazy("hidden by a rule"),
}
"""Why shoppers do not see a step; other rules are told by their code."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Rung:
    """A row of the table."""

    item: Item
    own: bool = False
    """Whether it is the item whose ladder it is."""
    price: str
    more: str = ""
    differs: tuple[str, ...] = ()
    customers: int = 0
    chance: str = ""
    margin: str = ""
    said: str = ""
    """"offer", "forbid" or nothing."""
    place: int | None = None
    """Where shoppers see it now."""
    why: str = ""
    """Why they do not, as far as that is not the count."""


class LadderStepForm(forms.ModelForm):
    """Refuses a step to a variant of the same product: it is the same need at the same height."""

    class Meta:
        model = LadderStep
        fields = ("upgrade", "rule", "position")

    def clean_upgrade(self) -> Item:
        """Refuse the family of the item."""
        upgrade: Item = self.cleaned_data["upgrade"]
        item = getattr(self.instance, "item", None) if self.instance.item_id else None
        if item is not None and _family(upgrade) == _family(item):
            raise forms.ValidationError(_("It is the same product, or a variant of it."))
        return upgrade


class LadderStepInline(admin.TabularInline):
    """Steps that the merchant adds, orders or forbids."""

    model = LadderStep
    form = LadderStepForm
    fk_name = "item"
    fields = ("upgrade", "rule", "position")
    autocomplete_fields = ("upgrade",)
    extra = 0
    verbose_name = gettext_lazy("step up")
    verbose_name_plural = gettext_lazy("Steps up: what is offered as an upgrade of this item")


def ladder_rungs(item: Item) -> list[Rung]:
    """Return the ladder of an item, the item first and then its steps in order of price."""
    found = ladder(item)
    if not found.steps:
        return []
    nothing: tuple[UpgradesBlock | None, UpgradesBlock | None] = (None, None)
    shown, whole = contained("The ladder in the admin", lambda: _blocks(item), otherwise=nothing)
    live = _Live(shown, whole)
    own = Rung(
        item=item,
        own=True,
        price=_price(item, live.viewed),
        margin=_margin(found.margin, item),
    )
    return [own, *(_rung(step, live) for step in found.steps)]


class _Live:
    """What shoppers see of the steps now, by item."""

    def __init__(self, shown: UpgradesBlock | None, whole: UpgradesBlock | None) -> None:
        self.viewed = None if whole is None else whole.viewed
        self.slots = {slot.item_id: slot for slot in (whole.slots if whole else ())}
        self.rules = {left.item_id: left.rule for left in (whole.left_out if whole else ())}
        seen = shown.slots if shown else ()
        self.places = {slot.item_id: number for number, slot in enumerate(seen, start=1)}


def _rung(step: Step, live: _Live) -> Rung:
    slot = live.slots.get(step.item.pk)
    rule = live.rules.get(step.item.pk, "")
    return Rung(
        item=step.item,
        price=_price(step.item, slot),
        more=_more(live.viewed, slot),
        differs=_differences(live.viewed, slot),
        customers=step.customers,
        chance="" if step.chance is None else wording.share(step.chance),
        margin=_margin(step.margin, step.item),
        said="" if step.said is None else step.said.rule,
        place=live.places.get(step.item.pk),
        why=str(WHY.get(rule, rule)),
    )


def _more(viewed: Slot | None, slot: Slot | None) -> str:
    if viewed is None or slot is None:
        return ""
    return f"+{price_text(more(viewed, slot), number_style())}"


def _differences(viewed: Slot | None, slot: Slot | None) -> tuple[str, ...]:
    """Return what a step has instead, fact by fact."""
    if viewed is None or slot is None:
        return ()
    differing = rows([attributes_of(viewed), attributes_of(slot)])
    return tuple(
        f"{row.name}: {row.facts[0].text or '–'} → {row.facts[1].text or '–'}"
        for row in differing[:MOST_DIFFERENCES]
    )


def _price(item: Item, slot: Slot | None) -> str:
    """Return the live price, else the one that the shop told last."""
    if slot is not None and slot.price is not None:
        return price_text(slot.price, number_style())
    return "–" if item.price is None else price_text(_money(item.price, item), number_style())


def _margin(margin: float | None, item: Item) -> str:
    if margin is None:
        return ""
    return price_text(_money(Decimal(str(margin)), item), number_style())


def _money(amount: Decimal, item: Item) -> Money:
    return Money(amount, item.currency)


def _blocks(item: Item) -> tuple[UpgradesBlock | None, UpgradesBlock | None]:
    """Return what shoppers see, and the same with all the steps that could be seen."""
    # Without the request: the basket and the prices of the person at the admin are no shopper's.
    choice = placement_choice(PLACEMENT)
    shown = upgrades_block(item.key, ShelfOptions(placement=choice))
    most = min(MOST_STEPS, recommendation_settings().api_max_count)
    whole = dataclasses.replace(choice, enabled=True)
    return shown, upgrades_block(item.key, ShelfOptions(placement=whole, count=most))


def say(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponseRedirect:
    """Offer, forbid or leave to the model one step of an item, as a button of its page asks."""
    item = get_object_or_404(Item, pk=pk)
    word, upgrade_pk = request.POST.get("rule", ""), request.POST.get("upgrade", "")
    if word not in WORDS or not upgrade_pk.isdecimal():
        raise SuspiciousOperation
    allowed = request.user.has_perms(permissions(word))
    if not (allowed and model_admin.has_change_permission(request, item)):
        raise PermissionDenied
    upgrade = get_object_or_404(Item, pk=min(int(upgrade_pk), MAX_KEY))
    if _family(upgrade) == _family(item):
        raise SuspiciousOperation
    set_step(item, upgrade, word)
    told = _said(word) % {"upgrade": upgrade}
    model_admin.log_change(request, item, told)
    messages.success(request, told)
    address = reverse("admin:crosssell_recommendations_item_change", args=[item.pk])
    return HttpResponseRedirect(f"{address}#cs-ladder")


def permissions(word: str) -> list[str]:
    """Return what a word about a step asks for."""
    verbs = ("delete",) if word == MODEL else ("add", "change")
    return [f"crosssell_recommendations.{verb}_ladderstep" for verb in verbs]


def _said(word: str) -> str:
    if word == OFFER:
        return _("“%(upgrade)s” is offered first.")
    if word == FORBID:
        return _("“%(upgrade)s” is no longer offered as an upgrade of this item.")
    return _("“%(upgrade)s” is left to the model again.")


def _family(item: Item) -> int:
    return item.parent_id or item.pk
