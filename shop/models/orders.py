"""What was bought: orders, their lines, and where they go."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shop.models.catalogue import Product, currency_code


class Order(models.Model):
    """One purchase of a customer or a guest."""

    class Status(models.TextChoices):
        """Where the order's money is."""

        PENDING = "pending", _("waiting for payment")
        PAID = "paid", _("paid")
        CANCELLED = "cancelled", _("cancelled")
        REFUNDED = "refunded", _("refunded")

    class Source(models.TextChoices):
        """Where the order came from."""

        WEB = "web", _("web shop")
        IMPORT = "import", _("import")
        SEED = "seed", _("generated")

    number = models.CharField(
        _("number"), max_length=32, unique=True, help_text=_("What the customer sees and quotes.")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("customer"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="orders",
        help_text=_("Empty for a guest."),
    )
    email = models.EmailField(_("e-mail"), blank=True, default="")
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PENDING
    )
    currency = models.CharField(
        _("currency"), max_length=3, default="EUR", validators=[currency_code]
    )
    placed_at = models.DateTimeField(_("placed"), default=timezone.now, db_index=True)
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    shipped_at = models.DateTimeField(
        _("shipped"),
        null=True,
        blank=True,
        help_text=_("From then on the customer can no longer cancel."),
    )
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=6, choices=Source.choices, default=Source.WEB)
    external_key = models.CharField(
        _("external key"),
        max_length=64,
        unique=True,
        null=True,
        blank=True,
        help_text=_("Makes an order come in only once: the key of an import or of a checkout."),
    )

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ("-placed_at", "-id")
        permissions = (
            ("cancel_order", _("Can cancel orders")),
            ("refund_order", _("Can refund orders and order lines")),
        )

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """Return the address of the order in the customer's account."""
        return reverse("shop:order", args=[self.number])

    @property
    def can_be_cancelled(self) -> bool:
        """Whether nothing has left the shop and nothing was given back yet."""
        return self.shipped_at is None and self.status in {
            self.Status.PENDING,
            self.Status.PAID,
        }


class OrderLine(models.Model):
    """One product on one order, with its name and price at the time."""

    order = models.ForeignKey(
        Order, verbose_name=_("order"), on_delete=models.CASCADE, related_name="lines"
    )
    product = models.ForeignKey(
        Product,
        verbose_name=_("product"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="order_lines",
        help_text=_("Empty when the product was deleted since."),
    )
    product_name = models.CharField(_("product name"), max_length=302)
    sku = models.CharField(_("SKU"), max_length=64)
    quantity = models.PositiveIntegerField(_("quantity"), validators=[MinValueValidator(1)])
    refunded_quantity = models.PositiveIntegerField(
        _("refunded"), default=0, help_text=_("Pieces of the line whose money was given back.")
    )
    unit_price = models.DecimalField(_("unit price"), max_digits=12, decimal_places=2)
    amount = models.DecimalField(
        _("amount"),
        max_digits=14,
        decimal_places=2,
        help_text=_("Quantity times unit price; refunds are not taken off."),
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ("order_id", "position", "id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1), name="shop_orderline_quantity_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(refunded_quantity__lte=models.F("quantity")),
                name="shop_orderline_refund_within_quantity",
            ),
            models.CheckConstraint(
                condition=models.Q(unit_price__gte=0, amount__gte=0),
                name="shop_orderline_money_not_negative",
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product_name}"

    @property
    def kept_quantity(self) -> int:
        """Pieces that were not refunded."""
        return self.quantity - self.refunded_quantity

    @property
    def refunded_amount(self) -> Decimal:
        """Money that was given back for this line."""
        return self.unit_price * self.refunded_quantity


class OrderAddress(models.Model):
    """Where an order goes. Apart from the order, so that scans of orders stay narrow."""

    order = models.OneToOneField(
        Order, verbose_name=_("order"), on_delete=models.CASCADE, related_name="address"
    )
    name = models.CharField(_("full name"), max_length=120)
    street = models.CharField(_("street and number"), max_length=200)
    postcode = models.CharField(_("postcode"), max_length=20)
    city = models.CharField(_("city"), max_length=120)
    country = models.CharField(_("country"), max_length=80)

    class Meta:
        verbose_name = _("order address")
        verbose_name_plural = _("order addresses")

    def __str__(self) -> str:
        return f"{self.name}, {self.street}, {self.postcode} {self.city}, {self.country}"
