"""The buttons of the build pages: each is a POST behind a permission of its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import tasks, wording
from recommendations.admin.comparing import comparison_progress
from recommendations.admin.enqueue import enqueue_on_commit
from recommendations.admin.progress import build_progress
from recommendations.conf import recommendation_settings
from recommendations.models import Build
from recommendations.selectors.builds import build_before, published_build
from recommendations.services.builds import PublishError, buildable_kinds, publish_build, roll_back

REBUILD = "crosssell_recommendations.rebuild"
PUBLISH = "crosssell_recommendations.publish_build"
FORCE = "crosssell_recommendations.force_publish_build"

PUBLISHABLE = frozenset({Build.Status.CANDIDATE, Build.Status.RETIRED})


class BuildActions(ModelAdmin):
    """Addresses of the buttons, to be mixed into the build's admin."""

    def get_urls(self) -> list[URLPattern]:
        def wrap(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
            return self.admin_site.admin_view(view)

        prefix = "crosssell_recommendations_build"
        own = [
            path("compare/", wrap(self.compare_view), name=f"{prefix}_compare"),
            path("rebuild/<str:kind>/", wrap(self.rebuild_view), name=f"{prefix}_rebuild"),
            path("roll-back/<str:kind>/", wrap(self.roll_back_view), name=f"{prefix}_roll_back"),
            path("<int:build_id>/publish/", wrap(self.publish_view), name=f"{prefix}_publish"),
            path("<int:build_id>/force-publish/", wrap(self.force_view), name=f"{prefix}_force"),
            path("<int:build_id>/progress/", wrap(self.progress_view), name=f"{prefix}_progress"),
        ]
        return own + super().get_urls()

    # -- what is offered ---------------------------------------------------------------------

    def offered(self, request: HttpRequest, build: Build) -> dict[str, str]:
        """Return the address of each button that this person may press on this build's page."""
        user = request.user
        found = {}
        if build.lists_kept and build.status in PUBLISHABLE and user.has_perm(PUBLISH):
            found["publish"] = _address("publish", build.pk)
        if build.lists_kept and build.status == Build.Status.REJECTED and user.has_perm(FORCE):
            found["force"] = _address("force", build.pk)
        if build.status == Build.Status.PUBLISHED:
            found.update(self.offered_for_kind(request, build.kind, published=build))
            found.pop("rebuild", None)
        return found

    def offered_for_kind(
        self, request: HttpRequest, kind: str, *, published: Build | None
    ) -> dict[str, str]:
        """Return the address of each button that concerns a kind as a whole."""
        found = {}
        if kind in buildable_kinds() and request.user.has_perm(REBUILD):
            found["rebuild"] = _address("rebuild", kind)
        if published and request.user.has_perm(PUBLISH) and build_before(published):
            found["roll_back"] = _address("roll_back", kind)
        return found

    def rebuild_addresses(self, request: HttpRequest) -> dict[str, str]:
        """Return the address of every kind's rebuild, for those who may press it."""
        if not request.user.has_perm(REBUILD):
            return {}
        return {kind: _address("rebuild", kind) for kind in buildable_kinds()}

    def compare_address(self, request: HttpRequest) -> str:
        """Return where models are compared, for those who may ask for it: as for a rebuild."""
        return _address("compare") if request.user.has_perm(REBUILD) else ""

    def _require(self, request: HttpRequest, permission: str) -> None:
        if not (self.has_view_permission(request) and request.user.has_perm(permission)):
            raise PermissionDenied

    # -- rebuild -----------------------------------------------------------------------------

    def rebuild_view(self, request: HttpRequest, kind: str) -> HttpResponse:
        """Ask for a rebuild. Nothing is lost by it, so there is no second question."""
        self._require(request, REBUILD)
        _require_kind(kind)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        enqueue_on_commit(
            request,
            tasks.rebuild,
            done=_(
                "A rebuild was asked for. It starts as soon as a worker is free; this page shows "
                "how far it is. What shoppers see changes only if the result is good."
            ),
            command=f"crosssell_rebuild {kind}",
            kind=kind,
            by=_name(request),
            requested_at=timezone.now().isoformat(),
        )
        # The page's script then looks for the build until a worker has begun it.
        return redirect(f"{_changelist()}?kind__exact={kind}#requested")

    def compare_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for a comparison of all models; what a merchant has chosen stays."""
        self._require(request, REBUILD)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if comparison_progress().running:
            messages.info(request, _("A comparison is running already; this page shows how far."))
            return redirect(_changelist())
        minutes = math.ceil(recommendation_settings().tuning_budget_seconds / 60)
        enqueue_on_commit(
            request,
            tasks.tune,
            done=_(
                "A comparison was asked for. It starts as soon as a worker is free and takes up to "
                "%(n)s minutes for each question. What it finds is then on the page of model "
                "choices; a model that it chooses is live after its next rebuild."
            )
            % {"n": wording.number(minutes)},
            command="crosssell_tune",
            by=_name(request),
            requested_at=timezone.now().isoformat(),
        )
        # The page's script then looks for the comparison until a worker has begun it.
        return redirect(f"{_changelist()}#requested")

    # -- publish and roll back ---------------------------------------------------------------

    def publish_view(self, request: HttpRequest, build_id: int) -> HttpResponse:
        """Publish a build that the gate let pass, after a second question."""
        self._require(request, PUBLISH)
        build = get_object_or_404(Build, pk=build_id)
        return self._confirmed(
            request,
            act=lambda: publish_build(build, by=_name(request)),
            title=_("Publish %(build)s?") % {"build": build},
            question=_(
                "Shoppers see the lists of this build from the next page on. You can roll back."
            ),
            label=_("Publish"),
            done=_("%(build)s is published.") % {"build": build},
            back=_build_page(build),
        )

    def force_view(self, request: HttpRequest, build_id: int) -> HttpResponse:
        """Publish a build that the gate refused, after its reasons have been shown again."""
        self._require(request, FORCE)
        build = get_object_or_404(Build, pk=build_id)
        return self._confirmed(
            request,
            act=lambda: publish_build(build, force=True, by=_name(request)),
            title=_("Publish %(build)s although the check refused it?") % {"build": build},
            question=_("Shoppers see its lists from the next page on. You can roll back."),
            label=_("Publish despite the check"),
            done=_("%(build)s is published, although the check refused it.") % {"build": build},
            back=_build_page(build),
            build=build,
        )

    def roll_back_view(self, request: HttpRequest, kind: str) -> HttpResponse:
        """Publish the build before the present one, after a second question."""
        self._require(request, PUBLISH)
        _require_kind(kind)
        published = published_build(kind)
        earlier = build_before(published) if published else None
        if earlier is None:
            question = _("There is no earlier build whose lists are still stored.")
        else:
            question = _(
                "Shoppers see the lists of %(earlier)s instead of %(published)s from the next page "
                "on. The next good rebuild replaces it again."
            ) % {"earlier": earlier, "published": published}
        return self._confirmed(
            request,
            act=lambda: roll_back(kind, by=_name(request)),
            title=_("Roll back?"),
            question=question,
            label=_("Roll back"),
            done=_("Rolled back: %(earlier)s is published.") % {"earlier": earlier},
            back=_changelist(),
        )

    def _confirmed(
        self,
        request: HttpRequest,
        *,
        act: Callable[[], object],
        title: str,
        question: str,
        label: str,
        done: str,
        back: str,
        build: Build | None = None,
    ) -> HttpResponse:
        """Ask on GET, act on POST."""
        if request.method == "POST":
            try:
                act()
            except PublishError as error:
                messages.error(request, str(error))
            else:
                messages.success(request, done)
            return redirect(back)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "question": question,
            "label": label,
            "back": back,
            "reasons": wording.verdict(build.verdict) if build else [],
            "media": self.media,
        }
        return TemplateResponse(
            request, "admin/crosssell_recommendations/build/confirm.html", context
        )

    # -- progress ----------------------------------------------------------------------------

    def progress_view(self, request: HttpRequest, build_id: int) -> JsonResponse:
        """Say how far a build is, for the page's script."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        build = get_object_or_404(Build, pk=build_id)
        return JsonResponse(build_progress(build).as_json())


def _require_kind(kind: str) -> None:
    known = buildable_kinds()
    if kind not in known:
        msg = f"There is no build kind {kind!r}; there are: {', '.join(known)}."
        raise Http404(msg)


def _name(request: HttpRequest) -> str:
    return request.user.get_username()


def _address(action: str, *arguments: object) -> str:
    return reverse(f"admin:crosssell_recommendations_build_{action}", args=arguments)


def _changelist() -> str:
    return reverse("admin:crosssell_recommendations_build_changelist")


def _build_page(build: Build) -> str:
    return reverse("admin:crosssell_recommendations_build_change", args=[build.pk])
