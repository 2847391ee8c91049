"""Builders as real processes: killed, stopped and woken, on a file and on a server."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from recommendations.models import Build, BuildLease, NeighbourList
from recommendations.selectors.builds import published_build
from tests.recommendations.services.databases import ON_BOTH

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

KILLS = int(os.environ.get("CROSSSELL_KILLS", "20"))
ROOT = Path(__file__).parents[3]


@pytest.fixture(params=ON_BOTH)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    if request.param == "postgres":
        request.getfixturevalue("on_postgres")
    call_command(
        "seed_shop", products=240, customers=500, orders=4000, seed=3,
        plan_file=tmp_path / "plan.json", verbosity=0,
    )  # fmt: skip
    yield
    connection.close()


def builder() -> subprocess.Popen[bytes]:
    """Start a rebuild in a process of its own, on the database of this test."""
    database = connections["default"].settings_dict
    url = f"sqlite:///{database['NAME']}"
    if connection.vendor == "postgresql":
        host = f"{database['HOST']}:{database['PORT'] or 5432}"
        url = f"postgres://{database['USER']}:{database['PASSWORD']}@{host}/{database['NAME']}"
    return subprocess.Popen(
        [sys.executable, "manage.py", "crosssell_rebuild", "together"],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "tests.recommendations.services.kill_settings",
            "SHOP_VAR_DIR": str(settings.TEST_RUN_FOLDER),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def built() -> Build:
    """Let a builder work in peace, waiting for a dead one's lease to end, and return the build."""
    before = Build.objects.filter(status=Build.Status.PUBLISHED).first()
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        builder().wait(timeout=120)
        build = published_build("together")
        if build is not None and build != before:
            return build
        time.sleep(0.3)
    pytest.fail("no build was published in two minutes")


def contents(build: Build) -> list[tuple[int, bytes]]:
    rows = build.lists.order_by("item_id").values_list("item_id", "packed")
    return [(item, bytes(packed)) for item, packed in rows]


def wait_for_chunks(count: int) -> Build:
    """Return the running build once it has written some chunks."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        build = Build.objects.filter(status=Build.Status.RUNNING, done_items__gte=4 * count).first()
        if build is not None:
            return build
        time.sleep(0.005)
    pytest.fail("the builder wrote no chunk in a minute")


def test_killed_again_and_again_the_result_is_that_of_an_undisturbed_build(shop: None) -> None:
    undisturbed = built()
    served = contents(undisturbed)
    assert len(served) > 100
    chance = random.Random(11)
    furthest = resumed = 0
    for _ in range(KILLS):
        process = builder()
        if chance.random() < 0.3:
            time.sleep(chance.uniform(0, 2))  # anywhere, also before the first write
        else:
            wait_for_chunks((furthest // 4) + chance.randint(1, 4))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert published_build("together") == undisturbed
        assert contents(undisturbed) == served
        running = Build.objects.filter(status=Build.Status.RUNNING).first()
        if running is not None:
            assert running.done_items >= furthest, "a chunk was lost"
            furthest, resumed = running.done_items, running.resumed
        time.sleep(0.7)  # the lease of the dead runs out
    last = built()
    assert last.resumed >= resumed >= 5
    assert last.as_of > undisturbed.as_of
    assert last.digest == undisturbed.digest
    assert contents(last) == served


def test_a_builder_stopped_past_its_lease_and_woken_writes_nothing(shop: None) -> None:
    asleep = builder()
    wait_for_chunks(3)
    stop_between_writes(asleep)
    build = Build.objects.get(status=Build.Status.RUNNING)
    time.sleep(0.7)
    published = built()
    assert published == build, "the next builder carries the same build on"
    assert published.resumed == 1
    before = written()
    asleep.send_signal(signal.SIGCONT)
    assert asleep.wait(timeout=60) != 0
    assert written() == before


def stop_between_writes(process: subprocess.Popen[bytes]) -> None:
    """Stop a process while it holds no lock, as a machine under load would most of the time."""
    for _ in range(50):
        process.send_signal(signal.SIGSTOP)
        if lock_is_free():
            return
        process.send_signal(signal.SIGCONT)
        time.sleep(0.003)
    pytest.fail("the builder was never caught between two writes")


def lock_is_free() -> bool:
    with connection.cursor() as cursor:
        try:
            if connection.vendor == "postgresql":
                cursor.execute("SET lock_timeout = '200ms'")
            else:
                cursor.execute("PRAGMA busy_timeout = 200")
            BuildLease.objects.update(holder="a look")
        except Exception as error:
            if "lock" not in str(error):
                raise
            return False
        finally:
            if connection.vendor == "postgresql":
                cursor.execute("SET lock_timeout = 0")
            else:
                cursor.execute("PRAGMA busy_timeout = 20000")
    return True


def written() -> tuple[object, ...]:
    """Return everything that a builder could have changed."""
    return (
        NeighbourList.objects.count(),
        list(Build.objects.order_by("pk").values()),
        list(BuildLease.objects.values()),
    )


def test_two_builders_started_together_make_one_build(shop: None) -> None:
    processes = [builder(), builder()]
    statuses = [process.wait(timeout=120) for process in processes]
    finished = Build.objects.exclude(status=Build.Status.FAILED)
    assert sorted(statuses)[0] == 0
    # The second is either told that the first is at work, or starts after it has ended.
    assert finished.count() == sum(status == 0 for status in statuses)
    assert finished.filter(status=Build.Status.RUNNING).count() == 0
