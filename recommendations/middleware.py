"""A middleware for shops behind a shared cache: whoever begins a session keeps it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.deprecation import MiddlewareMixin


class PrivateCookiesMiddleware(MiddlewareMixin):
    """Keeps an answer that brings cookies out of every shared cache.

    It stands before the session's middleware, which sets its cookie on the way out: neither a tag
    nor a view sees it. Such an answer says ``Vary: Cookie``, but to a cache all visitors who bring
    none are one: the next of them would be given this one's session.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Say whose the answer is."""
        if response.cookies:
            patch_cache_control(response, private=True)
        return response
