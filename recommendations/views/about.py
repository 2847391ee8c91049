"""The page that says how recommendations are made: from live configuration, with the switch."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_safe

from recommendations import about_wording
from recommendations.conf import recommendation_settings
from recommendations.selectors.about import about as about_now

ABOUT_TEMPLATE = "crosssell/about.html"


@require_safe
@csrf_protect
@never_cache
def about(request: HttpRequest) -> HttpResponse:
    """Show it in the shop's own frame and the shopper's language."""
    told = about_now(request)
    return render(
        request,
        ABOUT_TEMPLATE,
        {
            "base_template": recommendation_settings().base_template,
            "here": request.get_full_path(),
            "yours": told.yours,
            "state": about_wording.state(told.yours),
            "remembered": about_wording.remembered(told.yours),
            "methods": about_wording.methods(told),
            "data": about_wording.data(told),
            "fallbacks": about_wording.fallbacks(told),
            "rules": about_wording.rules(told),
            "protection": about_wording.protection(told),
        },
    )
