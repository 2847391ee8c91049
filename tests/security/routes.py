"""Every address that our apps and the reference shop answer, as the URL resolver knows them."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

OURS = ("crosssell:", "shop:", "admin:crosssell_")


def our_routes() -> dict[str, str]:
    """Return the pattern of each route of ours by its full name; nameless ones by their pattern."""
    every = _walk(get_resolver().url_patterns, "", "")
    return {name: pattern for name, pattern in every if name.startswith(OURS)}


def _walk(
    patterns: list[URLPattern | URLResolver], namespace: str, before: str
) -> Iterator[tuple[str, str]]:
    for each in patterns:
        pattern = before + str(each.pattern)
        if isinstance(each, URLResolver):
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from _walk(each.url_patterns, inner, pattern)
        else:
            yield f"{namespace}{each.name or pattern}", pattern
