"""Shelves as HTML, for pages that are cached for everybody and for shops without templates."""

from __future__ import annotations

from typing import Any

from django.template import Engine
from django.utils.translation import gettext as _
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)
from rest_framework import exceptions
from rest_framework.renderers import StaticHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.documentation import (
    CATEGORY,
    ITEMS,
    KEY,
    SHELF_PROBLEMS,
    SHOPPER,
    TOGETHER_PROBLEMS,
    shelf_parameters_of,
)
from recommendations.api.parameters import item_key, shelf_parameters
from recommendations.api.shelf_views import ShelfQuestion, refuse_item
from recommendations.api.views import set_caching
from recommendations.faults import contained
from recommendations.shelf_blocks import (
    ALSO_VIEWED,
    BASKET_RECOMMENDATIONS,
    BUY_AGAIN,
    NEW_ARRIVALS,
    RECENTLY_VIEWED,
    RECOMMENDED_FOR_YOU,
    SIMILAR_ITEMS,
    TRENDING,
    VISIT_RECOMMENDATIONS,
    ShelfBlock,
)


class ShelfFragmentView(ShelfQuestion):
    """A shelf as HTML: for this shopper and never cached, unless it says that it is for all."""

    renderer_classes = [StaticHTMLRenderer]
    channel = "web"

    def get(self, request: Request, key: str = "") -> Response:
        """Return the shelf as HTML; a fault of ours is an empty answer."""
        if "key" in self.kwargs:
            key = item_key(key)
        query = request.query_params.copy()
        if "basket" in self.also:
            query.setdefault("basket", "1")
        asked = shelf_parameters(query, placement=self.block.placement, also=self.also)
        if asked.explain:
            raise exceptions.PermissionDenied(_("explain is for the JSON address."))
        question = self.question(request, asked, key)
        empty: str | None = ""
        html = contained(
            f"Fragment {self.block.address}",
            lambda: self.block.html(question, engine=Engine.get_default()),
            otherwise=empty,
        )
        if html is None:
            refuse_item()
        response = Response(html)
        set_caching(response, request, personal=self.personal(asked))
        return response


def described(block: ShelfBlock, *also: OpenApiParameter) -> Any:
    """Return the decorator that says in the schema what a fragment's address returns."""
    beside_item = KEY in also
    for_all = "; with basket=0 for everybody, and cacheable" if SHOPPER in also else ""
    return extend_schema_view(
        get=extend_schema(
            operation_id=f"{block.address.replace('-', '_')}_fragment",
            summary=f"{block.name.replace('_', ' ').capitalize()} as HTML",
            description=(
                f"Made for this shopper and never cached{for_all}. "
                "Empty where there is nothing to show."
            ),
            parameters=shelf_parameters_of(block.placement, *also, explain=False),
            responses={
                (200, "text/html"): OpenApiResponse(str, description="The shelf, or nothing."),
                **(TOGETHER_PROBLEMS if beside_item else SHELF_PROBLEMS),
            },
            tags=["items" if beside_item else "shelves"],
        )
    )


@described(ALSO_VIEWED, KEY, SHOPPER)
class AlsoViewedFragmentView(ShelfFragmentView):
    """What was bought in the end after looking at an item."""

    block, also = ALSO_VIEWED, ("basket",)


@described(SIMILAR_ITEMS, KEY, SHOPPER)
class SimilarItemsFragmentView(ShelfFragmentView):
    """What is like an item."""

    block, also = SIMILAR_ITEMS, ("basket",)


@described(BASKET_RECOMMENDATIONS, ITEMS)
class BasketRecommendationsFragmentView(ShelfFragmentView):
    """What goes with a whole basket."""

    block, also = BASKET_RECOMMENDATIONS, ("items",)


@described(RECOMMENDED_FOR_YOU)
class CustomerRecommendationsFragmentView(ShelfFragmentView):
    """What the customer of this request may want."""

    block = RECOMMENDED_FOR_YOU


@described(BUY_AGAIN)
class BuyAgainFragmentView(ShelfFragmentView):
    """What the customer of this request bought before."""

    block = BUY_AGAIN


@described(RECENTLY_VIEWED)
class RecentlyViewedFragmentView(ShelfFragmentView):
    """What was looked at in this session."""

    block = RECENTLY_VIEWED


@described(VISIT_RECOMMENDATIONS)
class VisitRecommendationsFragmentView(ShelfFragmentView):
    """What goes with what was looked at in this session."""

    block = VISIT_RECOMMENDATIONS


@described(TRENDING, CATEGORY, SHOPPER)
class TrendingFragmentView(ShelfFragmentView):
    """What sells more than it used to."""

    block, also = TRENDING, ("category", "basket")


@described(NEW_ARRIVALS, CATEGORY, SHOPPER)
class NewArrivalsFragmentView(ShelfFragmentView):
    """What is new."""

    block, also = NEW_ARRIVALS, ("category", "basket")
