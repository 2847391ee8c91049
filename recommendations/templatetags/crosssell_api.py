"""How the documentation page of the API writes a JSON schema in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def api_type(schema: Mapping[str, Any]) -> SafeString:
    """Return a type with its bounds; a named shape is a link to it."""
    text = _kind(schema)
    for part in _bounds(schema):
        text = format_html("{}{}", text, part)
    return text


def _kind(schema: Mapping[str, Any]) -> SafeString:
    if "allOf" in schema:
        return _kind(schema["allOf"][0])
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return format_html('<a href="#shape-{}">{}</a>', name, name)
    if schema.get("type") == "array":
        return format_html("list of {}", api_type(schema["items"]))
    if "enum" in schema:
        return format_html("{}", " or ".join(map(str, schema["enum"])))
    return format_html("{}", schema.get("type", ""))


def _bounds(schema: Mapping[str, Any]) -> list[str]:
    parts = []
    if "minimum" in schema:
        parts.append(f", {schema['minimum']} to {schema.get('maximum', '∞')}")
    if "maxLength" in schema:
        parts.append(f", up to {schema['maxLength']} characters")
    if "maxItems" in schema:
        parts.append(f", up to {schema['maxItems']}")
    if "pattern" in schema:
        parts.append(f", {schema['pattern']}")
    if schema.get("nullable"):
        parts.append(" or null")
    if "default" in schema:
        parts.append(f", default {schema['default']}")
    return parts
