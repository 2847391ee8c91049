"""Writing reviews."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from shop.models import Product, Review
from shop.selectors.reviews import has_bought
from shop.services.errors import Refused


def write_review(product: Product, user: Any, *, stars: int, text: str = "") -> Review:
    """Keep what a customer thinks of a product; a later review stands for an earlier one."""
    if not has_bought(product, user):
        raise Refused(_("Only customers who bought the product can review it."))
    review, _created = Review.objects.update_or_create(
        product=product,
        user=user,
        defaults={"stars": stars, "text": text, "written_at": timezone.now()},
    )
    return review
