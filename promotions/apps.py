"""The Django app: its label is prefixed because real shops already own the plain word."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PromotionsConfig(AppConfig):
    """Registers system checks; everything else is imported where it is used."""

    name = "promotions"
    label = "crosssell_promotions"
    verbose_name = _("Promotions")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import the modules that register themselves with Django."""
        from promotions import checks  # noqa: F401
