"""Made files of users and items are what the benchmark of such files reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import user_item_files
from benchmarks.user_items import read_train_and_test


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    train, test = tmp_path / "train.txt", tmp_path / "test.txt"
    given = ["--pairs", "6000", "--users", "300", "--items", "500"]
    monkeypatch.setattr("sys.argv", ["", *given, "--train", str(train), "--test", str(test)])
    assert user_item_files.main() == 0
    return train, test


def test_no_pair_is_in_both_and_every_user_can_be_learnt_from(files: tuple[Path, Path]) -> None:
    read = read_train_and_test(*files)
    assert read.train.shape[0] == 300
    assert np.diff(read.train.indptr).min() >= 1
    assert read.train.multiply(read.test).nnz == 0
    share = read.test.nnz / (read.train.nnz + read.test.nnz)
    assert share == pytest.approx(user_item_files.HELD_OUT, abs=0.04)


def test_the_same_seed_makes_the_same_pairs() -> None:
    first, second = (user_item_files.pairs(500, n_users=40, n_items=60) for _ in range(2))
    np.testing.assert_array_equal(first, second)
