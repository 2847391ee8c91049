"""What the gate is told about a candidate of any kind, and what it says."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.gate import BuildFacts, Verdict, list_overlap
from recommendations.engine.metrics import RankingReport
from recommendations.engine.packing import unpack
from recommendations.models import Build, CustomerList
from recommendations.services.judging import (
    DAMAGED,
    OVERLAP_ITEMS,
    list_lengths,
    overlap_with,
    verdict_on,
)
from recommendations.services.kinds.best_sellers import fallback
from recommendations.services.kinds.reading import Reading


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A finished candidate with what the gate compares."""

    build: Build
    published: Build | None
    reading: Reading
    report: RankingReport
    question: str
    """What the report was asked."""
    items: bool
    n_customers: int = 0
    """Customers who should have a list; 0 for kinds without."""

    @property
    def comparable(self) -> Build | None:
        """The published build, if it was made in the same way: else other lists were wanted."""
        if self.published is None or self.published.parameters != self.build.parameters:
            return None
        return self.published


def judge_build(judged: Judged) -> tuple[dict[str, Any], Verdict]:
    """Return the figures of a finished candidate and the gate's verdict on them."""
    build, matrix = judged.build, judged.reading.baskets
    lengths = list_lengths(build) if judged.items else customer_lengths(build)
    listed = sum(count for length, count in lengths.items() if length)
    sold = int(np.count_nonzero(matrix.item_baskets))
    facts = BuildFacts(
        lines=build.input_counts["lines"],
        baskets=build.input_counts["orders"],
        sold_items=max(sold, listed) if judged.items else judged.n_customers,
        listed_items=listed,
        damaged_lines=build.input_counts["left_out"].get(DAMAGED, 0),
        queries=judged.report.n_users,
        hits=round(judged.report.hit_rate * judged.report.n_users),
        overlap=_overlap(judged),
    )
    metrics = {
        "facts": facts.as_json(),
        "question": judged.question,
        "coverage": facts.coverage,
        "hit_rate": facts.hit_rate,
        "ndcg": judged.report.ndcg,
        "entries": sum(length * count for length, count in lengths.items()),
        "list_lengths": {str(length): count for length, count in sorted(lengths.items())},
        "customer_lists": judged.n_customers,
        "fallback": fallback(build.input_counts, listed, matrix),
    }
    return metrics, verdict_on(facts, build, judged.published, judged.question)


def customer_lengths(build: Build) -> dict[int, int]:
    """Return how many of a build's customers have a list of which length."""
    return list_lengths(build, model=CustomerList)


def _overlap(judged: Judged) -> float | None:
    published = judged.comparable
    if published is None:
        return None
    if judged.items:
        reading = judged.reading
        return overlap_with(published, judged.build, reading.baskets, reading.history.item_ids)
    keys = CustomerList.objects.filter(build=published).order_by("customer")
    # The first by key are as good a sample as any, and one look into the index.
    wanted = list(keys.values_list("customer", flat=True)[:OVERLAP_ITEMS])
    ours, theirs = customer_lists(judged.build, wanted), customer_lists(published, wanted)
    return list_overlap(ours, theirs, weights=np.ones(len(wanted)))


def customer_lists(build: Build, customers: list[str]) -> list[NDArray[np.int64]]:
    """Return the items of these customers' lists in a build; empty for one without."""
    rows = CustomerList.objects.filter(build=build, customer__in=customers)
    found = {who: unpack(packed).items for who, packed in rows.values_list("customer", "packed")}
    nothing = np.empty(0, dtype=np.int64)
    return [found.get(who, nothing) for who in customers]
