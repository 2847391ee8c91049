"""What a web process loads at its start: nothing that only builds need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SLOW = ("sklearn", "pandas", "scipy.stats", "matplotlib")
"""More than a second and 100 MB for every process, until something is built."""

START = f"""
import sys
import django
django.setup()
import recommendations.admin, recommendations.tasks, recommendations.urls
print(*(name for name in {SLOW!r} if name in sys.modules))
"""


def test_pages_tasks_and_admin_load_nothing_that_only_builds_need():
    done = subprocess.run(
        [sys.executable, "-c", START], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
