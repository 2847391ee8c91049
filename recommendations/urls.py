"""Addresses that a project includes: ``path("crosssell/", include("recommendations.urls"))``."""

from django.urls import URLPattern, URLResolver, include, path

from recommendations.api import urls as api
from recommendations.api.schema import SchemaView, documentation
from recommendations.views import add_all

app_name = "crosssell"
urlpatterns: list[URLPattern | URLResolver] = [
    path("basket/add/", add_all, name="basket-add"),
    path("api/v1/schema/", SchemaView.as_view(), name="schema"),
    path("api/v1/docs/", documentation, name="docs"),
    path("api/v1/", include(api)),
    path("api/v1/", include([api.unknown])),
]
