"""What every page of the shop knows."""

from typing import Any

from django.http import HttpRequest


def shop(request: HttpRequest) -> dict[str, Any]:
    """Return the template variables of the page frame."""
    return {}
