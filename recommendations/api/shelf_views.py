"""Views of shelves: for a basket, for the customer, of a category."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.documentation import (
    CATEGORY,
    ITEMS,
    SHELF_BODY_PROBLEMS,
    SHELF_PROBLEMS,
    shelf_parameters_of,
)
from recommendations.api.parameters import ShelfParameters, basket_items, shelf_parameters
from recommendations.api.payloads import BasketItemsSerializer, ShelfSerializer, shelf_payload
from recommendations.api.views import ProblemView, require_explain, set_caching
from recommendations.faults import savepoints
from recommendations.selectors.baskets import basket_shelf
from recommendations.selectors.customers import customer_shelf
from recommendations.selectors.groups import new_arrivals_shelf, trending_shelf
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.slots import Shelf


def described(
    operation_id: str,
    placement: str,
    *also: OpenApiParameter,
    summary: str,
    description: str,
) -> Any:
    """Return the decorator that says in the schema what a shelf's address returns."""
    return extend_schema_view(
        get=extend_schema(
            operation_id=operation_id,
            summary=summary,
            description=description,
            parameters=shelf_parameters_of(placement, *also),
            responses={200: ShelfSerializer, **SHELF_PROBLEMS},
            tags=["shelves"],
        )
    )


class ShelfView(ProblemView):
    """Reads the query, asks for one shelf and sends it."""

    http_method_names = ["get", "head", "options"]
    placement: ClassVar[str]
    """The placement whose rules hold where the query names none."""
    also: ClassVar[str] = ""
    """The parameter that this address takes besides those of every shelf."""

    def get(self, request: Request) -> Response:
        """Return the shelf."""
        asked = self.asked(request, also=self.also)
        with savepoints():
            shelf = self.shelf(request, asked)
        return self.answer(request, asked, shelf, personal=self.personal(asked))

    def shelf(self, request: Request, asked: ShelfParameters) -> Shelf:
        """Return what was asked for."""
        raise NotImplementedError

    def personal(self, asked: ShelfParameters) -> bool:
        """Tell whether the answer is for this caller alone."""
        return False

    def asked(self, request: Request, *, also: str = "") -> ShelfParameters:
        """Return the query as values, or raise a problem that says what is wrong."""
        asked = shelf_parameters(request.query_params, placement=self.placement, also=also)
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
    "basket_recommendations",
    "basket",
    ITEMS,
    summary="What goes with a basket",
    description=(
        "Without items: for this shopper's basket, at this shopper's prices, never cached. "
        "With items: the same for every caller who names them, and cacheable."
    ),
)
class BasketRecommendationsView(ShelfView):
    """What goes with a whole basket."""

    http_method_names = ["get", "head", "post", "options"]
    placement, also = "basket", "items"

    def shelf(self, request: Request, asked: ShelfParameters) -> Shelf:
        """Return what goes with the shopper's basket, or with the items named."""
        basket = request._request if asked.items is None else asked.items
        return basket_shelf(basket, _options(asked))

    def personal(self, asked: ShelfParameters) -> bool:
        """Tell whether it is the shopper's own basket."""
        return asked.items is None

    @extend_schema(
        operation_id="basket_recommendations_for_items",
        summary="What goes with the items of a body",
        description=(
            "As with items in the query, for baskets that are too long for an address. It changes "
            "nothing, so it needs no CSRF token."
        ),
        parameters=shelf_parameters_of("basket"),
        request=BasketItemsSerializer,
        responses={200: ShelfSerializer, **SHELF_BODY_PROBLEMS},
        tags=["shelves"],
    )
    def post(self, request: Request) -> Response:
        """Return what goes with the items named."""
        asked = self.asked(request)
        keys = basket_items(request.data)
        with savepoints():
            shelf = basket_shelf(keys, _options(asked))
        return self.answer(request, asked, shelf, personal=True)


@described(
    "my_recommendations",
    "customer",
    summary="Recommendations for this customer",
    description=(
        "The list of whoever is logged in to the shop, at this customer's prices, without what "
        "the basket holds; never cached. Who is not known gets what trends and sells best."
    ),
)
class CustomerRecommendationsView(ShelfView):
    """What the customer of this request may want: whose list it is, nobody can name."""

    placement = "customer"

    def shelf(self, request: Request, asked: ShelfParameters) -> Shelf:
        """Return the customer's own list."""
        return customer_shelf(request._request, _options(asked))

    def personal(self, asked: ShelfParameters) -> bool:
        """Tell that it is."""
        return True


SAME_FOR_ALL = "The same for every caller and cacheable, unless explain=1 (staff only)."


@described(
    "trending",
    "trending",
    CATEGORY,
    summary="What trends, in the shop or in a category",
    description=SAME_FOR_ALL,
)
class TrendingView(ShelfView):
    """What sells more than it used to."""

    placement, also = "trending", "category"

    def shelf(self, request: Request, asked: ShelfParameters) -> Shelf:
        """Return what trends."""
        return trending_shelf(asked.category, _options(asked))


@described(
    "new_arrivals",
    "new-arrivals",
    CATEGORY,
    summary="What is new, in the shop or in a category",
    description=SAME_FOR_ALL,
)
class NewArrivalsView(ShelfView):
    """What is new."""

    placement, also = "new-arrivals", "category"

    def shelf(self, request: Request, asked: ShelfParameters) -> Shelf:
        """Return what is new."""
        return new_arrivals_shelf(asked.category, _options(asked))


def _options(asked: ShelfParameters) -> ShelfOptions:
    return ShelfOptions(
        placement=asked.placement,
        count=asked.count,
        exclude=asked.exclude,
        currency=asked.currency,
    )
