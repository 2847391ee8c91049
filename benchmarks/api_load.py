"""The API under load, beside a plain REST framework list of ten joined rows.

python -m benchmarks.api_load [--database sqlite|postgres] [--json] [--check]

Two processes of one thread each serve a seeded shop; clients of a third ask for random items, each
for one answer after the other. Turns of the plain list and of our addresses alternate, so that
all of them meet the same machine. The database is made anew for every run, for the seeded shop and
the tables change from release to release.
"""

from __future__ import annotations

import argparse
import os
import random
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from benchmarks import api_load_site, serving_site
from benchmarks.api_load_client import Borne, load
from benchmarks.large_shop import database
from benchmarks.reporting import Report, Target, add_arguments, say
from benchmarks.serving import Site, served

LEAST_RATIO = 2.0
API = "/crosssell/api/v1/"
PLAIN = "plain list, 10 joined rows"
N_SERVERS = 2
"""Processes that serve, as many as the promise has cores."""
N_ADDRESSES = 200
"""Random addresses of each kind, asked for in turn."""


class SeededSite(Site):
    """The database of the seeded shop."""

    @property
    def name(self) -> str:
        """The database's name."""
        return "crosssell_bench_api"


def main() -> None:
    """Parse, measure, report."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.api_load",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="postgres")
    parser.add_argument("--work-dir", type=Path, default=database.WORK_DIR, help="where files go")
    parser.add_argument("--rounds", type=int, default=12, help="turns of each address")
    parser.add_argument("--seconds", type=float, default=1.5, help="load per turn")
    parser.add_argument("--clients", type=int, default=4, help="clients at once")
    parser.add_argument("--seed", type=int, default=1, help="of the items that are asked for")
    add_arguments(parser)
    arguments = parser.parse_args()
    site = SeededSite(arguments.database, 0, arguments.work_dir.resolve())
    site.drop()
    site.make()
    say("Seeding the shop and building its lists …")
    serving_site.set_up(site.url, site.work_dir)
    api_load_site.fill()
    asked = addresses(api_load_site.item_keys(), random.Random(arguments.seed))
    raise SystemExit(measure(site, asked, arguments).finish(arguments))


def addresses(keys: Sequence[str], draw: random.Random) -> dict[str, list[str]]:
    """Return what is asked for, by name: addresses of random items, in a random order."""
    patterns = {
        PLAIN: f"/{api_load_site.PLAIN}{{}}/",
        "frequently bought together": f"{API}items/{{}}/frequently-bought-together/",
        "the same, 10 wanted": f"{API}items/{{}}/frequently-bought-together/?count=10",
        "similar": f"{API}items/{{}}/similar/",
        "trending": f"{API}trending/",
    }
    chosen = draw.choices(keys, k=N_ADDRESSES)
    return {name: [pattern.format(key) for key in chosen] for name, pattern in patterns.items()}


def measure(site: Site, asked: dict[str, list[str]], arguments: argparse.Namespace) -> Report:
    """Let all addresses take turns; compare each with the plain list by the turns' medians."""
    report = Report(
        title=f"The API under load ({arguments.database}, {arguments.clients} clients)",
        headers=["what", "per second", "times the plain list", "p50 ms", "p99 ms", "processor ms"],
        figures={"database": arguments.database},
    )
    turns: dict[str, list[Borne]] = {name: [] for name in asked}
    with ExitStack() as stack:
        ports = [stack.enter_context(served(site, api_load_site.serve)) for _ in range(N_SERVERS)]
        for port in ports:  # every list is read once before anything counts
            for paths in asked.values():
                load([port], paths, seconds=0, n_clients=1, at_least=len(paths))
        for number in range(arguments.rounds):
            say(f"Round {number + 1} of {arguments.rounds} …")
            for name, paths in asked.items():
                borne = load(ports, paths, seconds=arguments.seconds, n_clients=arguments.clients)
                turns[name].append(borne)
    add_rows(report, turns)
    report.notes += [
        f"Over loopback, clients on the same cores, {N_SERVERS} processes of one thread each.",
        "Processor time is that of these processes per request, without the database's.",
        f"Load of the machine at the end: {' '.join(f'{each:.1f}' for each in os.getloadavg())}.",
    ]
    return report


def add_rows(report: Report, turns: dict[str, list[Borne]]) -> None:
    """Add a row and the promises for each address: medians of turns, percentiles of all."""
    plain = float(np.median([each.per_second for each in turns[PLAIN]]))
    for name, borne in turns.items():
        per_second = float(np.median([each.per_second for each in borne]))
        processor = float(np.median([each.processor_ms for each in borne]))
        taken = np.concatenate([each.taken_ms for each in borne])
        p50, p99 = (float(np.percentile(taken, share)) for share in (50, 99))
        ratio = per_second / plain
        report.add(name, per_second, ratio, p50, p99, processor)
        report.figures[name] = {
            "per_second": per_second, "ratio": ratio, "p99_ms": p99, "processor_ms": processor,
        }  # fmt: skip
        failed = sum(each.n_errors for each in borne)
        report.targets.append(Target(name=f"failed requests: {name}", figure=failed, limit=0))
        if name == PLAIN:
            plain_p99 = p99
            continue
        report.targets += [
            Target(
                name=f"times the plain list: {name}", figure=ratio, limit=LEAST_RATIO, sense=">="
            ),
            Target(name=f"p99 ms beside the plain list's: {name}", figure=p99, limit=plain_p99),
        ]


if __name__ == "__main__":
    main()
