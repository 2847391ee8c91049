"""A product page with four blocks, and the page of a basket of fifty lines with its blocks.

python -m benchmarks.serving_blocks [--database sqlite|postgres] [--json] [--check]

Asked for in one process by a customer who is signed in, warm, each page with and without our tags
in turn.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import serving, serving_blocks_site, serving_site
from benchmarks.large_shop import database
from benchmarks.reporting import Report, Target, add_arguments, say

ADDED_LIMIT_MS = 8.0
QUERY_LIMIT = 5
SECTION = b'<section class="crosssell'


@dataclass(frozen=True, slots=True)
class Site(serving.Site):
    """A database of its own: its lists are of more kinds."""

    @property
    def name(self) -> str:
        """The database's name."""
        return "crosssell_bench_serving_blocks"


@dataclass(frozen=True, slots=True)
class Timed:
    """Milliseconds of each view of a page, by the clock and by the processor."""

    clock: list[float]
    work: list[float]


def main() -> None:
    """Parse, measure, report."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.serving_blocks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--work-dir", type=Path, default=database.WORK_DIR, help="where files go")
    parser.add_argument("--products", type=int, default=60, help="pages asked for in turn")
    parser.add_argument("--views", type=int, default=1000, help="views of each kind of page")
    add_arguments(parser)
    arguments = parser.parse_args()
    site = Site(arguments.database, 0, arguments.work_dir.resolve())
    site.make()
    serving_site.set_up(site.url, site.work_dir)
    serving_blocks_site.fill()
    serving_blocks_site.add_pages()
    pages = [page for page, _ in serving_site.product_addresses(arguments.products)]
    report = Report(
        title=f"Pages with several blocks ({arguments.database})",
        headers=["page", "p50 ms", "p95 ms", "processor, p50 ms", "least ms", "queries", "of ours"],
        figures={"database": arguments.database, "views": arguments.views},
    )
    measure(report, "product", signed_in("few"), pages, arguments.views, n_blocks=4)
    measure(report, "basket", signed_in("many"), ["/basket/"], arguments.views, n_blocks=1)
    raise SystemExit(report.finish(arguments))


def signed_in(name: str) -> Any:
    """Return the browser of a customer."""
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    client.force_login(serving_blocks_site.shopper(name))
    return client


def measure(
    report: Report, name: str, client: Any, pages: Sequence[str], n_views: int, *, n_blocks: int
) -> None:
    """Time a page with and without blocks in turn, so that both meet the same machine."""
    ends = {"bare": "?bare", "with blocks": "", "as the shop shows it": "?shop"}
    for page in pages:  # warm
        for end in ends.values():
            get(client, page + end)
    see_blocks(client, pages, ends, n_blocks)
    say(f"Asking for {2 * n_views:,} {name} pages …")
    timed = {kind: Timed([], []) for kind in ("bare", "with blocks")}
    for view in range(n_views):
        page = pages[view % len(pages)]
        for kind in sorted(timed, reverse=bool(view % 2)):
            started, worked = time.perf_counter(), time.thread_time()
            get(client, page + ends[kind])
            timed[kind].clock.append(1000 * (time.perf_counter() - started))
            timed[kind].work.append(1000 * (time.thread_time() - worked))
    queries = {kind: count_queries(client, pages[0] + end) for kind, end in ends.items()}
    for kind, found in timed.items():
        p50, p95 = (float(np.percentile(found.clock, share)) for share in (50, 95))
        work, least = (float(np.percentile(found.work, share)) for share in (50, 0))
        report.add(f"{name}, {kind}", p50, p95, work, least, *queries[kind])
    shown = "as the shop shows it"
    report.add(f"{name}, {shown}", None, None, None, None, *queries[shown])
    add_figures(report, name, timed, queries)


def add_figures(
    report: Report, name: str, timed: dict[str, Timed], queries: dict[str, tuple[int, int]]
) -> None:
    """Hold what the blocks add to the promised figures."""

    def added(column: Callable[[Timed], list[float]], share: float) -> float:
        high, low = (np.percentile(column(timed[kind]), share) for kind in ("with blocks", "bare"))
        return float(high - low)

    p50, p95 = (added(lambda each: each.clock, share) for share in (50, 95))
    work = {share: added(lambda each: each.work, share) for share in (0, 50, 95)}
    n_queries, ours = np.subtract(queries["with blocks"], queries["bare"]).tolist()
    report.add(f"{name}, added by all blocks", p50, p95, work[50], work[0], n_queries, ours)
    report.figures[name] = {
        "added_p50_ms": p50,
        "added_p95_ms": p95,
        "added_cpu_least_ms": work[0],
        "added_cpu_p50_ms": work[50],
        "added_cpu_p95_ms": work[95],
        "queries_added": n_queries,
        "queries_added_of_ours": ours,
        "queries_bare": queries["bare"][0],
    }
    report.targets += [
        Target(name=f"{name}: ms added at the 95th percentile", figure=p95, limit=ADDED_LIMIT_MS),
        Target(name=f"{name}: queries of all blocks", figure=n_queries, limit=QUERY_LIMIT),
    ]


def see_blocks(client: Any, pages: Sequence[str], ends: dict[str, str], n_blocks: int) -> None:
    """Raise an error unless pages hold the blocks that they are measured with."""
    wanted = {"bare": 0, "with blocks": n_blocks}
    for kind, count in wanted.items():
        found = [get(client, page + ends[kind]).count(SECTION) for page in pages]
        # The dearest products have no upgrade; the others show everything.
        if max(found) < count or np.mean(found) < 0.95 * count or (not count and any(found)):
            raise RuntimeError(f"Pages {kind} hold {found} blocks, not {count}.")


def get(client: Any, address: str) -> bytes:
    """Ask for a page and see that it is one."""
    response = client.get(address)
    if response.status_code != 200:
        raise RuntimeError(f"{address} answered {response.status_code}.")
    content: bytes = response.content
    return content


def count_queries(client: Any, address: str) -> tuple[int, int]:
    """Return how many queries a warm page makes, and how many of them read our tables.

    The least of three: what a process trusts for a second or a minute may end at any of them.
    """
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counted = []
    for _ in range(3):
        get(client, address)
        with CaptureQueriesContext(connection) as captured:
            get(client, address)
        ours = sum(serving.OUR_TABLES in query["sql"] for query in captured)
        counted.append((len(captured), ours))
    return min(counted)


if __name__ == "__main__":
    main()
