"""The demo's supervisor: shows what programs say and leaves no process behind."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from shop import supervisor as module
from shop.supervisor import Supervisor

# Starts a grandchild that ignores SIGTERM, says its number, and sleeps.
STUBBORN = """
    import signal, subprocess, sys, time
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", code])
    print("grandchild", child.pid, flush=True)
    time.sleep(60)
"""
RUNNER = """
    import sys
    from shop.supervisor import Supervisor
    with Supervisor() as supervisor:
        for name in ("one", "two"):
            supervisor.start(name, [sys.executable, "-c", "import time; time.sleep(60)"])
        supervisor.say("started " + " ".join(str(c.process.pid) for c in supervisor.children))
        supervisor.wait()
    supervisor.say("stopped")
"""


def _command(code: str) -> list[str]:
    return [sys.executable, "-u", "-c", textwrap.dedent(code)]


def _gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _until(condition, seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_lines_carry_the_name_of_their_program():
    out = io.StringIO()
    with Supervisor(out) as supervisor:
        supervisor.start("web", _command("print('hello'); print('there')"))
        ended = supervisor.wait()
    assert ended is not None
    assert ended.name == "web"
    assert out.getvalue().splitlines() == ["web    | hello", "web    | there"]


def test_the_end_of_one_program_ends_all():
    with Supervisor(io.StringIO()) as supervisor:
        sleeper = supervisor.start("sleeper", _command("import time; time.sleep(60)"))
        supervisor.start("short", _command("raise SystemExit(3)"))
        ended = supervisor.wait()
        assert ended is not None
        assert ended.process.returncode == 3
        assert sleeper.process.poll() is None
    assert _gone(sleeper.process.pid)


def test_a_grandchild_that_ignores_the_polite_signal_is_ended_too(monkeypatch):
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.5)
    out = io.StringIO()
    with Supervisor(out) as supervisor:
        supervisor.start("stubborn", _command(STUBBORN))
        assert _until(lambda: "grandchild" in out.getvalue())
        pid = int(out.getvalue().split()[-1])
        assert not _gone(pid)
    assert _until(lambda: _gone(pid))


def test_a_first_program_runs_to_its_end():
    with Supervisor(io.StringIO()) as supervisor:
        assert supervisor.run(_command("raise SystemExit(4)")) == 4
        assert not supervisor.stopping


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_and_leaves_no_orphan(number):
    with subprocess.Popen(
        _command(RUNNER),
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        first = next(line for line in process.stdout if "started" in line)
        pids = [int(word) for word in first.split("started")[1].split()]
        assert len(pids) == 2
        assert not any(_gone(pid) for pid in pids)
        os.kill(process.pid, number)
        rest = process.stdout.read()
        assert process.wait(timeout=20) == 0
    assert "stopped" in rest
    assert all(_gone(pid) for pid in pids)


def test_told_to_stop_while_the_first_program_runs():
    with Supervisor(io.StringIO()) as supervisor:
        supervisor._ask_to_stop(signal.SIGINT, None)
        started = time.monotonic()
        status = supervisor.run(_command("import time; time.sleep(60)"))
        assert status == -signal.SIGTERM
        assert time.monotonic() - started < 10
