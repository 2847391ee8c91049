"""The Django app: its label is prefixed because real shops already own the plain word."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecommendationsConfig(AppConfig):
    """Registers system checks; everything else is imported where it is used."""

    name = "recommendations"
    label = "crosssell_recommendations"
    verbose_name = _("Recommendations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import the modules that register themselves with Django."""
        from recommendations import checks, receivers  # noqa: F401
