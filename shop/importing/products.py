"""The products of a file, added to the shop."""

from collections.abc import Collection, Iterator, Mapping
from hashlib import blake2b

from django.db import transaction
from django.utils.text import slugify

from shop.importing.survey import ProductFace
from shop.models import Product

PRODUCTS_PER_QUERY = 500
SLUG_TITLE_LENGTH = 150


def product_ids(codes: Collection[str]) -> dict[str, int]:
    """Return the primary keys of those stock codes that the shop has."""
    found: dict[str, int] = {}
    for some in _batches(list(codes)):
        found.update(Product.objects.filter(sku__in=some).values_list("sku", "pk"))
    return found


def create_products(faces: Mapping[str, ProductFace], *, currency: str) -> int:
    """Add the products that the shop does not have yet; return how many.

    A product that is already there stays as it is: the merchant may have renamed or priced it.
    """
    known = product_ids(faces)
    new = [code for code in faces if code not in known]
    with transaction.atomic():
        for some in _batches(new):
            slugs = _slugs({code: faces[code].title() for code in some})
            Product.objects.bulk_create(
                Product(
                    sku=code,
                    name=faces[code].title() or code.strip(),
                    slug=slugs[code],
                    price=faces[code].price(),
                    currency=currency,
                    created_at=faces[code].first_sold_at,
                )
                for code in some
            )
    return len(new)


def _slugs(titles: Mapping[str, str]) -> dict[str, str]:
    wanted = {
        code: "-".join(filter(None, (slugify(title)[:SLUG_TITLE_LENGTH], slugify(code))))
        for code, title in titles.items()
    }
    taken = set(
        Product.objects.filter(slug__in=set(wanted.values())).values_list("slug", flat=True)
    )
    slugs: dict[str, str] = {}
    for code, slug in wanted.items():
        # Codes may differ by case or signs that no address holds.
        if not slug or slug in taken:
            slug = f"{slug or 'product'}-{blake2b(code.encode(), digest_size=5).hexdigest()}"
        taken.add(slug)
        slugs[code] = slug
    return slugs


def _batches(codes: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(codes), PRODUCTS_PER_QUERY):
        yield codes[start : start + PRODUCTS_PER_QUERY]
