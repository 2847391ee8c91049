"""What the OpenAPI schema says about parameters and errors."""

from __future__ import annotations

from typing import Literal

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from recommendations.api.payloads import ProblemSerializer
from recommendations.api.problems import (
    CONTENT_TYPE,
    INTERNAL_ERROR,
    INVALID_PARAMETERS,
    ITEM_NOT_FOUND,
    MALFORMED_REQUEST,
    METHOD_NOT_ALLOWED,
    NOT_ACCEPTABLE,
    NOT_FOUND,
    NOT_REPLACED,
    NOTHING_ADDED,
    PERMISSION_DENIED,
    THROTTLED,
    TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    ProblemType,
)

_FLAG = {"type": "integer", "enum": [0, 1]}


def _parameter(
    name: str,
    schema: dict[str, object],
    description: str,
    location: Literal["query", "path"] = OpenApiParameter.QUERY,
) -> OpenApiParameter:
    return OpenApiParameter(
        name,
        schema,
        location,
        required=location == OpenApiParameter.PATH,
        description=description,
    )


KEY = _parameter(
    "key",
    {"type": "string", "minLength": 1, "maxLength": 200},
    "The item's key: the shop's primary key, after the model's label and a colon if the shop "
    "sells several models.",
    OpenApiParameter.PATH,
)
_COMMON = [
    KEY,
    _parameter(
        "count",
        {"type": "integer", "minimum": 1, "maximum": 50},
        "Most companions to return; else the placement's number.",
    ),
    OpenApiParameter(
        "exclude",
        {"type": "array", "items": {"type": "string", "maxLength": 200}, "maxItems": 200},
        description="Keys to leave out, with all their variants: repeated or as a comma list.",
        explode=True,
    ),
    _parameter(
        "currency",
        {"type": "string", "pattern": "^[A-Z]{3}$"},
        "Only companions priced in this currency; else in that of the item.",
    ),
    _parameter(
        "placement",
        {"type": "string", "pattern": "^[-a-zA-Z0-9_]{1,50}$", "default": "product"},
        "Name of the placement whose rules hold.",
    ),
]

_EXPLAIN = _parameter("explain", {**_FLAG, "default": 0}, "1: scores, rules and build; for staff.")
_KEYS = {"type": "array", "items": {"type": "string", "maxLength": 200}, "maxItems": 200}


def shelf_parameters_of(
    placement: str, *also: OpenApiParameter, explain: bool = True
) -> list[OpenApiParameter]:
    """Return the parameters of a shelf whose usual placement is this one."""
    return [
        *also,
        *(each for each in _COMMON if each.name in {"count", "exclude"}),
        _parameter(
            "currency",
            {"type": "string", "pattern": "^[A-Z]{3}$"},
            "Only products priced in this currency.",
        ),
        _parameter(
            "placement",
            {"type": "string", "pattern": "^[-a-zA-Z0-9_]{1,50}$", "default": placement},
            "Name of the placement whose rules hold.",
        ),
        *([_EXPLAIN] if explain else []),
    ]


ITEMS = OpenApiParameter(
    "items",
    _KEYS,
    description="Keys of a basket, the newest last, instead of this shopper's own.",
    explode=True,
)
CATEGORY = _parameter(
    "category",
    {"type": "string", "minLength": 1, "maxLength": 300},
    "Name of the category; else the whole shop.",
)

BASKET = _parameter(
    "basket",
    {**_FLAG, "default": 0},
    "1: this shopper's prices, without what the basket holds.",
)
SHOPPER = _parameter("basket", {**_FLAG, "default": 1}, "0: the same for everybody, and cacheable.")
"""The same of a fragment, which is for this shopper unless it says otherwise."""

TOGETHER_PARAMETERS = [*_COMMON, BASKET, _EXPLAIN]
FRAGMENT_PARAMETERS = [
    *_COMMON,
    _parameter(
        "basket",
        {**_FLAG, "default": 1},
        "0: the same for everybody, without the form that fills the basket.",
    ),
]


def _problems(*kinds: ProblemType) -> dict[tuple[int, str], OpenApiResponse]:
    by_status: dict[int, list[str]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind.uri)
    return {
        (status, CONTENT_TYPE): OpenApiResponse(ProblemSerializer, description=", ".join(types))
        for status, types in by_status.items()
    }


TOGETHER_PROBLEMS = _problems(
    INVALID_PARAMETERS, PERMISSION_DENIED, ITEM_NOT_FOUND, METHOD_NOT_ALLOWED, NOT_ACCEPTABLE,
    TOO_LARGE, THROTTLED, INTERNAL_ERROR,
)  # fmt: skip
SHELF_PROBLEMS = _problems(
    INVALID_PARAMETERS, PERMISSION_DENIED, METHOD_NOT_ALLOWED, NOT_ACCEPTABLE, TOO_LARGE,
    THROTTLED, INTERNAL_ERROR,
)  # fmt: skip
SHELF_BODY_PROBLEMS = _problems(
    INVALID_PARAMETERS, MALFORMED_REQUEST, PERMISSION_DENIED, METHOD_NOT_ALLOWED, NOT_ACCEPTABLE,
    TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, THROTTLED, INTERNAL_ERROR,
)  # fmt: skip
BASKET_PROBLEMS = _problems(
    INVALID_PARAMETERS, MALFORMED_REQUEST, PERMISSION_DENIED, METHOD_NOT_ALLOWED, NOT_ACCEPTABLE,
    NOTHING_ADDED, TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, THROTTLED, INTERNAL_ERROR,
)  # fmt: skip
REPLACE_PROBLEMS = _problems(
    INVALID_PARAMETERS, MALFORMED_REQUEST, PERMISSION_DENIED, METHOD_NOT_ALLOWED, NOT_ACCEPTABLE,
    NOT_FOUND, NOT_REPLACED, TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, THROTTLED, INTERNAL_ERROR,
)  # fmt: skip
