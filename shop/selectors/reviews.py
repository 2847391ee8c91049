"""Reads of reviews."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, Count, F, Q

from shop.models import Order, OrderLine, Product, Review
from shop.models.reviews import MOST_STARS

SHOWN_REVIEWS = 10


@dataclass(frozen=True, slots=True)
class Stars:
    """What the customers of a product gave in the mean."""

    average: float
    n_reviews: int

    @property
    def full(self) -> str:
        """Stars to fill in, as characters."""
        return "★" * min(max(round(self.average), 0), MOST_STARS)

    @property
    def empty(self) -> str:
        """Stars to leave empty."""
        return "★" * (MOST_STARS - len(self.full))


def stars_of(product_ids: Iterable[int]) -> dict[int, Stars]:
    """Return the average stars of these products, in one query; none for one without reviews."""
    rows = (
        Review.objects.filter(product_id__in=list(product_ids), visible=True)
        .order_by()
        .values_list("product_id")
        .annotate(Avg("stars"), Count("id"))
    )
    return {pk: Stars(float(average), n_reviews) for pk, average, n_reviews in rows}


def with_stars(products: Iterable[Product]) -> list[Product]:
    """Return the products, each with its ``shown_stars``: None where nobody reviewed it."""
    found = list(products)
    stars = stars_of(product.pk for product in found) if found else {}
    for product in found:
        product.shown_stars = stars.get(product.pk)  # type: ignore[attr-defined]
    return found


def newest_reviews(product: Product, count: int = SHOWN_REVIEWS) -> list[Review]:
    """Return the newest reviews that have words, of a product prepared by ``with_stars``."""
    if getattr(product, "shown_stars", None) is None:  # nobody reviewed it: no query
        return []
    told = Review.objects.filter(product=product, visible=True).exclude(text="")
    return list(told.select_related("user").order_by("-written_at", "-id")[:count])


def own_review(product: Product, user: Any) -> Review | None:
    """Return what this customer wrote, hidden or not."""
    if not user.is_authenticated:
        return None
    return Review.objects.filter(product=product, user=user).first()


def has_bought(product: Product, user: Any) -> bool:
    """Say whether a customer paid for the product, or a variant, and kept a piece of it."""
    if not user.is_authenticated:
        return False
    kept = OrderLine.objects.filter(
        order__user=user, order__status=Order.Status.PAID, refunded_quantity__lt=F("quantity")
    )
    return kept.filter(Q(product=product) | Q(product__parent=product)).exists()
