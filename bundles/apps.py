"""The Django app: its label is prefixed because real shops already own the plain word."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BundlesConfig(AppConfig):
    """Registers system checks; everything else is imported where it is used."""

    name = "bundles"
    label = "crosssell_bundles"
    verbose_name = _("Bundles")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import the modules that register themselves with Django."""
        from bundles import checks  # noqa: F401
