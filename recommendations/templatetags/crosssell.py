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
from django.utils.translation import gettext

from recommendations.adapters import get_adapter
from recommendations.comparison import upgrades_html
from recommendations.faults import contained
from recommendations.selectors.baskets import basket_shelf
from recommendations.selectors.customers import customer_shelf
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.together import together_block
from recommendations.selectors.upgrades import upgrades_block
from recommendations.widgets import lazy_html, shelf_html, together_html

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
        return together_html(
            block,
            engine=_engine(context),
            request=request,
            next_url=next_url,
            csrf_token=context.get("csrf_token"),
        )

    def lazy_block() -> str:
        query = {"placement": placement, "count": count, "exclude": _excluded(exclude)}
        url = reverse("crosssell:together-fragment", args=[_key(product)])
        given = urlencode({name: value for name, value in query.items() if value}, doseq=True)
        return lazy_html(f"{url}?{given}", engine=_engine(context))

    return _harmless("frequently_bought_together", lazy_block if lazy else eager_block)


@register.simple_tag(takes_context=True)
def basket_recommendations(
    context: Context, *, placement: str = "basket", count: int | None = None, exclude: Any = ()
) -> SafeString:
    """Show what goes with all that the shopper holds; nothing if there is nothing to show."""

    def shelf() -> str:
        options = ShelfOptions(placement=placement, count=count, exclude=exclude)
        found = basket_shelf(context["request"], options)
        return shelf_html(found, engine=_engine(context), heading=gettext("Goes with your basket"))

    return _harmless("basket_recommendations", shelf)


@register.simple_tag(takes_context=True)
def recommended_for_you(
    context: Context, *, placement: str = "customer", count: int | None = None, exclude: Any = ()
) -> SafeString:
    """Show what this customer may want. Never inside a page or fragment that is cached for several.

    Whose list it is, the adapter says of the request; there is no argument for it.
    """

    def shelf() -> str:
        options = ShelfOptions(placement=placement, count=count, exclude=exclude)
        found = customer_shelf(context["request"], options)
        return shelf_html(found, engine=_engine(context), heading=gettext("Recommended for you"))

    return _harmless("recommended_for_you", shelf)


@register.simple_tag(takes_context=True)
def upgrades(
    context: Context,
    product: Any,
    *,
    placement: str = "upgrades",
    count: int | None = None,
    exclude: Any = (),
    lazy: bool = False,
) -> SafeString:
    """Compare a product with dearer ones that meet the same need; nothing if there are none.

    ``lazy=True`` leaves a place that the script fills: for pages that are cached for everybody.
    """

    def comparison() -> str:
        options = ShelfOptions(placement=placement, count=count, exclude=exclude)
        block = upgrades_block(product, options, request=context.get("request"))
        return upgrades_html(block, engine=_engine(context))

    def lazy_place() -> str:
        query = {"placement": placement, "count": count, "exclude": _excluded(exclude)}
        url = reverse("crosssell:upgrades-fragment", args=[_key(product)])
        given = urlencode({name: value for name, value in query.items() if value}, doseq=True)
        return lazy_html(f"{url}?{given}", engine=_engine(context))

    return _harmless("upgrades", lazy_place if lazy else comparison)


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
