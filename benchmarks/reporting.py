"""What every benchmark shares: arguments, a table, one JSON line, limits and peak memory.

A benchmark adds rows and targets to a `Report` and ends with
`raise SystemExit(report.finish(arguments))`.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TextIO, TypeVar

T = TypeVar("T")

MEBIBYTE = 1024 * 1024

_CLEAR_REFS = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One promised figure: `figure` must be at most or at least `limit`."""

    name: str
    figure: float
    limit: float
    sense: Literal["<=", ">=", ">"] = "<="

    @property
    def met(self) -> bool:
        """Whether the promise is kept; NaN never is."""
        if self.sense == "<=":
            return self.figure <= self.limit
        if self.sense == ">=":
            return self.figure >= self.limit
        return self.figure > self.limit

    def __str__(self) -> str:
        word = "met" if self.met else "MISSED"
        return f"{word}: {self.name}: {self.figure:.4g} {self.sense} {self.limit:.4g}"


@dataclass(kw_only=True)
class Report:
    """The rows, figures and targets of one benchmark run."""

    title: str
    headers: Sequence[str]
    rows: list[Sequence[object]] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, *cells: object) -> None:
        """Add one row to the table."""
        if len(cells) != len(self.headers):
            raise ValueError(f"{len(cells)} cells were given for {len(self.headers)} headers.")
        self.rows.append(cells)

    def finish(self, arguments: argparse.Namespace, *, out: TextIO | None = None) -> int:
        """Print everything and return the exit status: 1 if `--check` finds a missed target.

        With `--json` the figures are the last line, as one JSON object.
        """
        out = out or sys.stdout
        out.write(f"\n{self.title}\n\n{table(self.headers, self.rows)}\n")
        for line in (*self.notes, *map(str, self.targets)):
            out.write(f"{line}\n")
        if arguments.json:
            out.write(json.dumps(self.figures, default=_plain) + "\n")
        out.flush()
        missed = not all(target.met for target in self.targets)
        return 1 if arguments.check and missed else 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the two options that every benchmark takes."""
    parser.add_argument("--json", action="store_true", help="print one JSON object as last line")
    parser.add_argument(
        "--check", action="store_true", help="exit with status 1 when a promised figure is missed"
    )


def say(text: str) -> None:
    """Tell the reader what is going on, on standard error, at once."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table, numbers to the right, ready for docs/benchmarks.md."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [
        max(len(header), *(len(row[column]) for row in cells), 3) if cells else max(len(header), 3)
        for column, header in enumerate(headers)
    ]
    numeric = [
        bool(rows) and all(isinstance(row[column], int | float | None) for row in rows)
        for column in range(len(headers))
    ]

    def line(values: Sequence[str]) -> str:
        padded = (
            value.rjust(width) if number else value.ljust(width)
            for value, width, number in zip(values, widths, numeric, strict=True)
        )
        return f"| {' | '.join(padded)} |"

    rule = [
        "-" * (width - 1) + ":" if number else "-" * width
        for width, number in zip(widths, numeric, strict=True)
    ]
    return "\n".join([line(list(headers)), line(rule), *(line(row) for row in cells)])


def peak_bytes() -> int:
    """Return the highest resident memory of this process (since `reset_peak`, on Linux)."""
    with suppress(OSError):
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    # Kibibytes on Linux, bytes on macOS.
    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return highest if sys.platform == "darwin" else highest * 1024


def reset_peak() -> None:
    """Forget the peak so far, where the system can (Linux); elsewhere the peak only grows."""
    with suppress(OSError):
        _CLEAR_REFS.write_text("5")


@dataclass(slots=True)
class Measurement:
    """Seconds on the clock and highest resident memory of one step."""

    seconds: float = 0.0
    peak_bytes: int = 0

    @property
    def peak_mib(self) -> float:
        """The peak in mebibytes."""
        return self.peak_bytes / MEBIBYTE


@contextmanager
def measured() -> Iterator[Measurement]:
    """Measure the block: `with measured() as step: ...; step.seconds, step.peak_mib`."""
    measurement = Measurement()
    reset_peak()
    started = time.perf_counter()
    try:
        yield measurement
    finally:
        measurement.seconds = time.perf_counter() - started
        measurement.peak_bytes = peak_bytes()


def run_apart(
    function: Callable[..., T], *args: object, timeout_seconds: float | None = None
) -> tuple[T, Measurement]:
    """Call a module-level function in a process of its own; return its result and measurement.

    The peak is then that of this one step, with nothing inherited. The clock runs inside the
    process, so its start is not counted. One that takes longer than the timeout is ended, with a
    TimeoutError.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_apart, args=(sender, function, args))
    process.start()
    sender.close()
    if not receiver.poll(timeout_seconds):
        process.kill()
        process.join()
        raise TimeoutError(f"{_name(function)} took longer than {timeout_seconds:g} seconds.")
    try:
        result, seconds, peak = receiver.recv()
    except EOFError:
        process.join()
        raise RuntimeError(
            f"{_name(function)} ended with exit status {process.exitcode}."
        ) from None
    process.join()
    return result, Measurement(seconds=seconds, peak_bytes=peak)


def _name(function: Callable[..., object]) -> str:
    return getattr(function, "__name__", repr(function))


def _apart(sender: Any, function: Callable[..., object], args: tuple[object, ...]) -> None:
    with measured() as step:
        result = function(*args)
    sender.send((result, step.seconds, step.peak_bytes))
    sender.close()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 1 else f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _plain(value: object) -> object:
    """Turn NumPy scalars and mappings into what JSON knows."""
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "item"):
        return value.item()
    return str(value)
