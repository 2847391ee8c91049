"""A heap whose root is the worst entry: the best k so far, ties to the smaller item."""

from __future__ import annotations

from typing import Any

from recommendations.engine._kernel.compiling import compiled


def is_worse(score: Any, item: Any, other_score: Any, other_item: Any) -> Any:
    return score < other_score or (score == other_score and item > other_item)


is_worse = compiled(is_worse)


def sink(scores: Any, items: Any, ranks: Any, size: Any, score: Any, item: Any, rank: Any) -> None:
    """Put an entry in place of the root of a heap whose root is the worst entry."""
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and is_worse(
            scores[child + 1], items[child + 1], scores[child], items[child]
        ):
            child += 1
        if is_worse(score, item, scores[child], items[child]):
            break
        scores[at], items[at], ranks[at] = scores[child], items[child], ranks[child]
        at = child
    scores[at], items[at], ranks[at] = score, item, rank


sink = compiled(sink)


def rise(scores: Any, items: Any, ranks: Any, size: Any, score: Any, item: Any, rank: Any) -> None:
    """Add an entry to a heap of `size` entries whose root is the worst entry."""
    at = size
    while at > 0:
        parent = (at - 1) // 2
        if not is_worse(score, item, scores[parent], items[parent]):
            break
        scores[at], items[at], ranks[at] = scores[parent], items[parent], ranks[parent]
        at = parent
    scores[at], items[at], ranks[at] = score, item, rank


rise = compiled(rise)
