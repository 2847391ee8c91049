"""Items: what the orders say about each, and the merchant's exceptions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from recommendations import model_wording, wording
from recommendations.admin.ladders import LadderStepInline, ladder_rungs, permissions, say
from recommendations.admin.model_table import main_kind
from recommendations.admin.previews import item_preview
from recommendations.conf import recommendation_settings
from recommendations.models import Build, Exclusion, Item, Kind, NeighbourList, Pin
from recommendations.selectors.choices import model_choices
from recommendations.selectors.item_evidence import (
    item_evidence,
    item_list_lengths,
    with_companions,
)
from recommendations.selectors.model_states import answers, published_builds
from recommendations.selectors.overview import ITEM_KINDS
from recommendations.selectors.placements import placement_choice
from recommendations.selectors.serving import DESCRIBED
from recommendations.services.ladders import WORDS

KIND = Kind.TOGETHER.value
PLACEMENT = "product"
"""The block on a product's page: the one that an item's page speaks about."""

FACE = ("title", "key", "shown_price", "category", "brand", "active", "parent", "synced_at")
"""What the shop says about an item; the merchant reads it here."""

SHOWN_CATEGORIES = 40
"""Longer filters are not read; the search field finds the other categories."""


class CompanionsFilter(admin.SimpleListFilter):
    """Whether an item has a list of its own in the build that product pages read."""

    title = gettext_lazy("companions")
    parameter_name = "companions"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("With companions")), ("no", _("Without companions"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        if self.value() not in {"yes", "no"}:
            return queryset
        lists = NeighbourList.objects.filter(
            build=_read_build(), item_id=Coalesce(OuterRef("parent_id"), OuterRef("pk"))
        )
        found = Exists(with_companions(lists))
        return queryset.filter(found if self.value() == "yes" else ~found)


class CategoryFilter(admin.SimpleListFilter):
    """The categories with the most items."""

    title = gettext_lazy("category")
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = Item.objects.exclude(category="").values("category").annotate(n=Count("pk"))
        names = [row["category"] for row in rows.order_by("-n", "category")[:SHOWN_CATEGORIES]]
        chosen = self.used_parameters.get(self.parameter_name)
        if chosen and chosen not in names:
            names.append(chosen)
        return [(name, name) for name in sorted(names)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        return queryset.filter(category=self.value()) if self.value() else queryset


class PinInline(admin.TabularInline):
    """Companions that come first, whatever the orders say."""

    model = Pin
    fk_name = "item"
    fields = ("companion", "position")
    autocomplete_fields = ("companion",)
    extra = 0
    verbose_name = gettext_lazy("pinned companion")
    verbose_name_plural = gettext_lazy("Pinned: always shown first")


class ExclusionInline(admin.TabularInline):
    """Companions that are never shown with this item."""

    model = Exclusion
    fk_name = "item"
    fields = ("companion",)
    autocomplete_fields = ("companion",)
    extra = 0
    verbose_name = gettext_lazy("excluded companion")
    verbose_name_plural = gettext_lazy("Excluded: never shown with this item")


class ItemChangeList(ChangeList):
    """Looks up the lengths of all lists of a page in one query."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        items = list(self.result_list)
        lengths = item_list_lengths(_read_build(), items)
        for item in items:
            item.list_length = lengths[item.pk]
        self.result_list = items


@admin.register(Item)
class ItemAdmin(admin.ModelAdmin):
    """The face comes from the shop and is read-only; pins and exclusions are the merchant's."""

    list_display = ("face", "key", "category", "shown_price", "active", "companions")
    list_display_links = ("face",)
    list_filter = ("active", CompanionsFilter, CategoryFilter)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("title", "=key", "category", "brand")
    search_help_text = gettext_lazy("Words of the title, a key, a category or a brand.")
    ordering = ("title", "pk")
    actions = None
    inlines = (LadderStepInline, PinInline, ExclusionInline)
    readonly_fields = FACE
    fieldsets = (
        (
            None,
            {
                "fields": FACE,
                "description": gettext_lazy(
                    "As the shop last told. Change it in the shop; synchronising brings it here."
                ),
            },
        ),
    )

    class Media:
        css = {"all": ("crosssell_admin/crosssell_admin.css",)}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Item | None = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        build = _read_build()
        context: dict[str, Any] = {"title": _("Items")}
        if build is not None:
            # Else a number would say nothing: each kind has lists of its own.
            context["subtitle"] = _(
                "Companions are those of “%(kind)s”, which product pages read"
            ) % {"kind": build.get_kind_display()}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ItemChangeList

    @admin.display(description=gettext_lazy("title"), ordering="title")
    def face(self, item: Item) -> str:
        return str(item)

    @admin.display(description=gettext_lazy("price"), ordering="price")
    def shown_price(self, item: Item) -> str:
        return "–" if item.price is None else f"{wording.amount(item.price)} {item.currency}"

    @admin.display(description=gettext_lazy("companions"))
    def companions(self, item: Any) -> str:
        return wording.number(item.list_length)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the evidence, the list and what a shopper sees now beside the exceptions."""
        if self.has_view_or_change_permission(request) and object_id.isdigit():
            item = get_object_or_404(Item, pk=object_id)
            extra_context = {**self._page(request, item), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, extra_context)

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the buttons beside the steps of a ladder."""
        ladder = path(
            "<int:pk>/ladder/",
            self.admin_site.admin_view(self.ladder_view),
            name="crosssell_recommendations_item_ladder",
        )
        return [ladder, *super().get_urls()]

    @method_decorator(require_POST)
    def ladder_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say something of one step, and go back to the ladder."""
        return say(request, self, pk)

    def _page(self, request: HttpRequest, item: Item) -> dict[str, Any]:
        choice = placement_choice(PLACEMENT)
        support = max(choice.minimum_support, recommendation_settings().minimum_customers)
        published = [kind for kind in published_builds() if kind in ITEM_KINDS]
        asked = request.GET.get("list", "")
        usual = _usual_kind(published)
        kind = asked if asked in published else usual
        # What a description tells, needs no customers: too few of them is no fault.
        needed = 0 if kind in DESCRIBED else support
        evidence = item_evidence(item, kind, minimum_support=needed)
        preview = item_preview(request, item, choice)
        return {
            "title": str(item),
            "subtitle": None,
            "evidence": evidence,
            "ladder": ladder_rungs(item),
            "ladder_words": [word for word in WORDS if request.user.has_perms(permissions(word))],
            "list_kind": kind,
            "list_sentence": model_wording.sentence(kind),
            "list_described": kind in DESCRIBED,
            "list_tabs": _tabs(published, kind),
            "bought": wording.bought_by(evidence.n_customers, evidence.n_baskets),
            "support": support,
            "choice": choice,
            "preview": preview,
            "may_explain": request.user.has_perm("crosssell_recommendations.view_placement"),
            "shortfall": _shortfall(item, evidence, preview, choice.count, support)
            if kind == usual
            else [],
        }


def _read_build() -> Build | None:
    """Return the build whose lists product pages read."""
    published = published_builds()
    return published.get(_usual_kind([kind for kind in published if kind in ITEM_KINDS]))


def _usual_kind(published: Collection[str]) -> str:
    """Return the kind whose list product pages read, so that it is the first that is shown."""
    kind = main_kind(answers(published, model_choices()))
    return kind if kind in ITEM_KINDS else KIND


def _tabs(published: Collection[str], shown: str) -> list[dict[str, Any]]:
    """Return a tab for each kind that has a list per item, in the usual order of kinds."""
    return [
        {"kind": kind.value, "label": kind.label, "shown": kind == shown}
        for kind in Kind
        if kind in published
    ]


def _shortfall(item: Item, evidence: Any, preview: Any, asked: int, support: int) -> list[str]:
    """Return why a shopper sees fewer companions than the placement asks for, in sentences."""
    if preview.n_shown >= asked:
        return []
    if not preview.found:
        return [_("The shop does not show this product now, so its page has no block.")]
    reasons = []
    if evidence.build is None:
        reasons.append(_("No build is published yet. Press Rebuild on the page of builds."))
    elif not evidence.n_customers:
        reasons.append(_("The published build read no order with this item."))
    elif evidence.n_customers < support:
        reasons.append(
            _(
                "%(n)s customers bought it; a pair needs at least %(support)s customers who "
                "bought both."
            )
            % {"n": wording.number(evidence.n_customers), "support": wording.number(support)}
        )
    elif len(evidence.companions) < asked:
        reasons.append(wording.few_companions(len(evidence.companions), support))
    counts = Counter(left_out.rule for left_out in preview.left_out)
    reasons.extend(wording.left_out_rule(rule, count) for rule, count in counts.items())
    return reasons


@admin.register(Exclusion)
class ExclusionAdmin(admin.ModelAdmin):
    """All exclusions, also those that hold with every item."""

    list_display = ("companion", "with_item", "created_at")
    list_select_related = ("item", "companion")
    autocomplete_fields = ("companion", "item")
    search_fields = ("companion__title", "=companion__key", "item__title", "=item__key")
    fields = ("companion", "item")

    @admin.display(description=gettext_lazy("never shown with"), ordering="item")
    def with_item(self, exclusion: Exclusion) -> str:
        return str(exclusion.item) if exclusion.item else _("anything")
