from __future__ import annotations

import gzip
import json
import sys

import numpy as np
import pytest

from benchmarks import next_basket
from benchmarks.basket_files import read_baskets
from benchmarks.next_basket_questions import question, slice_of
from benchmarks.next_basket_tuning import Tried
from benchmarks.user_items import DamagedFileError


@pytest.fixture
def files(tmp_path):
    """Users with six staples of 60 items, bought in half of five baskets; one basket to come."""
    rng = np.random.default_rng(3)
    history, future = [], []
    for user in range(150):
        staples = rng.choice(60, 6, replace=False)
        for number in range(1, 7):
            items = [*staples[rng.random(6) < 0.6], rng.integers(0, 60)]
            lines = future if number == 6 else history
            lines += [f"u{user}\t{number}\titem {item}" for item in items]
    future += ["newcomer\t1\titem 3", "u0\t6\tnever seen"]
    paths = tmp_path / "history.tsv", tmp_path / "future.tsv"
    for path, lines in zip(paths, (history, future), strict=True):
        path.write_text("".join(f"{line}\n" for line in lines))
    return paths


def run(monkeypatch, capsys, files, *options):
    command = ["next_basket", "--history", str(files[0]), "--future", str(files[1]), *options]
    monkeypatch.setattr(sys, "argv", command)
    status = next_basket.main()
    return status, capsys.readouterr().out.splitlines()


def test_a_whole_run(monkeypatch, capsys, files):
    pytest.importorskip("implicit", reason="the benchmark extra is not installed")
    status, lines = run(monkeypatch, capsys, files, "--json", "--check", "--seconds", "0")
    figures = json.loads(lines[-1])
    baseline = figures["own_frequency_then_popularity"]
    assert status == 0
    assert next(iter(figures)) == "auto"
    assert set(figures) == {
        "auto",
        "next_basket",
        "next_basket_ranked",
        "own_frequency_then_popularity",
        "popularity",
        "implicit CosineRecommender",
        "implicit AlternatingLeastSquares",
    }
    auto = figures["auto"]
    assert auto == {"model": auto["model"], **figures[auto["model"]]}
    assert {"recall", "ndcg", "hit_rate", "new_recall", "new_ndcg", "new_hit_rate"} < set(auto)
    assert auto["users"] == 151
    assert baseline["recall"] > 2 * figures["popularity"]["recall"]
    assert "recall" not in figures["implicit CosineRecommender"]


def test_the_future_does_not_enter_the_choice(monkeypatch, capsys, files):
    pytest.importorskip("implicit", reason="the benchmark extra is not installed")
    monkeypatch.setattr(next_basket, "PEERS", ())
    options = ("--json", "--seconds", "0", "--k", "3")
    _, before = run(monkeypatch, capsys, files, *options)
    files[1].write_text("u1\t6\titem 5\n")
    _, after = run(monkeypatch, capsys, files, *options)
    one, two = (json.loads(lines[-1])["auto"] for lines in (before, after))
    assert (one["model"], one["parameters"]) == (two["model"], two["parameters"])
    assert two["users"] == 1


def test_a_missed_figure_is_said(monkeypatch, capsys, files):
    monkeypatch.setattr(next_basket, "PEERS", ())
    nothing = np.zeros((3, 0))
    poor = Tried(
        name="next_basket", parameters={"alpha": 0.0}, everything=nothing, never_bought=nothing
    )
    monkeypatch.setattr(next_basket, "tuned", lambda *_, **__: {"next_basket": poor})
    status, lines = run(monkeypatch, capsys, files, "--check")
    assert status == 1
    missed = [line.split(" of auto")[0] for line in lines if line.startswith("MISSED")]
    assert missed[:3] == ["MISSED: recall", "MISSED: NDCG", "MISSED: hit rate"]


def test_files_become_baskets(tmp_path):
    history, future = tmp_path / "history.tsv.gz", tmp_path / "future.tsv"
    history.write_bytes(
        gzip.compress("\ufeffanna\t10\ttea\nanna\t9\tmug\n\nbo\t1\tmug\r\nanna\t10\ttea\n".encode())
    )
    future.write_text("anna\t11\tpot\nanna\t12\ttea\ncy\t0\tmug\n")
    data = read_baskets(history, future)
    # Users anna, bo, cy; items tea, mug, pot.
    assert data.history.n_customers == 3
    assert data.history.basket_customer.tolist() == [0, 0, 1]
    assert data.history.line_item.tolist() == [1, 0, 1], "basket 9 comes before basket 10"
    assert (np.diff(data.history.basket_at) // 86_400).tolist() == [1, 0]
    assert data.asked.tolist() == [0, 2]
    assert data.wanted.toarray().tolist() == [[1, 0, 1], [0, 1, 0]]
    asked = question(data.history, data.asked, data.wanted)
    assert asked.new.toarray().tolist() == [[0, 0, 1], [0, 1, 0]]


def test_words_order_baskets_where_the_first_is_no_number(tmp_path):
    path = tmp_path / "history.tsv"
    path.write_text("1\t2024-02-01\ta\n1\t2023-12-31\tb\n1\t7\tc\n")
    data = read_baskets(path, path)
    assert data.history.line_item.tolist() == [1, 0, 2]


def test_the_slice_is_the_last_basket_of_history(files):
    data = read_baskets(*files)
    asked = slice_of(data.history)
    assert len(asked.users) == 150
    assert asked.history.n_baskets == data.history.n_baskets - 150
    assert asked.wanted.nnz + asked.history.n_lines == data.history.n_lines
    assert asked.training.history is asked.history


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"1\t1\t2\n1\t2\n", "line 2: 2 fields, where user, basket index and item belong"),
        (b"1\t1\t2\n1 1 2\n", "line 2: 1 fields"),
        (b"1\t1\t2\n1\t1\t2\t3\n", "line 2: 4 fields"),
        (b"1\t1\t2\n\n1\tx\t2\n", "line 3: basket index 'x' is no whole number"),
        (b"1\t1\t2\n1\t1.5\t2\n", "line 2: basket index '1.5' is no whole number"),
        (b"1\t1\t2\n1\t1\t\xff\n", "line 2: the item is no UTF-8 text"),
        (b"1\t1\t2\n1\t1\t\x00\n", "line 2: the item holds control characters"),
        (b"1\t1\t2\n\t1\t2\n", "line 2: the user is empty"),
        (b"1\t1\t2\n1\t1\t" + b"9" * 101, "line 2: the item is longer than 100 characters"),
        (b"", "holds no"),
    ],
)
def test_damaged_lines_are_named(tmp_path, content, message):
    path = tmp_path / "baskets.tsv"
    path.write_bytes(content)
    with pytest.raises(DamagedFileError, match=message):
        read_baskets(path, path)


def test_damaged_files_end_with_one_sentence(monkeypatch, capsys, files):
    files[1].write_text("u1\t6\n")
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, capsys, files)
    assert ended.value.code == 2
    assert "line 1: 2 fields" in capsys.readouterr().err


@pytest.mark.parametrize("option", [("--k", "0"), ("--seconds", "-1"), ("--history", "nowhere")])
def test_wrong_options_are_refused(monkeypatch, capsys, files, option):
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, capsys, files, *option)
    assert ended.value.code == 2
