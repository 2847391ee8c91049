"""The overview as pages show it: above the list of builds and on the app's page."""

from __future__ import annotations

from typing import Any

from recommendations import wording
from recommendations.admin.progress import build_progress
from recommendations.models import Kind
from recommendations.selectors.overview import overview


def overview_context(kind: str) -> dict[str, Any]:
    """Return the state of a kind with its sentences."""
    state = overview(kind)
    return {
        "kind_label": Kind(kind).label,
        "overview": state,
        "n_with": wording.number(state.n_with_companions),
        "n_active": wording.number(state.n_active),
        "covered": wording.share(state.covered_share),
        "published_for": wording.age(state.published.published_at) if state.published else "",
        "newest_age": wording.age(state.newest.started_at) if state.newest else "",
        "progress": build_progress(state.running) if state.running else None,
        "steps": [wording.STEPS[step] for step in state.steps],
    }
