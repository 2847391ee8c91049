"""The site that the serving benchmark asks: the reference shop, and a plain view beside our API.

It is the shop's settings and pages as they stand; ``?bare`` draws the product page without the
block, from the same template with the one tag taken out.
"""

from __future__ import annotations

import logging
import os
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import django
from django.core.cache import cache
from django.db import connection
from django.template import TemplateDoesNotExist, engines
from django.utils import timezone

N_PRODUCTS = 2000
N_NEIGHBOURS = 40
TAG = "{% frequently_bought_together chosen|default:product %}"


def set_up(database_url: str, folder: Path) -> None:
    """Start Django on the shop's settings as a public site would run, with this database."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="shop.settings",
        DJANGO_DEBUG="0",
        SECRET_KEY="only-for-benchmarks-" + 50 * "x",
        ALLOWED_HOSTS="localhost,127.0.0.1",
        SECURE_SSL_REDIRECT="0",
        DATABASE_URL=database_url,
        SHOP_VAR_DIR=str(folder),
        # Room for every list of the products asked for; the default of 300 entries is too small
        # for any shop.
        CACHE_URL="locmemcache://?max_entries=100000",
        LOG_LEVEL="ERROR",
    )
    django.setup()


def fill(*, n_products: int = N_PRODUCTS, seed: int = 1) -> None:
    """Make products and a published build with full lists, unless they are there."""
    from django.core.management import call_command

    from recommendations.engine.packing import pack
    from recommendations.models import Build, Item, Kind, NeighbourList, Publication
    from shop.models import Category, Product

    call_command("migrate", verbosity=0)
    if Publication.objects.exists():
        analyze()
        return
    draw = random.Random(seed)
    category = Category.objects.create(name="Benchmark", slug="benchmark")
    products = Product.objects.bulk_create(
        Product(
            sku=f"B{n}",
            slug=f"b{n}",
            name=f"Product {n}",
            category=category,
            price=Decimal(draw.randrange(100, 20_000)) / 100,
            description="A product.",
        )
        for n in range(n_products)
    )
    items = Item.objects.bulk_create(
        Item(key=str(product.pk), title=product.name, category=category.name)
        for product in products
    )
    now = timezone.now()
    build = Build.objects.create(
        kind=Kind.TOGETHER, status=Build.Status.PUBLISHED, as_of=now, fence=1, started_at=now,
        heartbeat_at=now, finished_at=now, published_at=now,
    )  # fmt: skip
    ids = [item.pk for item in items]
    scores = [1 - n / 100 for n in range(N_NEIGHBOURS)]
    counts = list(range(100, 100 - N_NEIGHBOURS, -1))
    NeighbourList.objects.bulk_create(
        NeighbourList(
            build=build,
            item=item,
            n_customers=500,
            n_baskets=600,
            packed=pack(draw.sample(ids, N_NEIGHBOURS), scores, counts, counts),
        )
        for item in items
    )
    Publication.objects.create(kind=Kind.TOGETHER, build=build, published_at=now)
    analyze()


def analyze() -> None:
    """Give PostgreSQL the statistics that its autovacuum gives to every running shop.

    Without them it reads all products to find six. SQLite gathers none by itself.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def product_addresses(n_products: int) -> list[tuple[str, str]]:
    """Return the page and the key of the first products."""
    from shop.models import Product

    rows = Product.objects.order_by("pk").values_list("slug", "pk")[:n_products]
    return [(f"/product/{slug}/", str(pk)) for slug, pk in rows]


def add_bare_page() -> None:
    """Let ``?bare`` draw the product page without the block, and ``?kept`` from a page cache."""
    from django.http import HttpRequest, HttpResponse

    from shop.views import catalogue

    engine: Any = engines["django"]
    source = source_of(engine, "shop/product.html")
    if TAG not in source:
        raise RuntimeError(f"shop/product.html does not hold {TAG}.")
    bare = engine.from_string(source.replace(TAG, ""))
    drawn = catalogue.render

    def render(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        if "bare" in request.GET:
            return HttpResponse(bare.render(context, request))
        if "kept" in request.GET:
            key = f"page:{request.path}"
            return HttpResponse(
                cache.get_or_set(key, lambda: drawn(request, name, context).content)
            )
        return drawn(request, name, context)

    replaced: Any = catalogue
    replaced.render = render


def source_of(engine: Any, name: str) -> str:
    """Return the text of a template."""
    for loader in engine.engine.template_loaders[0].loaders:
        for origin in loader.get_template_sources(name):
            try:
                return str(loader.get_contents(origin))
            except TemplateDoesNotExist:
                continue
    raise TemplateDoesNotExist(name)


def add_plain_view() -> None:
    """Add ``/plain/KEY/``: REST framework over four products of one query, to compare with."""
    from django.urls import path
    from rest_framework import serializers
    from rest_framework.permissions import AllowAny
    from rest_framework.renderers import JSONRenderer
    from rest_framework.request import Request
    from rest_framework.response import Response
    from rest_framework.views import APIView

    from shop import urls
    from shop.models import Product

    class PlainSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
        class Meta:
            model = Product
            fields = ("id", "name", "price", "currency", "slug")

    class PlainView(APIView):
        permission_classes = [AllowAny]
        renderer_classes = [JSONRenderer]

        def get(self, request: Request, key: int) -> Response:
            return Response(
                PlainSerializer(Product.objects.filter(pk__gte=key)[:4], many=True).data
            )

    urls.urlpatterns.insert(0, path("plain/<int:key>/", PlainView.as_view()))


def serve(database_url: str, folder: Path, port: int) -> None:
    """Serve the site on loopback until the process is ended."""
    set_up(database_url, folder)
    add_plain_view()
    listen(port)


def listen(port: int) -> None:
    """Answer requests on loopback by Django's threaded WSGI server, for ever."""
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

    from shop.wsgi import application

    # After the import, which sets Django's logging up anew: a line per request is not measured.
    logging.getLogger("django.server").disabled = True

    class Handler(WSGIRequestHandler):
        # It sends headers and body apart; Nagle's algorithm would hold the body back for 40 ms.
        disable_nagle_algorithm = True

    server = ThreadedWSGIServer(("127.0.0.1", port), Handler, allow_reuse_address=True)
    server.daemon_threads = True
    server.set_app(application)
    server.serve_forever()
