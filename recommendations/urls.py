"""Addresses that a project includes: ``path("crosssell/", include("recommendations.urls"))``."""

from django.urls import URLPattern, URLResolver, include, path

from recommendations.api import urls as api
from recommendations.api.schema import SchemaView, documentation
from recommendations.views.about import about
from recommendations.views.baskets import add_all, replace_line
from recommendations.views.feedback import feedback
from recommendations.views.personal import personal

app_name = "crosssell"
urlpatterns: list[URLPattern | URLResolver] = [
    # First, for it is asked most often, and each address before it costs every request.
    path("api/v1/", include(api)),
    path("basket/add/", add_all, name="basket-add"),
    path("about/", about, name="about"),
    path("feedback/", feedback, name="feedback"),
    path("personal/", personal, name="personal"),
    path("basket/replace/", replace_line, name="basket-replace"),
    path("api/v1/schema/", SchemaView.as_view(), name="schema"),
    path("api/v1/docs/", documentation, name="docs"),
    path("api/v1/", include([api.unknown])),
]
