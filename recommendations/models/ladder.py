"""The merchant's say about ladders: which item is a step up from which, and which is none."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from recommendations.models.item import Item


class LadderStep(models.Model):
    """An item that is offered as an upgrade of another, or never is.

    That an upgrade is dearer is asked of the shop for every page and stored nowhere: prices move.
    """

    class Rule(models.TextChoices):
        """What the merchant says of the step."""

        OFFER = "offer", _("offer it, before what the model says")
        FORBID = "forbid", _("never offer it as an upgrade")

    item = models.ForeignKey(
        Item, verbose_name=_("from"), on_delete=models.CASCADE, related_name="ladder_steps"
    )
    upgrade = models.ForeignKey(
        Item, verbose_name=_("upgrade"), on_delete=models.CASCADE, related_name="+"
    )
    rule = models.CharField(_("rule"), max_length=10, choices=Rule.choices, default=Rule.OFFER)
    position = models.PositiveSmallIntegerField(
        _("position"),
        default=1,
        validators=(MinValueValidator(1),),
        help_text=_("1 is the first. Of no meaning where the step is forbidden."),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        """One word about a pair."""

        verbose_name = _("step of a ladder")
        verbose_name_plural = _("steps of ladders")
        ordering = ("item", "position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("item", "upgrade"), name="crosssell_step_once"),
            models.CheckConstraint(condition=~Q(item=F("upgrade")), name="crosssell_step_other"),
        )

    def __str__(self) -> str:
        """Return the pair."""
        return f"{self.item} → {self.upgrade}"

    def clean(self) -> None:
        """Refuse an item as a step up from itself."""
        if self.item_id is not None and self.item_id == self.upgrade_id:
            raise ValidationError({"upgrade": _("An item cannot be its own upgrade.")})
