"""What can be bought, as we know it: the one table that holds a soft key into the shop."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

FARTHEST_PRICE = Decimal("99999999999999.9")
"""Farther from 0 no price is read back by SQLite, which keeps 15 digits: it would not fit."""


class Item(models.Model):
    """A thing that can be bought. No foreign key leads into the shop: only ``key`` does."""

    key = models.CharField(
        _("key"),
        max_length=200,
        unique=True,
        help_text=_(
            "The shop's primary key, after the model's label if the shop sells several models."
        ),
    )
    title = models.CharField(_("title"), max_length=300, blank=True)
    price = models.DecimalField(
        _("price"),
        max_digits=18,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("As of the last synchronisation. Pages and baskets ask the shop instead."),
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    category = models.CharField(_("category"), max_length=300, blank=True, db_index=True)
    brand = models.CharField(_("brand"), max_length=300, blank=True)
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("parent"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="variants",
        help_text=_("Sales of a variant count for its parent, and the parent is what is shown."),
    )
    active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("Whether the shop showed it at the last synchronisation."),
    )
    created_at = models.DateTimeField(_("first seen"), auto_now_add=True)
    synced_at = models.DateTimeField(
        _("last changed by a synchronisation"), null=True, editable=False
    )

    class Meta:
        """Names for the admin, and the prices that every database reads back."""

        verbose_name = _("item")
        verbose_name_plural = _("items")
        constraints = (
            models.CheckConstraint(
                condition=Q(price__gte=-FARTHEST_PRICE, price__lte=FARTHEST_PRICE)
                | Q(price__isnull=True),
                name="crosssell_item_price",
            ),
        )

    def __str__(self) -> str:
        """Return the title, or the key of an item without one."""
        return self.title or self.key
