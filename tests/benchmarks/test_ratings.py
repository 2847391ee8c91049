"""The comparison of ratings: files of any dress, and made ones whose luck is known."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from benchmarks import ratings
from recommendations.engine.families.rating_neighbours import neighbour_ratings
from recommendations.engine.tuning.rating_search import rating_slice

ROWS = [("7", "x", "5", "100"), ("7", "y", "3.5", "300"), ("a", "x", "1", "200")]


@pytest.mark.parametrize("parting", ["\t", ",", "::", " "])
def test_files_of_any_dress_hold_the_same(tmp_path, parting):
    path = tmp_path / "ratings"
    path.write_text("user,item,rating,time\n" + "\n".join(map(parting.join, ROWS)) + "\n")
    given = ratings.read_file(path).ratings
    assert given.value.tolist() == [5.0, 3.5, 1.0]
    assert given.at.tolist() == [100, 300, 200]
    assert (given.n_customers, given.n_items, given.scale) == (2, 2, (1.0, 5.0))


def test_damaged_lines_are_counted_and_passed_over(tmp_path, capsys):
    path = tmp_path / "ratings"
    bad = ["7\tx", "7\tx\tmany\t1", "7\tz\tnan\t1", ""]
    path.write_text("\n".join(["\t".join(row) for row in ROWS] + bad))
    assert len(ratings.read_file(path).ratings) == 3
    assert "3 lines are no ratings" in capsys.readouterr().err


def test_a_file_without_ratings_is_refused_in_words(tmp_path, monkeypatch, capsys):
    path = tmp_path / "empty"
    path.write_text("nothing here\n")
    monkeypatch.setattr(sys, "argv", ["ratings", str(path)])
    with pytest.raises(SystemExit) as stopped:
        ratings.main()
    assert stopped.value.code == 2
    assert "holds no line" in capsys.readouterr().err


def test_made_ratings_are_the_same_for_a_seed_and_their_luck_is_known():
    first, second = (ratings.generated(20_000, seed=3) for _ in range(2))
    assert first.ratings.fingerprint() == second.ratings.fingerprint()
    held_out = rating_slice(ratings.training_of(first.ratings)).held_out
    # Luck of 0.8, cut at the ends of the scale.
    assert 0.68 < ratings.floor_of(first, held_out) < 0.8


def test_the_dense_reference_says_what_the_library_says():
    given = ratings.generated(6_000, seed=2).ratings
    slice_ = rating_slice(ratings.training_of(given))
    train, held_out = slice_.training.ratings, slice_.held_out
    ours = neighbour_ratings(
        train.matrix(), scale=train.scale, side="item", neighbours=train.n_items, min_common=3,
        shrinkage=25.0, damping=1.0, l2=10.0,
    ).predicted(held_out.customer, held_out.item)  # fmt: skip
    assert np.abs(ours - ratings.dense_reference(train, held_out)).max() < 1e-3


def test_the_table(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["ratings", "--generate", "4000", "--reference"])
    ratings.main()
    out = capsys.readouterr().out
    for words in ("Luck alone", "RMSE", "rating_biases", "rating_factors", "dense Pearson"):
        assert words in out
