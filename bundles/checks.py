"""System checks of the app's settings."""

from __future__ import annotations

from typing import Any

from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from bundles.conf import bundle_settings


@checks.register("crosssell")
def check_settings(**kwargs: Any) -> list[checks.CheckMessage]:
    """Report names that mean nothing and values that cannot be used."""
    try:
        messages: list[checks.CheckMessage] = [
            checks.Warning(
                f"BUNDLES has no setting {name!r}.",
                hint=f"Did you mean {nearest!r}?"
                if nearest
                else f"Known names: {', '.join(bundle_settings.names())}.",
                id="crosssell.bundles.W001",
            )
            for name, nearest in bundle_settings.unknown().items()
        ]
        bundle_settings()
    except ImproperlyConfigured as error:
        return [
            checks.Error(
                str(error), hint="See docs/settings.md for every name.", id="crosssell.bundles.E001"
            )
        ]
    return messages
