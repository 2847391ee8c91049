"""Which model answers which question: what tuning found, and what the merchant wants instead."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from recommendations.models.build import Kind, Question


class ModelChoice(models.Model):
    """A kind and its parameters for one question; a merchant's choice stands over tuning's.

    Both are kept, side by side, so that tuning never overwrites what a person decided.
    """

    class ChosenBy(models.TextChoices):
        """Who chose."""

        AUTO = "auto", _("tuning")
        MERCHANT = "merchant", _("merchant")

    question = models.CharField(_("question"), max_length=20, choices=Question.choices)
    chosen_by = models.CharField(
        _("chosen by"), max_length=10, choices=ChosenBy.choices, default=ChosenBy.AUTO
    )
    kind = models.CharField(_("kind"), max_length=40, choices=Kind.choices)
    parameters = models.JSONField(
        _("parameters"),
        default=dict,
        blank=True,
        help_text=_("Those of the model; what is not named stays as it usually is."),
    )
    table = models.JSONField(
        _("table"),
        default=dict,
        blank=True,
        editable=False,
        help_text=_("Every model and parameter set that was tried, with its figures."),
    )
    tuned_at = models.DateTimeField(_("tuned at"), null=True, editable=False)
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        """One choice of tuning and one of the merchant for each question."""

        verbose_name = _("model choice")
        verbose_name_plural = _("model choices")
        ordering = ("question", "chosen_by")
        constraints = (
            models.UniqueConstraint(fields=("question", "chosen_by"), name="crosssell_choice_once"),
        )

    def __str__(self) -> str:
        """Return question, kind and who chose it."""
        return f"{self.question}: {self.kind} ({self.get_chosen_by_display()})"


class Comparison(models.Model):
    """A run of tuning: how far it is, and what became of it. One runs at a time, under a lease."""

    LEASE = "comparison"

    fence = models.PositiveBigIntegerField(
        _("fence"),
        help_text=_("Number of the lease that may write. An older holder writes nothing."),
    )
    asked = models.CharField(
        _("asked for"), max_length=20, blank=True, help_text=_("A question, or all of them.")
    )
    question = models.CharField(
        _("question"),
        max_length=20,
        blank=True,
        help_text=_("The question that models are asked at the moment."),
    )
    trying = models.CharField(_("model at the moment"), max_length=80, blank=True)
    percent = models.PositiveSmallIntegerField(
        _("percent"), null=True, help_text=_("Of the time for all questions that is used up.")
    )
    requested_by = models.CharField(_("requested by"), max_length=200, blank=True)
    error = models.TextField(_("error"), blank=True)
    started_at = models.DateTimeField(_("started at"))
    heartbeat_at = models.DateTimeField(_("last sign of life"))
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        """Newest first."""

        verbose_name = _("comparison")
        verbose_name_plural = _("comparisons")
        ordering = ("-pk",)

    def __str__(self) -> str:
        """Return its number."""
        return f"comparison #{self.pk}"
