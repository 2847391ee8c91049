from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "tests.shops.stranger.catalog"
