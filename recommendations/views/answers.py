"""How a form of ours answers: a message, and back to the page that it stood on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.utils.http import url_has_allowed_host_and_scheme

if TYPE_CHECKING:
    from django.http import HttpRequest


def tell(request: HttpRequest, level: int, text: str) -> None:
    """Leave a message for the next page.

    A shop without the messages framework shows its page; there is nothing else to tell with.
    """
    messages.add_message(request, level, text, fail_silently=True)


def came_from(request: HttpRequest) -> str:
    """Return the page to go to: that of the form, else where the shopper came from."""
    for address in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        if address and url_has_allowed_host_and_scheme(
            address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            return address
    return "/"
