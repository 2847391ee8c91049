"""Lists from ratings: what the same customers rate alike, and what each is likely to rate high."""

from __future__ import annotations

import dataclasses
import math
from datetime import datetime
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.conf import recommendation_settings
from recommendations.datasets.customer_keys import CustomerKeys
from recommendations.datasets.feedback import dismissed
from recommendations.engine.events import Ratings
from recommendations.engine.families.base import MEBIBYTE, Fitted, Training
from recommendations.engine.families.rating_models import (
    BIASES,
    FACTORS,
    RATING_FAMILIES,
    RatedModel,
    rating_size,
)
from recommendations.engine.gate import BuildFacts, Reason, Verdict
from recommendations.engine.neighbour_lists import NeighbourLists
from recommendations.engine.tuning.rating_search import RatingSlice, rating_slice
from recommendations.models import Build, Kind, Question
from recommendations.selectors.choices import parameters_for
from recommendations.services.judging import (
    DAMAGED,
    gate_limits,
    list_lengths,
    overlap_with,
    verdict_on,
)
from recommendations.services.kinds.best_sellers import fallback
from recommendations.services.kinds.family_recipe import FamilyPrepared, plain
from recommendations.services.kinds.reading import Reading, orders_of, read
from recommendations.services.kinds.sections import (
    Chosen,
    Section,
    bought_by,
    customer_chunk,
    customer_query,
    item_chunk,
    rows_between,
)
from recommendations.services.kinds.specs import Spec
from recommendations.services.recipes import Chunk, Progress

SHAPING = ("minimum_customers", "neighbours", "customer_items", "group_items", "model_seed")
"""Settings that shape the lists."""

SPEC = Spec(
    kind=Kind.RATINGS.value,
    # Factors are fitted where nothing was tuned; the comparison goes from the cheapest on.
    families=(FACTORS, *(family for family in RATING_FAMILIES if family is not FACTORS)),
    question=Question.RATING.value,
    for_customers=False,
)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ChosenForRatings(Chosen):
    """A family of ratings with its parameters."""

    def check_memory(self, training: Training) -> None:
        """Refuse, before it starts, a fit that would not fit: ratings count, not orders."""
        limit = recommendation_settings().memory_limit_mib * MEBIBYTE
        self.family.check_memory(rating_size(training), self.parameters, limit_bytes=limit)


@dataclasses.dataclass(frozen=True, slots=True)
class RatingsRecipe:
    """Reads orders and ratings, fits a family, and leaves lists per item and per customer."""

    kind: str = Kind.RATINGS.value
    questions: tuple[str, ...] = (Question.RATING.value,)

    def needs(self) -> set[str]:
        """Return what must be read beside the orders."""
        return {"ratings"}

    def chosen(self) -> ChosenForRatings:
        """Return what is fitted: what the comparison chose, else factors."""
        choice = parameters_for(self.kind, self.questions)
        parameters = dict(choice.parameters) if choice else {}
        family = SPEC.family(parameters.pop("family", None))
        return ChosenForRatings(
            family=family,
            parameters={**family.start, **parameters},
            question=Question.RATING.value,
        )

    def fit(self, reading: Reading, training: Training, question: str) -> Fitted:
        """Return the model of some of the ratings."""
        chosen = self.chosen()
        chosen.check_memory(training)
        return chosen.fit(training)

    def parameters(self) -> dict[str, Any]:
        """Return the settings that shape the lists, and what is fitted."""
        conf = recommendation_settings()
        shaping = {name: getattr(conf, name) for name in SHAPING}
        return {**shaping, "models": [plain(self.chosen().as_json())]}

    def prepare(self, *, as_of: datetime, progress: Progress) -> RatingsPrepared:
        """Read orders and ratings; fitting begins with the first chunk."""
        chosen = self.chosen()
        reading = read(as_of=as_of, progress=progress, needs=self.needs())
        chosen.check_memory(chosen.training(reading))
        return RatingsPrepared(reading, SPEC, [chosen], progress)


@dataclasses.dataclass
class RatingsPrepared(FamilyPrepared):
    """The orders and ratings of one moment, and the lists that are cut from one model."""

    @cached_property
    def model(self) -> RatedModel:
        """The fitted model, of which both tables are made."""
        (chosen,) = self.models
        training = chosen.training(self.reading)
        chosen.check_memory(training)
        return cast("RatedModel", chosen.fit(training))

    @cached_property
    def sections(self) -> list[Section]:
        """The lists of items, then those of customers."""
        return [RatedItems(self), RatedCustomers(self)]

    def judge(self, build: Build, published: Build | None) -> tuple[dict[str, Any], Verdict]:
        """Return the candidate's figures and the gate's verdict."""
        for name in ("_fitted", "model"):
            self.__dict__.pop(name, None)
        reading, given = self.reading, _given(self.reading)
        lengths = list_lengths(build)
        listed = sum(count for length, count in lengths.items() if length)
        raters = np.bincount(given.item, minlength=given.n_items)
        rated = int(np.count_nonzero(raters >= recommendation_settings().minimum_customers))
        facts = BuildFacts(
            lines=build.input_counts["lines"],
            baskets=build.input_counts["orders"],
            sold_items=max(rated, listed),
            listed_items=listed,
            damaged_lines=build.input_counts["left_out"].get(DAMAGED, 0),
            overlap=self._overlap(build, published),
        )
        quality = rating_quality(reading, self.models[0])
        metrics = {
            "facts": facts.as_json(),
            "coverage": facts.coverage,
            "entries": sum(length * count for length, count in lengths.items()),
            "list_lengths": {str(length): count for length, count in sorted(lengths.items())},
            "customer_lists": len(self.sections[1]),
            "fallback": fallback(build.input_counts, listed, reading.baskets),
            **quality,
        }
        verdict = with_rating_reasons(
            verdict_on(facts, build, published), build.input_counts["ratings"], quality, published
        )
        return {**metrics, **self._tuning()}, verdict

    def _overlap(self, build: Build, published: Build | None) -> float | None:
        if published is None or published.parameters != build.parameters:
            return None
        reading = self.reading
        return overlap_with(published, build, reading.baskets, reading.history.item_ids)


@dataclasses.dataclass(frozen=True, slots=True)
class RatedItems:
    """For each item those that the same customers rate alike."""

    prepared: RatingsPrepared

    def __len__(self) -> int:
        return self.prepared.reading.history.n_items

    def learn(self) -> NeighbourLists:
        """Return the lists of all items."""
        return self.prepared.model.item_lists(recommendation_settings().neighbours)

    def chunk(self, learnt: NeighbourLists, build: Build, start: int, stop: int) -> Chunk:
        """Return the lists of items that have one."""
        part = rows_between(learnt, start, stop)
        kept = np.flatnonzero(np.diff(part.indptr))
        reading = self.prepared.reading
        return item_chunk(build, part, kept, start, reading.baskets, reading.history.item_ids)


@dataclasses.dataclass(frozen=True)
class RatedCustomers:
    """For each customer who rated and can be recognised, what is likely to please."""

    prepared: RatingsPrepared

    @property
    def customers(self) -> CustomerKeys:
        """Those who can be recognised."""
        keys: CustomerKeys = rated_of(self.prepared.reading).keys
        return keys

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """Which of them gave a rating that counts."""
        given = _given(self.prepared.reading)
        n_ratings = np.bincount(given.customer, minlength=given.n_customers)
        return np.flatnonzero(n_ratings[self.customers.positions])

    def __len__(self) -> int:
        return len(self.rows)

    def learn(self) -> tuple[sparse.csr_matrix, NDArray[np.int64]]:
        """Return what each customer bought, and how many orders each has; raters have none."""
        reading = self.prepared.reading
        bought, n_orders = bought_by(reading), orders_of(reading.shown)
        more = _given(reading).n_customers - bought.shape[0]
        nothing = sparse.csr_matrix((more, bought.shape[1]))
        counts = np.append(n_orders, np.zeros(more, dtype=np.int64))
        return sparse.vstack([bought, nothing], format="csr"), counts

    def chunk(
        self,
        learnt: tuple[sparse.csr_matrix, NDArray[np.int64]],
        build: Build,
        start: int,
        stop: int,
    ) -> Chunk:
        """Return the lists of some customers; one without a list has no row."""
        bought, n_orders = learnt
        rows = self.rows[start:stop]
        positions = self.customers.positions[rows]
        reading = self.prepared.reading
        names = [self.customers.keys[row] for row in rows.tolist()]
        query = customer_query(
            bought[positions],
            positions,
            Question.RATING,
            unwanted=dismissed(names, reading.history.item_ids),
        )
        found = self.prepared.model.recommend(query, recommendation_settings().customer_items)
        return customer_chunk(
            build, names, n_orders[positions], found, reading.baskets, reading.history.item_ids
        )


def rated_of(reading: Reading) -> Any:
    """Return the ratings that were read, and whose they are."""
    if reading.rated is None:
        msg = "Ratings were not read."
        raise ValueError(msg)
    return reading.rated


def _given(reading: Reading) -> Ratings:
    given: Ratings = rated_of(reading).ratings
    return given


def newest_ratings(reading: Reading) -> RatingSlice:
    """Return the newest ratings apart from those to learn from."""
    return rating_slice(reading.training(by_customer=False))


def rating_quality(reading: Reading, chosen: Chosen) -> dict[str, Any]:
    """Return how near a model comes to the newest ratings, fitted on those before.

    The baseline, mean and biases, stands beside it; ``rmse_error`` is a standard error.
    """
    slice_ = newest_ratings(reading)
    held_out = slice_.held_out
    if not len(held_out):
        return {"held_out_ratings": 0}
    found: dict[str, Any] = {"held_out_ratings": len(held_out)}
    families = (("", chosen.family, chosen.parameters), ("baseline_", BIASES, BIASES.start))
    for prefix, family, parameters in families:
        model = cast("RatedModel", family.fit(slice_.training, parameters))
        errors = model.predicted(held_out.customer, held_out.item) - held_out.value
        rmse = float(np.sqrt(np.mean(errors**2)))
        spread = float(np.std(errors**2)) / math.sqrt(len(errors))
        found |= {
            f"{prefix}rmse": rmse,
            f"{prefix}mae": float(np.abs(errors).mean()),
            f"{prefix}rmse_error": spread / (2 * rmse) if rmse else 0.0,
        }
    return found


def with_rating_reasons(
    verdict: Verdict, n_ratings: int, quality: dict[str, Any], published: Build | None
) -> Verdict:
    """Return the verdict with what ratings add: far fewer of them, or surely worse predictions."""
    if published is None:
        return verdict
    limits, reasons = gate_limits(), []
    before = published.input_counts.get("ratings", 0)
    if n_ratings < limits.min_volume_share * before:
        share = n_ratings / before
        reasons.append(
            Reason(
                "fewer_ratings",
                {
                    "given": n_ratings,
                    "published": before,
                    "share": share,
                    "limit": limits.min_volume_share,
                },
            )
        )
    ours, theirs = quality.get("rmse"), published.metrics.get("rmse")
    if ours is not None and theirs:
        errors = quality["rmse_error"], published.metrics.get("rmse_error", 0.0)
        surely = ours - theirs > limits.confidence_z * math.hypot(*errors)
        if surely and theirs < limits.min_metric_share * ours:
            figures = {"given": round(ours, 4), "published": round(theirs, 4)}
            reasons.append(Reason("higher_rmse", figures))
    if not reasons:
        return verdict
    return Verdict(accepted=False, reasons=(*verdict.reasons, *reasons))
