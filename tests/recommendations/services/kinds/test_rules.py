"""Rules of pairs as rows: worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from recommendations.engine.families.base import Query, Training
from recommendations.engine.families.pair_rules import PairRulesModel
from recommendations.engine.history import order_history
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.packing import unpack
from recommendations.engine.tuning import ListServing, Questions, tune
from recommendations.models import Build, Item, Kind, PairRules
from recommendations.selectors.pair_rules import MOST_PAIRED
from recommendations.services.builds import rebuild
from recommendations.services.evaluation import evaluate
from recommendations.services.kinds.rules import (
    FAMILY,
    ChosenRules,
    Mined,
    PairLists,
    mined,
    pair_lists,
)
from recommendations.services.sync import sync_items
from shop.models import Product
from tests.recommendations.orders import sell_to_many

# Items 0 and 1 are in 4 baskets together: 3 of them with 3, 1 with 2.
BASKETS = [[0, 1, 3], [0, 1, 3], [0, 1, 3], [0, 1, 2], [0, 2], [3], [2]]


@pytest.fixture
def found() -> Mined:
    history = order_history(
        item_ids=[10, 20, 30, 40], baskets=BASKETS, at=[0] * 7, customers=list(range(7))
    )
    matrix = basket_matrix(history, as_of=0, half_life_days=None)
    return mined(matrix, {"min_baskets": 1, "score": "conviction"}, min_customers=1, triples=True)


def of_pair(lists: PairLists, *pair: int) -> dict[int, float]:
    at = [tuple(each) for each in lists.pairs.tolist()].index(pair)
    row = slice(lists.lists.indptr[at], lists.lists.indptr[at + 1])
    scores = lists.lists.scores[row].tolist()
    return dict(zip(lists.lists.items[row].tolist(), scores, strict=True))


def test_what_follows_from_a_pair_by_the_least_share_of_its_customers(found: Mined) -> None:
    lists = pair_lists(found, k=5, least=0.0)
    # Wilson's interval of 3 and of 1 out of 4, at 1.64 standard errors, by hand.
    assert of_pair(lists, 0, 1) == pytest.approx({3: 0.35710, 2: 0.05813}, abs=1e-5)
    at = lists.pairs.tolist().index([0, 1])
    assert lists.lists.customers[lists.lists.indptr[at] :][:2].tolist() == [3, 1]
    assert (lists.n_customers[at], lists.n_baskets[at]) == (4, 4)
    assert np.all(lists.pairs[:, 0] < lists.pairs[:, 1])


def test_a_rule_without_exception_is_kept(found: Mined) -> None:
    """Its conviction is infinite, which sorts nothing: the share of customers does."""
    lists = pair_lists(found, k=5, least=0.0)
    assert of_pair(lists, 0, 3) == pytest.approx({1: 3 / (3 + 1.64**2)})


def test_rules_that_are_not_sure_are_left_out(found: Mined) -> None:
    lists = pair_lists(found, k=5, least=0.3)
    assert list(of_pair(lists, 0, 1)) == [3]
    assert len(pair_lists(found, k=5)) == 2  # with 3 of 3 customers: those of {0, 3} and {1, 3}
    assert lists.pairs.tolist() == [[0, 1], [0, 3], [1, 3]]


def test_only_the_best_are_kept(found: Mined) -> None:
    lists = pair_lists(found, k=1, least=0.0).lists
    assert max(np.diff(lists.indptr)) == 1


def test_a_rules_model_is_asked_as_pages_read_it() -> None:
    history = order_history(
        item_ids=[10, 20, 30, 40], baskets=BASKETS, at=[0] * 7, customers=list(range(7))
    )
    matrix = basket_matrix(history, as_of=0, half_life_days=None)
    parameters = {"min_baskets": 1, "score": "leverage", "read": {"depth": 20}}
    chosen = ChosenRules(parameters=parameters)
    model = chosen.answering(Training(matrix=matrix, min_customers=1))
    assert isinstance(model, PairRulesModel)
    assert model.pair_rules.pairs.tolist() == [[0, 3], [1, 3]]
    assert model.pair_rules.following.items.tolist() == [1, 0]
    assert model.rule.depth == 20
    assert model.pair_rules.most_paired == MOST_PAIRED


def test_tuning_measures_a_basket_as_its_page_reads_it() -> None:
    """Bread and salt, butter and salt are bought most; bread with butter goes with jam alone."""
    bread, butter, jam, salt, soap = range(5)
    baskets = [
        *[[bread, butter, jam]] * 5,
        *[[bread, salt], [butter, salt]] * 12,
        *[[soap]] * 40,
    ]
    history = order_history(
        item_ids=[10, 20, 30, 40, 50],
        baskets=baskets,
        at=[0] * len(baskets),
        customers=list(range(len(baskets))),
    )
    training = Training(
        matrix=basket_matrix(history, as_of=0, half_life_days=None), min_customers=1
    )
    held, wanted = np.zeros((1, 5)), np.zeros((1, 5), dtype=bool)
    held[0, [bread, butter]], wanted[0, jam] = 1.0, True
    questions = Questions(
        query=Query(held=sparse.csr_matrix(held)), wanted=sparse.csr_matrix(wanted)
    )
    # Salt of single items: a conviction of 2.2 from either, and jam of 1.3. Jam of the pair: 5 of
    # 5 customers are a share of surely .65.
    found = tune(training, questions, [FAMILY], k=1, serving=ListServing(length=40)).models[0]
    assert found.report.recall == 1.0
    answering = ChosenRules(parameters=found.parameters).answering(training)
    assert answering.recommend(questions.query, 1).tolist() == [[jam]]


@pytest.mark.django_db
def test_an_evaluation_asks_pairs_first(monkeypatch: pytest.MonkeyPatch) -> None:
    goods = [
        Product.objects.create(sku=name, slug=name, name=name, price=1)
        for name in ("bread", "butter", "jam", "salt", "soap")
    ]
    bread, butter, jam, salt, soap = goods
    sync_items()
    sell_to_many([bread, butter, jam], 20, days_ago=2)
    for sold, n_orders in (
        ([bread, butter, jam], 20),
        ([bread, salt], 60),
        ([butter, salt], 60),
        ([soap], 200),
    ):
        sell_to_many(sold, n_orders, days_ago=40)
    hits = evaluate(Kind.RULES.value, k=1)["hits"]
    # Nothing but a pair says that jam, not salt, goes with bread and butter.
    monkeypatch.setattr(
        "recommendations.engine.families.pair_rules.PairRuleLists._followed",
        lambda *asked: np.zeros(0, dtype=np.int32),
    )
    assert evaluate(Kind.RULES.value, k=1)["hits"] < hits


@pytest.mark.django_db
def test_a_build_stores_them_and_deletes_them_with_its_lists() -> None:
    bread, butter, jam = (
        Product.objects.create(sku=name, slug=name, name=name, price=1)
        for name in ("bread", "butter", "jam")
    )
    sell_to_many([bread, butter, jam], 6, days_ago=2)
    sell_to_many([bread, butter], 4, days_ago=3)
    build = rebuild(Kind.RULES.value).build
    assert build is not None
    keys = {item.key: item.pk for item in Item.objects.all()}
    pair = PairRules.objects.get(
        build=build, first_id=keys[str(bread.pk)], second_id=keys[str(butter.pk)]
    )
    assert (pair.n_customers, pair.n_baskets) == (6, 10)
    assert unpack(pair.packed).items.tolist() == [keys[str(jam.pk)]]
    assert unpack(pair.packed).customers.tolist() == [6]
    for _ in range(4):
        rebuild(Kind.RULES.value)
    kept = Build.objects.filter(lists_kept=True)
    assert kept.count() == 3
    assert set(PairRules.objects.values_list("build_id", flat=True)) == {one.pk for one in kept}
