"""What a shopper holds now."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.models.catalogue import Product

# More pieces of one product than this is a typing slip or a bot; a wholesaler asks for an offer.
MAX_QUANTITY = 999


class Basket(models.Model):
    """The basket of a customer, or of a guest whose session holds the token."""

    token = models.UUIDField(_("token"), default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("customer"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="basket",
        help_text=_("Empty for a guest."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True, db_index=True)

    class Meta:
        verbose_name = _("basket")
        verbose_name_plural = _("baskets")
        ordering = ("-updated_at",)

    def __str__(self) -> str:
        return str(self.token)


class BasketLine(models.Model):
    """One product in a basket. Its price is always the product's price of the moment."""

    basket = models.ForeignKey(
        Basket, verbose_name=_("basket"), on_delete=models.CASCADE, related_name="lines"
    )
    product = models.ForeignKey(
        Product, verbose_name=_("product"), on_delete=models.CASCADE, related_name="basket_lines"
    )
    quantity = models.PositiveIntegerField(
        _("quantity"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_QUANTITY)],
    )

    class Meta:
        verbose_name = _("basket line")
        verbose_name_plural = _("basket lines")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("basket", "product"), name="shop_basketline_product_once"
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1, quantity__lte=MAX_QUANTITY),
                name="shop_basketline_quantity_in_range",
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product}"
