"""What a merchant promises to those who hold a code."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Campaign(models.Model):
    """An offer with a time span, for which codes are issued."""

    name = models.CharField(_("name"), max_length=200)
    percent_off = models.DecimalField(
        _("percent off"),
        max_digits=5,
        decimal_places=2,
        default=0,
        help_text=_("Taken off the basket by each code of this campaign."),
    )
    active = models.BooleanField(_("active"), default=True)
    starts_at = models.DateTimeField(
        _("starts at"), null=True, blank=True, help_text=_("Empty: from now on.")
    )
    ends_at = models.DateTimeField(
        _("ends at"), null=True, blank=True, help_text=_("Empty: until switched off.")
    )

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ("name", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(percent_off__gte=0, percent_off__lte=100),
                name="crosssell_campaign_percent_off_in_range",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True)
                | Q(starts_at__isnull=True)
                | Q(ends_at__gt=F("starts_at")),
                name="crosssell_campaign_ends_after_start",
            ),
        )

    def __str__(self) -> str:
        """Return the merchant's name of it."""
        return self.name
