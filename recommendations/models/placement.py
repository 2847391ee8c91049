"""What the merchant decides about a block: where it stands, what it holds, and where from."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from recommendations.models.conditions import refuse_unreadable

MOST_SHOWN = 20
"""Most companions of a block: more than a shopper looks through."""

MOST_PERCENT = 10000
"""Highest bound of a price band: a hundred times the price, which is no bound any more."""


class Strategy(models.TextChoices):
    """Where the products of a block can come from."""

    TOGETHER = "together", _("bought together with the item of the page")
    ALSO_VIEWED = "also_viewed", _("bought by customers who looked at the item of the page")
    SIMILAR = "similar", _("similar to the item of the page")
    UPGRADES = "upgrades", _("upgrades of the item of the page")
    BASKET = "basket", _("goes with the shopper's basket")
    CUSTOMER = "customer", _("recommended for the customer")
    BUY_AGAIN = "buy_again", _("what the customer bought before")
    RECENTLY_VIEWED = "recently_viewed", _("what the shopper looked at last")
    TRENDING = "trending", _("trending now")
    NEW_ARRIVALS = "new_arrivals", _("new in the shop")
    BEST_SELLERS = "best_sellers", _("best sellers")


class Placement(models.Model):
    """A block on a kind of page."""

    class Page(models.TextChoices):
        """The kind of page that a block stands on."""

        PRODUCT = "product", _("product page")
        BASKET = "basket", _("basket")
        CHECKOUT = "checkout", _("checkout")
        CONFIRMATION = "confirmation", _("order confirmation")
        CATEGORY = "category", _("category page")
        SEARCH = "search", _("search without results")
        ACCOUNT = "account", _("customer's account")
        HOME = "home", _("home page")
        EMAIL = "email", _("e-mail")

    class Fallback(models.TextChoices):
        """What fills a block whose list is too short, or that has none."""

        COLD = "cold", _("only where there is no list: its category, then the shop")
        NONE = "none", _("nothing: show fewer")
        CATEGORY = "category", _("best sellers of the same category")
        POPULAR = "popular", _("best sellers of the shop")

    class Rotation(models.TextChoices):
        """How often products of about the same rank change places."""

        NONE = "none", _("never: the best first")
        DAILY = "daily", _("every day")
        HOURLY = "hourly", _("every hour")

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
    page = models.CharField(
        _("page"),
        max_length=20,
        choices=Page.choices,
        default=Page.PRODUCT,
        help_text=_("The kind of page that the block stands on."),
    )
    enabled = models.BooleanField(_("shown"), default=True)
    count = models.PositiveSmallIntegerField(
        _("companions"),
        default=3,
        validators=(MinValueValidator(1), MaxValueValidator(MOST_SHOWN)),
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
    condition = models.JSONField(
        _("only products for which"),
        null=True,
        blank=True,
        help_text=_("Without a rule every product may be shown. Pinned items are shown anyway."),
    )
    price_from_percent = models.PositiveIntegerField(
        _("price from"),
        null=True,
        blank=True,
        validators=(MinValueValidator(1), MaxValueValidator(MOST_PERCENT)),
        help_text=_("In percent of the price of the page's item. Empty: any."),
    )
    price_to_percent = models.PositiveIntegerField(
        _("price up to"),
        null=True,
        blank=True,
        validators=(MinValueValidator(1), MaxValueValidator(MOST_PERCENT)),
        help_text=_(
            "In percent of the price of the page's item, for example 150. Empty: any; for "
            "upgrades, as whoever runs the site has set it."
        ),
    )
    hide_owned = models.BooleanField(
        _("without what the customer has bought already"),
        default=False,
        help_text=_("For things that are bought once. It needs a customer who is logged in."),
    )
    per_category = models.PositiveSmallIntegerField(
        _("at most of one category"),
        null=True,
        blank=True,
        validators=(MinValueValidator(1), MaxValueValidator(MOST_SHOWN)),
        help_text=_("Empty: as many as there are."),
    )
    diversity = models.PositiveSmallIntegerField(
        _("variety"),
        default=0,
        validators=(MaxValueValidator(100),),
        help_text=_(
            "In percent. 0: the best first, however alike they are. 30 is a good start; 100: as "
            "different from each other as there are."
        ),
    )
    rotation = models.CharField(
        _("change places"),
        max_length=10,
        choices=Rotation.choices,
        default=Rotation.NONE,
        help_text=_("All shoppers see the same order until it changes."),
    )
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        """Names for the admin, and the bounds behind the form."""

        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        ordering = ("slug",)
        constraints = (
            models.CheckConstraint(
                condition=Q(count__gte=1, count__lte=MOST_SHOWN), name="crosssell_placement_count"
            ),
            models.CheckConstraint(
                condition=Q(minimum_support__gte=1), name="crosssell_placement_support"
            ),
            models.CheckConstraint(
                condition=Q(price_from_percent__gte=1, price_from_percent__lte=MOST_PERCENT)
                | Q(price_from_percent__isnull=True),
                name="crosssell_placement_price_from",
            ),
            models.CheckConstraint(
                condition=Q(price_to_percent__gte=1, price_to_percent__lte=MOST_PERCENT)
                | Q(price_to_percent__isnull=True),
                name="crosssell_placement_price_to",
            ),
            models.CheckConstraint(
                condition=Q(price_from_percent__isnull=True)
                | Q(price_to_percent__isnull=True)
                | Q(price_from_percent__lte=F("price_to_percent")),
                name="crosssell_placement_price_band",
            ),
            models.CheckConstraint(
                condition=Q(per_category__gte=1, per_category__lte=MOST_SHOWN)
                | Q(per_category__isnull=True),
                name="crosssell_placement_category_cap",
            ),
            models.CheckConstraint(
                condition=Q(diversity__lte=100), name="crosssell_placement_diversity"
            ),
        )

    def __str__(self) -> str:
        """Return the name that templates use."""
        return self.slug

    def clean(self) -> None:
        """Refuse a price band that holds nothing, and a rule that cannot be read."""
        low, high = self.price_from_percent, self.price_to_percent
        if low is not None and high is not None and low > high:
            raise ValidationError(
                {"price_to_percent": _("No price is above the first bound and below this one.")}
            )
        refuse_unreadable(self.condition)


class PlacementStep(models.Model):
    """One source of a placement's products; later ones fill what earlier ones leave empty."""

    placement = models.ForeignKey(
        Placement, verbose_name=_("placement"), on_delete=models.CASCADE, related_name="steps"
    )
    position = models.PositiveSmallIntegerField(
        _("order"),
        default=1,
        validators=(MinValueValidator(1),),
        help_text=_("1 is asked first."),
    )
    strategy = models.CharField(_("source"), max_length=20, choices=Strategy.choices)

    class Meta:
        """Each source once."""

        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ("placement", "position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("placement", "strategy"), name="crosssell_source_once"),
            models.CheckConstraint(condition=Q(position__gte=1), name="crosssell_source_position"),
        )

    def __str__(self) -> str:
        """Return position and source."""
        return f"{self.position}. {self.get_strategy_display()}"
