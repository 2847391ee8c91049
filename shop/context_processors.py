"""What the frame of every page shows."""

from functools import cache
from typing import Any

from django.http import HttpRequest

from shop.selectors.baskets import basket_count
from shop.selectors.catalogue import category_tree


def shop(request: HttpRequest) -> dict[str, Any]:
    """Return the navigation and the number on the basket, read only by templates that show them."""
    return {
        "categories": cache(category_tree),
        "basket_count": cache(lambda: basket_count(request.session, request.user)),
    }
