"""What a shopper would see: the real block, rendered from saved or from unsaved settings."""

from __future__ import annotations

import dataclasses

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from recommendations.admin.previewed import drawn
from recommendations.faults import contained
from recommendations.models import Item, Kind
from recommendations.selectors.builds import published_build
from recommendations.selectors.item_evidence import item_list_lengths
from recommendations.selectors.lists import popular_list
from recommendations.selectors.placements import PlacementChoice
from recommendations.selectors.slots import LeftOut

SUGGESTIONS = 12
"""Products offered while a person types: more does not fit under the field on a phone."""

FULL = 3
"""A block of the usual size: the example should not start with a short one."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """A rendered block, and what is to be said about it."""

    item: Item
    found: bool
    """Whether the shop shows the product at all."""
    html: str
    n_shown: int
    left_out: tuple[LeftOut, ...] = ()
    scene: str = ""
    """For whom and where the block was asked."""
    note: str = ""


def item_preview(request: HttpRequest, item: Item, choice: PlacementChoice) -> Preview:
    """Render the block of an item's page as a shopper with an empty basket sees it."""
    fault = Preview(
        item=item,
        found=True,
        html="",
        n_shown=0,
        note=_("The block could not be made; the site's log says why. Shoppers see no block."),
    )
    return contained(
        "The preview in the admin", lambda: _preview(request, item, choice), otherwise=fault
    )


def _preview(request: HttpRequest, item: Item, choice: PlacementChoice) -> Preview:
    block = drawn(request, item, dataclasses.replace(choice, enabled=True))
    if block is None:
        note = _("The shop does not show “%(title)s” now.") % {"title": item}
        return Preview(item=item, found=False, html="", n_shown=0, note=note)
    return Preview(
        item=item,
        found=True,
        html=block.html,
        n_shown=block.n_shown,
        left_out=block.left_out,
        scene=block.scene,
        note=_note(choice, n_shown=block.n_shown),
    )


def _note(choice: PlacementChoice, *, n_shown: int) -> str:
    if not choice.enabled:
        return _("Shoppers do not see this block: “shown” is off.")
    if not n_shown:
        return _("Nothing to show: shoppers see no block here, and no gap.")
    return ""


def picker_text(item: Item) -> str:
    """Return what stands for an item in the product field: several may share a title."""
    return f"{item} ({item.key})"


def item_for(text: str) -> Item | None:
    """Return the item a person means: by key, by title, else the first title that holds it."""
    text = text.replace("\x00", "").strip()
    if not text:
        return example_item()
    _, _, picked = text.removesuffix(")").rpartition(" (")
    exact = (
        Item.objects.filter(key=text).first()
        or Item.objects.filter(key=picked).first()
        or Item.objects.filter(title__iexact=text).order_by("-active", "pk").first()
    )
    return exact or suggestions(text, limit=1).first()


def suggestions(text: str, *, limit: int = SUGGESTIONS) -> QuerySet[Item]:
    """Return active items whose title holds the text."""
    items = Item.objects.filter(active=True, parent__isnull=True, title__icontains=text)
    return items.order_by("title", "pk")[:limit]


def example_item() -> Item | None:
    """Return the best seller among those with companions, so that a first look shows something."""
    build = published_build(Kind.TOGETHER)
    if build is not None:
        sellers = [companion.face.id for companion in popular_list(build.pk, "")]
        items = Item.objects.filter(active=True).in_bulk(sellers)
        lengths = item_list_lengths(build, items.values())
        for pk in sellers:
            if lengths.get(pk, 0) >= FULL:
                return items[pk]
    return Item.objects.filter(active=True).order_by("pk").first()
