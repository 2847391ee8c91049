"""Addresses of an Oscar project."""

from django.apps import apps
from django.urls import include, path

urlpatterns = [
    path("crosssell/", include("recommendations.urls")),
    path("", include(apps.get_app_config("oscar").urls[0])),
]
