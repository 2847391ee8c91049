"""The search: every family from its start, the better ones further, until the budget is spent."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from recommendations.engine.families.base import (
    Family,
    Fitted,
    Listed,
    ListModel,
    NotEnoughMemoryError,
    Size,
    Training,
)
from recommendations.engine.families.whole_basket import BasketRule
from recommendations.engine.tuning.asking import EQUAL, METRICS, Asking
from recommendations.engine.tuning.blend import DEPTH_FACTOR
from recommendations.engine.tuning.blending import MOST_PARTS, best_blend
from recommendations.engine.tuning.choice import paired_error
from recommendations.engine.tuning.fitting import DEPTH, best_sellers
from recommendations.engine.tuning.outcome import report_of
from recommendations.engine.tuning.questions import Questions
from recommendations.engine.tuning.racing import (
    Budget,
    Racer,
    deepest,
    directions,
    mean_of,
    ordered,
)
from recommendations.engine.tuning.reading import READ, all_rules, first_rules, rule_as_json
from recommendations.engine.tuning.report import Remark, Skipped, TuningReport
from recommendations.engine.tuning.serving import ListServing

# A family goes on to its next parameter while its best is so near to the leader's. The first
# parameter may make all the difference: RP3β was seen to find .07 at its start and .19 with
# another β, so the first margin is wide.
_MARGINS = (0.3, 0.8, 0.9, 0.95)

# No family may take more than this share of what is left of the clock for one parameter.
_SHARE_OF_CLOCK = 0.5

Progress = Callable[[str, float], None]
"""Called with what is being tried and the share of the budget that is spent, 0 to 1."""


def tune(
    training: Training,
    questions: Questions,
    families: Iterable[Family],
    *,
    k: int = 10,
    metric: str = "recall",
    budget: Budget | None = None,
    with_best_sellers: bool = False,
    with_blend: bool = True,
    yardsticks: Collection[str] = (),
    floor: str = "",
    serving: ListServing | None = None,
    on_progress: Progress | None = None,
) -> TuningReport:
    """Return how well each family finds what was held out, and which one should serve.

    Each family is fitted at its start. Those near the leader then search one parameter after the
    other, upwards and downwards from the best so far while it gets better; after each parameter
    the margin to stay in the race is narrower, and those within two standard errors of the leader
    stay in any case. Of the best, blends of two and three are tried last. `choose` picks: within
    the noise of the best, a model that can be stored as lists comes before one that cannot, and
    one model before several.

    With `serving` every model answers from its lists as they would be stored, so what is measured
    is what pages show. How the lists of a basket's items are added up is then searched as well: a
    few rules for every family, all of them for the best, at no fit.

    Parameters
    ----------
    training : Training
        What is learnt from; nothing of what is asked may be in it.
    questions : Questions
        What was held out.
    families : iterable of Family
        Of distinct names; of equals the earlier is kept, so name the cheaper ones first.
    k : int
        Recommendations looked at, at least 1.
    metric : str
        The metric that decides, at k: "recall" or "ndcg".
    budget : Budget, optional
        None searches to the end.
    with_best_sellers : bool
        Fill places that a model leaves empty with best sellers, as will be done when it serves.
    with_blend : bool
        Try blends of the best.
    yardsticks : collection of str
        Families that are compared with, and neither chosen nor blended.
    floor : str
        A family that the chosen one has to be as good as in every metric of `given_up`, if it
        could be tried.
    serving : ListServing, optional
        What is kept of each model, where pages read lists; else models are asked live.
    on_progress : callable, optional
        Told before each fit.

    Returns
    -------
    TuningReport
        The same for the same data and seed, as long as the clock does not end the search.

    Raises
    ------
    ValueError
        If k is below 1 or the metric is none of these.

    Examples
    --------
    >>> from recommendations.engine.families.base import Query
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> from recommendations.engine.neighbours import neighbours
    >>> from scipy import sparse
    >>> history = order_history(item_ids=[1, 2], baskets=[[0, 1]] * 2, at=[0, 0], customers=[0, 1])
    >>> training = Training(matrix=basket_matrix(history, as_of=0, half_life_days=None))
    >>> cosine = Family(
    ...     name="cosine",
    ...     fit=lambda t, chosen: ListModel(lists=neighbours(t.matrix, k=9, min_customers=1)),
    ...     bytes_needed=lambda size, chosen: 0,
    ... )
    >>> held = sparse.csr_matrix([[1.0, 0.0]])
    >>> asked = Questions(query=Query(held=held), wanted=sparse.csr_matrix([[False, True]]))
    >>> report = tune(training, asked, [cosine], k=1)
    >>> report.chosen, report.models[0].report.recall
    ('cosine', 1.0)
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}.")
    if metric not in METRICS:
        raise ValueError(f"metric must be one of {', '.join(METRICS)}, not {metric!r}.")
    search = _Search(
        training=training,
        asking=Asking(
            training=training,
            questions=questions,
            k=k,
            metric=metric,
            best=best_sellers(training) if with_best_sellers else None,
        ),
        budget=budget or Budget(),
        serving=serving,
        on_progress=on_progress or (lambda text, share: None),
    )
    racers, skipped = search.started(families)
    if len(questions):
        search.race(racers)
        search.refine(racers)
    ranked = sorted(racers, key=lambda racer: -racer.mean)
    able = [racer for racer in ranked if racer.family.name not in yardsticks]
    if with_blend and len(able) > 1 and len(questions):
        search.on_progress("blend", min(search.spent, 1.0))
        blend = best_blend(able, search.asking, serving)
        ranked = sorted([*ranked, *blend], key=lambda racer: -racer.mean)
    return report_of(ranked, skipped, search.asking, yardsticks=yardsticks, floor=floor)


@dataclass(kw_only=True, slots=True)
class _Search:
    """One run of `tune`: the questions, the budget, and the steps."""

    training: Training
    asking: Asking
    budget: Budget
    serving: ListServing | None
    on_progress: Progress
    racers: list[Racer] = field(default_factory=list)
    n_fits: int = 0
    began: float = field(default_factory=time.perf_counter)

    @property
    def spent(self) -> float:
        """Share of the budget that is spent, 0 without one."""
        shares = [0.0]
        if self.budget.seconds:
            shares.append((time.perf_counter() - self.began) / self.budget.seconds)
        if self.budget.fits:
            shares.append(self.n_fits / self.budget.fits)
        return max(shares)

    # -- the race ----------------------------------------------------------------------------

    def started(self, families: Iterable[Family]) -> tuple[list[Racer], list[Skipped]]:
        """Return the families fitted at their start, and those that were not and why."""
        skipped: list[Skipped] = []
        for family in families:
            why = self.obstacle(family, self.as_fitted(family, family.start))
            if not why and self.racers and self.budget.seconds and self.spent >= 1:
                why = Remark(code="time")
            racer = Racer(family=family)
            if not why:
                try:
                    self.attempt(racer, dict(family.start))
                except NotEnoughMemoryError as error:  # known only when it had begun to count
                    why = Remark(code="memory", figures=error.figures)
            if why:
                skipped.append(Skipped(name=family.name, why=why))
            else:
                self.racers.append(racer)
                self.keep_lists_of_best()
        return self.racers, skipped

    def obstacle(self, family: Family, parameters: Mapping[str, Any]) -> Remark | None:
        """Return why a fit cannot be started, or None if it can."""
        for need in sorted(family.needs_for(parameters)):
            if getattr(self.training, need) is None:
                return Remark(code="needs", figures={"need": need})
        if self.budget.limit_bytes is not None:
            try:
                family.check_memory(
                    Size.of(self.training), parameters, limit_bytes=self.budget.limit_bytes
                )
            except NotEnoughMemoryError as error:
                return Remark(code="memory", figures=error.figures)
        return None

    def race(self, racers: Sequence[Racer]) -> None:
        """Search the grids, one parameter of each family at a time, the best family first."""
        longest = max((len(racer.family.grid) for racer in racers), default=0)
        # A second time round the parameters, for those that are still near the leader.
        for step in range(2 * longest):
            margin = _MARGINS[min(step, len(_MARGINS) - 1)]
            for racer in sorted(racers, key=lambda racer: -racer.mean):
                grid = racer.grid
                if not grid or racer.note or step >= 2 * len(grid):
                    continue
                leader = max(racers, key=lambda racer: racer.mean)
                if not self.in_race(racer, leader, margin):
                    figures = {"found": racer.mean, "best": leader.mean}
                    racer.note = Remark(code="dropped", figures=figures)
                    continue
                self.sweep(racer, *grid[step % len(grid)])

    def in_race(self, racer: Racer, leader: Racer, margin: float) -> bool:
        """Return whether a family is near enough to the leader to be searched further."""
        if racer.mean >= margin * leader.mean:
            return True
        distance = leader.scores - racer.scores
        return bool(distance.mean() <= 2 * paired_error(distance, seed=self.training.seed))

    def sweep(self, racer: Racer, parameter: str, values: Sequence[Any]) -> None:
        """Try the values above and below the best so far, while each is better than the last."""
        began, left = time.perf_counter(), 1.0
        if self.budget.seconds:
            left = self.budget.seconds * max(0.0, 1 - self.spent) * _SHARE_OF_CLOCK
        current = racer.parameters.get(parameter)
        climbs = ordered(values, current)
        for direction in directions(values, current):
            if climbs and racer.parameters.get(parameter) != current:
                return  # It got better upwards.
            for value in direction:
                if self.budget.seconds and time.perf_counter() - began + racer.seconds > left:
                    racer.note = Remark(code="clock")
                    return
                if self.budget.fits is not None and self.n_fits >= self.budget.fits:
                    racer.note = Remark(code="budget")
                    return
                if not self.tried(racer, {**racer.parameters, parameter: value}):
                    break

    def tried(self, racer: Racer, parameters: dict[str, Any]) -> bool:
        """Try parameters; what turns out not to fit into memory is no better."""
        try:
            return self.attempt(racer, parameters)
        except NotEnoughMemoryError:
            return False

    # -- one fit -----------------------------------------------------------------------------

    def as_fitted(self, family: Family, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters of a fit that is then read to any depth, or by any rule."""
        own = {name: value for name, value in parameters.items() if name != READ}
        return own if self.serving else deepest(family, own)

    def attempt(self, racer: Racer, parameters: dict[str, Any]) -> bool:
        """Fit and ask; keep it if it is the best of its family, and return whether it is."""
        if racer.read_by_depth:
            parameters = self.as_fitted(racer.family, parameters)
        key = repr(sorted(parameters.items(), key=lambda pair: pair[0]))
        if key in racer.tried or (racer.tried and self.obstacle(racer.family, parameters)):
            return False
        words = ", ".join(f"{name} {value}" for name, value in parameters.items())
        self.on_progress(f"{racer.family.name}: {words}".removesuffix(": "), min(self.spent, 1.0))
        began = time.perf_counter()
        model = racer.family.fit(self.training, parameters)
        seconds = time.perf_counter() - began
        self.n_fits += 1
        if racer.read_by_depth and DEPTH in racer.family.grid and not isinstance(model, ListModel):
            # Here the depth is a parameter like any other.
            racer.read_by_depth = False
            if not self.serving:
                return self.attempt(racer, dict(racer.family.start))
        ask = self.ask_live if self.serving is None else self.ask_served
        # Of equals the one that was tried first.
        best, first = racer.mean, not racer.tried
        mean, keep = ask(model, racer, parameters)
        racer.tried[key] = mean
        if first or mean > best + EQUAL:
            keep()
            racer.seconds = seconds
            return True
        return False

    def ask_live(
        self, model: Fitted, racer: Racer, parameters: dict[str, Any]
    ) -> tuple[float, Callable[[], None]]:
        """Return what a model finds that is asked live, and what keeps it."""
        depth, asked, scores = self.asking.by_depth(model, racer)

        def keep() -> None:
            racer.parameters = parameters if depth is None else {**parameters, DEPTH: depth}
            racer.scores = scores
            racer.storable = isinstance(model, Listed)
            # More than k, for blends.
            k = self.asking.k * DEPTH_FACTOR
            racer.shown = asked.recommend(self.asking.questions.query, k)

        return mean_of(scores), keep

    def ask_served(
        self, model: Fitted, racer: Racer, parameters: dict[str, Any]
    ) -> tuple[float, Callable[[], None]]:
        """Return what a model finds from the lists that pages would read, and what keeps it."""
        serving = self.serving
        assert serving is not None, "models are asked live"  # noqa: S101
        lists = serving.lists(racer.family.name, model, self.training)
        if racer.rule is not None:
            rules = [racer.rule]
        else:
            rules = first_rules(serving.length) if serving.summed else [serving.shares()]
        first = serving.shown_first(model, self.asking.questions.query, self.asking.k)
        rule, scores = self.asking.by_rule(lists, rules, first)

        def keep() -> None:
            racer.scores, racer.lists, racer.storable = scores, lists, True
            racer.shown_first = first
            racer.parameters = dict(parameters)
            self.read_by(racer, rule)
            self.keep_lists_of_best()

        return mean_of(scores), keep

    def read_by(self, racer: Racer, rule: BasketRule) -> None:
        """Let a family's lists be read by a rule."""
        assert self.serving is not None, "models are asked live"  # noqa: S101
        assert racer.lists is not None, "its lists are kept"  # noqa: S101
        racer.rule = rule
        racer.shown = self.asking.read(racer.lists, rule, racer.shown_first)
        if self.serving.summed:
            racer.parameters[READ] = rule_as_json(rule)

    def keep_lists_of_best(self) -> None:
        """Let go of lists that no blend will be made of.

        A family gets better by new lists alone, so one that is not among the best needs no old.
        """
        ranked = sorted(self.racers, key=lambda racer: -racer.mean)
        for racer in ranked[MOST_PARTS + 1 :]:
            racer.lists = None

    # -- the end -----------------------------------------------------------------------------

    def refine(self, racers: Sequence[Racer]) -> None:
        """Try all rules for the lists of the best families."""
        if self.serving is None or not self.serving.summed:
            return
        for racer in sorted(racers, key=lambda racer: -racer.mean)[: MOST_PARTS + 1]:
            if racer.lists is None or racer.rule is None:
                continue
            rules = [racer.rule, *all_rules(self.serving.length)]
            rule, scores = self.asking.by_rule(racer.lists, rules, racer.shown_first)
            racer.scores = scores
            self.read_by(racer, rule)
