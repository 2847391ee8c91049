"""The site of the benchmark of pages with several blocks: more lists, and pages with and without.

``?bare`` draws a page of the reference shop from the same template with every tag of ours taken
out; ``?shop`` draws it with the blocks that the shop itself shows.
"""

from __future__ import annotations

import bisect
import random
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.template import engines
from django.utils import timezone

from benchmarks import serving_site

PRODUCT_BLOCKS = (
    "{% frequently_bought_together chosen|default:product %}",
    "{% upgrades product %}",
    "{% similar_items product %}",
    "{% recommended_for_you %}",
)
BASKET_SIZE = 50
N_UPGRADES = 10
CATEGORIES = ("Lamps", "Chairs", "Tables", "Beds", "Shelves", "Rugs", "Curtains", "Vases")

Entries = Sequence[tuple[int, float]]
"""Ids of items with their scores, best first."""


def fill(*, seed: int = 2) -> None:
    """Publish lists of every kind that the pages ask for, unless they are there."""
    from recommendations.models import Item, Kind, Publication

    serving_site.fill()
    if Publication.objects.filter(kind=Kind.UPGRADES).exists():
        return
    draw = random.Random(seed)
    _categorise()
    ids = list(Item.objects.order_by("pk").values_list("pk", flat=True))
    for kind in (Kind.CONTENT, Kind.VIEWED_BOUGHT):
        _publish(kind, items={pk: _ranked(draw.sample(ids, 40)) for pk in ids})
    _publish(Kind.UPGRADES, items=_steps(draw))
    _publish(Kind.TRENDING, groups={"": _ranked(draw.sample(ids, 40))})
    everybody = [str(shopper(name).pk) for name in ("few", "many")]
    for kind in (Kind.USER_BASED, Kind.NEXT_BASKET):
        _publish(kind, customers={key: _ranked(draw.sample(ids, 40)) for key in everybody})
    serving_site.analyze()


def shopper(name: str) -> Any:
    """Return a customer; *many* holds fifty products, *few* holds two."""
    from django.contrib.auth import get_user_model

    from shop.models import Basket, BasketLine, Product

    user, made = get_user_model().objects.get_or_create(username=name)
    if made:
        basket = Basket.objects.create(user=user)
        newest = Product.objects.order_by("-pk")[: BASKET_SIZE if name == "many" else 2]
        BasketLine.objects.bulk_create(
            BasketLine(basket=basket, product=product, quantity=1) for product in newest
        )
    return user


def add_pages() -> None:
    """Let product and basket pages be drawn with four blocks, ``?bare`` and as the ``?shop`` does.

    Products that are looked at are not recorded in the first two: that is no part of a block.
    """
    from shop.views import basket, catalogue

    engine: Any = engines["django"]
    source = serving_site.source_of(engine, "shop/product.html")
    first, _, rest = source.partition(PRODUCT_BLOCKS[0])
    four = _bare(first) + "".join(PRODUCT_BLOCKS) + _bare(rest)
    _draw_from(catalogue, {"": four, "bare": _bare(source)})
    source = serving_site.source_of(engine, "shop/basket.html")
    _draw_from(basket, {"bare": _bare(source)})


def _bare(source: str) -> str:
    """Return a template without any tag of ours."""
    from recommendations.templatetags.crosssell import register

    return re.sub(rf"{{%\s*(?:{'|'.join(register.tags)})\b[^%]*%}}", "", source)


def _draw_from(views: Any, sources: Mapping[str, str]) -> None:
    from django.http import HttpRequest, HttpResponse

    templates = {end: engines["django"].from_string(source) for end, source in sources.items()}
    drawn: Callable[..., HttpResponse] = views.render

    def render(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        template = templates.get(next(iter(request.GET), ""))
        if template is None:
            return drawn(request, name, context)
        return HttpResponse(template.render(context, request))

    views.render = render


def _categorise() -> None:
    """Spread the products over several categories, so that caps and diversity have work to do."""
    from recommendations.models import Item
    from shop.models import Category, Product

    for number, name in enumerate(CATEGORIES):
        category = Category.objects.create(name=name, slug=name.lower())
        keys = [pk for pk in Product.objects.values_list("pk", flat=True) if pk % 8 == number]
        Product.objects.filter(pk__in=keys).update(category=category)
        Item.objects.filter(key__in=map(str, keys)).update(category=name)


def _steps(draw: random.Random) -> dict[int, Entries]:
    """Return for each item some that are dearer by up to a half."""
    from recommendations.models import Item
    from shop.models import Product

    item_of = dict(Item.objects.values_list("key", "pk"))
    by_price = list(Product.objects.order_by("price", "pk").values_list("price", "pk"))
    prices = [price for price, _ in by_price]
    found = {}
    for price, pk in by_price:
        low = bisect.bisect_right(prices, price)
        high = max(low, bisect.bisect_right(prices, price + price / 2))
        dearer = [item_of[str(other)] for _, other in by_price[low:high]]
        chosen = draw.sample(dearer, min(len(dearer), N_UPGRADES))
        found[item_of[str(pk)]] = _ranked(chosen)
    return found


def _ranked(ids: Sequence[int]) -> Entries:
    return [(pk, 1 - rank / 100) for rank, pk in enumerate(ids)]


def _publish(
    kind: str,
    *,
    items: Mapping[int, Entries] | None = None,
    groups: Mapping[str, Entries] | None = None,
    customers: Mapping[str, Entries] | None = None,
) -> None:
    from recommendations.models import (
        Build,
        CustomerList,
        NeighbourList,
        PopularList,
        Publication,
    )

    now = timezone.now()
    build = Build.objects.create(
        kind=kind, status=Build.Status.PUBLISHED, as_of=now, fence=1, started_at=now,
        heartbeat_at=now, finished_at=now, published_at=now,
    )  # fmt: skip
    NeighbourList.objects.bulk_create(
        NeighbourList(
            build=build, item_id=pk, n_customers=500, n_baskets=600, packed=_packed(entries)
        )
        for pk, entries in (items or {}).items()
    )
    PopularList.objects.bulk_create(
        PopularList(build=build, category=category, packed=_packed(entries))
        for category, entries in (groups or {}).items()
    )
    CustomerList.objects.bulk_create(
        CustomerList(build=build, customer=key, n_baskets=9, packed=_packed(entries))
        for key, entries in (customers or {}).items()
    )
    Publication.objects.create(kind=kind, build=build, published_at=now)


def _packed(entries: Entries) -> bytes:
    from recommendations.engine.packing import pack

    counts = [60] * len(entries)
    return pack([pk for pk, _ in entries], [score for _, score in entries], counts, counts)
