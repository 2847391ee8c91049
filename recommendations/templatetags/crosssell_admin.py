"""What the admin's own pages need and no view of ours can give them."""

from __future__ import annotations

from typing import Any

from django import template
from django.contrib.auth import get_permission_codename
from django.template import Context

from recommendations.admin.model_table import main_kind
from recommendations.admin.overview import overview_context
from recommendations.models import Build
from recommendations.selectors.model_states import answered_now

register = template.Library()


@register.inclusion_tag(
    "admin/crosssell_recommendations/includes/overviews.html", takes_context=True
)
def crosssell_overview(context: Context) -> dict[str, Any]:
    """Render what product pages read and what to do next, for those who may see builds."""
    user = context["request"].user
    codenames = [get_permission_codename(action, Build._meta) for action in ("view", "change")]
    allowed = any(user.has_perm(f"{Build._meta.app_label}.{codename}") for codename in codenames)
    if not allowed:
        return {"kind": None}
    return {"kind": overview_context(main_kind(answered_now()))}
