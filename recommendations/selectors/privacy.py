"""Whether a visitor wants what is shown to depend on who looks: the one place that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

PERSONAL_COOKIE = "crosssell_personal"
SWITCHED_OFF = "off"


def is_personal(request: HttpRequest | None) -> bool:
    """Tell whether anything may be remembered of this visitor, and shown because of it.

    Not after the visitor has switched it off, nor for a browser that sends Global Privacy Control
    (https://www.w3.org/TR/gpc/). What the basket holds is not a matter of this: it is on the page.
    """
    return request is not None and not (is_switched_off(request) or sends_privacy_control(request))


def is_switched_off(request: HttpRequest) -> bool:
    """Tell whether the visitor has switched it off in this shop."""
    return request.COOKIES.get(PERSONAL_COOKIE) == SWITCHED_OFF


def sends_privacy_control(request: HttpRequest) -> bool:
    """Tell whether the browser asks it of every site."""
    return request.headers.get("Sec-GPC") == "1"
