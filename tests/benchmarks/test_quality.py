from __future__ import annotations

import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import sparse

from benchmarks import peers, quality, shop_questions
from benchmarks.own_purchases import best_boost, boosted
from benchmarks.user_items import DamagedFileError, hide, read_lines, read_train_and_test
from recommendations.conf import RecommendationSettings
from recommendations.engine.families.base import Query, Training
from recommendations.engine.families.registry import families_for
from recommendations.engine.families.whole_basket import WholeBasketModel
from recommendations.engine.history import order_history
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.neighbour_lists import NeighbourLists
from recommendations.engine.tuning import PLAIN_RULE, Budget, HeldOut, Questions
from tests.recommendations.engine.histories import random_history

pytest.importorskip("implicit", reason="the benchmark extra is not installed")


@pytest.fixture
def files(tmp_path):
    """Users of 20 themes of 8 items; a tenth of what they take is from anywhere."""
    rng = np.random.default_rng(6)
    train, test = [], []
    for user in range(300):
        theme = user % 20
        own = (8 * theme + rng.permutation(8)[:6]).tolist()
        own += rng.integers(0, 160, 1).tolist()
        items = list(dict.fromkeys(own))
        train.append([user, *items[1:]])
        test.append([user, items[0]])
    test.append([999, 3, 4])
    paths = tmp_path / "train.txt", tmp_path / "test.txt"
    for path, lines in zip(paths, (train, test), strict=True):
        path.write_text("".join(" ".join(map(str, line)) + "\n" for line in lines))
    return paths


def run(monkeypatch, capsys, files, *options):
    command = ["quality", "--train", str(files[0]), "--test", str(files[1]), "--k", "5", *options]
    monkeypatch.setattr(sys, "argv", command)
    status = quality.main()
    return status, capsys.readouterr().out.splitlines()


@pytest.fixture
def few_fits(monkeypatch):
    """Choosing within a number of fits, which is the same on every machine."""
    monkeypatch.setattr(quality, "BUDGET", Budget(fits=30, limit_bytes=2**30))
    monkeypatch.setattr(shop_questions, "BUDGET", Budget(fits=30, limit_bytes=2**30))


@pytest.mark.usefixtures("few_fits")
def test_a_whole_run(monkeypatch, capsys, files):
    status, lines = run(monkeypatch, capsys, files, "--json", "--check")
    figures = json.loads(lines[-1])
    assert status == 0
    assert next(iter(figures)) == "auto"
    families = {family.name for family in families_for("customer", only_pairs=True)}
    assert set(figures) - {"blend"} == {
        "auto",
        *(families - {"popular"}),
        "popularity",
        "implicit CosineRecommender",
        "implicit BM25Recommender",
    }
    assert figures["auto"] == {
        "model": figures["auto"]["model"],
        **figures[figures["auto"]["model"]],
    }
    assert figures["popularity"]["recall"] < 0.15
    assert figures["auto"]["recall"] > 0.6
    assert {"precision", "f1", "ndcg", "hit_rate", "coverage", "novelty"} < set(figures["auto"])
    assert all(found["users"] == 301 for found in figures.values())


@pytest.mark.usefixtures("few_fits")
def test_one_model_is_the_one_asked_for(monkeypatch, capsys, files):
    _, lines = run(monkeypatch, capsys, files, "--json", "--model", "cosine")
    figures = json.loads(lines[-1])
    assert figures["auto"]["model"] == "cosine"
    assert "blend" not in figures


def test_popularity_alone_needs_no_tuning(monkeypatch, capsys, files):
    status, lines = run(monkeypatch, capsys, files, "--json", "--model", "popularity", "--check")
    figures = json.loads(lines[-1])
    assert figures["auto"]["model"] == "popularity"
    assert status == 1, "popularity does not beat implicit here, and --check must say so"


@pytest.mark.usefixtures("few_fits")
def test_the_test_file_does_not_enter_the_choice(monkeypatch, capsys, files):
    _, before = run(monkeypatch, capsys, files, "--json", "--model", "rp3beta")
    files[1].write_text("7 155\n")
    _, after = run(monkeypatch, capsys, files, "--json", "--model", "rp3beta")
    chosen = [json.loads(lines[-1])["rp3beta"]["parameters"] for lines in (before, after)]
    assert chosen[0] == chosen[1]


@pytest.mark.usefixtures("few_fits")
def test_what_time_does_not_allow_is_said(monkeypatch, capsys, files):
    monkeypatch.setattr(quality, "FITTING_SECONDS", 0.0)
    _, lines = run(monkeypatch, capsys, files, "--json")
    figures = json.loads(lines[-1])
    assert set(figures) == {
        "auto", figures["auto"]["model"], "popularity",
        "implicit CosineRecommender", "implicit BM25Recommender",
    }  # fmt: skip
    assert any("was not fitted on all of train: no time" in line for line in lines)


def test_either_a_pair_of_files_or_orders(monkeypatch, capsys, files):
    monkeypatch.setattr(sys, "argv", ["quality", "--train", str(files[0])])
    with pytest.raises(SystemExit):
        quality.main()
    assert "name --train and --test, or --orders" in capsys.readouterr().err


@pytest.mark.usefixtures("few_fits")
def test_a_shops_questions(monkeypatch):
    monkeypatch.setattr(shop_questions, "ALL_PEERS", peers.ALL_PEERS[:1])
    settings = RecommendationSettings(minimum_customers=1)
    history = random_history(seed=3, n_baskets=900, n_items=30, n_customers=60)
    report = shop_questions.score_shop(history, SimpleNamespace(k=5, question=None), settings)
    assert list(report.figures) == ["basket", "item", "customer"]
    for figures in report.figures.values():
        chosen = figures["auto"]["model"]
        assert figures["auto"] == {"model": chosen, **figures[chosen]}
        assert {"popularity", "implicit CosineRecommender"} < set(figures)
        assert "implicit CosineRecommender, tuned" in figures
        assert all(0 <= found["recall"] <= 1 for found in figures.values())
    # Beside best sellers, the peer at its defaults and tuned; lists are read for two questions.
    assert len(report.targets) == 3 + 2 * 6
    for question in ("basket", "item"):
        figures = report.figures[question]
        chosen = figures["auto, served"]["model"]
        assert figures["auto, served"] == {"model": chosen, **figures[f"{chosen}, served"]}
        assert "whole_basket, served" not in figures
        assert any("own purchases" in name for name in figures)
    assert "auto, served" not in report.figures["customer"]


def test_own_purchases_come_forward_by_hand():
    # Customer 0 bought item 2 before; both hold item 0, whose list is 1 (.6), 2 (.4).
    history = order_history(item_ids=[1, 2, 3], baskets=[[2], [1]], at=[0, 0], customers=[0, 1])
    matrix = basket_matrix(history, as_of=0, half_life_days=None)
    lists = NeighbourLists(
        indptr=np.array([0, 2, 2, 2]),
        items=np.array([1, 2], dtype=np.int32),
        scores=np.array([0.6, 0.4], dtype=np.float32),
        customers=np.zeros(2, dtype=np.uint32),
        baskets=np.zeros(2, dtype=np.uint32),
    )
    model = WholeBasketModel(lists=lists, rule=PLAIN_RULE)
    asked = Questions(
        query=Query(
            held=sparse.csr_matrix([[1.0, 0, 0]] * 2), customers=np.array([0, -1], dtype=np.int32)
        ),
        wanted=sparse.csr_matrix([[False, False, True], [False, True, False]]),
    )
    slice_ = HeldOut(training=Training(matrix=matrix, history=history), questions=asked)
    assert boosted(model, slice_, 2, 0.0).tolist() == [[1, 2], [1, 2]]
    assert boosted(model, slice_, 2, 1.0).tolist() == [[2, 1], [1, 2]]
    assert best_boost(model, slice_, 1) == 1.0, "1.5 · .4 is no more than .6"


def test_what_customers_bought_is_one_row_each():
    history = random_history(seed=3)
    slice_ = shop_questions.held_out(history, "customer", RecommendationSettings())
    pairs = shop_questions.plain_pairs(slice_, "customer")
    assert pairs.shape == (history.n_customers, history.n_items)
    assert pairs.max() == 1
    orders = shop_questions.plain_pairs(slice_, "basket")
    assert orders.shape[0] == slice_.training.history.n_baskets
    assert orders.sum() > pairs.sum()


def test_factors_of_a_basket_are_made_when_it_asks():
    rng = np.random.default_rng(2)
    taste = rng.integers(0, 2, 200)
    rows = (rng.random((200, 12)) < 0.4) & (np.arange(12) % 2 == taste[:, np.newaxis])
    train = sparse.csr_matrix(rows.astype(float))
    held = sparse.csr_matrix(([1.0, 1.0, 1.0], ([0, 0, 1], [0, 2, 1])), shape=(2, 12))
    peer = next(peer for peer in peers.ALL_PEERS if peer.model == "AlternatingLeastSquares")
    found = peers.answers(peer, [{"factors": 4}], train, held, 3)[0].found
    assert (found[0] % 2 == 0).all()
    assert (found[1] % 2 == 1).all()
    assert not {0, 2} & set(found[0].tolist())


def test_peers_apart_say_why_they_are_not_asked(monkeypatch):
    ease, knn = (peer for peer in peers.ALL_PEERS if peer.apart)
    small, large = sparse.csr_matrix((10, 100)), sparse.csr_matrix((10, 100_000))
    monkeypatch.setenv("CROSSSELL_PEERS_PYTHON", "/nowhere/python")
    assert peers.obstacle(ease, small, 10) == "not installed (make peers-environment)"
    monkeypatch.setenv("CROSSSELL_PEERS_PYTHON", sys.executable)
    assert peers.obstacle(ease, small, 10) == ""
    assert "would not fit" in peers.obstacle(ease, large, 10)
    assert "too long to ask" in peers.obstacle(knn, large, 10_000)


@pytest.mark.skipif(peers.peers_python() is None, reason="there is no environment of the peers")
@pytest.mark.parametrize("model", ["EASEModel", "ItemKNNScorer"])
def test_peers_apart_find_what_goes_together(model):
    rng = np.random.default_rng(2)
    taste = rng.integers(0, 2, 200)
    rows = (rng.random((200, 12)) < 0.4) & (np.arange(12) % 2 == taste[:, np.newaxis])
    held = sparse.csr_matrix(([1.0, 1.0, 1.0], ([0, 0, 1], [0, 2, 1])), shape=(2, 12))
    peer = next(peer for peer in peers.ALL_PEERS if peer.model == model)
    found = peers.answers(peer, [{}], sparse.csr_matrix(rows.astype(float)), held, 3)[0].found
    assert (found[0] % 2 == 0).all()
    assert (found[1] % 2 == 1).all()
    assert not {0, 2} & set(found[0].tolist())


def test_damaged_files_end_with_one_sentence(monkeypatch, capsys, files):
    files[0].write_text("1 2 3\n2 x\n")
    monkeypatch.setattr(sys, "argv", ["quality", "--train", str(files[0]), "--test", str(files[1])])
    with pytest.raises(SystemExit) as ended:
        quality.main()
    assert ended.value.code == 2
    assert "line 2: 'x' is no whole number" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"1 2\n\xff\xfe\n", "line 2: the bytes are no UTF-8 text"),
        (b"1 2\n2 3\x00\n", "line 2: it holds control characters"),
        (b"1 2\n2 3\n1 4\n", "line 3: user '1' has line 1 already"),
        (b"1 2\n\n3 4.5\n", r"line 3: '4.5' is no whole number"),
        (b"1 2\n2 " + b"9" * 101, "line 2: an id is longer than 100 characters"),
        (b"", "names no item"),
        (b"1\n2\n", "names no item"),
    ],
)
def test_damaged_lines_are_named(tmp_path, content, message):
    path = tmp_path / "pairs.txt"
    path.write_bytes(content)
    with pytest.raises(DamagedFileError, match=message):
        read_lines(path)


def test_words_are_ids_too(tmp_path):
    path = tmp_path / "pairs.txt"
    path.write_bytes("\ufeffanna tea pot tea\r\nbo\n\nönd mug\n".encode())
    assert read_lines(path) == {"anna": ["tea", "pot"], "bo": [], "önd": ["mug"]}


def test_both_files_share_their_axes(tmp_path):
    train, test = tmp_path / "train", tmp_path / "test"
    train.write_text("1 10 11\n2 11\n")
    test.write_text("2 12 10\n3 11\n")
    data = read_train_and_test(train, test)
    assert data.train.toarray().tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 0]]
    assert data.test.toarray().tolist() == [[0, 0, 0], [1, 0, 1], [0, 1, 0]]
    assert data.n_test_items.tolist() == [0, 2, 1]


def test_a_slice_hides_a_fifth_of_each_user_and_is_the_same_again(files):
    train = read_train_and_test(*files).train
    first, again = hide(train, share=0.2, seed=1), hide(train, share=0.2, seed=1)
    assert (first.test != again.test).nnz == 0
    assert (first.train + first.test != train).nnz == 0
    sizes = np.diff(train.indptr)
    assert first.n_test_items.tolist() == [max(1, n // 5) if n > 1 else 0 for n in sizes]
