"""The site that the load benchmark of the API asks: a seeded shop, and a plain view beside it.

The plain view is what a shop writes by hand with REST framework: ten products with their category,
brand and parent in one query of joins, through a ModelSerializer.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks import api_load_server, serving_site

KINDS = ("together", "content", "trending")
N_ROWS = 10
PLAIN = "plain/rows/"


def fill() -> None:
    """Seed the reference shop and publish the lists that the API reads."""
    from django.core.management import call_command

    from recommendations.services.builds import rebuild

    call_command("migrate", verbosity=0)
    call_command("seed_shop", verbosity=0)
    call_command("crosssell_sync", verbosity=0)
    for kind in KINDS:
        outcome = rebuild(kind)
        if outcome.status != "published":
            raise RuntimeError(f"The build of {kind} is {outcome.status}, not published.")
    serving_site.analyze()


def item_keys() -> list[str]:
    """Return the keys of what the shop shows and has a list for."""
    from recommendations.models import Kind, NeighbourList, Publication
    from shop.models import Product

    build = Publication.objects.values("build").get(kind=Kind.TOGETHER)["build"]
    listed = NeighbourList.objects.filter(build=build).values_list("item__key", flat=True)
    shown = set(Product.objects.filter(visible=True, parent=None).values_list("pk", flat=True))
    return sorted((key for key in listed if int(key) in shown), key=int)


def add_rows_view() -> None:
    """Add the plain view: ten joined rows from a product on."""
    from django.db.models import QuerySet
    from django.urls import path
    from rest_framework import serializers
    from rest_framework.generics import ListAPIView

    from shop import urls
    from shop.models import Product

    class RowSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
        category = serializers.CharField(source="category.name")
        brand = serializers.CharField(source="brand.name", default=None)
        url = serializers.CharField(source="get_absolute_url")

        class Meta:
            model = Product
            fields = ("id", "name", "price", "currency", "category", "brand", "url", "stock")

    class RowsView(ListAPIView):  # type: ignore[type-arg]
        serializer_class = RowSerializer
        permission_classes = []

        def get_queryset(self) -> QuerySet[Product]:
            rows = Product.objects.filter(visible=True, parent=None, pk__gte=self.kwargs["key"])
            return rows.select_related("category", "brand").order_by("pk")[:N_ROWS]

    urls.urlpatterns.append(path(f"{PLAIN}<int:key>/", RowsView.as_view()))


def serve(database_url: str, folder: Path, port: int) -> None:
    """Serve the shop with the plain view on loopback until the process is ended."""
    serving_site.set_up(database_url, folder)
    add_rows_view()

    from shop.wsgi import application

    api_load_server.listen(port, application)
