"""Stock moves by single conditional updates, so that one piece is never sold twice."""

from django.db.models import F

from shop.models import Product


def claim_stock(product: Product, quantity: int) -> bool:
    """Take pieces off the shelf; return whether there were enough. Untracked stock always has."""
    if product.stock is None:
        return True
    rows = Product.objects.filter(pk=product.pk, stock__gte=quantity)
    return rows.update(stock=F("stock") - quantity) == 1


def return_stock(product_id: int, quantity: int) -> None:
    """Put pieces back on the shelf, where stock is tracked."""
    rows = Product.objects.filter(pk=product_id, stock__isnull=False)
    rows.update(stock=F("stock") + quantity)
