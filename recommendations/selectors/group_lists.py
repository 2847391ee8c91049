"""The lists of kinds that have one per category: what trends and what is new."""

from __future__ import annotations

from collections.abc import Iterator

from recommendations.models import Kind
from recommendations.selectors.builds import published_build_id
from recommendations.selectors.candidates import Candidate, told_where_supported
from recommendations.selectors.fallbacks import Listed, Why, own_entries
from recommendations.selectors.reasons import Reason


def group_list(kind: str, category: str) -> Listed:
    """Return what a kind with one list per category ranks there, in its published build."""
    build_id = published_build_id(kind)
    trends = kind == Kind.TRENDING
    return Listed(
        str(kind),
        build_id,
        own_entries(build_id, category),
        "trending" if trends else "new",
        category=category,
        claims=trends,
    )


def trends(category: str, why: Why) -> Iterator[Candidate]:
    """Yield what trends, where it stands in for something else."""
    build_id = published_build_id(Kind.TRENDING)
    trace = {"strategy": "trending", "build": build_id, "category": category, "why": why}
    entries = own_entries(build_id, category)
    reasons: tuple[Reason, Reason] = ("trending", "trending")
    yield from told_where_supported(entries, "fallback", trace, reasons, support=1)
