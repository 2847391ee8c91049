"""Placements: where a block stands and what it holds, with a preview before anything is saved."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, IntegerField, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from recommendations import wording
from recommendations.admin.explaining import explain_page
from recommendations.admin.merchandising import INLINES, known_values, unsaved
from recommendations.admin.previewed import usual_heading
from recommendations.admin.previews import (
    Preview,
    item_for,
    item_preview,
    picker_text,
    suggestions,
)
from recommendations.conf import recommendation_settings
from recommendations.forms import ConditionField
from recommendations.models import (
    Kind,
    Merchandising,
    Placement,
    PlacementPin,
    SlotShare,
    Strategy,
)
from recommendations.selectors.builds import published_build
from recommendations.selectors.placements import (
    COLUMNS,
    PlacementChoice,
    condition_text,
    placement_choice,
)
from recommendations.selectors.readiness import counted, readiness

MAX_TEXT = 200
"""Longest search text: an item's key is no longer."""


def lowest_support() -> int:
    """Return below how many customers pairs do not exist: the published build's own minimum."""
    minimum = recommendation_settings().minimum_customers
    build = published_build(Kind.TOGETHER)
    built_with = build.parameters.get("minimum_customers", 0) if build else 0
    return max(minimum, int(built_with))


class PlacementForm(forms.ModelForm):
    """Says why a minimum support below the build's own would change nothing."""

    condition = ConditionField(
        label=gettext_lazy("Only products for which"),
        required=False,
        help_text=gettext_lazy(
            "Without a rule every product may be shown. Pinned items are shown anyway."
        ),
    )

    class Meta:
        model = Placement
        fields = (
            "slug", "title", "page", "enabled", "count", "minimum_support", "fallback",
            "condition", "price_from_percent", "price_to_percent", "hide_owned", "per_category",
            "diversity", "rotation",
        )  # fmt: skip
        labels = {
            "enabled": gettext_lazy("Shown to shoppers"),
            "title": gettext_lazy("Heading"),
            "count": gettext_lazy("Number of products"),
            "fallback": gettext_lazy("Where there is too little to show"),
        }
        help_texts = {
            "slug": gettext_lazy(
                "The block's name in the shop's page templates. Under another name it would stand "
                "nowhere."
            ),
            "page": gettext_lazy(
                "Where the template puts the block; choosing another page does not move it."
            ),
            "enabled": gettext_lazy("Off: the page is as if there were no such block."),
            "count": gettext_lazy("As many as fill a row look best; at most 20."),
            "minimum_support": gettext_lazy(
                "Products stand together only if at least so many different customers bought both "
                "in one order. Less is not possible than what lists were built with."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("page", "diversity", "rotation"):  # left out of a form, the usual value holds
            if name in self.fields:
                self.fields[name].required = False
        if "minimum_support" not in self.fields:  # shown read-only
            return
        self.lowest = lowest_support()
        field = self.fields["minimum_support"]
        field.widget.attrs["min"] = self.lowest
        if self.instance.pk is None:
            field.initial = max(self.lowest, self.instance.minimum_support)

    def clean_minimum_support(self) -> int:
        """Refuse a minimum that would look as if it let more pairs through."""
        wanted: int = self.cleaned_data["minimum_support"]
        if wanted < self.lowest:
            raise forms.ValidationError(
                _(
                    "Pairs bought by fewer than %(lowest)s customers are left out when lists are "
                    "built, because they would tell who bought what. So %(wanted)s would show "
                    "nothing more: enter %(lowest)s or more. Whoever runs the site sets the lower "
                    "limit (MINIMUM_CUSTOMERS)."
                ),
                code="below_build",
                params={
                    "lowest": wording.number(self.lowest),
                    "wanted": wording.number(wanted),
                },
            )
        return wanted


@admin.register(Placement)
class PlacementAdmin(admin.ModelAdmin):
    """A form for people who have read nothing, and the block as shoppers would see it."""

    form = PlacementForm
    list_display = (
        "heading",
        "enabled",
        "page",
        "products",
        "decided",
        "slug",
    )
    list_editable = ("enabled",)
    ordering = ("page", "slug")
    search_fields = ("slug", "title")
    fieldsets = (
        (None, {"fields": ("enabled", "title", "slug", "page")}),
        (
            gettext_lazy("What the block holds"),
            {
                "fields": ("count", "minimum_support", "fallback"),
                "description": gettext_lazy(
                    "To pin a product to a place of this block, see “Pinned items” further down. "
                    "What is pinned or excluded beside one product is set on that item's page."
                ),
            },
        ),
        (
            gettext_lazy("Which products may be shown"),
            {"fields": ("condition", ("price_from_percent", "price_to_percent"), "hide_owned")},
        ),
        (
            gettext_lazy("In which order"),
            {
                "fields": ("per_category", "diversity", "rotation"),
                "description": gettext_lazy(
                    "What goes before what: pinned, then excluded, then the rule above, then "
                    "lifted and buried, then the model, then what stands in. Nothing beats the "
                    "shop: what is sold out or in the basket is never shown."
                ),
            },
        ),
    )
    inlines = INLINES

    class Media:
        css = {"all": ("crosssell_admin/crosssell_admin.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Placement]:
        """Count what the merchant has decided about each, for the list."""
        placements: QuerySet[Placement] = super().get_queryset(request)
        return placements.annotate(
            n_pins=_number_of(PlacementPin),
            n_rules=_number_of(Merchandising),
            n_shares=_number_of(SlotShare),
        )

    @admin.display(description=gettext_lazy("heading"), ordering="title")
    def heading(self, placement: Placement) -> str:
        return placement.title or usual_heading(placement.slug, placement.page)

    @admin.display(description=gettext_lazy("products"), ordering="count")
    def products(self, placement: Placement) -> str:
        return wording.number(placement.count)

    @admin.display(description=gettext_lazy("your rules"))
    def decided(self, placement: Any) -> str:
        """Return what the merchant has set, so that nobody has to open sixteen forms."""
        parts = [
            ngettext("%(n)s pin", "%(n)s pins", placement.n_pins) % {"n": placement.n_pins},
            ngettext("%(n)s rule", "%(n)s rules", placement.n_rules) % {"n": placement.n_rules},
            ngettext("%(n)s share", "%(n)s shares", placement.n_shares) % {"n": placement.n_shares},
        ]
        counts = (placement.n_pins, placement.n_rules, placement.n_shares)
        said = [part for part, count in zip(parts, counts, strict=True) if count]
        if placement.condition is not None:
            said.insert(0, _("a filter"))
        return ", ".join(said) or "–"

    def get_urls(self) -> list[URLPattern]:
        prefix = "crosssell_recommendations_placement"
        wrap = self.admin_site.admin_view
        own = [
            path("preview/", wrap(self.preview_view), name=f"{prefix}_preview"),
            path("products/", wrap(self.products_view), name=f"{prefix}_products"),
            path("explain/", wrap(self.explain_view), name=f"{prefix}_explain"),
        ]
        return own + super().get_urls()

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a preview of what is saved; the script then follows the form."""
        context = dict(extra_context or {})
        if request.method == "GET" and self.has_view_or_change_permission(request):
            placement = self.get_object(request, object_id) if object_id else Placement()
            item = item_for("")
            context["preview_item"] = item
            context["picker_text"] = picker_text(item) if item else ""
            if item is not None and placement is not None:
                context["preview"] = item_preview(request, item, _choice(placement))
            context["sources"] = sources_readiness()
            context["known_values"] = known_values()
        return super().changeform_view(request, object_id, form_url, context)

    # -- preview -----------------------------------------------------------------------------

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """Render the block with the form's values. Nothing is saved."""
        self._require_view(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        form = PlacementForm(request.POST)
        form.is_valid()
        problems = {
            name: [str(error) for error in errors]
            for name, errors in form.errors.items()
            if name in _SHAPING
        }
        inlines, faults = unsaved(request.POST)
        problems |= faults
        item = item_for(request.POST.get("preview_product", "")[:MAX_TEXT])
        preview = None
        if item is not None and not problems:
            preview = item_preview(request, item, _choice_of(form.cleaned_data, inlines))
        if "application/json" in request.headers.get("Accept", ""):
            return JsonResponse(_as_json(item, preview, problems))
        return TemplateResponse(
            request,
            "admin/crosssell_recommendations/placement/preview.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": _("Preview"),
                "preview": preview,
                "preview_item": item,
                "problems": problems,
                "media": self.media,
            },
        )

    def products_view(self, request: HttpRequest) -> JsonResponse:
        """Return titles that hold the text, for the product field of the preview."""
        self._require_view(request)
        text = request.GET.get("q", "").replace("\x00", "").strip()[:MAX_TEXT]
        return JsonResponse({"products": [picker_text(item) for item in suggestions(text)]})

    @method_decorator(require_safe)
    def explain_view(self, request: HttpRequest) -> HttpResponse:
        """Say why a block shows what it shows, and why not something else."""
        self._require_view(request)
        return explain_page(request, self)

    def _require_view(self, request: HttpRequest) -> None:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied


_SHAPING = (
    "title", "count", "minimum_support", "fallback", "condition", "price_from_percent",
    "price_to_percent", "per_category", "diversity", "rotation",
)  # fmt: skip
"""Fields whose faults leave nothing to preview; a name that is taken is none of its business."""


def _choice(placement: Placement) -> PlacementChoice:
    if not placement._state.adding:
        return placement_choice(placement.slug)
    values = {name: getattr(placement, name) for name in COLUMNS}
    return PlacementChoice(**{**values, "condition": condition_text(placement.condition)})


def _choice_of(cleaned: dict[str, Any], inlines: dict[str, Any]) -> PlacementChoice:
    usual = Placement()
    values = {
        name: getattr(usual, name) if cleaned.get(name) in (None, "") else cleaned[name]
        for name in COLUMNS
    }
    values |= {
        "slug": cleaned.get("slug") or "preview",
        "condition": condition_text(cleaned.get("condition")),
    }
    return PlacementChoice(**values, **inlines)


def _number_of(model: type[Model]) -> Coalesce:
    rows = model._default_manager.filter(placement=OuterRef("pk")).order_by()
    counted = rows.values("placement").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def sources_readiness() -> list[tuple[str, str]]:
    """Return in words whether each source of products has what it needs, and what stands in."""
    counts = counted()
    states = {kind: readiness(kind, counts) for kind in set(_KINDS.values())}
    return [
        (str(Strategy(name).label), f"{states[kind].sentence} {states[kind].fallback}".strip())
        for name, kind in _KINDS.items()
    ]


_KINDS = {
    Strategy.TOGETHER.value: Kind.TOGETHER.value,
    Strategy.ALSO_VIEWED.value: Kind.VIEWED_BOUGHT.value,
    Strategy.SIMILAR.value: Kind.CONTENT.value,
    Strategy.UPGRADES.value: Kind.UPGRADES.value,
    Strategy.BASKET.value: Kind.TOGETHER.value,
    Strategy.CUSTOMER.value: Kind.USER_BASED.value,
    Strategy.BUY_AGAIN.value: Kind.BUY_AGAIN.value,
    Strategy.TRENDING.value: Kind.TRENDING.value,
    Strategy.NEW_ARRIVALS.value: Kind.NEW_ARRIVALS.value,
    Strategy.BEST_SELLERS.value: Kind.TOGETHER.value,
}
"""The kind whose readiness is told of each source; what was looked at needs none."""


def _as_json(item: Any, preview: Preview | None, problems: dict[str, list[str]]) -> dict[str, Any]:
    if item is None:
        note = _("No product was found.")
    elif preview is None:
        note = _("Correct the fields above to see the preview.")
    else:
        note = preview.note
    return {
        "product": str(item) if item is not None else "",
        "scene": preview.scene if preview else "",
        "html": str(preview.html) if preview else "",
        "note": note,
        "problems": problems,
    }
