"""Which model answers which question: what the comparison found, and the merchant's own word."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    JsonResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from recommendations import model_wording
from recommendations.adapters import get_adapter
from recommendations.admin.build_actions import REBUILD
from recommendations.admin.comparing import comparison_progress
from recommendations.admin.readonly import ReadOnlyAdmin
from recommendations.admin.tuning_table import TuningTable, model_label, tuning_table
from recommendations.models import Build, Kind, ModelChoice, Question
from recommendations.selectors.choices import Choices, model_choices
from recommendations.selectors.model_states import Answer, answers, published_builds
from recommendations.services.choosing import (
    best_of_kind,
    choose_automatically,
    choose_model,
    kinds_for,
)
from recommendations.services.kinds.specs import FOR_CUSTOMERS
from recommendations.services.kinds.table import buildable_kinds

VIEW = "crosssell_recommendations.view_modelchoice"
CHANGE_CHOICE = "crosssell_recommendations.change_modelchoice"

SHOWN_ENTRIES = 20
"""Lines of history on the page: a choice changes a few times a year."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """A kind that a merchant may choose, and how it did in the last comparison."""

    kind: str
    label: str
    change: str
    selected: bool


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class QuestionPanel:
    """All that is said about one question."""

    question: str
    title: str
    answer: Answer
    read: str
    """What pages read now, in words."""
    auto: ModelChoice | None
    auto_label: str
    merchant: ModelChoice | None
    merchant_label: str
    warning: str
    """That the merchant's choice measured worse than the comparison's."""
    waiting: str
    """Why pages do not read the chosen kind yet."""
    rebuild: str
    table: TuningTable | None
    options: Sequence[Option]
    set_url: str
    auto_url: str


@admin.register(ModelChoice)
class ModelChoiceAdmin(ReadOnlyAdmin):
    """One page for all four questions; rows are written by services only."""

    class Media:
        css = {"all": ("crosssell_admin/crosssell_admin.css",)}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Rows have no form of their own: who may change them presses the buttons of this page.
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_see_choices(request.user)

    def get_urls(self) -> list[URLPattern]:
        def wrap(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
            return self.admin_site.admin_view(view)

        prefix = "crosssell_recommendations_modelchoice"
        own = [
            path("progress/", wrap(self.progress_view), name=f"{prefix}_progress"),
            path("<str:question>/choose/", wrap(self.choose_view), name=f"{prefix}_choose"),
            path("<str:question>/automatic/", wrap(self.automatic_view), name=f"{prefix}_auto"),
        ]
        return own + super().get_urls()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show each question with both choices, the comparison, and the history."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        may_rebuild = request.user.has_perm(REBUILD)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Which model answers what"),
            "panels": question_panels(may_rebuild=may_rebuild),
            "may_change": request.user.has_perm(CHANGE_CHOICE),
            "compare": reverse("admin:crosssell_recommendations_build_compare")
            if may_rebuild
            else "",
            "comparison": comparison_progress(),
            "history": history(),
            "media": self.media,
            **(extra_context or {}),
        }
        return TemplateResponse(
            request, "admin/crosssell_recommendations/modelchoice/change_list.html", context
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Lead to the question on the page of all: links of the admin's own log come here."""
        choice = self.get_object(request, object_id)
        return _back(choice.question if choice is not None else "")

    def progress_view(self, request: HttpRequest) -> JsonResponse:
        """Say how far the comparison is, for the page's script."""
        if not (self.has_view_permission(request) or request.user.has_perm(REBUILD)):
            raise PermissionDenied
        return JsonResponse(comparison_progress().as_json())

    # -- the buttons -------------------------------------------------------------------------

    def choose_view(self, request: HttpRequest, question: str) -> HttpResponse:
        """Let a kind answer a question; it can be taken back, so there is no second question."""
        self._require(request, question)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        kind = request.POST.get("kind", "")
        if kind not in kinds_for(question):
            messages.error(request, _("Choose one of the models that can answer this question."))
            return _back(question)
        with transaction.atomic():
            choice = choose_model(question, kind)
            label = Kind(kind).label
            words = _("Chosen: %(kind)s") % {"kind": label}
            _log(request, choice, CHANGE, words)
        messages.success(
            request,
            _("%(kind)s answers “%(question)s” from now on.")
            % {"kind": label, "question": Question(question).label},
        )
        return _back(question)

    def automatic_view(self, request: HttpRequest, question: str) -> HttpResponse:
        """Go back to what the comparison chose."""
        self._require(request, question)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        with transaction.atomic():
            choice = choose_automatically(question)
            if choice is not None:
                words = _("Back to automatic; it was: %(kind)s") % {"kind": Kind(choice.kind).label}
                _log(request, choice, DELETION, words)
        messages.success(
            request,
            _("“%(question)s” is answered by what the comparison chooses.")
            % {"question": Question(question).label},
        )
        return _back(question)

    def _require(self, request: HttpRequest, question: str) -> None:
        if not (self.has_view_permission(request) and request.user.has_perm(CHANGE_CHOICE)):
            raise PermissionDenied
        if question not in Question.values:
            msg = f"There is no question {question!r}; there are: {', '.join(Question.values)}."
            raise Http404(msg)


def may_see_choices(user: Any) -> bool:
    """Return whether somebody may see which model answers what."""
    return bool(user.has_perm(VIEW) or user.has_perm(CHANGE_CHOICE))


def question_panels(*, may_rebuild: bool) -> list[QuestionPanel]:
    """Return the four questions, in two queries."""
    choices = model_choices()
    published = published_builds(with_parameters=True)
    return [
        _panel(answer, choices.get(answer.question), published, may_rebuild=may_rebuild)
        for answer in answers(published, choices)
        # What no customer can be asked is no question of this shop.
        if answer.question != Question.RATING or get_adapter().rating_sources()
    ]


def _panel(
    answer: Answer, choices: Choices | None, published: dict[str, Build], *, may_rebuild: bool
) -> QuestionPanel:
    question = answer.question
    auto = choices.auto if choices else None
    merchant = choices.merchant if choices else None
    chosen = merchant or auto
    waiting = _waiting(chosen, published)
    buildable = chosen is not None and chosen.kind in buildable_kinds()
    kind = chosen.kind if chosen and waiting and may_rebuild and buildable else ""
    return QuestionPanel(
        question=question,
        title=str(Question(question).label),
        answer=answer,
        read=_read(answer),
        auto=auto,
        auto_label=_label(auto),
        merchant=merchant,
        merchant_label=_label(merchant),
        warning=_warning(auto, merchant),
        waiting=waiting,
        rebuild=_address("build_rebuild", kind) if kind else "",
        table=tuning_table(question, auto.table, chosen=auto.parameters.get("family"))
        if auto
        else None,
        options=_options(question, auto, merchant),
        set_url=_address("modelchoice_choose", question),
        auto_url=_address("modelchoice_auto", question),
    )


def _read(answer: Answer) -> str:
    if not answer.kind:
        return _("Nothing is published that could answer it.")
    return _("%(kind)s, %(by)s") % {
        "kind": Kind(answer.kind).label,
        "by": model_wording.ANSWERED_BY[answer.by],
    }


def _label(choice: ModelChoice | None) -> str:
    """Return kind and family of a choice."""
    if choice is None:
        return ""
    family = choice.parameters.get("family")
    return model_label(family) if family else str(Kind(choice.kind).label)


def _waiting(chosen: ModelChoice | None, published: dict[str, Build]) -> str:
    """Return why pages do not read what was chosen, or read it as it was made before."""
    if chosen is None:
        return ""
    label = Kind(chosen.kind).label
    build = published.get(chosen.kind)
    if build is None:
        return _("%(kind)s is not published yet. Until it is, the usual model stands in.") % {
            "kind": label
        }
    models = build.parameters.get("models")
    if models is None:
        return ""
    for_customers = chosen.question in FOR_CUSTOMERS
    fitting = [one for one in models if (one.get("question") in FOR_CUSTOMERS) == for_customers]
    if not fitting:
        return _("%(kind)s was built before it was chosen for this. Rebuild it.") % {"kind": label}
    if any(one.get("question") == chosen.question and _differs(one, chosen) for one in fitting):
        return _("%(kind)s was built with other parameters than chosen. Rebuild it.") % {
            "kind": label
        }
    return ""


def _differs(built: Mapping[str, Any], chosen: ModelChoice) -> bool:
    """Return whether a model was fitted with anything else than a choice names."""
    made = {"family": built.get("family"), **(built.get("parameters") or {})}
    return any(made.get(name) != value for name, value in chosen.parameters.items())


def _warning(auto: ModelChoice | None, merchant: ModelChoice | None) -> str:
    if auto is None or merchant is None:
        return ""
    change = measured_change(auto, merchant.kind)
    if change is None or change >= 0 or round(100 * change) == 0:
        return ""
    return model_wording.compared(change)


def _options(question: str, auto: ModelChoice | None, merchant: ModelChoice | None) -> list[Option]:
    chosen = merchant or auto
    selected = chosen.kind if chosen else ""
    return [
        Option(
            kind=kind,
            label=str(Kind(kind).label),
            change=_short(measured_change(auto, kind)),
            selected=kind == selected,
        )
        for kind in kinds_for(question)
    ]


def measured_change(auto: ModelChoice | None, kind: str) -> float | None:
    """Return how much more a kind found than the comparison's choice, as a share of that."""
    if auto is None or not auto.table.get("n_questions"):
        return None
    name = auto.parameters.get("family") or auto.table.get("chosen")
    tried = {model["name"]: model for model in auto.table.get("models", ())}
    ours, theirs = best_of_kind(auto.table, kind), tried.get(name)
    if ours is None or theirs is None:
        return None
    metric = auto.table.get("metric")
    found, usual = ours["metrics"].get(metric), theirs["metrics"].get(metric)
    return found / usual - 1 if found is not None and usual else None


def _short(change: float | None) -> str:
    if change is None:
        return _("not compared")
    percent = round(100 * change)
    return f"{percent:+d} %".replace("-", "−") if percent else _("as much")


# -- history -------------------------------------------------------------------------------------


def history() -> list[LogEntry]:
    """Return who chose what when, newest first."""
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(ModelChoice)
    ).select_related("user")
    return list(entries.order_by("-action_time", "-pk")[:SHOWN_ENTRIES])


def _log(request: HttpRequest, choice: ModelChoice, flag: int, words: str) -> None:
    """Keep it where the admin keeps its own history; the words name the question."""
    entry = f"{Question(choice.question).label} – {words}"
    LogEntry.objects.create(
        user_id=str(request.user.pk),
        content_type=ContentType.objects.get_for_model(ModelChoice),
        object_id=str(choice.pk),
        object_repr=entry[:200],
        action_flag=flag,
        change_message=words,
    )


def _address(name: str, argument: str) -> str:
    return reverse(f"admin:crosssell_recommendations_{name}", args=[argument])


def _back(question: str) -> HttpResponse:
    page = reverse("admin:crosssell_recommendations_modelchoice_changelist")
    return redirect(f"{page}#{question}" if question in Question.values else page)
