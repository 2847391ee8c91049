"""Addresses of the example shops: ours alone."""

from django.urls import include, path

urlpatterns = [path("crosssell/", include("recommendations.urls"))]
