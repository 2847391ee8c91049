"""System checks of the app's settings."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, register

from bundles.conf import bundle_settings
from recommendations.checks import TAG, setting_errors


@register(TAG)
def check_settings(**kwargs: Any) -> list[CheckMessage]:
    """Check that each name of ``BUNDLES`` means something and that its value can work."""
    return setting_errors(bundle_settings, invalid="bundles.E001", unknown="bundles.E002")
