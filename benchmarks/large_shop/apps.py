"""Configuration of the benchmark's shop."""

from django.apps import AppConfig


class LargeShopConfig(AppConfig):
    """A shop to be measured, never to be installed."""

    name = "benchmarks.large_shop"
    label = "large_shop"
    default_auto_field = "django.db.models.BigAutoField"
