"""Builds: what was computed, how good it is, and which one shoppers see."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations import model_wording, wording
from recommendations.admin import figures
from recommendations.admin.build_actions import BuildActions
from recommendations.admin.build_charts import history_charts, list_length_chart
from recommendations.admin.charts import bars
from recommendations.admin.choices import may_see_choices
from recommendations.admin.comparing import comparison_progress
from recommendations.admin.model_table import asked_kind, main_kind, model_rows
from recommendations.admin.overview import overview_context
from recommendations.admin.progress import build_progress
from recommendations.admin.readonly import ReadOnlyAdmin
from recommendations.admin.tuning_table import tuning_tables
from recommendations.models import Build, BuildLease
from recommendations.selectors.builds import build_before, published_build
from recommendations.selectors.model_states import model_states

INCLUDES = "admin/crosssell_recommendations/includes"


@admin.register(Build)
class BuildAdmin(BuildActions, ReadOnlyAdmin):
    """Read-only pages with buttons: a build is made by a program and only chosen by people."""

    list_display = (
        "number",
        "kind",
        "state",
        "lines",
        "coverage",
        "hit_rate",
        "started_at",
        "took",
    )
    list_display_links = ("number",)
    list_filter = ("kind", "status")
    list_per_page = 25
    search_fields = ("=pk", "requested_by")
    search_help_text = gettext_lazy("Number of a build, or who asked for it.")

    class Media:
        css = {"all": ("crosssell_admin/crosssell_admin.css",)}
        js = ()

    # -- list --------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Build]:
        leases = BuildLease.objects.filter(kind=OuterRef("kind"), expires_at__gt=timezone.now())
        builds = super().get_queryset(request).defer("error", "parameters")
        annotated: QuerySet[Build] = builds.annotate(builder_alive=Exists(leases))
        return annotated

    @admin.display(description=gettext_lazy("build"), ordering="pk")
    def number(self, build: Build) -> str:
        return f"#{build.pk}"

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def state(self, build: Any) -> SafeString:
        running = build.status == Build.Status.RUNNING
        progress = build_progress(build, alive=build.builder_alive) if running else None
        return render_to_string(f"{INCLUDES}/state.html", {**badge(build), "progress": progress})

    @admin.display(description=gettext_lazy("order lines"))
    def lines(self, build: Build) -> str:
        return wording.number(figures.LINES.of(build))

    @admin.display(description=gettext_lazy("with lists"))
    def coverage(self, build: Build) -> str:
        return figures.written(figures.COVERAGES, build)

    @admin.display(description=gettext_lazy("hit rate"))
    def hit_rate(self, build: Build) -> str:
        return figures.hit_rate(build)

    @admin.display(description=gettext_lazy("took"))
    def took(self, build: Build) -> str:
        if build.finished_at is None:
            return "–"
        return wording.duration(build.finished_at - build.started_at)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Put the table of models, and one of them with its history, above the list."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        states = model_states()
        asked = asked_kind(request)
        kind = asked or main_kind(answer for state in states for answer in state.answers)
        overview = overview_context(kind)
        overview["actions"] = self.offered_for_kind(
            request, kind, published=overview["overview"].published
        )
        if overview["progress"] and not overview["progress"].silent:
            overview["actions"].pop("rebuild", None)
        context = {
            "title": _("Builds"),
            "subtitle": None,
            "models": model_rows(states, self.rebuild_addresses(request)),
            "compare": self.compare_address(request),
            "comparison": comparison_progress(),
            "may_see_choices": may_see_choices(request.user),
            "shown_kind": kind,
            "asked_kind": asked,
            "kind": overview,
            "charts": history_charts(kind),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    # -- one build ---------------------------------------------------------------------------

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one build: verdict in words, figures beside the published build's, charts."""
        if self.has_view_permission(request) and object_id.isdigit():
            build = get_object_or_404(Build, pk=object_id)
            extra_context = {**self._page(request, build), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, extra_context)

    def _page(self, request: HttpRequest, build: Build) -> dict[str, Any]:
        published = published_build(build.kind)
        # The published build is compared with what it replaced.
        itself = published is not None and published.pk == build.pk
        other = build_before(build) if itself else published
        running = build.status == Build.Status.RUNNING
        return {
            "title": str(build),
            "subtitle": None,
            "build": build,
            **badge(build),
            "progress": build_progress(build) if running else None,
            "sentence": model_wording.sentence(build.kind),
            "tuning": tuning_tables(build.metrics.get("tuning")),
            "parameters": _parameters(build),
            "reasons": wording.verdict(build.verdict),
            "judged": "accepted" in build.verdict,
            "accepted": bool(build.verdict.get("accepted")),
            "other": other,
            "replaced": itself,
            "comparisons": figures.comparisons(build, other),
            "left_out": bars(wording.left_out(build.input_counts.get("left_out") or {})),
            "charts": [] if running else list_length_chart(build),
            "actions": self.offered(request, build),
            "took": self.took(build),
            "seconds": {
                wording.phase(name): seconds
                for name, seconds in (build.metrics.get("seconds") or {}).items()
            },
        }


def badge(build: Build) -> dict[str, Any]:
    """Return what a status badge shows."""
    status = Build.Status(build.status)
    return {
        "status_label": status.label,
        "status_tone": wording.TONES[status],
        "status_meaning": wording.MEANINGS[status],
    }


def _parameters(build: Build) -> dict[str, Any]:
    """Return the settings that shaped a build, its models' parameters each on a line."""
    shown = {name: value for name, value in build.parameters.items() if name != "models"}
    for model in build.parameters.get("models") or ():
        label = f"{model.get('family', '')} ({model.get('question', '')})"
        named = (model.get("parameters") or {}).items()
        shown[label] = ", ".join(f"{name} {value}" for name, value in named)
    return shown
