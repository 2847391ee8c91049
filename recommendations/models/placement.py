"""What the merchant decides: where a block stands, what it holds, and single exceptions."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from recommendations.models.item import Item


class Placement(models.Model):
    """A block on a kind of page."""

    class Fallback(models.TextChoices):
        """What fills a block whose list is too short, or that has none."""

        COLD = "cold", _("only where there is no list: its category, then the shop")
        NONE = "none", _("nothing: show fewer")
        CATEGORY = "category", _("best sellers of the same category")
        POPULAR = "popular", _("best sellers of the shop")

    slug = models.SlugField(
        _("name"),
        unique=True,
        help_text=_("What templates and the API call it, for example “product”."),
    )
    title = models.CharField(
        _("title"),
        max_length=120,
        blank=True,
        help_text=_("Heading above the block. Empty: the usual words in the shopper's language."),
    )
    enabled = models.BooleanField(_("shown"), default=True)
    count = models.PositiveSmallIntegerField(
        _("companions"),
        default=3,
        validators=(MinValueValidator(1), MaxValueValidator(20)),
        help_text=_("How many companions stand beside the item, at most 20."),
    )
    minimum_support = models.PositiveIntegerField(
        _("minimum support"),
        default=5,
        validators=(MinValueValidator(1),),
        help_text=_(
            "Distinct customers whose baskets hold both. Pairs below the build's own minimum "
            "do not exist, whatever is entered here."
        ),
    )
    fallback = models.CharField(
        _("fallback"), max_length=20, choices=Fallback.choices, default=Fallback.COLD
    )
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        """Names for the admin, and the bounds behind the form."""

        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        ordering = ("slug",)
        constraints = (
            models.CheckConstraint(
                condition=Q(count__gte=1, count__lte=20), name="crosssell_placement_count"
            ),
            models.CheckConstraint(
                condition=Q(minimum_support__gte=1), name="crosssell_placement_support"
            ),
        )

    def __str__(self) -> str:
        """Return the name that templates use."""
        return self.slug


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
