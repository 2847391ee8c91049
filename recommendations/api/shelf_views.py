"""Views of shelves as JSON: for a basket, for the customer, beside an item, of a category."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar, NoReturn

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.documentation import (
    BASKET,
    CATEGORY,
    ITEMS,
    KEY,
    SHELF_BODY_PROBLEMS,
    SHELF_PROBLEMS,
    TOGETHER_PROBLEMS,
    shelf_parameters_of,
)
from recommendations.api.parameters import (
    ShelfParameters,
    basket_items,
    item_key,
    shelf_parameters,
)
from recommendations.api.payloads import BasketItemsSerializer, ShelfSerializer, shelf_payload
from recommendations.api.problems import ITEM_NOT_FOUND, Problem
from recommendations.api.views import ProblemView, require_explain, set_caching
from recommendations.faults import savepoints
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.slots import Shelf
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
    Asked,
    ShelfBlock,
)

SAME_FOR_ALL = "The same for every caller and cacheable, unless explain=1 (staff only)."
BESIDE_ITEM = (
    "The same for every caller and cacheable, unless basket=1 asks for this shopper's prices "
    "without what the basket holds, or explain=1 for scores and rules (staff only)."
)
OWN = "Of whoever asks, at this shopper's prices, without what the basket holds; never cached."


def described(
    block: ShelfBlock, *also: OpenApiParameter, operation_id: str = "", summary: str, text: str
) -> Any:
    """Return the decorator that says in the schema what a shelf's address returns."""
    beside_item = KEY in also
    return extend_schema_view(
        get=extend_schema(
            operation_id=operation_id or block.name,
            summary=summary,
            description=text,
            parameters=shelf_parameters_of(block.placement, *also),
            responses={
                200: ShelfSerializer,
                **(TOGETHER_PROBLEMS if beside_item else SHELF_PROBLEMS),
            },
            tags=["items" if beside_item else "shelves"],
        )
    )


class ShelfQuestion(ProblemView):
    """Reads what a shelf is asked for: what JSON and fragments have in common."""

    http_method_names = ["get", "head", "options"]
    block: ClassVar[ShelfBlock]
    also: ClassVar[Collection[str]] = ()
    """The parameters that this address takes besides those of every shelf."""
    channel: ClassVar[str] = "api"
    """Where it is shown, for rules that ask for it."""

    def question(self, request: Request, asked: ShelfParameters, key: str) -> Asked:
        """Return what is asked; the shopper is part of it only where the answer is theirs."""
        return Asked(
            options=options_of(asked, self.channel),
            request=request._request if self.personal(asked) else None,
            product=key,
            items=asked.items,
            category=asked.category,
        )

    def personal(self, asked: ShelfParameters) -> bool:
        """Tell whether the answer is for this caller alone."""
        return asked.basket or (self.block.personal and asked.items is None)


class ShelfView(ShelfQuestion):
    """Reads the query, asks for one shelf and sends it."""

    def get(self, request: Request, key: str = "") -> Response:
        """Return the shelf."""
        if "key" in self.kwargs:
            key = item_key(key)
        asked = self.asked(request, also=self.also)
        with savepoints():
            shelf = self.block.ask(self.question(request, asked, key))
        if shelf is None:
            refuse_item()
        return self.answer(request, asked, shelf, personal=self.personal(asked))

    def asked(self, request: Request, *, also: Collection[str] = ()) -> ShelfParameters:
        """Return the query as values, or raise a problem that says what is wrong."""
        placement = self.block.placement
        asked = shelf_parameters(request.query_params, placement=placement, also=also)
        if asked.explain:
            require_explain(request)
        return asked

    def answer(
        self, request: Request, asked: ShelfParameters, shelf: Shelf, *, personal: bool
    ) -> Response:
        """Return a shelf as JSON; what explains is for those who may see it, and never shared."""
        response = Response(shelf_payload(shelf, explain=asked.explain))
        set_caching(response, request, personal=personal or asked.explain)
        return response


@described(
    ALSO_VIEWED, KEY, BASKET, summary="What customers bought who looked at an item",
    text=f"Of the shop's own page views, where it declares them. {BESIDE_ITEM}",
)  # fmt: skip
class AlsoViewedView(ShelfView):
    """What was bought in the end after looking at an item."""

    block, also = ALSO_VIEWED, ("basket",)


@described(
    SIMILAR_ITEMS, KEY, BASKET, summary="What is like an item",
    text=f"By what products are, not by who bought them. {BESIDE_ITEM}",
)  # fmt: skip
class SimilarItemsView(ShelfView):
    """What is like an item."""

    block, also = SIMILAR_ITEMS, ("basket",)


@described(
    BASKET_RECOMMENDATIONS, ITEMS, summary="What goes with a basket",
    text=(
        "Without items: for this shopper's basket, at this shopper's prices, never cached. "
        "With items: the same for every caller who names them, and cacheable."
    ),
)  # fmt: skip
class BasketRecommendationsView(ShelfView):
    """What goes with a whole basket."""

    http_method_names = ["get", "head", "post", "options"]
    block, also = BASKET_RECOMMENDATIONS, ("items",)

    @extend_schema(
        operation_id="basket_recommendations_for_items",
        summary="What goes with the items of a body",
        description=(
            "As with items in the query, for baskets that are too long for an address. It changes "
            "nothing, so it needs no CSRF token."
        ),
        parameters=shelf_parameters_of(BASKET_RECOMMENDATIONS.placement),
        request=BasketItemsSerializer,
        responses={200: ShelfSerializer, **SHELF_BODY_PROBLEMS},
        tags=["shelves"],
    )
    def post(self, request: Request) -> Response:
        """Return what goes with the items named."""
        asked = self.asked(request)
        items = basket_items(request.data)
        with savepoints():
            shelf = self.block.ask(Asked(options=options_of(asked, self.channel), items=items))
        assert shelf is not None  # noqa: S101 - a basket always has a shelf, if only an empty one
        return self.answer(request, asked, shelf, personal=True)


@described(
    RECOMMENDED_FOR_YOU, operation_id="my_recommendations",
    summary="Recommendations for this customer",
    text=(
        "The list of whoever is logged in to the shop, at this customer's prices, without what "
        "the basket holds; never cached. Who is not known gets what trends and sells best."
    ),
)  # fmt: skip
class CustomerRecommendationsView(ShelfView):
    """What the customer of this request may want: whose list it is, nobody can name."""

    block = RECOMMENDED_FOR_YOU


@described(BUY_AGAIN, summary="What this customer may need again", text=OWN)
class BuyAgainView(ShelfView):
    """What the customer of this request bought before, by each product's own rhythm."""

    block = BUY_AGAIN


@described(RECENTLY_VIEWED, summary="What this visitor looked at lately", text=OWN)
class RecentlyViewedView(ShelfView):
    """What was looked at in this session."""

    block = RECENTLY_VIEWED


@described(
    VISIT_RECOMMENDATIONS, summary="What goes with what this visitor has looked at", text=OWN
)
class VisitRecommendationsView(ShelfView):
    """What goes with what was looked at in this session."""

    block = VISIT_RECOMMENDATIONS


@described(
    TRENDING, CATEGORY, summary="What trends, in the shop or in a category", text=SAME_FOR_ALL
)
class TrendingView(ShelfView):
    """What sells more than it used to."""

    block, also = TRENDING, ("category",)


@described(
    NEW_ARRIVALS, CATEGORY, summary="What is new, in the shop or in a category", text=SAME_FOR_ALL
)
class NewArrivalsView(ShelfView):
    """What is new."""

    block, also = NEW_ARRIVALS, ("category",)


def options_of(asked: ShelfParameters, channel: str) -> ShelfOptions:
    """Return the options of a shelf."""
    return ShelfOptions(
        placement=asked.placement,
        count=asked.count,
        exclude=asked.exclude,
        currency=asked.currency,
        channel=channel,
    )


def refuse_item() -> NoReturn:
    """Say that there is no such item."""
    raise Problem(ITEM_NOT_FOUND, _("The shop shows no item of this key now."))
