"""A kind of build whose every byte is known, to try the machinery on."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime
from typing import Any

from recommendations.engine.gate import Verdict
from recommendations.engine.packing import pack
from recommendations.models import Build, Item, NeighbourList, PopularList
from recommendations.services.builds import KINDS
from recommendations.services.bulk import Rows
from recommendations.services.recipes import Chunk, Progress

KIND = "together"


@dataclasses.dataclass
class FakeRecipe:
    """Every item's only companion is itself; its score tells which content it was made from."""

    n_items: int = 10
    content: float = 1.0
    fingerprint: str = "same"
    accepted: bool = True
    settings: dict[str, Any] = dataclasses.field(default_factory=dict)
    while_reading: Callable[[Progress], None] = lambda progress: None
    before_chunk: Callable[[int], None] = lambda start: None
    computed: list[tuple[int, int]] = dataclasses.field(default_factory=list)
    kind: str = KIND

    def parameters(self) -> dict[str, Any]:
        return self.settings

    def prepare(self, *, as_of: datetime, progress: Progress) -> FakePrepared:
        self.while_reading(progress)
        return FakePrepared(self, self.fingerprint, {"lines": 100}, 100, self.n_items)


@dataclasses.dataclass
class FakePrepared:
    recipe: FakeRecipe
    fingerprint: str
    counts: dict[str, Any]
    n_lines: int
    n_chunked: int

    def head(self, build: Build) -> Rows:
        return Rows(PopularList, {"build_id": [build.pk], "category": [""], "packed": [b""]})

    def chunk(self, build: Build, start: int, stop: int) -> Chunk:
        self.recipe.before_chunk(start)
        self.recipe.computed.append((start, stop))
        items = list(Item.objects.order_by("pk").values_list("pk", flat=True)[start:stop])
        packed = [pack([pk], [self.recipe.content], [7], [8]) for pk in items]
        columns = {
            "build_id": [build.pk] * len(items),
            "item_id": items,
            "n_customers": [1] * len(items),
            "n_baskets": [1] * len(items),
            "packed": packed,
        }
        return Chunk(Rows(NeighbourList, columns), b"".join(packed))

    def judge(self, build: Build, published: Build | None) -> tuple[dict[str, Any], Verdict]:
        return {"hit_rate": 0.5}, Verdict(accepted=self.recipe.accepted, reasons=())


def make_items(count: int) -> list[Item]:
    """Return new items with keys "1" and up."""
    return Item.objects.bulk_create(
        [Item(key=str(n), title=f"Item {n}") for n in range(1, count + 1)]
    )


def serve(recipe: FakeRecipe, monkeypatch: Any) -> FakeRecipe:
    """Let ``rebuild`` make builds by this recipe."""
    monkeypatch.setitem(KINDS, KIND, recipe)
    return recipe
