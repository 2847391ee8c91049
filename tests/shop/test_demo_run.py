"""`manage.py demo` as a person runs it: from nothing to an open shop, and gone after Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
OURS = ("DATABASE_URL", "CACHE_URL", "CELERY_BROKER_URL", "DJANGO_SETTINGS_MODULE", "SECRET_KEY")


def _environment(folder: Path) -> dict[str, str]:
    """Nothing set but where the files go: the suite's own settings do not reach the demo."""
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    return environment | {"SHOP_VAR_DIR": str(folder), "DJANGO_DEBUG": "1"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_demo_opens_a_shop_and_ctrl_c_leaves_nothing_behind(tmp_path):
    port = _free_port()
    with subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--port", str(port)],
        cwd=ROOT,
        env=_environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        said = []
        try:
            for line in process.stdout:
                said.append(line)
                if "The shop is open" in line:
                    break
            assert "The shop is open" in "".join(said)
            children = psutil.Process(process.pid).children(recursive=True)
            commands = [" ".join(child.cmdline()) for child in children]
            assert sum("runserver" in command for command in commands) == 1
            assert sum("celery" in command and " worker " in command for command in commands) == 1
            assert sum("celery" in command and " beat " in command for command in commands) == 1
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/products/", timeout=20) as page:
                assert page.status == 200
        finally:
            os.kill(process.pid, signal.SIGINT)
            rest = process.stdout.read()
        assert process.wait(timeout=30) == 0
        assert "Everything has stopped." in rest
    assert psutil.wait_procs(children, timeout=0)[1] == []
    assert (tmp_path / "shop.sqlite3").exists()
