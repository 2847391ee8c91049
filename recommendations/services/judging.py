"""What the gate is told about a finished candidate, and what it says."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from django.db.models import Count
from django.db.models.functions import Length
from numpy.typing import NDArray

from recommendations.conf import recommendation_settings
from recommendations.engine.completion import CompletionReport, holdout_metric
from recommendations.engine.gate import BuildFacts, GateLimits, Verdict, judge, list_overlap
from recommendations.engine.history import OrderHistory
from recommendations.engine.matrices import BasketMatrix
from recommendations.engine.packing import pack, unpack
from recommendations.models import Build, NeighbourList, PopularList, Question
from recommendations.services.kinds.best_sellers import fallback

OVERLAP_ITEMS = 1000
"""Items whose lists are compared with the published ones: enough for a share to ± 3 points."""

EMPTY_BYTES = len(pack([], [], [], []))
ENTRY_BYTES = len(pack([1], [1], [1], [1])) - EMPTY_BYTES

DAMAGED = "damaged amount"
"""The reason under which a read counts lines whose amount or quantity is no number."""


def judge_together(
    build: Build,
    published: Build | None,
    *,
    history: OrderHistory,
    matrix: BasketMatrix,
    parameters: dict[str, Any],
) -> tuple[dict[str, Any], Verdict]:
    """Return the figures of a finished candidate and the gate's verdict on them."""
    lengths = list_lengths(build)
    quality = held_out_quality(history, matrix, parameters)
    facts = BuildFacts(
        lines=build.input_counts["lines"],
        baskets=build.input_counts["orders"],
        sold_items=int(np.count_nonzero(matrix.item_baskets)),
        listed_items=sum(count for length, count in lengths.items() if length),
        damaged_lines=build.input_counts["left_out"].get(DAMAGED, 0),
        queries=quality.n_queries,
        hits=quality.hits,
        overlap=overlap_with(published, build, matrix, history.item_ids),
    )
    metrics = {
        "facts": facts.as_json(),
        "question": Question.BASKET.value,
        "coverage": facts.coverage,
        "hit_rate": facts.hit_rate,
        "ndcg": quality.ndcg,
        "entries": sum(length * count for length, count in lengths.items()),
        "list_lengths": {str(length): count for length, count in sorted(lengths.items())},
        "fallback": fallback(build.input_counts, facts.listed_items, matrix),
    }
    return metrics, verdict_on(facts, build, published, Question.BASKET)


DEGENERATE = frozenset({"no_orders", "one_item", "no_lists"})
"""Reasons that say: there is nothing to learn from yet."""


def verdict_on(
    facts: BuildFacts, build: Build, published: Build | None, question: str = ""
) -> Verdict:
    """Return the gate's verdict; a cold shop's build passes for the sake of its fallback.

    Where nothing can be learnt yet, and nothing learnt is published that could be lost, best
    sellers and new arrivals are better than nothing. The reasons stay with the verdict. What was
    found of another ``question`` says nothing about what is found of this one.
    """
    before = None
    if published is not None and "facts" in published.metrics:
        before = BuildFacts.from_json(published.metrics["facts"])
        if published.metrics.get("question", question) != question:
            before = dataclasses.replace(before, queries=0, hits=0)
    verdict = judge(facts, before, limits=gate_limits())
    cold = all(reason.code in DEGENERATE for reason in verdict.reasons)
    nothing_to_lose = before is None or not before.listed_items
    if verdict.accepted or not (cold and nothing_to_lose and has_head(build)):
        return verdict
    return Verdict(accepted=True, reasons=verdict.reasons)


def has_head(build: Build) -> bool:
    """Tell whether a build has anything to show where lists end."""
    return PopularList.objects.filter(build=build).exists()


def held_out_quality(
    history: OrderHistory, matrix: BasketMatrix, parameters: dict[str, Any]
) -> CompletionReport:
    """Return how well lists made of the older orders complete the newest ones."""
    conf = recommendation_settings()
    counted = dict(parameters)
    return holdout_metric(
        history,
        matrix,
        holdout_days=conf.gate_holdout_days,
        max_queries=conf.gate_queries,
        neighbours_k=counted.pop("k"),
        **counted,
    )


def gate_limits() -> GateLimits:
    """Return the limits of the settings in force."""
    conf = recommendation_settings()
    return GateLimits(
        min_volume_share=conf.gate_min_volume_share,
        min_metric_share=conf.gate_min_metric_share,
        min_overlap=conf.gate_min_overlap,
    )


def list_lengths(build: Build, *, model: Any = NeighbourList) -> dict[int, int]:
    """Return how many of a build's lists have which length, counted where they are stored."""
    stored = (
        model.objects.filter(build=build)
        .annotate(n_bytes=Length("packed"))
        .values_list("n_bytes")
        .annotate(Count("build_id"))
    )
    return {(n_bytes - EMPTY_BYTES) // ENTRY_BYTES: count for n_bytes, count in stored}


def overlap_with(
    published: Build | None, build: Build, matrix: BasketMatrix, item_ids: NDArray[np.int64]
) -> float | None:
    """Return how much of the published lists a sample of the candidate's lists still holds."""
    if published is None:
        return None
    sample = sales_sample(matrix.item_baskets)
    wanted = item_ids[sample].tolist()
    ours, theirs = stored_lists(build, wanted), stored_lists(published, wanted)
    return list_overlap(ours, theirs, weights=matrix.item_baskets[sample].astype(np.float64))


def sales_sample(item_baskets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return up to 1,000 positions of sold items, evenly from the best to the least sold."""
    sold = np.argsort(-item_baskets, kind="stable")[: np.count_nonzero(item_baskets)]
    step = max(1, -(-len(sold) // OVERLAP_ITEMS))
    return sold[::step]


def stored_lists(build: Build, item_ids: list[int]) -> list[NDArray[np.int64]]:
    """Return the companions' ids of these items in a build; empty for an item without a row."""
    rows = NeighbourList.objects.filter(build=build, item_id__in=item_ids)
    found = {item: unpack(packed).items for item, packed in rows.values_list("item_id", "packed")}
    nothing = np.empty(0, dtype=np.int64)
    return [found.get(item, nothing) for item in item_ids]
