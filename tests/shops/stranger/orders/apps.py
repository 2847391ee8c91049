from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "tests.shops.stranger.orders"
