from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import sparse

from recommendations.engine.families.base import Family, ListModel, Query, Training
from recommendations.engine.history import order_history
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.metrics import ranking_report, relevant_items
from recommendations.engine.neighbours import neighbours
from recommendations.engine.tuning import (
    BLEND,
    Budget,
    Questions,
    Remark,
    fitted_model,
    shop_slice,
    tune,
)
from recommendations.engine.tuning.choice import choose, paired_error
from recommendations.engine.tuning.report import TunedModel
from tests.recommendations.engine.histories import random_history


class Fixed:
    """A model that shows everybody the same row."""

    def __init__(self, row):
        self.row = row

    def recommend(self, query, k):
        table = np.full((len(query), k), -1, dtype=np.int32)
        table[:, : len(self.row)] = np.array(self.row[:k], dtype=np.int32)
        return table


def fixed(name, rows, *, start=0, needed=0, needs=()):
    """A family whose one parameter says which row it shows, and which tells what was fitted."""
    fits = []

    def fit(training, chosen):
        fits.append(chosen["row"])
        return Fixed(rows[chosen["row"]])

    family = Family(
        name=name,
        fit=fit,
        bytes_needed=lambda size, chosen: needed,
        start={"row": start},
        grid={"row": tuple(range(len(rows)))},
        needs=frozenset(needs),
    )
    return family, fits


@pytest.fixture
def training():
    history = order_history(
        item_ids=range(1, 7), baskets=[[5, 4], [5]], at=[0, 0], customers=[0, 1]
    )
    return Training(matrix=basket_matrix(history, as_of=0, half_life_days=None))


@pytest.fixture
def questions():
    """Four who hold nothing: two want item 1, one wants 2 and one wants 3."""
    return Questions(
        query=Query(held=sparse.csr_matrix((4, 6))),
        wanted=relevant_items([[1], [1], [2], [3]], n_items=6),
    )


def test_the_grid_is_climbed_from_the_start_and_no_further(training, questions):
    # Rows find 0, ¼, ½, ¼ and ¾ of the four: upwards from 1 it gets better, then worse.
    family, fits = fixed("hill", [[0], [2], [1], [3], [1, 2]], start=1)
    report = tune(training, questions, [family], k=2)
    assert fits == [1, 2, 3]
    assert report.models[0].parameters == {"row": 2}
    assert report.models[0].report.recall == 0.5
    assert report.models[0].fits == 3


def test_downwards_if_not_upwards(training, questions):
    family, fits = fixed("hill", [[1], [2], [0]], start=1)
    report = tune(training, questions, [family], k=2)
    assert fits[:3] == [1, 2, 0]
    assert report.models[0].parameters == {"row": 0}


def test_a_hopeless_family_is_dropped_after_its_start(training, questions):
    good, _ = fixed("good", [[1, 2], [3]])
    # Twenty times the questions, so that luck is no excuse.
    many = Questions(
        query=Query(held=sparse.csr_matrix((80, 6))),
        wanted=sparse.vstack([questions.wanted] * 20).tocsr(),
    )
    bad, fits = fixed("bad", [[4], [1]])
    report = tune(training, many, [bad, good], k=2)
    assert fits == [0]
    assert report.chosen == "good"
    assert report.model("bad").note == Remark(code="dropped", figures={"found": 0.0, "best": 0.75})
    assert not report.model("bad").within_noise


def test_what_would_not_fit_or_lacks_its_needs_is_never_started(training, questions):
    big, big_fits = fixed("big", [[1]], needed=2**40)
    content, content_fits = fixed("content", [[1]], needs=["content"])
    small, _ = fixed("small", [[1]])
    report = tune(training, questions, [big, content, small], budget=Budget(limit_bytes=2**30))
    assert big_fits == content_fits == []
    assert json.loads(json.dumps(report.as_json()["skipped"])) == [
        {
            "name": "big",
            "why": {
                "code": "memory",
                "figures": {
                    "needed_bytes": 2**40, "limit_bytes": 2**30, "n_items": 6, "n_rows": 2,
                },
            },
        },
        {"name": "content", "why": {"code": "needs", "figures": {"need": "content"}}},
    ]  # fmt: skip
    assert report.chosen == "small"


def test_a_budget_of_fits_holds(training, questions):
    family, fits = fixed("hill", [[0], [3], [1], [1, 2], [1, 2, 3]])
    other, _ = fixed("other", [[1]])
    report = tune(training, questions, [family, other], k=3, budget=Budget(fits=4))
    assert fits == [0, 1, 2]
    assert report.model("hill").note == Remark(code="budget")


def test_when_the_clock_is_over_nothing_new_is_started(training, questions):
    first, fits = fixed("first", [[1], [1, 2]])
    second, unfitted = fixed("second", [[1]])
    report = tune(training, questions, [first, second], budget=Budget(seconds=1e-9))
    assert fits == [0]
    assert unfitted == []
    assert report.model("first").note == Remark(code="clock")
    assert report.skipped[0].why == Remark(code="time")


def test_a_blend_wins_where_two_models_know_different_things(training):
    # Halves of the customers want 0 or 3; each model knows one of them.
    wanted = relevant_items([[0], [3]] * 40, n_items=6)
    asked = Questions(query=Query(held=sparse.csr_matrix((80, 6))), wanted=wanted)
    one, _ = fixed("one", [[0, 4]])
    other, _ = fixed("other", [[3, 5]])
    report = tune(training, asked, [one, other], k=2)
    assert report.chosen == BLEND
    tuned = report.model(BLEND)
    assert tuned.report.recall == 1.0
    assert set(tuned.parameters["models"]) == {"one", "other"}
    assert tune(training, asked, [one, other], k=2, with_blend=False).chosen == "one"


def test_lists_are_read_to_several_depths_without_another_fit():
    held_out = shop_slice(random_history(seed=2), "basket", holdout_days=150)
    fits = []

    def fit(training, chosen):
        fits.append(chosen)
        return ListModel(lists=neighbours(training.matrix, k=50, min_customers=1))

    family = Family(name="cosine", fit=fit, bytes_needed=lambda size, chosen: 0)
    report = tune(held_out.training, held_out.questions, [family], k=5)
    assert fits == [{}]
    depth = report.models[0].parameters["depth"]
    assert report.models[0].storable
    asked = held_out.questions

    def recall(depth):
        model = fitted_model(family, held_out.training, {"depth": depth})
        return ranking_report(model.recommend(asked.query, 5), asked.wanted).recall

    by_depth = {n: recall(n) for n in (5, 10, 20, 50)}
    assert by_depth[depth] == max(by_depth.values()) == report.models[0].report.recall
    assert len(set(by_depth.values())) > 1


@pytest.mark.parametrize("of_lists", [True, False])
def test_a_depth_in_the_grid_costs_no_fit_where_there_are_lists(of_lists):
    held_out = shop_slice(random_history(seed=2), "basket", holdout_days=150)
    fits = []

    class Live(Fixed):
        """Not a model of lists: what its depth means is its own affair."""

    def fit(training, chosen):
        fits.append(chosen["depth"])
        lists = neighbours(training.matrix, k=chosen["depth"], min_customers=1)
        if of_lists:
            return ListModel(lists=lists, depth=chosen["depth"])
        return Live([chosen["depth"], 1, 2])

    family = Family(
        name="lists",
        fit=fit,
        bytes_needed=lambda size, chosen: 0,
        start={"depth": 10},
        grid={"depth": (3, 10, 30)},
    )
    report = tune(held_out.training, held_out.questions, [family], k=3)
    if of_lists:
        assert fits == [30]
        model = fitted_model(family, held_out.training, report.models[0].parameters)
        assert model.depth == report.models[0].parameters["depth"]
        shown = model.recommend(held_out.questions.query, 3)
        recall = ranking_report(shown, held_out.questions.wanted).recall
        assert recall == report.models[0].report.recall
    else:
        assert fits[:2] == [30, 10], "the start is what it was said to be"
        assert {3, 30} & set(fits[2:]), "and the depth is searched like any parameter"


def test_best_sellers_fill_what_is_left_empty(training, questions):
    nothing, _ = fixed("nothing", [[]])
    asked = Questions(query=questions.query, wanted=relevant_items([[5]] * 4, n_items=6))
    assert tune(training, asked, [nothing], k=1).models[0].report.recall == 0
    filled_up = tune(training, asked, [nothing], k=1, with_best_sellers=True)
    assert filled_up.models[0].report.recall == 1


def test_the_same_data_and_seed_twice_are_the_same_report():
    held_out = shop_slice(random_history(seed=8), "customer", holdout_days=150)

    def fit(training, chosen):
        lists = neighbours(
            training.matrix, k=30, min_customers=1, companion_exponent=chosen["exponent"]
        )
        return ListModel(lists=lists)

    family = Family(
        name="cosine",
        fit=fit,
        bytes_needed=lambda size, chosen: 0,
        start={"exponent": 0.5},
        grid={"exponent": (0.0, 0.25, 0.5, 0.75, 1.0)},
    )
    popular, _ = fixed("fixed", [list(range(10))])
    reports = [
        tune(held_out.training, held_out.questions, [family, popular], k=5).as_json()
        for _ in range(2)
    ]
    for report in reports:
        for tuned in report["models"]:
            tuned.pop("seconds")
    assert reports[0] == reports[1]
    assert json.loads(json.dumps(reports[0])) == reports[0]


def test_no_questions_keep_the_first_model(training):
    nothing = Questions(
        query=Query(held=sparse.csr_matrix((0, 6))), wanted=sparse.csr_matrix((0, 6), dtype=bool)
    )
    one, _ = fixed("one", [[1]])
    other, _ = fixed("other", [[2]])
    report = tune(training, nothing, [one, other])
    assert report.chosen == "one"
    assert report.why == "no_questions"


def test_progress_is_told(training, questions):
    said = []
    family, _ = fixed("hill", [[1], [2]])
    tune(
        training, questions, [family], budget=Budget(fits=2),
        on_progress=lambda text, share: said.append((text, share)),
    )  # fmt: skip
    assert said == [("hill: row 0", 0.0), ("hill: row 1", 0.5)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 0}, "k must be at least 1"),
        ({"metric": "luck"}, "metric must be one of recall, ndcg"),
    ],
)
def test_wrong_arguments_are_refused(training, questions, options, message):
    with pytest.raises(ValueError, match=message):
        tune(training, questions, [], **options)


def test_no_families_choose_nothing(training, questions):
    report = tune(training, questions, [])
    assert (report.chosen, report.why) == ("", "no_models")
    with pytest.raises(KeyError):
        report.model("cosine")


def tuned(name, *, behind=0.0, error=0.01, storable=False, parameters=None):
    return TunedModel(
        name=name,
        parameters=parameters or {},
        report=ranking_report([[0]], relevant_items([[0]], n_items=1)),
        behind=behind,
        behind_error=error,
        within_noise=behind <= error,
        storable=storable,
    )


def test_within_the_noise_lists_come_before_a_live_model_and_that_before_a_blend():
    blend = tuned(BLEND, parameters={"models": {}})
    live, lists = tuned("live", behind=0.005), tuned("lists", behind=0.009, storable=True)
    worse = tuned("worse", behind=0.02, storable=True)
    assert choose([blend, live, lists, worse])[0] == "lists"
    assert choose([blend, live, worse])[0] == "live"
    name, why = choose([blend, worse])
    assert (name, why) == (BLEND, "best")
    stored_blend = tuned(BLEND, storable=True, parameters={"models": {}})
    assert choose([stored_blend, live, lists])[0] == "lists"
    assert choose([stored_blend, live, worse])[0] == BLEND, "its lists are stored, live is not"


def test_the_error_is_that_of_a_mean():
    rng = np.random.default_rng(3)
    distance = rng.normal(size=900)
    expected = distance.std(ddof=1) / 30
    assert paired_error(distance, seed=1) == pytest.approx(expected, rel=0.15)
    assert paired_error(distance, seed=1) == paired_error(distance, seed=1)
    assert paired_error(np.array([0.5]), seed=1) == 0


@pytest.fixture
def forty():
    """Thirty who want items 1 and 2, and ten who want item 4."""
    return Questions(
        query=Query(held=sparse.csr_matrix((40, 6))),
        wanted=relevant_items([[1, 2]] * 30 + [[4]] * 10, n_items=6),
    )


def test_what_gives_up_something_against_the_baseline_is_not_chosen(training, forty):
    own, _ = fixed("own", [[1, 4]])  # finds something for everybody
    greedy, _ = fixed("greedy", [[1, 2]])  # finds more in all, and nothing for ten
    free = tune(training, forty, [own, greedy], k=2, with_blend=False)
    assert free.chosen == "greedy"
    held = tune(training, forty, [own, greedy], k=2, with_blend=False, floor="own")
    assert held.chosen == "own"
    assert held.models[0].name == "greedy"
    assert held.model("greedy").note == Remark(code="gives_up", figures={"hit_rate": 0.25})
    assert held.model("own").note is None


def test_a_model_that_gives_nothing_up_is_chosen(training, forty):
    own, _ = fixed("own", [[1, 4]])
    better, _ = fixed("better", [[1, 4, 2]])
    report = tune(training, forty, [own, better], k=3, with_blend=False, floor="own")
    assert report.chosen == "better"


def test_a_baseline_that_could_not_be_tried_holds_nobody_back(training, forty):
    greedy, _ = fixed("greedy", [[1, 2]])
    report = tune(training, forty, [greedy], k=2, with_blend=False, floor="own")
    assert report.chosen == "greedy"
