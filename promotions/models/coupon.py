"""Codes that shoppers type in."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from promotions.engine.codes import MAX_INPUT, normal_form
from promotions.models.campaign import Campaign


class Coupon(models.Model):
    """One code of a campaign: generated, or chosen by the merchant such as WELCOME."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="coupons", verbose_name=_("campaign")
    )
    code = models.CharField(
        _("code"), max_length=MAX_INPUT, help_text=_("As it is printed; hyphens are for the eye.")
    )
    normal_form = models.CharField(
        _("normal form"),
        max_length=MAX_INPUT,
        unique=True,
        editable=False,
        help_text=_("The spelling under which it is looked up: O is 0, I and L are 1."),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        ordering = ("-pk",)

    def __str__(self) -> str:
        """Return the code as it is printed."""
        return self.code

    def clean(self) -> None:
        """Derive the normal form; refuse what no shopper could type or what exists already."""
        try:
            self.normal_form = normal_form(self.code)
        except ValueError as error:
            raise ValidationError(
                {"code": _("Only letters A to Z, digits and hyphens make a code.")}
            ) from error
        twins = Coupon.objects.filter(normal_form=self.normal_form).exclude(pk=self.pk)
        if twins.exists():
            raise ValidationError({"code": _("This code, or one that reads alike, exists.")})
