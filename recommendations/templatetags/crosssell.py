"""``{% load crosssell %}``: the blocks of a shop's pages."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from django import template
from django.template import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from recommendations import emails
from recommendations.adapters import get_adapter
from recommendations.comparison import upgrades_html
from recommendations.faults import contained
from recommendations.line_offers import basket_offers_html, has_offer, line_offer_html
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.together import together_block
from recommendations.selectors.upgrades import upgrades_block
from recommendations.services.visits import record_view
from recommendations.shelf_blocks import (
    ALSO_VIEWED,
    BASKET_RECOMMENDATIONS,
    BUY_AGAIN,
    NEW_ARRIVALS,
    ORDER_RECOMMENDATIONS,
    RECENTLY_VIEWED,
    RECOMMENDED_FOR_YOU,
    SIMILAR_ITEMS,
    TRENDING,
    VISIT_RECOMMENDATIONS,
    Asked,
    ShelfBlock,
)
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
        return together_html(
            block,
            engine=_engine(context),
            request=request,
            next_url=next_url,
            csrf_token=context.get("csrf_token"),
        )

    def lazy_block() -> str:
        url = reverse("crosssell:together-fragment", args=[_key(product)])
        return _place(context, url, _How(placement, count, exclude))

    return _harmless("frequently_bought_together", lazy_block if lazy else eager_block)


@register.simple_tag(takes_context=True)
def also_viewed(
    context: Context,
    product: Any,
    *,
    placement: str = ALSO_VIEWED.placement,
    count: int | None = None,
    exclude: Any = (),
    lazy: bool = False,
) -> SafeString:
    """Show what customers bought who looked at a product."""
    how = _How(placement=placement, count=count, exclude=exclude, lazy=lazy)
    return _shelf(context, ALSO_VIEWED, how, product=product)


@register.simple_tag(takes_context=True)
def similar_items(
    context: Context,
    product: Any,
    *,
    placement: str = SIMILAR_ITEMS.placement,
    count: int | None = None,
    exclude: Any = (),
    lazy: bool = False,
) -> SafeString:
    """Show what is like a product."""
    how = _How(placement=placement, count=count, exclude=exclude, lazy=lazy)
    return _shelf(context, SIMILAR_ITEMS, how, product=product)


@register.simple_tag(takes_context=True)
def basket_recommendations(
    context: Context,
    *,
    placement: str = BASKET_RECOMMENDATIONS.placement,
    count: int | None = None,
    exclude: Any = (),
    lazy: bool = False,
) -> SafeString:
    """Show what goes with all that the shopper holds; nothing if there is nothing to show."""
    how = _How(placement=placement, count=count, exclude=exclude, lazy=lazy)
    return _shelf(context, BASKET_RECOMMENDATIONS, how)


@register.simple_tag(takes_context=True)
def order_recommendations(
    context: Context,
    products: Any,
    *,
    placement: str = ORDER_RECOMMENDATIONS.placement,
    count: int | None = None,
    exclude: Any = (),
) -> SafeString:
    """Show what goes with products that were bought: for the page that thanks for an order."""
    how = _How(placement=placement, count=count, exclude=exclude)
    return _shelf(context, ORDER_RECOMMENDATIONS, how, items=products)


@register.simple_tag(takes_context=True)
def recommended_for_you(
    context: Context,
    *,
    placement: str = RECOMMENDED_FOR_YOU.placement,
    count: int | None = None,
    exclude: Any = (),
    lazy: bool = False,
) -> SafeString:
    """Show what this customer may want. Never inside a page or fragment that is cached for several.

    Whose list it is, the adapter says of the request; there is no argument for it.
    """
    how = _How(placement=placement, count=count, exclude=exclude, lazy=lazy)
    return _shelf(context, RECOMMENDED_FOR_YOU, how)


@register.simple_tag(takes_context=True)
def buy_again(
    context: Context,
    *,
    placement: str = BUY_AGAIN.placement,
    count: int | None = None,
    exclude: Any = (),
    lazy: bool = False,
) -> SafeString:
    """Show what this customer bought before and may need again; nothing stands in for it."""
    how = _How(placement=placement, count=count, exclude=exclude, lazy=lazy)
    return _shelf(context, BUY_AGAIN, how)


@register.simple_tag(takes_context=True)
def recently_viewed(
    context: Context,
    *,
    placement: str = RECENTLY_VIEWED.placement,
    count: int | None = None,
    exclude: Any = (),
    lazy: bool = False,
) -> SafeString:
    """Show what this visitor looked at lately; nothing stands in for it."""
    how = _How(placement=placement, count=count, exclude=exclude, lazy=lazy)
    return _shelf(context, RECENTLY_VIEWED, how)


@register.simple_tag(takes_context=True)
def visit_recommendations(
    context: Context,
    *,
    placement: str = VISIT_RECOMMENDATIONS.placement,
    count: int | None = None,
    exclude: Any = (),
    lazy: bool = False,
) -> SafeString:
    """Show what goes with what this visitor has looked at."""
    how = _How(placement=placement, count=count, exclude=exclude, lazy=lazy)
    return _shelf(context, VISIT_RECOMMENDATIONS, how)


@register.simple_tag(takes_context=True)
def trending(
    context: Context,
    category: Any = "",
    *,
    placement: str = TRENDING.placement,
    count: int | None = None,
    exclude: Any = (),
    lazy: bool = False,
) -> SafeString:
    """Show what sells more than it used to, in the shop or in a category, given by its name."""
    how = _How(placement=placement, count=count, exclude=exclude, lazy=lazy)
    return _shelf(context, TRENDING, how, category=category)


@register.simple_tag(takes_context=True)
def new_arrivals(
    context: Context,
    category: Any = "",
    *,
    placement: str = NEW_ARRIVALS.placement,
    count: int | None = None,
    exclude: Any = (),
    lazy: bool = False,
) -> SafeString:
    """Show what is new, in the shop or in a category, given by its name."""
    how = _How(placement=placement, count=count, exclude=exclude, lazy=lazy)
    return _shelf(context, NEW_ARRIVALS, how, category=category)


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
        url = reverse("crosssell:upgrades-fragment", args=[_key(product)])
        return _place(context, url, _How(placement, count, exclude))

    return _harmless("upgrades", lazy_place if lazy else comparison)


@register.simple_tag(takes_context=True)
def basket_upgrades(
    context: Context,
    product: Any = None,
    *,
    placement: str = "basket-upgrades",
    count: int | None = None,
    exclude: Any = (),
) -> SafeString:
    """Offer a step up in the place of a line; nothing if there is none.

    With the line's product beside each line of the basket; without one, as a list of all offers.
    Never inside a page or fragment that is cached for several.
    """

    def offers() -> str:
        request = context["request"]
        options = ShelfOptions(placement=placement, count=count, exclude=tuple(_excluded(exclude)))
        if product is not None and not has_offer(request, _key(product), options):
            return ""
        page = {
            "engine": _engine(context),
            "next_url": request.get_full_path(),
            "csrf_token": context.get("csrf_token"),
        }
        if product is None:
            return basket_offers_html(request, options, **page)
        return line_offer_html(request, _key(product), options, **page)

    return _harmless("basket_upgrades", offers)


@register.simple_tag(takes_context=True)
def email_recommendations(
    context: Context,
    products: Any = (),
    *,
    base_url: str = "",
    customer: str = "",
    placement: str = emails.PLACEMENT,
    count: int | None = None,
    exclude: Any = (),
    currency: str | None = None,
    as_text: bool = False,
) -> SafeString:
    """Show in an e-mail what goes with products that were bought, or what a customer may want.

    Addresses are absolute: below ``base_url``, else below that of the request in the context.
    """

    def letter() -> str:
        options = ShelfOptions(
            placement=placement,
            count=count,
            exclude=exclude,
            currency=currency,
            channel="email",
        )
        if not products and not customer:
            msg = "email_recommendations needs the products that were bought, or a customer."
            raise ValueError(msg)
        found = (
            emails.order_letter(products, options)
            if products
            else emails.customer_letter(customer, options)
        )
        written = emails.letter_text if as_text else emails.letter_html
        site = base_url or context["request"].build_absolute_uri("/")
        return written(found, base_url=site, engine=_engine(context))

    return _harmless("email_recommendations", letter)


@register.simple_tag(takes_context=True)
def crosssell_viewed(context: Context, product: Any) -> str:
    """Remember in the session that this visitor looks at a product; it shows nothing.

    On the product's own page, where that is not cached for everybody.
    """
    if "request" in context:
        record_view(context["request"], product)
    return ""


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


@dataclasses.dataclass(frozen=True, slots=True)
class _How:
    """What every tag of a shelf can be told."""

    placement: str
    count: int | None
    exclude: Any
    lazy: bool = False


def _shelf(context: Context, block: ShelfBlock, how: _How, **about: Any) -> SafeString:
    """Return a shelf, or the place that the script fills with it; ``about`` is what it asks of."""

    def shelf() -> str:
        options = ShelfOptions(placement=how.placement, count=how.count, exclude=how.exclude)
        asked = Asked(options=options, request=context.get("request"), **_named(about))
        return block.html(asked, engine=_engine(context)) or ""

    def place() -> str:
        asked_of = _named(about)
        key = [_key(asked_of.pop("product"))] if "product" in asked_of else []
        url = reverse(f"crosssell:{block.address}-fragment", args=key)
        return _place(context, url, how, **asked_of)

    return _harmless(block.name, place if how.lazy else shelf)


def _named(about: dict[str, Any]) -> dict[str, Any]:
    """Return what a shelf asks of; a category of the shop's own model goes by its name."""
    if "category" not in about:
        return dict(about)
    return {**about, "category": str(about["category"] or "")}


def _place(context: Context, url: str, how: _How, **about: Any) -> str:
    query = {**about, "placement": how.placement, "count": how.count}
    query["exclude"] = _excluded(how.exclude)
    given = urlencode({name: value for name, value in query.items() if value}, doseq=True)
    return lazy_html(f"{url}?{given}", engine=_engine(context))


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
