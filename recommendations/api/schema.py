"""The OpenAPI schema of this API alone, and a page to read it that needs no script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import get_script_prefix, include, path, reverse
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.settings import patched_settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.problems import PROBLEM_TYPES
from recommendations.api.views import ProblemView

SETTINGS = {
    "TITLE": "django-crosssell",
    "DESCRIPTION": "What a shop's customers buy together, from the shop's own orders.",
    "VERSION": "1",
    "SERVERS": [],
    "TAGS": [],
}
METHODS = ("get", "post", "put", "patch", "delete")


def api_schema() -> dict[str, Any]:
    """Return the schema with the addresses that this project gives us."""
    prefix = reverse("crosssell:schema").removesuffix("schema/").removeprefix(get_script_prefix())
    patterns = [path(prefix, include("recommendations.api.urls"))]
    with patched_settings(SETTINGS):
        generator: Any = SchemaGenerator  # it carries no types
        schema: dict[str, Any] = generator(patterns=patterns).get_schema(public=True)
    return schema


class SchemaView(ProblemView):
    """The OpenAPI schema, as JSON or YAML."""

    http_method_names = ["get", "head", "options"]
    renderer_classes = [
        OpenApiJsonRenderer,
        OpenApiJsonRenderer2,
        OpenApiYamlRenderer,
        OpenApiYamlRenderer2,
    ]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """Return the schema."""
        return Response(api_schema())


@require_safe
def documentation(request: HttpRequest) -> HttpResponse:
    """Show the schema as a page."""
    schema = api_schema()
    context = {
        "info": schema["info"],
        "operations": list(_operations(schema)),
        "shapes": list(_shapes(schema)),
        "problems": PROBLEM_TYPES,
    }
    return render(request, "crosssell/api_docs.html", context)


def _operations(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for address, methods in schema["paths"].items():
        for method in METHODS:
            if method in methods:
                yield {**methods[method], "address": address, "method": method.upper()}


def _shapes(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, shape in schema["components"]["schemas"].items():
        # As pairs: a template would take a member called "items" for the method.
        members = [
            (member, kind, member in shape.get("required", ()))
            for member, kind in shape.get("properties", {}).items()
        ]
        yield {"name": name, "shape": shape, "members": members}
