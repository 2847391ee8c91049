"""System checks of the app's settings."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, register

from promotions.conf import promotion_settings
from recommendations.checks import TAG, setting_errors


@register(TAG)
def check_settings(**kwargs: Any) -> list[CheckMessage]:
    """Check that each name of ``PROMOTIONS`` means something and that its value can work."""
    return setting_errors(promotion_settings, invalid="promotions.E001", unknown="promotions.E002")
