"""A project that has not included our addresses."""

from django.urls import include, path

from shop.urls import shop_patterns

urlpatterns = [path("", include((shop_patterns, "shop")))]
