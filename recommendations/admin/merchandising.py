"""The merchant's rules: on the page of their placement, and by themselves for all placements."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.engine.conditions import ConditionError, parse
from recommendations.forms import ConditionField
from recommendations.forms.condition_words import condition_words
from recommendations.models import Item, Merchandising, PlacementPin, PlacementStep, SlotShare
from recommendations.selectors.items import ItemFace
from recommendations.selectors.placements import (
    PlacedPin,
    PlacedRule,
    PlacedShare,
    condition_text,
)

MOST_KNOWN = 500
"""Values of a field that are offered while a person types."""


def known_values() -> dict[str, list[str]]:
    """Return the categories and brands of the shop, so that nobody has to guess their names."""
    active = Item.objects.filter(active=True)
    return {
        f"item.{column}": list(
            active.exclude(**{column: ""})
            .order_by(column)
            .values_list(column, flat=True)
            .distinct()[:MOST_KNOWN]
        )
        for column in ("category", "brand")
    }


class StepForm(forms.ModelForm):
    """One source of a placement's products."""

    class Meta:
        model = PlacementStep
        fields = ("position", "strategy")


class PinForm(forms.ModelForm):
    """An item at a position of a placement."""

    class Meta:
        model = PlacementPin
        fields = ("position", "item")


class RuleForm(forms.ModelForm):
    """A rule that lifts, buries or hides, with its condition in rows or as JSON."""

    condition = ConditionField(
        label=gettext_lazy("Products for which"),
        required=False,  # the model's own words say what is missing
        help_text=gettext_lazy("The rule acts only where this is true."),
    )

    class Meta:
        model = Merchandising
        fields = ("name", "enabled", "kind", "strength", "condition")
        help_texts = {
            "kind": gettext_lazy(
                "Lift: stands further ahead. Bury: further behind. Hide: is never shown."
            ),
            "strength": gettext_lazy(
                "In percent. 100 doubles a product's score, or halves it; 400 is the most. Hiding "
                "needs none."
            ),
        }


class ShareForm(forms.ModelForm):
    """A group of products with a share of the places."""

    condition = ConditionField(label=gettext_lazy("Products for which"), required=False)

    class Meta:
        model = SlotShare
        fields = ("name", "percent", "condition")


class StepInline(admin.TabularInline):
    """Sources, asked from top to bottom."""

    model = PlacementStep
    form = StepForm
    extra = 0
    verbose_name_plural = gettext_lazy(
        "Where products come from: leave it empty for what this block usually shows"
    )


class PinInline(admin.TabularInline):
    """Items that stand fast."""

    model = PlacementPin
    form = PinForm
    extra = 0
    autocomplete_fields = ("item",)
    verbose_name_plural = gettext_lazy("Pinned items: always shown, at the position you say")


class RuleInline(admin.StackedInline):
    """Rules of this placement alone."""

    model = Merchandising
    form = RuleForm
    extra = 0
    verbose_name = gettext_lazy("rule")
    verbose_name_plural = gettext_lazy("Lift, bury and hide in this block alone")


class ShareInline(admin.StackedInline):
    """Groups and their shares."""

    model = SlotShare
    form = ShareForm
    extra = 0
    verbose_name_plural = gettext_lazy("Groups with a share of the places, such as your own brand")


INLINES = (PinInline, RuleInline, ShareInline, StepInline)


@admin.register(Merchandising)
class MerchandisingAdmin(admin.ModelAdmin):
    """All rules that lift, bury or hide, whichever placement they hold for."""

    form = RuleForm
    list_display = ("name", "kind", "strength", "shown_placement", "reading", "enabled")
    list_filter = ("kind", "enabled", "placement")
    search_fields = ("name",)
    list_select_related = ("placement",)
    fields = ("name", "enabled", "placement", "kind", "strength", "condition")

    class Media:
        css = {"all": ("crosssell_admin/crosssell_admin.css",)}

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Offer the names of categories and brands."""
        context = {"known_values": known_values(), **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    @admin.display(description=gettext_lazy("placement"), ordering="placement__slug")
    def shown_placement(self, rule: Merchandising) -> str:
        return str(rule.placement) if rule.placement else _("all placements")

    @admin.display(description=gettext_lazy("products for which"))
    def reading(self, rule: Merchandising) -> str:
        try:
            return condition_words(parse(rule.condition))
        except ConditionError as error:  # stored past the form
            return str(error)


def unsaved(data: Any) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Return what the inlines of a placement's form hold, and what is wrong in them.

    Nothing is saved, so a preview follows what a person enters.
    """
    problems: dict[str, list[str]] = {}
    steps = sorted(_rows(data, "steps", StepForm, problems), key=lambda row: row["position"])
    pins = sorted(_rows(data, "pins", PinForm, problems), key=lambda row: row["position"])
    rules = [row for row in _rows(data, "merchandising", RuleForm, problems) if row["enabled"]]
    everywhere = Merchandising.objects.filter(enabled=True, placement=None).order_by("pk")
    return {
        "steps": tuple(dict.fromkeys(row["strategy"] for row in steps)),
        "pins": tuple(
            PlacedPin(
                row["position"],
                ItemFace(
                    row["item"].pk, row["item"].key, row["item"].parent_id, row["item"].category
                ),
            )
            for row in pins
        ),
        "rules": (
            *(
                PlacedRule(
                    None, row["name"], row["kind"], row["strength"],
                    condition_text(row["condition"]),
                )
                for row in rules
            ),
            *(
                PlacedRule(
                    rule.pk, rule.name, rule.kind, rule.strength, condition_text(rule.condition)
                )
                for rule in everywhere
            ),
        ),
        "shares": tuple(
            PlacedShare(None, row["name"], row["percent"], condition_text(row["condition"]))
            for row in _rows(data, "shares", ShareForm, problems)
        ),
    }, problems  # fmt: skip


MOST_ROWS = 100
"""Rows of one kind that a preview reads of a form."""


def _rows(
    data: Any, prefix: str, form: type[forms.ModelForm[Any]], problems: dict[str, list[str]]
) -> list[dict[str, Any]]:
    """Return the valid rows of an inline that are not to be deleted; faults are put down."""
    total = str(data.get(f"{prefix}-TOTAL_FORMS", "0"))
    rows = []
    for number in range(min(int(total) if total.isdecimal() else 0, MOST_ROWS)):
        name = f"{prefix}-{number}"
        one = form(data, prefix=name)
        if data.get(f"{name}-DELETE") or not one.has_changed():
            continue
        if one.is_valid():
            rows.append(one.cleaned_data)
        else:
            for field, errors in one.errors.items():
                problems[f"{name}-{field}"] = [str(error) for error in errors]
    return rows
