"""What the admin's own pages need and no view of ours can give them."""

from __future__ import annotations

from typing import Any

from django import template
from django.contrib.auth import get_permission_codename
from django.template import Context

from recommendations.admin.overview import overview_context
from recommendations.models import Build, Kind

register = template.Library()


@register.inclusion_tag(
    "admin/crosssell_recommendations/includes/overviews.html", takes_context=True
)
def crosssell_overviews(context: Context) -> dict[str, Any]:
    """Render what is live and what to do next, for those who may see builds."""
    user = context["request"].user
    codenames = [get_permission_codename(action, Build._meta) for action in ("view", "change")]
    allowed = any(user.has_perm(f"{Build._meta.app_label}.{codename}") for codename in codenames)
    return {"kinds": [overview_context(kind) for kind in Kind.values] if allowed else []}
