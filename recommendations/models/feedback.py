"""What customers say of a product that they were shown: less of it, or more like it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.models.customers import CustomerList
from recommendations.models.item import Item


class Feedback(models.Model):
    """One customer's word on one item, the last one given; of a variant it is its parent's.

    ``customer`` is a key as ``CustomerList`` has it. What a visitor says who is not known is in the
    session only.
    """

    class Kind(models.TextChoices):
        """What was said."""

        NOT_INTERESTED = "not_interested", _("not interested")
        MORE_LIKE_THIS = "more_like_this", _("more like this")

    customer = models.CharField(
        _("customer"), max_length=CustomerList._meta.get_field("customer").max_length
    )
    item = models.ForeignKey(
        Item, verbose_name=_("item"), on_delete=models.CASCADE, related_name="feedback"
    )
    kind = models.CharField(_("said"), max_length=20, choices=Kind.choices)
    created_at = models.DateTimeField(_("said at"), default=timezone.now)

    class Meta:
        """One word a customer and item; the constraint's index finds all of a customer."""

        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("customer", "item"), name="crosssell_feedback_once"),
            models.CheckConstraint(
                condition=Q(kind__in=("not_interested", "more_like_this")),
                name="crosssell_feedback_kind",
            ),
        )

    def __str__(self) -> str:
        """Return what was said of which item."""
        return f"{self.item}: {self.get_kind_display()}"
