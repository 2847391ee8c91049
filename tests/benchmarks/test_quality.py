from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from benchmarks import quality
from benchmarks.families import FAMILIES, user_history
from benchmarks.user_items import DamagedFileError, hide, read_lines, read_train_and_test
from recommendations.engine.cooccurrence import cooccurrence
from recommendations.engine.similarity import jaccard, log_likelihood_ratio

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


def test_a_whole_run(monkeypatch, capsys, files):
    status, lines = run(monkeypatch, capsys, files, "--json", "--check")
    figures = json.loads(lines[-1])
    assert status == 0
    assert next(iter(figures)) == "auto"
    assert set(figures) == {
        "auto",
        *FAMILIES,
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
    assert all(found["users"] == 301 for found in figures.values())


def test_one_model_is_the_one_asked_for(monkeypatch, capsys, files):
    _, lines = run(monkeypatch, capsys, files, "--json", "--model", "cosine")
    assert json.loads(lines[-1])["auto"]["model"] == "cosine"


def test_popularity_alone_needs_no_tuning(monkeypatch, capsys, files):
    status, lines = run(monkeypatch, capsys, files, "--json", "--model", "popularity", "--check")
    figures = json.loads(lines[-1])
    assert figures["auto"]["model"] == "popularity"
    assert status == 1, "popularity does not beat implicit here, and --check must say so"


def test_the_test_file_does_not_enter_the_choice(monkeypatch, capsys, files):
    _, before = run(monkeypatch, capsys, files, "--json", "--model", "RP3beta")
    files[1].write_text("7 155\n")
    _, after = run(monkeypatch, capsys, files, "--json", "--model", "RP3beta")
    chosen = [json.loads(lines[-1])["RP3beta"]["parameters"] for lines in (before, after)]
    assert chosen[0] == chosen[1]


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


@pytest.mark.parametrize("name", ["jaccard", "log_likelihood"])
def test_measured_lists_agree_with_the_measure_over_all_pairs(files, name):
    train = read_train_and_test(*files).train
    lists = FAMILIES[name].fit(user_history(train), {"min_users": 1})
    counts = cooccurrence(train)
    expected = (
        jaccard(counts)
        if name == "jaccard"
        else log_likelihood_ratio(counts, n_baskets=int((np.diff(train.indptr) > 0).sum()))
    ).toarray()
    assert lists.matrix(train.shape[1]).toarray() == pytest.approx(expected, rel=1e-6)
    for item in range(train.shape[1]):
        assert np.all(np.diff(lists.scores[lists.indptr[item] : lists.indptr[item + 1]]) <= 0)


def test_bm25_agrees_with_the_weighted_columns(files):
    train = read_train_and_test(*files).train
    train = train[np.diff(train.indptr) > 0]
    x = train.toarray()
    n = x.sum(axis=1, keepdims=True)
    user = 2.2 / (1.2 * (0.25 + 0.75 * n / n.mean()) + 1)
    rarity = np.log(len(x) + 1) - np.log1p(x.sum(axis=0))
    columns = x * user * rarity
    products = columns.T @ columns
    np.fill_diagonal(products, 0)
    parameters = {"k1": 1.2, "length_share": 0.75}
    fit = FAMILIES["bm25_cosine"].fit
    lists = fit(user_history(train), {**parameters, "cosine": False})
    assert lists.matrix(x.shape[1]).toarray() == pytest.approx(products, rel=1e-5)
    lengths = np.linalg.norm(columns, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        cosines = np.nan_to_num(products / np.outer(lengths, lengths))
    lists = fit(user_history(train), {**parameters, "cosine": True})
    assert lists.matrix(x.shape[1]).toarray() == pytest.approx(cosines, rel=1e-5)


def test_places_left_empty_get_best_sellers(files):
    users = read_train_and_test(*files).train
    found = np.full((users.shape[0], 4), -1, dtype=np.int32)
    found[0, 0] = 159
    best = np.argsort(-np.asarray(users.sum(axis=0)).ravel(), kind="stable").astype(np.int32)
    shown = quality.filled(found, users, best)
    assert shown[0, 0] == 159
    assert (shown >= 0).all()
    held = users.toarray().astype(bool)
    for row, items in enumerate(shown):
        assert len(set(items.tolist())) == 4
        assert not held[row, items].any()
    newcomer = users.shape[0] - 1
    assert shown[newcomer].tolist() == best[:4].tolist()
