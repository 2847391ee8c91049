"""The page that says why a block shows what it shows, and why not something else."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from recommendations.admin.previews import item_for, picker_text
from recommendations.explanation_wording import (
    Told,
    answer_words,
    asked_words,
    left_out_words,
    list_words,
    slot_facts,
    stage_words,
)
from recommendations.faults import contained
from recommendations.models import Item, Placement
from recommendations.selectors.explaining import (
    BLOCKS,
    Considered,
    Explanation,
    Supposed,
    block_of,
    explanation,
)
from recommendations.selectors.items import item_names
from recommendations.selectors.placements import PlacementChoice, placement_choice

MAX_TEXT = 200
"""Longest text of a field: an item's key is no longer."""

MOST_HELD = 20
"""Products of a basket that can be supposed."""

MOST_ROWS = 40
"""Products told of that are not shown: who wants to know of another one asks for it by name."""

TEMPLATE = "admin/crosssell_recommendations/placement/explain.html"


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What the form asks."""

    choice: PlacementChoice
    item: Item | None
    held: Sequence[Item]
    category: str
    why: Item | None
    missing: tuple[str, ...]
    """Texts that no product was found for."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ShownRow:
    """A product of the block."""

    title: str
    item_id: int
    stage: str
    facts: Sequence[Told]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class OtherRow:
    """A product that was considered and is not shown."""

    title: str
    item_id: int
    place: int | None
    source: str
    sentences: Sequence[str]


def explain_page(request: HttpRequest, model_admin: ModelAdmin[Any]) -> TemplateResponse:
    """Render the form and, as soon as there is a product, its answer. Nothing is changed."""
    names = _names()
    question = _question(request.GET, names)
    found = contained("The explanation in the admin", lambda: _asked(question), otherwise=None)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "media": model_admin.media,
        "title": _("Why is this here, why is that not?"),
        "question": question,
        "needs": block_of(question.choice).needs,
        "names": names,
        "placement_id": names.get(question.choice.slug),
        "product_text": picker_text(question.item) if question.item else "",
        "why_text": picker_text(question.why) if question.why else "",
        "basket_texts": [picker_text(item) for item in question.held] + [""],
        "found": found,
        "may_view_items": request.user.has_perm("crosssell_recommendations.view_item"),
        **({} if found is None else _told(found)),
    }
    return TemplateResponse(request, TEMPLATE, context)


def _names() -> dict[str, int | None]:
    """Return the names of all placements with their rows; blocks have names without one too."""
    saved = dict(Placement.objects.order_by("slug").values_list("slug", "pk"))
    return {**saved, **{name: None for name in sorted(BLOCKS) if name not in saved}}


def _question(given: QueryDict, names: dict[str, int | None]) -> Question:
    asked = _text(given, "placement")
    choice = placement_choice(asked if asked in names else "product")
    needs = block_of(choice).needs
    missing: list[str] = []

    def item(text: str) -> Item | None:
        found = item_for(text)
        if found is None and text:
            missing.append(text)
        return found

    product, why = _text(given, "product"), _text(given, "why")
    basket = [text for text in map(_cut, given.getlist("basket")[:MOST_HELD]) if text]
    return Question(
        choice=choice,
        item=item(product) if needs == "item" or product else None,
        held=[held for held in map(item, basket) if held is not None],
        category=_text(given, "category"),
        why=item(why) if why else None,
        missing=tuple(missing),
    )


def _text(given: QueryDict, name: str) -> str:
    return _cut(given.get(name, ""))


def _cut(text: str) -> str:
    return text.replace("\x00", "").strip()[:MAX_TEXT]


def _asked(question: Question) -> Explanation | None:
    if block_of(question.choice).needs == "item" and question.item is None:
        return None
    page = Supposed(
        item=question.item.key if question.item else "",
        basket=[item.key for item in question.held],
        category=question.category,
    )
    why = question.why.key if question.why else None
    return explanation(question.choice, page, why=why)


def _told(found: Explanation) -> dict[str, Any]:
    others = (*found.left_out[:MOST_ROWS], *found.behind[:MOST_ROWS])
    names = item_names(each.candidate.face.id for each in others)

    def row(each: Considered) -> OtherRow:
        face, trace = each.candidate.face, each.candidate.trace
        return OtherRow(
            title=names[face.id].title if face.id in names else face.key,
            item_id=face.id,
            place=each.place,
            source=list_words(trace, place=trace.get("position")),
            sentences=left_out_words(each),
        )

    return {
        "shown": [
            ShownRow(
                title=slot.title,
                item_id=slot.item_id,
                stage=stage_words(slot),
                facts=slot_facts(slot),
            )
            for slot in found.slots
        ],
        "left_out": [row(each) for each in found.left_out[:MOST_ROWS]],
        "more_left_out": max(0, len(found.left_out) - MOST_ROWS),
        "behind": [row(each) for each in found.behind[:MOST_ROWS]],
        "more_behind": max(0, len(found.behind) - MOST_ROWS),
        "lists": [asked_words(asked) for asked in found.lists],
        "answer": answer_words(found),
        "is_shown": found.answer is not None and found.answer.verdict == "shown",
    }
