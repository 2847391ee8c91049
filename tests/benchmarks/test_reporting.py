from __future__ import annotations

import argparse
import io
import json
import os

import numpy as np
import pytest

from benchmarks.reporting import (
    MEBIBYTE,
    Report,
    Target,
    add_arguments,
    measured,
    run_apart,
    table,
)


def arguments(*given):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(given)


def report(figure):
    result = Report(title="Speed", headers=("step", "seconds"))
    result.add("read", 1.5)
    result.figures = {"read": np.float64(1.5), "lines": np.int64(3)}
    result.targets.append(Target(name="reading", figure=figure, limit=2.0))
    return result


def test_a_table_is_markdown():
    assert table(("step", "seconds"), [("read", 1.5), ("write", 1234.0)]).splitlines() == [
        "| step  |  seconds |",
        "| ----- | -------: |",
        "| read  |     1.50 |",
        "| write | 1,234.00 |",
    ]


def test_an_empty_table_has_its_head():
    assert table(("a", "b"), []).splitlines()[0] == "| a   | b   |"


@pytest.mark.parametrize(
    ("figure", "given", "status"),
    [(1.0, ["--check"], 0), (3.0, ["--check"], 1), (3.0, [], 0), (float("nan"), ["--check"], 1)],
)
def test_only_a_missed_target_under_check_fails(figure, given, status):
    assert report(figure).finish(arguments(*given), out=io.StringIO()) == status


def test_the_last_line_is_one_json_object():
    out = io.StringIO()
    report(1.0).finish(arguments("--json"), out=out)
    assert json.loads(out.getvalue().splitlines()[-1]) == {"read": 1.5, "lines": 3}


@pytest.mark.parametrize(
    ("sense", "figure", "met"),
    [("<=", 2.0, True), ("<=", 2.1, False), (">=", 2.0, True), (">=", 1.9, False),
     (">", 2.0, False), (">", 2.1, True)],
)  # fmt: skip
def test_targets(sense, figure, met):
    target = Target(name="x", figure=figure, limit=2.0, sense=sense)
    assert target.met is met
    assert str(target).startswith("met" if met else "MISSED")


def test_a_row_needs_a_cell_per_header():
    with pytest.raises(ValueError, match="1 cells were given for 2 headers"):
        report(1.0).add("alone")


def test_the_peak_of_a_step_is_seen():
    with measured() as small:
        pass
    with measured() as large:
        np.ones(64 * MEBIBYTE // 8).sum()
    assert large.peak_mib > small.peak_mib + 48
    assert large.seconds > 0


def test_a_step_apart_runs_in_another_process():
    result, measurement = run_apart(os.getpid)
    assert result != os.getpid()
    assert measurement.peak_bytes > MEBIBYTE


def test_a_step_apart_that_dies_is_told():
    with pytest.raises(RuntimeError, match="_exit ended with exit status 3"):
        run_apart(os._exit, 3)
