"""What the shop sells: categories, brands, products and their variants."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shop.addresses import address

currency_code = RegexValidator(r"\A[A-Z]{3}\Z", _("Three capital letters, as in EUR."))


class Category(models.Model):
    """A shelf of the shop; shelves may stand inside others."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(
        _("slug"), max_length=120, unique=True, help_text=_("Part of the page's address.")
    )
    parent = models.ForeignKey(
        "self",
        verbose_name=_("parent"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
        help_text=_("The category this one belongs to; empty for a top category."),
    )

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("id")), name="shop_category_not_its_own_parent"
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the category page."""
        return address("shop:category", self.slug)


class Brand(models.Model):
    """Who makes a product."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(
        _("slug"), max_length=120, unique=True, help_text=_("Used by the brand filter.")
    )

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """A thing to buy, or the page that several variants share.

    A product with variants is shown and never sold itself; its variants are sold and have no page
    of their own.
    """

    sku = models.CharField(
        _("SKU"), max_length=64, unique=True, help_text=_("The stock code, unique in the shop.")
    )
    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(
        _("slug"), max_length=220, unique=True, help_text=_("Part of the page's address.")
    )
    category = models.ForeignKey(
        Category,
        verbose_name=_("category"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="products",
    )
    brand = models.ForeignKey(
        Brand,
        verbose_name=_("brand"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="products",
    )
    description = models.TextField(_("description"), blank=True, default="")
    attributes = models.JSONField(
        _("attributes"),
        default=dict,
        blank=True,
        help_text=_('What the product page lists, as in {"Colour": "blue", "Weight": "1.2 kg"}.'),
    )
    parent = models.ForeignKey(
        "self",
        verbose_name=_("variant of"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="variants",
        help_text=_("The product whose page shows this variant; empty for an ordinary product."),
    )
    variant_name = models.CharField(
        _("variant name"),
        max_length=100,
        blank=True,
        default="",
        help_text=_("What the shopper chooses, as in “Blue, M”."),
    )
    price = models.DecimalField(
        _("price"),
        max_digits=12,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("What one piece costs the shopper, taxes included."),
    )
    cost = models.DecimalField(
        _("cost"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("What one piece costs the shop; empty when not known."),
    )
    currency = models.CharField(
        _("currency"), max_length=3, default="EUR", validators=[currency_code]
    )
    stock = models.IntegerField(
        _("stock"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("Pieces left; empty when stock is not tracked and the product never runs out."),
    )
    visible = models.BooleanField(
        _("visible"), default=True, help_text=_("Whether shoppers see it and can buy it.")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ("name", "id")
        indexes = (
            # A category page in its usual order, newest first.
            models.Index(
                fields=("category", "-created_at"),
                condition=models.Q(visible=True, parent__isnull=True),
                name="shop_product_shelf",
            ),
            models.Index(
                fields=("-created_at",),
                condition=models.Q(visible=True, parent__isnull=True),
                name="shop_product_newest",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(price__gte=0), name="shop_product_price_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(cost__isnull=True) | models.Q(cost__gte=0),
                name="shop_product_cost_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(stock__isnull=True) | models.Q(stock__gte=0),
                name="shop_product_stock_not_negative",
            ),
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("id")), name="shop_product_not_its_own_parent"
            ),
        )

    def __str__(self) -> str:
        return self.full_name

    def get_absolute_url(self) -> str:
        """Return the address of the product page; a variant lives on its parent's page."""
        if self.parent_id is None or self.parent is None:
            return address("shop:product", self.slug)
        return f"{address('shop:product', self.parent.slug)}?variant={self.pk}"

    @property
    def full_name(self) -> str:
        """The name with the variant, as an order line shows it."""
        return f"{self.name} ({self.variant_name})" if self.variant_name else self.name

    def in_stock(self, quantity: int = 1) -> bool:
        """Say whether so many pieces can be sold now, as far as this row knows."""
        return self.stock is None or self.stock >= quantity

    def clean(self) -> None:
        """Refuse attributes that are no table of names and values."""
        attributes: Any = self.attributes
        if not isinstance(attributes, dict):
            raise ValidationError(
                {"attributes": _("Give an object of names and values, as in {“Colour”: “blue”}.")}
            )
