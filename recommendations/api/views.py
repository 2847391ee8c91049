"""Views of the API. They parse, call one selector or service, and render."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NoReturn

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template import Engine
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer, StaticHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from recommendations.adapters import get_adapter
from recommendations.api.documentation import (
    BASKET_PROBLEMS,
    FRAGMENT_PARAMETERS,
    TOGETHER_PARAMETERS,
    TOGETHER_PROBLEMS,
)
from recommendations.api.parameters import (
    TogetherParameters,
    basket_items,
    item_key,
    together_parameters,
)
from recommendations.api.parsers import MAX_BODY_BYTES, SmallJSONParser
from recommendations.api.payloads import (
    AddedSerializer,
    BasketItemsSerializer,
    TogetherSerializer,
    together_payload,
)
from recommendations.api.problems import (
    ITEM_NOT_FOUND,
    NOTHING_ADDED,
    TOO_LARGE,
    Problem,
    problem_response,
)
from recommendations.faults import contained, savepoints
from recommendations.selectors.slots import TogetherBlock
from recommendations.selectors.together import together_block
from recommendations.services.baskets import add_to_basket
from recommendations.widgets import together_html

PUBLIC_SECONDS = 60
"""How long caches may keep an answer that is the same for everybody."""

EXPLAIN_PERMISSION = "crosssell_recommendations.view_neighbourlist"


class ProblemView(APIView):
    """A view whose every error is problem details, whatever the project's settings are."""

    permission_classes = [AllowAny]
    parser_classes = [SmallJSONParser]
    renderer_classes = [JSONRenderer]
    versioning_class = None
    schema = AutoSchema()

    def get_exception_handler(self) -> Callable[..., HttpResponse]:
        """Return ours, not the project's."""
        return problem_response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse a large body by its declared length, before anything reads it."""
        declared = str(request.META.get("CONTENT_LENGTH") or "0")
        if re.fullmatch(r"[0-9]{1,9}", declared) is None or int(declared) > MAX_BODY_BYTES:
            raise Problem(TOO_LARGE)
        super().initial(request, *args, **kwargs)

    def perform_authentication(self, request: Request) -> None:
        """Leave the session alone until a view asks who it is: public answers stay cacheable."""


class TogetherView(ProblemView):
    """What is bought together with an item."""

    http_method_names = ["get", "head", "options"]

    @extend_schema(
        operation_id="frequently_bought_together",
        summary="Companions of an item",
        description=(
            "The same for every caller and cacheable, unless basket=1 asks for this shopper's "
            "prices without what the basket holds, or explain=1 for scores and rules (staff only)."
        ),
        parameters=TOGETHER_PARAMETERS,
        responses={200: TogetherSerializer, **TOGETHER_PROBLEMS},
        tags=["items"],
    )
    def get(self, request: Request, key: str) -> Response:
        """Return an item's companions."""
        key = item_key(key)
        asked = together_parameters(request.query_params)
        if asked.explain:
            require_explain(request)
        personal = asked.basket or asked.explain
        with savepoints():
            shopper = request._request if asked.basket else None
            block = _block(key, asked, shopper, channel="api")
        if block is None:
            _refuse_item()
        response = Response(together_payload(block, explain=asked.explain))
        set_caching(response, request, personal=personal)
        return response


class TogetherFragmentView(ProblemView):
    """The block of an item as HTML, for pages that are cached and for shops without templates."""

    http_method_names = ["get", "head", "options"]
    renderer_classes = [StaticHTMLRenderer]

    @extend_schema(
        operation_id="frequently_bought_together_fragment",
        summary="Companions of an item as HTML",
        description=(
            "Made for this shopper, with the form that fills the basket, and never cached; with "
            "basket=0 it is the same for everybody, without the form, and cacheable. Empty where "
            "there is nothing to show."
        ),
        parameters=FRAGMENT_PARAMETERS,
        responses={
            (200, "text/html"): OpenApiResponse(str, description="The block, or nothing."),
            **TOGETHER_PROBLEMS,
        },
        tags=["items"],
    )
    def get(self, request: Request, key: str) -> Response:
        """Return an item's companions as HTML."""
        key = item_key(key)
        query = request.query_params.copy()
        query.setdefault("basket", "1")
        asked = together_parameters(query)
        if asked.explain:
            raise exceptions.PermissionDenied(_("explain is for the JSON address."))
        shopper = request._request if asked.basket else None
        empty: str | None = ""
        html = contained(
            "Fragment frequently-bought-together",
            lambda: _fragment(key, asked, shopper),
            otherwise=empty,
        )
        if html is None:
            _refuse_item()
        response = Response(html)
        set_caching(response, request, personal=asked.basket)
        return response


class CsrfView(ProblemView):
    """A view that changes the shopper's basket."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Ask for the CSRF token of guests as well: their session has a basket too."""
        super().initial(request, *args, **kwargs)
        if request.auth is None:
            SessionAuthentication().enforce_csrf(request)


class BasketAddView(CsrfView):
    """Puts several products into the shopper's basket."""

    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="basket_add",
        summary="Add products to the basket",
        description=(
            "One of each. What cannot be added is refused with a reason, the rest is added; if "
            "nothing could be added the answer is a problem. Send the CSRF token of the session."
        ),
        request=BasketItemsSerializer,
        responses={200: AddedSerializer, **BASKET_PROBLEMS},
        tags=["basket"],
    )
    def post(self, request: Request) -> Response:
        """Add what is asked for."""
        keys = basket_items(request.data)
        if not get_adapter().can_add_to_basket():
            raise exceptions.NotFound(_("This shop's baskets cannot be filled from here."))
        added = add_to_basket(request._request, keys)
        refused = [{"key": each.key, "reason": each.reason} for each in added.refused]
        if not added.keys:
            errors = [
                {"pointer": f"/items/{keys.index(each.key)}", "detail": each.reason}
                for each in added.refused
            ]
            raise Problem(NOTHING_ADDED, _("None of the products was added."), errors=errors)
        response = Response({"added": list(added.keys), "refused": refused})
        patch_cache_control(response, private=True, no_store=True)
        return response


class UnknownAddressView(ProblemView):
    """Every other address below the API's: a problem, not the shop's page."""

    @extend_schema(exclude=True)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Answer any method alike."""
        self.http_method_names = [(request.method or "").lower()]
        setattr(self, self.http_method_names[0], self.refuse)
        return super().dispatch(request, *args, **kwargs)

    def refuse(self, request: Request, *args: Any, **kwargs: Any) -> NoReturn:
        """Say that there is nothing."""
        raise exceptions.NotFound


def require_explain(request: Request) -> None:
    """Refuse scores and rules to all but staff who may see them."""
    user = request.user
    if not (user.is_staff and user.has_perm(EXPLAIN_PERMISSION)):
        raise exceptions.PermissionDenied(_("explain is for staff who may view lists."))


def _block(
    key: str, asked: TogetherParameters, shopper: HttpRequest | None, *, channel: str
) -> TogetherBlock | None:
    return together_block(
        key,
        request=shopper,
        placement=asked.placement,
        count=asked.count,
        exclude=asked.exclude,
        currency=asked.currency,
        channel=channel,
    )


def _fragment(key: str, asked: TogetherParameters, shopper: HttpRequest | None) -> str | None:
    block = _block(key, asked, shopper, channel="web")
    if block is None:
        return None
    return together_html(block, engine=Engine.get_default(), request=shopper)


def _refuse_item() -> NoReturn:
    raise Problem(ITEM_NOT_FOUND, _("The shop shows no item of this key now."))


def set_caching(response: Response, request: Request, *, personal: bool) -> None:
    """Let caches keep what is the same for everybody who reads the same language."""
    # A language chosen by cookie is no part of Vary: such an answer is not shared.
    if personal or settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
        patch_cache_control(response, private=True, no_store=True)
    else:
        patch_cache_control(response, public=True, max_age=PUBLIC_SECONDS)
        patch_vary_headers(response, ["Accept-Language"])
