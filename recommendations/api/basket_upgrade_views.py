"""Views of what may take the place of a basket's lines, and of putting it there."""

from __future__ import annotations

from typing import Any

from django.template import Engine
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.renderers import StaticHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.adapters import get_adapter
from recommendations.api.documentation import (
    REPLACE_PROBLEMS,
    SHELF_PROBLEMS,
    shelf_parameters_of,
)
from recommendations.api.parameters import replacement, shelf_parameters
from recommendations.api.payloads import (
    CompanionSerializer,
    LeftOutSerializer,
    MoneySerializer,
    ProductSerializer,
    companion_payload,
    left_out_payload,
    money_payload,
    product_payload,
)
from recommendations.api.problems import NOT_REPLACED, Problem
from recommendations.api.shelf_views import options_of
from recommendations.api.views import CsrfView, ProblemView, require_explain, set_caching
from recommendations.faults import contained, savepoints
from recommendations.line_offers import basket_offers_html
from recommendations.selectors.basket_upgrades import PLACEMENT, BasketOffers, basket_offers
from recommendations.services.replacing import replace_in_basket


class LineOfferSerializer(serializers.Serializer):
    """What may take the place of a line."""

    item = ProductSerializer(help_text="What the line holds.")
    quantity = serializers.IntegerField()
    upgrade = CompanionSerializer()
    more = MoneySerializer(help_text="What one piece costs more, as both prices are shown.")


class BasketOffersSerializer(serializers.Serializer):
    """Steps up for a basket: at most one a line."""

    placement = serializers.CharField()
    title = serializers.CharField(help_text="The merchant's heading; empty for the usual words.")
    can_replace = serializers.BooleanField(
        help_text="Whether basket/replace/ works in this shop; else an offer is a link."
    )
    offers = LineOfferSerializer(many=True)
    left_out = LeftOutSerializer(many=True, required=False, help_text="With explain=1.")


class ReplacementSerializer(serializers.Serializer):
    """Which line to replace, and with what."""

    item = serializers.CharField(max_length=200, help_text="Key of what the line holds.")
    more = serializers.CharField(
        required=False,
        help_text="The difference that the shopper was told: refused if it has changed.",
    )

    def get_fields(self) -> dict[str, Any]:
        """Add what Python has a word of its own for."""
        upgrade = serializers.CharField(max_length=200, help_text="Key of the upgrade.")
        return {**super().get_fields(), "with": upgrade}


class ReplacedSerializer(serializers.Serializer):
    """What became of a wish to replace a line."""

    message = serializers.CharField(help_text="For the shopper.")
    quantity = serializers.IntegerField(
        help_text="Pieces of the upgrade put in; 0 where the basket held it already."
    )


class BasketUpgradesView(ProblemView):
    """Steps up for this shopper's basket."""

    http_method_names = ["get", "head", "options"]

    @extend_schema(
        operation_id="basket_upgrades",
        summary="Upgrades of a basket",
        description="Of this shopper's basket, at this shopper's prices; never cached.",
        parameters=shelf_parameters_of(PLACEMENT),
        responses={200: BasketOffersSerializer, **SHELF_PROBLEMS},
        tags=["basket"],
    )
    def get(self, request: Request) -> Response:
        """Return the offers."""
        asked = shelf_parameters(request.query_params, placement=PLACEMENT)
        if asked.explain:
            require_explain(request)
        with savepoints():
            found = basket_offers(request._request, options_of(asked, "api"))
            payload = offers_payload(found, explain=asked.explain)
        response = Response(payload)
        set_caching(response, request, personal=True)
        return response


class BasketUpgradesFragmentView(ProblemView):
    """The offers as HTML, for shops without templates."""

    http_method_names = ["get", "head", "options"]
    renderer_classes = [StaticHTMLRenderer]

    @extend_schema(
        operation_id="basket_upgrades_fragment",
        summary="Upgrades of a basket as HTML",
        description="Of this shopper's basket, with the forms that replace; never cached.",
        parameters=shelf_parameters_of(PLACEMENT, explain=False),
        responses={
            (200, "text/html"): OpenApiResponse(str, description="The offers, or nothing."),
            **SHELF_PROBLEMS,
        },
        tags=["basket"],
    )
    def get(self, request: Request) -> Response:
        """Return the offers as HTML."""
        asked = shelf_parameters(request.query_params, placement=PLACEMENT)
        if asked.explain:
            raise exceptions.PermissionDenied(_("explain is for the JSON address."))
        html = contained(
            "Fragment basket-upgrades",
            lambda: basket_offers_html(
                request._request, options_of(asked, "web"), engine=Engine.get_default()
            ),
            otherwise="",
        )
        response = Response(html)
        set_caching(response, request, personal=True)
        return response


class BasketReplaceView(CsrfView):
    """Puts an upgrade in the place of a line of the shopper's basket."""

    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="basket_replace",
        summary="Replace a line of the basket",
        description=(
            "With the quantity of the line, or as many as there are: the rest stays what it was. "
            "All of it or nothing; a second request finds the line gone and changes nothing. "
            "Send the CSRF token of the session."
        ),
        request=ReplacementSerializer,
        responses={200: ReplacedSerializer, **REPLACE_PROBLEMS},
        tags=["basket"],
    )
    def post(self, request: Request) -> Response:
        """Replace what is asked for."""
        key, with_key, more = replacement(request.data)
        if not get_adapter().can_replace_in_basket():
            raise exceptions.NotFound(_("This shop's baskets cannot be changed from here."))
        replaced = replace_in_basket(request._request, key, with_key, more=more)
        if not replaced.done:
            raise Problem(NOT_REPLACED, replaced.message)
        response = Response({"message": replaced.message, "quantity": replaced.quantity})
        patch_cache_control(response, private=True, no_store=True)
        return response


def offers_payload(found: BasketOffers, *, explain: bool) -> dict[str, Any]:
    """Return offers as JSON values; scores and rules only for those who may see them."""
    payload: dict[str, Any] = {
        "placement": found.placement,
        "title": found.title,
        "can_replace": found.can_replace,
        "offers": [
            {
                "item": product_payload(offer.line),
                "quantity": offer.quantity,
                "upgrade": companion_payload(offer.upgrade, explain=explain),
                "more": money_payload(offer.more),
            }
            for offer in found.offers
        ],
    }
    if explain:
        payload["left_out"] = left_out_payload(found.left_out)
    return payload
