"""The overview of one kind as pages show it: above the list of builds and on the app's page."""

from __future__ import annotations

from typing import Any

from recommendations import model_wording, wording
from recommendations.admin.progress import build_progress
from recommendations.models import Kind
from recommendations.selectors.overview import Step, overview
from recommendations.selectors.readiness import readiness
from recommendations.services.kinds.table import buildable_kinds


def overview_context(kind: str) -> dict[str, Any]:
    """Return the state of a kind with its sentences."""
    state = overview(kind)
    ready = readiness(kind)
    # What is lacking is said beside it; a kind without input cannot be built at all.
    asked = [step for step in state.steps if not (step is Step.NOTHING and ready.needs)]
    steps = [wording.step(step, kind) for step in asked] if kind in buildable_kinds() else []
    return {
        "kind_label": Kind(kind).label,
        "sentence": model_wording.sentence(kind),
        "overview": state,
        "counted": state.n_with_companions is not None,
        "n_with": wording.number(state.n_with_companions),
        "n_active": wording.number(state.n_active),
        "covered": wording.share(state.covered_share),
        "published_for": wording.age(state.published.published_at) if state.published else "",
        "newest_age": wording.age(state.newest.started_at) if state.newest else "",
        "progress": build_progress(state.running) if state.running else None,
        "steps": steps,
        "needs": ready.needs,
        "fallback": ready.fallback,
    }
