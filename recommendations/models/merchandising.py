"""The merchant's rules above the models: what is lifted, buried or hidden, and shares of groups."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from recommendations.models.conditions import refuse_unreadable
from recommendations.models.placement import Placement

MOST_STRENGTH = 400
"""Percent that a rule adds to a score at most: five times as high, or a fifth. Beyond that a rule
no longer adjusts the model but replaces it, which is what pins and hiding are for."""


class Merchandising(models.Model):
    """A rule that lifts, buries or hides products, in one placement or in all of them."""

    class Kind(models.TextChoices):
        """What becomes of the products that the rule is true for."""

        BOOST = "boost", _("lift")
        BURY = "bury", _("bury")
        HIDE = "hide", _("hide")

    placement = models.ForeignKey(
        Placement,
        verbose_name=_("placement"),
        on_delete=models.CASCADE,
        related_name="merchandising",
        null=True,
        blank=True,
        help_text=_("Empty: in every placement."),
    )
    name = models.CharField(
        _("name"),
        max_length=120,
        help_text=_("What explanations call it, for example “Clearance”."),
    )
    enabled = models.BooleanField(_("in force"), default=True)
    kind = models.CharField(_("effect"), max_length=10, choices=Kind.choices, default=Kind.BOOST)
    strength = models.PositiveSmallIntegerField(
        _("strength"),
        default=100,
        validators=(MinValueValidator(1), MaxValueValidator(MOST_STRENGTH)),
        help_text=_(
            "In percent. 100 doubles a product's score, or halves it where the rule buries; 400 is "
            "the most: five times, or a fifth. Of no account where the rule hides."
        ),
    )
    condition = models.JSONField(
        _("products for which"), help_text=_("The rule acts only where this is true.")
    )
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        """Names for the admin, and the cap behind the form."""

        verbose_name = _("merchandising rule")
        verbose_name_plural = _("merchandising rules")
        ordering = ("name", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(strength__gte=1, strength__lte=MOST_STRENGTH),
                name="crosssell_merchandising_strength",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=("boost", "bury", "hide")),
                name="crosssell_merchandising_kind",
            ),
        )

    def __str__(self) -> str:
        """Return the name."""
        return self.name

    def clean(self) -> None:
        """Refuse a rule that cannot be read, or that says nothing."""
        if self.condition is None:
            raise ValidationError({"condition": _("Say which products the rule is about.")})
        refuse_unreadable(self.condition)


class SlotShare(models.Model):
    """A group of products that is given at least a share of a placement's places."""

    placement = models.ForeignKey(
        Placement, verbose_name=_("placement"), on_delete=models.CASCADE, related_name="shares"
    )
    name = models.CharField(
        _("name"),
        max_length=120,
        help_text=_("What explanations call it, for example “Own brand”."),
    )
    condition = models.JSONField(_("products for which"))
    percent = models.PositiveSmallIntegerField(
        _("percent"),
        validators=(MinValueValidator(1), MaxValueValidator(100)),
        help_text=_(
            "At least so many of the places go to the group, rounded down, as far as there are "
            "products of it to show."
        ),
    )

    class Meta:
        """Names for the admin, and the bounds behind the form."""

        verbose_name = _("share of a group")
        verbose_name_plural = _("shares of groups")
        ordering = ("placement", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(percent__gte=1, percent__lte=100), name="crosssell_share_percent"
            ),
        )

    def __str__(self) -> str:
        """Return name and share."""
        return f"{self.name} ({self.percent} %)"

    def clean(self) -> None:
        """Refuse a group whose rule cannot be read, or that holds everything."""
        if self.condition is None:
            raise ValidationError({"condition": _("Say which products belong to the group.")})
        refuse_unreadable(self.condition)
