"""What customers think of what they bought."""

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shop.models.catalogue import Product

FEWEST_STARS, MOST_STARS = 1, 5
MAX_TEXT = 2_000


class Review(models.Model):
    """Stars for a product, with or without words. A customer has one for each product."""

    product = models.ForeignKey(
        Product,
        verbose_name=_("product"),
        on_delete=models.CASCADE,
        related_name="reviews",
        help_text=_("What is shown as a page, never a single variant."),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("customer"),
        on_delete=models.CASCADE,
        related_name="reviews",
    )
    stars = models.PositiveSmallIntegerField(_("stars"), help_text=_("One to five."))
    text = models.TextField(
        _("text"), blank=True, default="", validators=[MaxLengthValidator(MAX_TEXT)]
    )
    visible = models.BooleanField(_("visible"), default=True)
    written_at = models.DateTimeField(
        _("written"), default=timezone.now, help_text=_("When it was written or last changed.")
    )

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ("-written_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("product", "user"), name="shop_review_once"),
            models.CheckConstraint(
                condition=models.Q(stars__gte=FEWEST_STARS, stars__lte=MOST_STARS),
                name="shop_review_stars_in_scale",
            ),
        )

    def __str__(self) -> str:
        return f"{self.stars} × ★ {self.product}"
