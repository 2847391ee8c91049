"""Sets of items that a merchant sells together."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bundles.conf import bundle_settings
from recommendations.models import Item


class Bundle(models.Model):
    """A set of items with a percentage off when all of them are bought."""

    name = models.CharField(_("name"), max_length=200)
    percent_off = models.DecimalField(
        _("percent off"),
        max_digits=5,
        decimal_places=2,
        default=0,
        help_text=_("Taken off the sum of the parts' prices, rounded down to the smallest coin."),
    )
    active = models.BooleanField(_("active"), default=True)
    starts_at = models.DateTimeField(
        _("starts at"), null=True, blank=True, help_text=_("Empty: from now on.")
    )
    ends_at = models.DateTimeField(
        _("ends at"), null=True, blank=True, help_text=_("Empty: until switched off.")
    )
    items = models.ManyToManyField(
        Item, through="BundlePart", related_name="bundles", verbose_name=_("items")
    )

    class Meta:
        verbose_name = _("bundle")
        verbose_name_plural = _("bundles")
        ordering = ("name", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(percent_off__gte=0, percent_off__lte=100),
                name="crosssell_bundle_percent_off_in_range",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True)
                | Q(starts_at__isnull=True)
                | Q(ends_at__gt=F("starts_at")),
                name="crosssell_bundle_ends_after_start",
            ),
        )

    def __str__(self) -> str:
        """Return the merchant's name of it."""
        return self.name

    def clean(self) -> None:
        """Refuse a discount above the limit that the shop's settings set."""
        highest = bundle_settings().max_percent_off
        if self.percent_off is not None and self.percent_off > highest:
            raise ValidationError(
                {
                    "percent_off": _("%(given)s %% is more than the %(highest)s %% allowed.")
                    % {"given": self.percent_off, "highest": highest}
                }
            )


class BundlePart(models.Model):
    """One item of a bundle and how many pieces of it."""

    bundle = models.ForeignKey(
        Bundle, on_delete=models.CASCADE, related_name="parts", verbose_name=_("bundle")
    )
    item = models.ForeignKey(
        Item, on_delete=models.CASCADE, related_name="bundle_parts", verbose_name=_("item")
    )
    quantity = models.PositiveSmallIntegerField(_("quantity"), default=1)
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("Order on the page; equal positions keep their age.")
    )

    class Meta:
        verbose_name = _("part of a bundle")
        verbose_name_plural = _("parts of a bundle")
        ordering = ("position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("bundle", "item"), name="crosssell_bundle_item_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1), name="crosssell_bundle_part_quantity_positive"
            ),
        )

    def __str__(self) -> str:
        """Return quantity and item."""
        return f"{self.quantity} x {self.item}"
