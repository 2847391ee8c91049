"""Reads of the catalogue."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.core.cache import cache
from django.db.models import Count, Max, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from shop.models import Brand, Category, OrderLine, Product

SORTS: Mapping[str, tuple[str, ...]] = {
    "newest": ("-created_at", "-id"),
    "price": ("price", "id"),
    "price-desc": ("-price", "-id"),
    "name": ("name", "id"),
}
DEFAULT_SORT = "newest"

# Popularity is counted over the newest lines only: the home page must not read ten million rows.
POPULAR_LINES = 20_000
POPULAR_SECONDS = 600
# Words beyond these add nothing but work for the database.
MAX_SEARCH_WORDS = 8


@dataclass(slots=True)
class Shelf:
    """A category with the categories inside it."""

    category: Category
    children: list["Shelf"] = field(default_factory=list)


def category_tree() -> list[Shelf]:
    """Return all categories as a tree, in one query."""
    shelves = {category.pk: Shelf(category) for category in Category.objects.order_by("name")}
    roots: list[Shelf] = []
    for shelf in shelves.values():
        parent = shelves.get(shelf.category.parent_id or 0)
        (parent.children if parent else roots).append(shelf)
    return roots


def find_path(tree: Iterable[Shelf], slug: str) -> list[Shelf]:
    """Return the shelves from a top category down to the one of this slug; empty if none has it."""
    for shelf in tree:
        if shelf.category.slug == slug:
            return [shelf]
        below = find_path(shelf.children, slug)
        if below:
            return [shelf, *below]
    return []


def shelf_ids(shelf: Shelf) -> list[int]:
    """Return the primary keys of a category and of everything inside it."""
    inside = (pk for child in shelf.children for pk in shelf_ids(child))
    return [shelf.category.pk, *inside]


def visible_products() -> QuerySet[Product]:
    """Return what may be shown as a page or a card: no hidden product, no single variant."""
    return Product.objects.filter(visible=True, parent__isnull=True)


def product_cards(products: QuerySet[Product]) -> QuerySet[Product]:
    """Prepare products for cards: brand, and the visible variants in ``shown_variants``."""
    variants = Product.objects.filter(visible=True).defer("description", "attributes")
    return (
        products.select_related("brand")
        .prefetch_related(
            Prefetch("variants", variants.order_by("price", "id"), to_attr="shown_variants")
        )
        .defer("description", "attributes")
    )


def listed_attributes(product: Product) -> list[tuple[str, object]]:
    """Return what the details table lists; rows written past the form may hold anything."""
    held: object = product.attributes
    if not isinstance(held, dict):
        return []
    return [(name, value) for name, value in held.items() if value not in (None, "", [])]


def attribute_text(value: object) -> str:
    """Return an attribute's value as it is shown, also when it is a list."""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def products_on(shelf: Shelf | None) -> QuerySet[Product]:
    """Return the products of a category and of those inside it; of the whole shop for None."""
    products = visible_products()
    return products if shelf is None else products.filter(category_id__in=shelf_ids(shelf))


def search_products(text: str) -> QuerySet[Product]:
    """Return products that have every word of the text in name, brand, category or stock code."""
    products = visible_products()
    words = text.split()[:MAX_SEARCH_WORDS]
    if not words:
        return products.none()
    for word in words:
        products = products.filter(
            Q(name__icontains=word)
            | Q(brand__name__icontains=word)
            | Q(category__name__icontains=word)
            | Q(sku__istartswith=word)
        )
    return products


def brands_of(products: QuerySet[Product]) -> QuerySet[Brand]:
    """Return the brands of these products, the most frequent first, with ``n_products``."""
    counts = products.order_by().filter(brand__isnull=False)
    return (
        Brand.objects.filter(products__in=counts)
        .annotate(n_products=Count("products"))
        .order_by("-n_products", "name")
    )


def new_products(count: int) -> list[Product]:
    """Return the newest products."""
    return list(product_cards(visible_products()).order_by("-created_at", "-id")[:count])


def popular_products(count: int) -> list[Product]:
    """Return what most orders of late hold; nothing where there are no orders."""
    ids = cache.get_or_set(f"shop:popular:{count}", lambda: _popular_ids(count), POPULAR_SECONDS)
    found = product_cards(visible_products().filter(pk__in=ids or ())).in_bulk()
    return [found[pk] for pk in ids or () if pk in found][:count]


def product_page(slug: str) -> Product | None:
    """Return the product of a page with everything the page shows."""
    variants = Product.objects.filter(visible=True).order_by("price", "id")
    return (
        visible_products()
        .filter(slug=slug)
        .select_related("brand", "category__parent")
        .prefetch_related(Prefetch("variants", variants, to_attr="shown_variants"))
        .first()
    )


def sellable_product(pk: int) -> Product | None:
    """Return a visible product or variant by its primary key."""
    return Product.objects.filter(pk=pk, visible=True).select_related("parent").first()


UNTRACKED = 2**31 - 1
"""Stands for the stock of what never runs out, where a number is needed."""

# Made once, and one subquery for both questions: how a block's query is built and planned costs
# more than running it.
_BEST_STOCK = Subquery(
    Product.objects.filter(parent=OuterRef("pk"), visible=True)
    .annotate(pieces=Coalesce("stock", UNTRACKED))
    .order_by("-pieces")
    .values("pieces")[:1]
)


def with_availability(products: QuerySet[Product]) -> QuerySet[Product]:
    """Add the stock of the variant that has most of it: none for a product without variants."""
    return products.annotate(best_variant_stock=_BEST_STOCK)


def has_variants(product: Product) -> bool:
    """Say whether a variant of the product must be chosen."""
    if product.parent_id is not None:
        return False
    if hasattr(product, "shown_variants"):
        return bool(product.shown_variants)
    if hasattr(product, "best_variant_stock"):
        return product.best_variant_stock is not None
    return product.variants.filter(visible=True).exists()


def is_available(product: Product, quantity: int = 1) -> bool:
    """Say whether so many pieces of the product, or of one of its variants, can be had."""
    if not has_variants(product):
        return product.in_stock(quantity)
    if hasattr(product, "shown_variants"):
        return any(variant.in_stock(quantity) for variant in product.shown_variants)
    if hasattr(product, "best_variant_stock"):
        return bool(product.best_variant_stock >= quantity)
    return any(row.in_stock(quantity) for row in product.variants.filter(visible=True))


def price_range(variants: Sequence[Product]) -> tuple[Product, bool] | None:
    """Return the cheapest variant and whether others cost more; None for no variants."""
    if not variants:
        return None
    cheapest = min(variants, key=lambda variant: variant.price)
    return cheapest, any(variant.price > cheapest.price for variant in variants)


def _popular_ids(count: int) -> list[int]:
    newest = OrderLine.objects.aggregate(pk=Max("id"))["pk"]
    if newest is None:
        return []
    lines = OrderLine.objects.filter(
        id__gt=newest - POPULAR_LINES,
        product__isnull=False,
        order__status="paid",
    )
    shown = Coalesce("product__parent_id", "product_id")
    ranked = (
        lines.annotate(shown=shown)
        .values_list("shown")
        .annotate(n_orders=Count("order_id", distinct=True))
        .order_by("-n_orders", "shown")
    )
    # Some of them may be hidden by the time they are shown.
    return [pk for pk, _count in ranked[: count * 2]]
