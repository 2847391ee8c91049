"""What the frame of every page shows."""

from functools import cache
from typing import Any

from django.http import HttpRequest

from shop.selectors.baskets import held_on_page
from shop.selectors.catalogue import category_tree


def shop(request: HttpRequest) -> dict[str, Any]:
    """Return the navigation and the number on the basket, read only by templates that show them."""
    return {
        "categories": cache(category_tree),
        "basket_count": cache(lambda: sum(pieces for _, pieces in held_on_page(request))),
    }
