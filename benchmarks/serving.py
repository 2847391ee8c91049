"""A product page with and without the block, and the API under load.

python -m benchmarks.serving [--database sqlite|postgres] [--json] [--check]

The page is the reference shop's, asked for in one process, with and without the block in turn. The
API is asked over loopback by a few clients at once, next to a plain REST framework view.
"""

from __future__ import annotations

import argparse
import http.client
import multiprocessing
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import serving_site
from benchmarks.large_shop import database
from benchmarks.reporting import Report, Target, add_arguments, say

ADDED_LIMIT_MS = 3.0
QUERY_LIMIT = 2
OUR_TABLES = "crosssell_recommendations"


@dataclass(frozen=True, slots=True)
class Site(database.History):
    """The database of this benchmark: few products, for what counts here is one page."""

    @property
    def name(self) -> str:
        """The database's name."""
        return "crosssell_bench_serving"

    def make(self) -> None:
        """Make it, empty, unless it is there; SQLite makes its file by itself."""
        self.work_dir.mkdir(parents=True, exist_ok=True)
        if self.kind == "postgres" and not self._exists():
            database._on_server(f'CREATE DATABASE "{self.name}"')


@dataclass(frozen=True, slots=True)
class Load:
    """What one endpoint bore."""

    per_second: float
    p50_ms: float
    p99_ms: float
    n_errors: int


def main() -> None:
    """Parse, measure, report."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.serving",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--work-dir", type=Path, default=database.WORK_DIR, help="where files go")
    parser.add_argument("--products", type=int, default=60, help="pages asked for in turn")
    parser.add_argument("--views", type=int, default=1500, help="views of each kind of page")
    parser.add_argument("--seconds", type=float, default=5.0, help="load per endpoint and round")
    parser.add_argument("--clients", type=int, default=4, help="clients at once")
    add_arguments(parser)
    arguments = parser.parse_args()
    site = Site(arguments.database, 0, arguments.work_dir.resolve())
    site.make()
    serving_site.set_up(site.url, site.work_dir)
    serving_site.fill()
    pages = serving_site.product_addresses(arguments.products)
    report = Report(
        title=f"Serving ({arguments.database})",
        headers=["what", "p50 ms", "p95 ms", "p99 ms", "per second", "queries", "of ours"],
        figures={"database": arguments.database},
    )
    measure_pages(report, [page for page, _ in pages], arguments.views)
    measure_api(report, site, [key for _, key in pages], arguments)
    raise SystemExit(report.finish(arguments))


def measure_pages(report: Report, pages: Sequence[str], n_views: int) -> None:
    """Time pages with and without the block in turn, so that both meet the same machine."""
    from django.test import Client

    serving_site.add_bare_page()
    client = Client(SERVER_NAME="localhost")
    shopper = Client(SERVER_NAME="localhost")
    fill_basket(shopper, pages[-1])
    say(f"Asking for {2 * n_views:,} product pages …")
    kinds = {"without the block": "?bare", "with the block": ""}
    for page in pages:  # warm
        for end in (*kinds.values(), "?kept"):
            get(client, page + end)
    times: dict[str, list[float]] = {name: [] for name in kinds}
    work: dict[str, list[float]] = {name: [] for name in kinds}
    for view in range(n_views):
        page = pages[view % len(pages)]
        for name, end in sorted(kinds.items(), reverse=bool(view % 2)):
            started, worked = time.perf_counter(), time.thread_time()
            get(client, page + end)
            times[name].append(1000 * (time.perf_counter() - started))
            work[name].append(1000 * (time.thread_time() - worked))
    queries = {name: count_queries(client, pages[0] + end) for name, end in kinds.items()}
    for name, taken in times.items():
        p50, p95, p99 = (float(np.percentile(taken, share)) for share in (50, 95, 99))
        report.add(f"product page {name}", p50, p95, p99, None, *queries[name])
    add_page_targets(report, times, queries)
    cpu = {share: added(work, share) for share in (50, 95)}
    report.add("added by the block, processor time", cpu[50], cpu[95], None, None, None, None)
    report.figures |= {"added_cpu_p50_ms": cpu[50], "added_cpu_p95_ms": cpu[95]}
    bare, full = (count_queries(shopper, pages[0] + end) for end in kinds.values())
    report.figures["basket_queries_added"] = full[0] - bare[0]
    report.targets.append(
        Target(
            name="queries added for a shopper with a basket",
            figure=full[0] - bare[0],
            limit=QUERY_LIMIT,
        )
    )
    kept = count_queries(client, pages[0] + "?kept")
    report.add("product page from a page cache", None, None, None, None, *kept)
    report.figures["cached_page_queries_of_ours"] = kept[1]
    report.targets.append(Target(name="queries of ours on a cached page", figure=kept[1], limit=0))


def add_page_targets(
    report: Report, times: dict[str, list[float]], queries: dict[str, tuple[int, int]]
) -> None:
    """Hold what the block adds to the promised figures."""
    p50, p95 = added(times, 50), added(times, 95)
    n_queries, ours = np.subtract(queries["with the block"], queries["without the block"]).tolist()
    report.add("added by the block", p50, p95, None, None, n_queries, ours)
    report.figures |= {
        "added_p50_ms": p50,
        "added_p95_ms": p95,
        "added_queries": n_queries,
        "added_queries_of_ours": ours,
    }
    report.targets += [
        Target(name="ms added at the 95th percentile", figure=p95, limit=ADDED_LIMIT_MS),
        Target(name="queries added by a warm block", figure=n_queries, limit=QUERY_LIMIT),
        Target(name="queries of ours by a warm block", figure=ours, limit=0),
    ]


def added(taken: dict[str, list[float]], share: float) -> float:
    """Return what the block adds at a percentile."""
    high, low = (np.percentile(taken[f"{word} the block"], share) for word in ("with", "without"))
    return float(high - low)


def measure_api(
    report: Report, site: Site, keys: Sequence[str], arguments: argparse.Namespace
) -> None:
    """Ask our API and the plain view in turn, from several clients at once."""
    api = [f"/crosssell/api/v1/items/{key}/frequently-bought-together/" for key in keys]
    plain = [f"/plain/{key}/" for key in keys]
    names = {"API, companions": api, "plain REST framework view": plain}
    with served(site, serving_site.serve) as port:
        for paths in names.values():
            load(port, paths, seconds=1, n_clients=arguments.clients)  # warm
        for name, paths in names.items():
            say(f"{name}: {arguments.clients} clients for {arguments.seconds:g} s …")
            borne = load(port, paths, seconds=arguments.seconds, n_clients=arguments.clients)
            report.add(name, borne.p50_ms, None, borne.p99_ms, borne.per_second, None, None)
            figure = "api" if paths is api else "plain"
            report.figures |= {
                f"{figure}_per_second": borne.per_second,
                f"{figure}_p99_ms": borne.p99_ms,
            }
            target = Target(name=f"failed requests: {name}", figure=borne.n_errors, limit=0)
            report.targets.append(target)
    report.notes.append(
        f"{arguments.clients} clients over loopback, Django's threaded WSGI server, one process."
    )


def get(client: Any, address: str) -> None:
    """Ask for a page and see that it is one."""
    response = client.get(address)
    if response.status_code != 200:
        raise RuntimeError(f"{address} answered {response.status_code}.")
    has_block = b"data-crosssell-together" in response.content
    if has_block != ("?bare" not in address):
        raise RuntimeError(f"{address} holds {'a' if has_block else 'no'} block.")


def fill_basket(client: Any, page: str) -> None:
    """Put the product of a page into a guest's basket, as its form does."""
    from shop.models import Product

    product = Product.objects.get(slug=page.strip("/").split("/")[-1])
    response = client.post("/crosssell/basket/add/", {"item": str(product.pk)})
    if response.status_code != 302 or not client.session.keys():
        raise RuntimeError("The basket could not be filled.")


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
        counted.append((len(captured), sum(OUR_TABLES in query["sql"] for query in captured)))
    return min(counted)


@contextmanager
def served(site: Site, serve: Callable[[str, Path, int], None]) -> Iterator[int]:
    """Serve the site from a process of its own, and end it."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    process = multiprocessing.get_context("spawn").Process(
        target=serve, args=(site.url, site.work_dir, port), daemon=True
    )
    process.start()
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.join()


def wait_for(port: int, process: Any, *, seconds: float = 60) -> None:
    """Return once the server listens."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.is_alive():
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError("The server did not start.")


def load(port: int, paths: Sequence[str], *, seconds: float, n_clients: int) -> Load:
    """Ask from several clients, each for one answer after the other, for so many seconds."""
    until = time.perf_counter() + seconds
    taken: list[list[float]] = [[] for _ in range(n_clients)]
    errors = [0] * n_clients

    def ask(client: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        turn = client
        while (started := time.perf_counter()) < until:
            try:
                connection.request("GET", paths[turn % len(paths)])
                response = connection.getresponse()
                response.read()
                errors[client] += response.status != 200
            except (OSError, http.client.HTTPException):
                errors[client] += 1
                connection.close()
            taken[client].append(1000 * (time.perf_counter() - started))
            turn += n_clients
        connection.close()

    started = time.perf_counter()
    threads = [threading.Thread(target=ask, args=(client,)) for client in range(n_clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - started
    every = np.concatenate([np.asarray(each) for each in taken])
    return Load(
        per_second=len(every) / elapsed,
        p50_ms=float(np.percentile(every, 50)),
        p99_ms=float(np.percentile(every, 99)),
        n_errors=sum(errors),
    )


if __name__ == "__main__":
    main()
