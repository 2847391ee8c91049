"""What is compared where pages read lists is what pages show."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy import sparse

from recommendations.engine.families.base import (
    Family,
    ListModel,
    NotEnoughMemoryError,
    Query,
    Training,
)
from recommendations.engine.families.pair_rules import PairRuleLists
from recommendations.engine.families.whole_basket import complete_basket
from recommendations.engine.history import order_history
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.metrics import ranking_report
from recommendations.engine.neighbour_lists import NeighbourLists
from recommendations.engine.neighbours import neighbours
from recommendations.engine.tuning import (
    BLEND,
    ListServing,
    Questions,
    Remark,
    chosen_model,
    rule_from,
    shop_slice,
    tune,
)
from recommendations.engine.tuning import search as searching
from tests.recommendations.engine.histories import random_history

SERVING = ListServing(length=6)


def of_lists(name, exponent):
    def fit(training, chosen):
        return ListModel(
            lists=neighbours(
                training.matrix, k=30, min_customers=1, companion_exponent=chosen["exponent"]
            )
        )

    return Family(
        name=name,
        fit=fit,
        bytes_needed=lambda size, chosen: 0,
        start={"exponent": exponent},
    )


class KnowsWhoAsks:
    """Finds everything for a customer that it knows, and nothing for anybody else."""

    def __init__(self, wanted, training):
        self.wanted, self.training = wanted, training

    def recommend(self, query, k):
        table = np.full((len(query), k), -1, dtype=np.int32)
        if query.customers is not None:
            table[:, 0] = self.wanted.indices
        return table


@pytest.fixture
def held_out():
    return shop_slice(random_history(seed=2), "basket", holdout_days=150, min_customers=2)


def pages(name, parameters, held_out, families, k=5):
    """What pages show: the stored list of each item, added up by the stored rule."""
    training, query = held_out.training, held_out.questions.query
    model = chosen_model(name, parameters, training, families)
    lists = SERVING.lists(name, model, training)
    found = np.full((len(query), k), -1, dtype=np.int32)
    for row in range(len(query)):
        held = query.held[row].indices
        stored = [
            (lists.items[lists.indptr[i] : lists.indptr[i + 1]],
             lists.scores[lists.indptr[i] : lists.indptr[i + 1]])
            for i in held
        ]  # fmt: skip
        items, _ = complete_basket(stored, held, rule=rule_from(parameters))
        found[row, : len(items[:k])] = items[:k]
    return found


def test_the_figure_is_what_pages_show(held_out):
    families = {f.name: f for f in (of_lists("rare", 0.9), of_lists("common", 0.1))}
    report = tune(held_out.training, held_out.questions, families.values(), k=5, serving=SERVING)
    assert {"rare", "common"} <= {model.name for model in report.models}
    for model in report.models:
        shown = pages(model.name, model.parameters, held_out, families)
        again = ranking_report(shown, held_out.questions.wanted)
        assert again.ndcg == pytest.approx(model.report.ndcg), model.name
        assert model.storable
    live = tune(held_out.training, held_out.questions, families.values(), k=5)
    assert live.model("rare").report.ndcg != report.model("rare").report.ndcg


def test_what_a_model_knows_of_the_customer_is_in_no_list(held_out):
    wanted = held_out.questions.wanted
    knowing = Family(
        name="knowing",
        fit=lambda training, chosen: KnowsWhoAsks(wanted, training),
        bytes_needed=lambda size, chosen: 0,
    )
    families = [knowing, of_lists("lists", 0.5)]
    live = tune(held_out.training, held_out.questions, families, k=5, with_blend=False)
    assert (live.chosen, live.model("knowing").report.recall) == ("knowing", 1.0)
    served = tune(held_out.training, held_out.questions, families, k=5, serving=SERVING)
    assert served.chosen == "lists"
    assert served.model("knowing").report.recall == 0.0


def test_pairs_of_too_few_customers_are_compared_by_nobody(held_out):
    lists = of_lists("lists", 0.5)
    floored = tune(held_out.training, held_out.questions, [lists], k=5, serving=SERVING)
    free = ListServing(length=6, unfloored=frozenset({"lists"}))
    every = tune(held_out.training, held_out.questions, [lists], k=5, serving=free)
    assert floored.models[0].report.ndcg < every.models[0].report.ndcg


def test_a_served_blend_is_one_set_of_lists(held_out):
    # Each half of the questions is known to one of two models alone.
    n_items = held_out.training.n_items
    held = sparse.csr_matrix(
        (np.ones(40), (np.arange(40), np.tile([0, 1], 20))), shape=(40, n_items)
    )
    wanted = sparse.csr_matrix(
        (np.ones(40, dtype=bool), (np.arange(40), np.tile([2, 3], 20))), shape=(40, n_items)
    )

    def knows(name, item, companion):
        class Model:
            def recommend(self, query, k):
                table = np.full((len(query), k), -1, dtype=np.int32)
                table[query.held[:, [item]].toarray().ravel() > 0, 0] = companion
                return table

        return Family(name=name, fit=lambda t, c: Model(), bytes_needed=lambda s, c: 0)

    families = {f.name: f for f in (knows("one", 0, 2), knows("other", 1, 3))}
    serving = ListServing(length=6, summed=False, unfloored=frozenset({"one", "other"}))
    asked = Questions(query=Query(held=held), wanted=wanted)
    report = tune(held_out.training, asked, families.values(), k=3, serving=serving)
    assert report.chosen == BLEND
    assert report.model(BLEND).report.recall == 1.0
    assert report.model(BLEND).parameters["by"] == "lists"
    assert report.model(BLEND).storable


def test_yardsticks_are_neither_chosen_nor_blended(held_out):
    good, weak = of_lists("good", 0.5), of_lists("weak", 3.0)
    report = tune(
        held_out.training, held_out.questions, [good, weak], k=5,
        serving=SERVING, yardsticks={"good"},
    )  # fmt: skip
    assert report.models[0].name == "good"
    assert report.chosen == "weak"
    assert BLEND not in {model.name for model in report.models}


def test_lists_of_all_but_the_best_are_let_go(held_out, monkeypatch):
    kept = []
    refine = searching._Search.refine

    def watched(search, racers):
        kept.append(sum(racer.lists is not None for racer in racers))
        refine(search, racers)

    monkeypatch.setattr(searching._Search, "refine", watched)
    families = [of_lists(f"f{n}", n / 10) for n in range(9)]
    tune(held_out.training, held_out.questions, families, k=5, serving=SERVING)
    assert kept == [searching.MOST_PARTS + 1]


def test_a_fit_that_finds_itself_too_large_is_left_out(held_out):
    def fit(training, chosen):
        raise NotEnoughMemoryError("Too many sets.", needed_bytes=9)

    large = Family(name="large", fit=fit, bytes_needed=lambda size, chosen: 0)
    report = tune(held_out.training, held_out.questions, [large, of_lists("lists", 0.5)], k=5)
    assert [(left.name, left.why) for left in report.skipped] == [
        ("large", Remark(code="memory", figures={"needed_bytes": 9}))
    ]
    assert report.chosen == "lists"


def one_list(*rows):
    """Return lists of at most one item each."""
    entries = [item for item in rows if item is not None]
    ones = np.ones(len(entries), dtype=np.uint32)
    return NeighbourLists(
        indptr=np.cumsum([0, *(item is not None for item in rows)]),
        items=np.array(entries, dtype=np.int32),
        scores=ones.astype(np.float32),
        customers=ones,
        baskets=ones,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class KnowsAPair(ListModel):
    """Of item 0 follows 2, of item 1 as well, and of both together 3."""

    lists: NeighbourLists = field(default_factory=lambda: one_list(2, 2, None, None))

    def pair_rules(self):
        return PairRuleLists(pairs=np.array([[0, 1]], dtype=np.int32), following=one_list(3))


def test_what_pairs_say_is_measured_first_where_baskets_are_asked_about():
    history = order_history(item_ids=[1, 2, 3, 4], baskets=[[0, 1]], at=[0], customers=[0])
    training = Training(
        matrix=basket_matrix(history, as_of=0, half_life_days=None), min_customers=1
    )
    questions = Questions(
        query=Query(held=sparse.csr_matrix([[1.0, 1.0, 0, 0], [1.0, 0, 0, 0]])),
        wanted=sparse.csr_matrix([[False, False, False, True], [False, False, True, False]]),
    )
    family = Family(
        name="pairs", fit=lambda t, p: KnowsAPair(), bytes_needed=lambda size, chosen: 0
    )
    basket = tune(training, questions, [family], k=1, serving=SERVING).models[0]
    assert (basket.report.recall, basket.report.ndcg) == (1.0, 1.0)
    # A page of an item has no basket: the list of each item is all that it reads.
    items = tune(training, questions, [family], k=1, serving=ListServing(length=6, summed=False))
    assert items.models[0].report.recall == 0.5
