"""System checks of the app's settings."""

from __future__ import annotations

from typing import Any

from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from promotions.conf import promotion_settings


@checks.register("crosssell")
def check_settings(**kwargs: Any) -> list[checks.CheckMessage]:
    """Report names that mean nothing and values that cannot be used."""
    try:
        messages: list[checks.CheckMessage] = [
            checks.Warning(
                f"PROMOTIONS has no setting {name!r}.",
                hint=f"Did you mean {nearest!r}?"
                if nearest
                else f"Known names: {', '.join(promotion_settings.names())}.",
                id="crosssell.promotions.W001",
            )
            for name, nearest in promotion_settings.unknown().items()
        ]
        promotion_settings()
    except ImproperlyConfigured as error:
        return [
            checks.Error(
                str(error),
                hint="See docs/settings.md for every name.",
                id="crosssell.promotions.E001",
            )
        ]
    return messages
