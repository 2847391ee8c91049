"""``{% load crosssell %}``: the blocks of a shop's pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from django import template
from django.template import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from recommendations.adapters import get_adapter
from recommendations.faults import contained
from recommendations.selectors.together import together_block
from recommendations.widgets import lazy_html, together_html

register = template.Library()


@register.simple_tag(takes_context=True)
def frequently_bought_together(
    context: Context,
    product: Any,
    *,
    placement: str = "product",
    count: int | None = None,
    exclude: Any = (),
    lazy: bool = False,
) -> SafeString:
    """Show a product with what is bought together with it; nothing if there is nothing to show.

    ``lazy=True`` leaves a place that the script fills: for pages that are cached for everybody.
    """

    def eager_block() -> str:
        request = context.get("request")
        block = together_block(
            product, request=request, placement=placement, count=count, exclude=exclude
        )
        next_url = request.get_full_path() if request is not None else ""
        return together_html(block, engine=_engine(context), request=request, next_url=next_url)

    def lazy_block() -> str:
        query = {"placement": placement, "count": count, "exclude": _excluded(exclude)}
        url = reverse("crosssell:together-fragment", args=[_key(product)])
        given = urlencode({name: value for name, value in query.items() if value}, doseq=True)
        return lazy_html(f"{url}?{given}", engine=_engine(context))

    return _harmless("frequently_bought_together", lazy_block if lazy else eager_block)


@register.simple_tag
def crosssell_assets() -> SafeString:
    """Link the style sheet and the script of the blocks; once per page, in its head."""

    def links() -> str:
        return format_html(
            '<link rel="stylesheet" href="{}">\n<script type="module" src="{}"></script>',
            static("crosssell/crosssell.css"),
            static("crosssell/crosssell.js"),
        )

    return _harmless("crosssell_assets", links)


def _harmless(tag: str, html: Callable[[], str]) -> SafeString:
    # Autoescaping has been done by the templates and by format_html.
    return mark_safe(contained(f"Template tag {tag}", html, otherwise=""))  # noqa: S308


def _engine(context: Context) -> template.Engine:
    assert context.template is not None  # noqa: S101 - Django sets it while it renders
    return context.template.engine


def _key(product: Any) -> str:
    return product if isinstance(product, str) else get_adapter().key(product)


def _excluded(exclude: Any) -> list[str]:
    several = (
        exclude if isinstance(exclude, Iterable) and not isinstance(exclude, str) else [exclude]
    )
    return [_key(one) for one in several if one]
