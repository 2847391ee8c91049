"""Views of upgrades: what is a step up from an item, as JSON and as a comparison in HTML."""

from __future__ import annotations

from typing import NoReturn

from django.http import HttpRequest
from django.template import Engine
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions
from rest_framework.renderers import StaticHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.documentation import (
    FRAGMENT_PARAMETERS,
    TOGETHER_PARAMETERS,
    TOGETHER_PROBLEMS,
    shelf_parameters_of,
)
from recommendations.api.parameters import TogetherParameters, item_key, together_parameters
from recommendations.api.problems import ITEM_NOT_FOUND, Problem
from recommendations.api.upgrade_payloads import UpgradesSerializer, upgrades_payload
from recommendations.api.views import ProblemView, require_explain, set_caching
from recommendations.comparison import upgrades_html
from recommendations.faults import contained, savepoints
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.upgrades import PLACEMENT, UpgradesBlock, upgrades_block


def _parameters_of(parameters: list[OpenApiParameter]) -> list[OpenApiParameter]:
    """Return the same parameters with the placement of upgrades."""
    own = {each.name: each for each in shelf_parameters_of(PLACEMENT)}
    return [own["placement"] if each.name == "placement" else each for each in parameters]


class UpgradesView(ProblemView):
    """What is a step up from an item."""

    http_method_names = ["get", "head", "options"]

    @extend_schema(
        operation_id="upgrades",
        summary="Upgrades of an item",
        description=(
            "Dearer products that meet the same need, best first. The same for every caller and "
            "cacheable, unless basket=1 asks for this shopper's prices without what the basket "
            "holds, or explain=1 for scores and rules (staff only)."
        ),
        parameters=_parameters_of(TOGETHER_PARAMETERS),
        responses={200: UpgradesSerializer, **TOGETHER_PROBLEMS},
        tags=["items"],
    )
    def get(self, request: Request, key: str) -> Response:
        """Return an item's upgrades."""
        key = item_key(key)
        asked = _asked(request)
        if asked.explain:
            require_explain(request)
        with savepoints():
            shopper = request._request if asked.basket else None
            block = _block(key, asked, shopper, channel="api")
            payload = None if block is None else upgrades_payload(block, explain=asked.explain)
        if payload is None:
            _refuse_item()
        response = Response(payload)
        set_caching(response, request, personal=asked.basket or asked.explain)
        return response


class UpgradesFragmentView(ProblemView):
    """The comparison as HTML, for pages that are cached and for shops without templates."""

    http_method_names = ["get", "head", "options"]
    renderer_classes = [StaticHTMLRenderer]

    @extend_schema(
        operation_id="upgrades_fragment",
        summary="Upgrades of an item as HTML",
        description=(
            "Made for this shopper and never cached; with basket=0 it is the same for everybody "
            "and cacheable. Empty where there is nothing to show."
        ),
        parameters=_parameters_of(FRAGMENT_PARAMETERS),
        responses={
            (200, "text/html"): OpenApiResponse(str, description="The comparison, or nothing."),
            **TOGETHER_PROBLEMS,
        },
        tags=["items"],
    )
    def get(self, request: Request, key: str) -> Response:
        """Return an item's upgrades as HTML."""
        key = item_key(key)
        asked = _asked(request, basket="1")
        if asked.explain:
            raise exceptions.PermissionDenied(_("explain is for the JSON address."))
        shopper = request._request if asked.basket else None
        empty: str | None = ""
        html = contained(
            "Fragment upgrades", lambda: _fragment(key, asked, shopper), otherwise=empty
        )
        if html is None:
            _refuse_item()
        response = Response(html)
        set_caching(response, request, personal=asked.basket)
        return response


def _asked(request: Request, **usual: str) -> TogetherParameters:
    """Return the query as values; ``usual`` are those that hold where the query says nothing."""
    query = request.query_params.copy()
    for name, value in {"placement": PLACEMENT, **usual}.items():
        query.setdefault(name, value)
    return together_parameters(query)


def _block(
    key: str, asked: TogetherParameters, shopper: HttpRequest | None, *, channel: str
) -> UpgradesBlock | None:
    options = ShelfOptions(
        placement=asked.placement,
        count=asked.count,
        exclude=asked.exclude,
        currency=asked.currency,
        channel=channel,
    )
    return upgrades_block(key, options, request=shopper)


def _fragment(key: str, asked: TogetherParameters, shopper: HttpRequest | None) -> str | None:
    block = _block(key, asked, shopper, channel="web")
    return None if block is None else upgrades_html(block, engine=Engine.get_default())


def _refuse_item() -> NoReturn:
    raise Problem(ITEM_NOT_FOUND, _("The shop shows no item of this key now."))
