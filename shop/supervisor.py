"""Runs several programs side by side, shows what they say, and leaves none of them behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType
from typing import IO, Self, TextIO

# What a person waits for after Ctrl-C. A build that is cut off goes on from its last chunk later.
GRACE_SECONDS = 8.0
POLL_SECONDS = 0.1
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Child:
    """A program that was started, in a process group of its own."""

    name: str
    process: subprocess.Popen[str]

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the program and to everything it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def has_group(self) -> bool:
        """Whether any process of its group is alive."""
        self.process.poll()
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True


class Supervisor:
    """Starts programs, prefixes their output, and ends them all when one ends or it is told to.

    A context manager: inside it, Ctrl-C, SIGTERM and a closed terminal only ask for the stop.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stdout
        self.children: list[Child] = []
        self.stopping = False
        self._lock = threading.Lock()
        self._readers: list[threading.Thread] = []
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> Self:
        for number in STOP_SIGNALS:
            self._before[number] = signal.signal(number, self._ask_to_stop)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def start(
        self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> Child:
        """Start a program whose lines are shown with its name in front."""
        process = subprocess.Popen(  # noqa: S603 - the caller's own programs
            command,
            env=None if environment is None else dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        return self._adopt(name, process)

    def run(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> int:
        """Run a program to its end on our own terminal and return its exit status."""
        # Its own group too: Ctrl-C then reaches it through us alone, and never twice.
        process: subprocess.Popen[str] = subprocess.Popen(  # noqa: S603
            command,
            env=None if environment is None else dict(environment),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )
        child = Child("run", process)
        self.children.append(child)
        while process.poll() is None and not self.stopping:
            time.sleep(POLL_SECONDS)
        if process.poll() is None:
            self.stop()
        else:
            self.children.remove(child)
        return process.wait()

    def wait(self) -> Child | None:
        """Wait until told to stop (None) or until a program has ended by itself (that one)."""
        while not self.stopping:
            ended = self.ended()
            if ended is not None:
                return ended
            time.sleep(POLL_SECONDS)
        return None

    def ended(self) -> Child | None:
        """Return a program that runs no more."""
        return next((child for child in self.children if child.process.poll() is not None), None)

    def stop(self) -> None:
        """End all programs: politely, then by force. Calling it again does no harm."""
        self.stopping = True
        alive = [child for child in self.children if child.has_group()]
        for child in alive:
            child.send(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        while (alive := [child for child in alive if child.has_group()]) and (
            time.monotonic() < deadline
        ):
            time.sleep(POLL_SECONDS)
        for child in alive:
            child.send(signal.SIGKILL)
        for child in self.children:
            child.process.wait()
        for reader in self._readers:
            reader.join(timeout=1)
        self.children.clear()

    def say(self, text: str, name: str = "demo") -> None:
        """Print a line with a name in front, never in the middle of another one."""
        with self._lock, suppress(BrokenPipeError, ValueError):
            self.out.write(f"{name:<7}| {text}\n")
            self.out.flush()

    def _adopt(self, name: str, process: subprocess.Popen[str]) -> Child:
        child = Child(name, process)
        self.children.append(child)
        assert process.stdout is not None  # noqa: S101 - opened as a pipe above
        reader = threading.Thread(target=self._copy, args=(name, process.stdout), daemon=True)
        reader.start()
        self._readers.append(reader)
        return child

    def _copy(self, name: str, lines: IO[str]) -> None:
        for line in lines:
            self.say(line.rstrip(), name)
        lines.close()

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True
