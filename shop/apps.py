"""App configuration of the reference shop."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ShopConfig(AppConfig):
    """The shop, with receivers that keep baskets with their customers."""

    name = "shop"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Shop")

    def ready(self) -> None:
        """Connect the receivers."""
        from shop import receivers  # noqa: F401 - importing connects them
