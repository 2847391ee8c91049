"""Single items that the merchant puts into lists or takes out of them."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from recommendations.models.item import Item
from recommendations.models.placement import MOST_SHOWN, Placement


class Pin(models.Model):
    """A companion that the merchant puts into an item's list, whatever the orders say."""

    item = models.ForeignKey(
        Item, verbose_name=_("shown with"), on_delete=models.CASCADE, related_name="pins"
    )
    companion = models.ForeignKey(
        Item, verbose_name=_("companion"), on_delete=models.CASCADE, related_name="+"
    )
    position = models.PositiveSmallIntegerField(
        _("position"), default=1, validators=(MinValueValidator(1),), help_text=_("1 is the first.")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        """One pin a pair."""

        verbose_name = _("pin")
        verbose_name_plural = _("pins")
        ordering = ("item", "position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("item", "companion"), name="crosssell_pin_once"),
            models.CheckConstraint(condition=~Q(item=F("companion")), name="crosssell_pin_other"),
        )

    def __str__(self) -> str:
        """Return the pair."""
        return f"{self.item} + {self.companion}"

    def clean(self) -> None:
        """Refuse an item as its own companion."""
        if self.item_id is not None and self.item_id == self.companion_id:
            raise ValidationError({"companion": _("An item cannot be its own companion.")})


class PlacementPin(models.Model):
    """An item that the merchant puts into a placement, whatever the page is about."""

    placement = models.ForeignKey(
        Placement, verbose_name=_("placement"), on_delete=models.CASCADE, related_name="pins"
    )
    item = models.ForeignKey(
        Item, verbose_name=_("item"), on_delete=models.CASCADE, related_name="+"
    )
    position = models.PositiveSmallIntegerField(
        _("position"),
        default=1,
        validators=(MinValueValidator(1), MaxValueValidator(MOST_SHOWN)),
        help_text=_("1 is the first place. Where fewer products are shown, it stands last."),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        """An item is pinned to a placement once."""

        verbose_name = _("pinned item")
        verbose_name_plural = _("pinned items")
        ordering = ("placement", "position", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("placement", "item"), name="crosssell_placement_pin_once"
            ),
            models.CheckConstraint(
                condition=Q(position__gte=1, position__lte=MOST_SHOWN),
                name="crosssell_placement_pin_position",
            ),
        )

    def __str__(self) -> str:
        """Return item, placement and position."""
        return f"{self.placement} {self.position}: {self.item}"


class Exclusion(models.Model):
    """A companion that is never shown: with one item, or with any."""

    item = models.ForeignKey(
        Item,
        verbose_name=_("not with"),
        on_delete=models.CASCADE,
        related_name="exclusions",
        null=True,
        blank=True,
        help_text=_("Empty: never as a companion of anything."),
    )
    companion = models.ForeignKey(
        Item, verbose_name=_("companion"), on_delete=models.CASCADE, related_name="+"
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        """One exclusion a pair."""

        verbose_name = _("exclusion")
        verbose_name_plural = _("exclusions")
        ordering = ("item", "pk")
        constraints = (
            models.UniqueConstraint(fields=("item", "companion"), name="crosssell_exclusion_once"),
            models.UniqueConstraint(
                fields=("companion",),
                condition=Q(item__isnull=True),
                name="crosssell_exclusion_everywhere_once",
            ),
        )

    def __str__(self) -> str:
        """Return the pair."""
        return f"{self.item or '*'} - {self.companion}"
