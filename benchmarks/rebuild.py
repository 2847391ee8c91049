"""A whole rebuild, database to published build, next to what else one would do.

python -m benchmarks.rebuild --lines 10000000 --database sqlite|postgres [--json] [--check]

The order history is made once and kept; --drop removes it. Everything is measured in one run, each
in a process of its own, so that times compare and peaks of memory are its own.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any

from benchmarks import rebuild_peers, rebuild_steps
from benchmarks.large_shop import database
from benchmarks.reporting import MEBIBYTE, Report, Target, add_arguments, run_apart, say

WHOLE_LIMIT = 2.5
"""A whole rebuild against reading the rows with a bare cursor and fitting `implicit`."""

PRODUCT_LIMIT = 1.0
MEMORY_LIMIT_MIB = 2.5 * 1024
BY_HAND_LIMIT = 10
STEPS = ("sync", "read", "encode", "product", "write", "gate", "publish")

SCIPY_SHARE = 0.05
BY_HAND_LINES = 200_000


@dataclass
class Runs:
    """All that was measured of one thing."""

    seconds: list[float] = field(default_factory=list)
    peak_bytes: int = 0

    @property
    def best(self) -> float:
        """The least of the seconds: what else the machine does can only add to them."""
        return min(self.seconds)


@dataclass
class Bench:
    """Runs each thing apart and keeps what came out."""

    runs: dict[str, Runs] = field(default_factory=dict)

    def run(self, name: str, function: Callable[..., Any], *args: object) -> Any:
        """Run once; the function returns its seconds and what else there is to say."""
        say(f"{name} …")
        (seconds, result), measurement = run_apart(function, *args)
        runs = self.runs.setdefault(name, Runs())
        runs.seconds.append(seconds)
        runs.peak_bytes = max(runs.peak_bytes, measurement.peak_bytes)
        return result


def main() -> None:
    """Parse, measure, report."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.rebuild",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--lines", type=int, default=1_000_000, help="order lines")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--work-dir", type=Path, default=database.WORK_DIR, help="where files go")
    parser.add_argument("--neighbours", type=int, default=20, help="companions kept per item")
    parser.add_argument("--repeat", type=int, default=3, help="rounds; the best of each counts")
    parser.add_argument("--drop", action="store_true", help="remove the history and end")
    add_arguments(parser)
    arguments = parser.parse_args()
    history = database.History(arguments.database, arguments.lines, arguments.work_dir.resolve())
    if arguments.drop:
        history.drop()
        return
    os.environ["CROSSSELL_BENCHMARK_NEIGHBOURS"] = str(arguments.neighbours)
    history.use()
    history.make()
    raise SystemExit(_measured(arguments, history).finish(arguments))


def _measured(arguments: argparse.Namespace, history: database.History) -> Report:
    bench, k, arrays = Bench(), arguments.neighbours, str(history.arrays)
    run_apart(rebuild_steps.save_arrays, arrays)
    n_lines = min(BY_HAND_LINES, history.n_lines // 2)
    rebuilds, by_hand_lines = [], 0
    # In turns, so that whatever else the machine does falls on all of them.
    for _ in range(arguments.repeat):
        rebuilds.append(bench.run("rebuild", rebuild_steps.rebuild_once))
        bench.run("raw read", rebuild_peers.raw_read)
        bench.run("implicit", rebuild_peers.implicit_fit, arrays, k)
        by_hand_lines = bench.run("by hand", rebuild_peers.by_hand, k, n_lines)
    bench.run("sparse-dot-topn", rebuild_peers.sparse_dot, arrays, k)
    bench.run("scipy", rebuild_peers.scipy_blocks, arrays, k, SCIPY_SHARE)
    return _report(arguments, bench, rebuilds, by_hand_lines)


def _report(
    arguments: argparse.Namespace,
    bench: Bench,
    rebuilds: list[dict[str, Any]],
    by_hand_lines: int,
) -> Report:
    best = min(rebuilds, key=itemgetter("whole"))
    steps = {name: best[name] for name in ("whole", *STEPS)}
    steps["product"] = min(run["product"] for run in rebuilds)  # compared by itself as well
    counts = rebuilds[-1]["counts"]
    report = Report(
        title=f"Rebuild of {arguments.lines:,} order lines, {arguments.database}",
        headers=("what", "seconds", "μs a line", "peak MiB"),
    )

    def add(what: str, seconds: float, *, lines: int = arguments.lines, of: str = "") -> None:
        peak = round(bench.runs[of].peak_bytes / MEBIBYTE) if of else None
        report.add(what, seconds, seconds / lines * 1e6, peak)

    add("whole rebuild", steps["whole"], of="rebuild")
    for name in STEPS:
        add(f"  {name}", steps[name])
    add("raw cursor read of the two scans", bench.runs["raw read"].best, of="raw read")
    add("implicit CosineRecommender.fit", bench.runs["implicit"].best, of="implicit")
    add("sparse-dot-topn", bench.runs["sparse-dot-topn"].best, of="sparse-dot-topn")
    share = f"{SCIPY_SHARE:.0%} of the items, scaled up"
    add(f"SciPy in blocks ({share})", bench.runs["scipy"].best, of="scipy")
    add(
        f"ORM objects and dicts ({by_hand_lines:,} lines)",
        bench.runs["by hand"].best,
        lines=by_hand_lines,
        of="by hand",
    )
    report.notes.append(
        f"{counts['lines']:,} (order, item) pairs in {counts['orders']:,} orders of "
        f"{counts['customers']:,} customers, {counts['items']:,} items, "
        f"{arguments.neighbours} companions each; best of {arguments.repeat}."
    )
    _promise(report, arguments, bench, steps, by_hand_lines)
    return report


def _promise(
    report: Report,
    arguments: argparse.Namespace,
    bench: Bench,
    steps: dict[str, float],
    by_hand_lines: int,
) -> None:
    raw, fit = bench.runs["raw read"].best, bench.runs["implicit"].best
    by_hand = bench.runs["by hand"].best / by_hand_lines
    ratios = {
        "whole_to_read_and_fit": steps["whole"] / (raw + fit),
        "product_to_implicit": steps["product"] / fit,
        "peak_mib": bench.runs["rebuild"].peak_bytes / MEBIBYTE,
        "by_hand_to_whole_per_line": by_hand / (steps["whole"] / arguments.lines),
    }
    report.figures = {
        "lines": arguments.lines,
        "database": arguments.database,
        "seconds": {
            **steps,
            **{name: runs.best for name, runs in bench.runs.items() if name != "rebuild"},
        },
        "peak_mib": {name: runs.peak_bytes / MEBIBYTE for name, runs in bench.runs.items()},
        "by_hand_lines": by_hand_lines,
        "ratios": ratios,
    }
    report.targets = [
        Target(
            name="whole rebuild / (raw read + implicit fit)",
            figure=ratios["whole_to_read_and_fit"],
            limit=WHOLE_LIMIT,
        ),
        Target(
            name="item × item / implicit fit",
            figure=ratios["product_to_implicit"],
            limit=PRODUCT_LIMIT,
        ),
        Target(name="peak MiB", figure=ratios["peak_mib"], limit=MEMORY_LIMIT_MIB),
        Target(
            name="by hand / whole rebuild, per line",
            figure=ratios["by_hand_to_whole_per_line"],
            limit=BY_HAND_LIMIT,
            sense=">=",
        ),
    ]


if __name__ == "__main__":
    main()
