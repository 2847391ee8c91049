from django.apps import AppConfig


class DatasetShopConfig(AppConfig):
    name = "tests.recommendations.datasets.app"
    label = "dataset_shop"
    default_auto_field = "django.db.models.BigAutoField"
