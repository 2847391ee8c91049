"""A seeded shop as rows of the shop's tables."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils.text import slugify

from shop.bulk import LineRow
from shop.models import Order, Product, Review
from shop.seeding.calendar import DAY_SECONDS
from shop.seeding.catalogue import Page, Variant
from shop.seeding.orders import OrderChunk, SeedShop, Status
from shop.seeding.reviews import SeededReview

STATUSES = {
    Status.PENDING: Order.Status.PENDING,
    Status.PAID: Order.Status.PAID,
    Status.CANCELLED: Order.Status.CANCELLED,
    Status.REFUNDED: Order.Status.REFUNDED,
}
PAID_AFTER = timedelta(minutes=2)
CANCELLED_AFTER = timedelta(hours=5)
SHIPPED_AFTER = timedelta(hours=30)
# What was there from the start came to the shop over so many days before it.
STOCKED_UP_DAYS = 200


def money(cents: int) -> Decimal:
    """Return cents as an amount."""
    return Decimal(cents).scaleb(-2)


def page_row(shop: SeedShop, position: int, category_id: int, brand_id: int) -> Product:
    """Return the product of a page; a page with variants has no stock of its own."""
    page = shop.catalogue.pages[position]
    if page.launched_share:
        created = shop.start + int(page.launched_share * shop.n_days * DAY_SECONDS)
    else:
        created = shop.start - (position % STOCKED_UP_DAYS + 1) * DAY_SECONDS
    return Product(
        sku=page.sku,
        name=page.name,
        slug=f"{slugify(page.name)}-{page.sku.lower()}",
        category_id=category_id,
        brand_id=brand_id,
        description=page.description,
        attributes=page.attributes,
        price=money(page.price),
        cost=money(page.cost),
        stock=None if page.variants else page.stock,
        created_at=datetime.fromtimestamp(created, UTC),
    )


def variant_row(parent: Product, page: Page, variant: Variant) -> Product:
    """Return the product of one choice on a page."""
    axis = page.family.variants
    return Product(
        sku=variant.sku,
        name=page.name,
        slug=f"{parent.slug}-{slugify(variant.name)}",
        category_id=parent.category_id,
        brand_id=parent.brand_id,
        parent=parent,
        variant_name=variant.name,
        attributes={axis.axis: variant.name} if axis else {},
        price=money(variant.price),
        cost=money(variant.cost),
        stock=variant.stock,
        created_at=parent.created_at,
    )


def user_fields(shop: SeedShop, customer: int) -> dict[str, Any]:
    """Return what makes a user who cannot log in and is nobody."""
    return {
        "username": shop.customers.username(customer),
        "email": shop.customers.email(customer),
        "first_name": "Customer",
        "last_name": str(customer + 1),
        "password": make_password(None),
        "date_joined": datetime.fromtimestamp(shop.start, UTC),
    }


def order_row(shop: SeedShop, key: str, chunk: OrderChunk, position: int, user_id: int) -> Order:
    """Return one order; a `user_id` of 0 is a guest."""
    placed_at = datetime.fromtimestamp(int(chunk.placed_at[position]), UTC)
    end = datetime.fromtimestamp(shop.start + shop.n_days * DAY_SECONDS, UTC)
    status = Status(chunk.status[position])
    is_paid = status in {Status.PAID, Status.REFUNDED}
    is_shipped = is_paid and placed_at + SHIPPED_AFTER < end
    return Order(
        number=f"S{chunk.first_order + position + 1:08d}",
        user_id=user_id or None,
        email=shop.customers.email(int(chunk.customer[position])),
        status=STATUSES[status],
        placed_at=placed_at,
        paid_at=placed_at + PAID_AFTER if is_paid else None,
        shipped_at=placed_at + SHIPPED_AFTER if is_shipped else None,
        cancelled_at=placed_at + CANCELLED_AFTER if status is Status.CANCELLED else None,
        source=Order.Source.SEED,
        external_key=key,
    )


def review_row(review: SeededReview, product_id: int, user_id: int) -> Review:
    """Return one review of a page."""
    return Review(
        product_id=product_id,
        user_id=user_id,
        stars=review.stars,
        text=review.text,
        written_at=datetime.fromtimestamp(review.written_at, UTC),
    )


def line_rows(
    chunk: OrderChunk, order_ids: list[int], first: int, sold: list[tuple[int, str, str]]
) -> Iterator[LineRow]:
    """Yield the lines of some orders of a chunk, from its order `first` on.

    `sold` has the primary key, the SKU and the name of every sellable.
    """
    low, high = chunk.line_order.searchsorted([first, first + len(order_ids)])
    columns = (
        chunk.line_order[low:high] - first,
        chunk.line_sellable[low:high],
        chunk.line_price[low:high],
        chunk.line_quantity[low:high],
        chunk.line_refunded[low:high],
    )
    position, last = 0, -1
    for order, sellable, price, quantity, refunded in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        position = position + 1 if order == last else 0
        last = order
        product_id, sku, name = sold[sellable]
        yield LineRow(
            order_id=order_ids[order],
            product_id=product_id,
            product_name=name,
            sku=sku,
            quantity=quantity,
            refunded_quantity=refunded,
            unit_price=money(price),
            amount=money(price * quantity),
            position=position,
        )
