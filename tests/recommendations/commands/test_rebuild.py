"""``crosssell_rebuild``: exit statuses, sentences, progress, and Ctrl-C."""

import io
import json
import threading

import pytest
from django.core.management import call_command

from recommendations.management.progress import ProgressBars
from recommendations.models import Build, Item, Publication
from recommendations.selectors.builds import published_build
from recommendations.services.lease import acquire_lease, release_lease
from tests.recommendations.services.recipes import FakeRecipe, make_items, serve


def test_from_orders_to_published_lists(run, bakery):
    result = run("crosssell_rebuild", "together")
    assert result.status == 0
    assert "is published" in result.out
    build = published_build("together")
    assert build.input_counts["orders"] == 82
    assert build.requested_by == "crosssell_rebuild"
    assert Item.objects.count() == len(bakery)  # products were synchronised first


def test_json_is_the_last_line(run, bakery):
    result = run("crosssell_rebuild", "together", "--json")
    answer = json.loads(result.out.splitlines()[-1])
    assert answer["status"] == "published"
    assert answer["build"] == published_build("together").pk
    assert answer["input"]["orders"] == 82
    assert answer["verdict"]["accepted"]


def test_an_unknown_kind_names_the_known_ones(run):
    result = run("crosssell_rebuild", "astrology")
    assert result.status == 2
    assert result.message.startswith("There is no build kind 'astrology'; there are: together, ")


def test_refused_by_the_gate(run, db):
    """No order at all: the gate lets nothing like that through."""
    result = run("crosssell_rebuild", "together")
    assert result.status == 3
    assert "refused by the gate" in result.message
    assert "No order was read" in result.message
    assert not Publication.objects.exists()


def test_refused_says_so_in_json_too(run, db):
    result = run("crosssell_rebuild", "together", "--json")
    assert result.status == 3
    assert json.loads(result.out)["status"] == "rejected"


def test_busy(run, bakery):
    acquire_lease("together", holder="somebody")
    result = run("crosssell_rebuild", "together")
    assert result.status == 4
    assert "Another builder is making 'together' now" in result.message
    assert not Build.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_wait_for_the_other_builder(run, bakery):
    lease = acquire_lease("together", holder="somebody")
    timer = threading.Timer(0.3, release_in_thread, args=(lease,))
    timer.start()
    result = run("crosssell_rebuild", "together", "--wait", "30")
    timer.join()
    assert result.status == 0


def release_in_thread(lease):
    from django.db import connections

    release_lease(lease)
    connections.close_all()


def test_no_publish_leaves_a_candidate(run, bakery):
    result = run("crosssell_rebuild", "together", "--no-publish")
    assert result.status == 0
    assert "accepted and not yet published" in result.out
    assert Build.objects.get().status == "candidate"
    assert not Publication.objects.exists()


def test_no_sync_reads_no_products(run, bakery):
    run("crosssell_rebuild", "together", "--no-sync")
    assert not Item.objects.exists()


def test_ctrl_c_leaves_a_build_that_the_next_one_carries_on(run, db, settings, monkeypatch):
    settings.RECOMMENDATIONS = {"BLOCK_ITEMS": 3}

    def interrupt(start):
        if start == 6:
            raise KeyboardInterrupt

    make_items(10)
    recipe = serve(FakeRecipe(before_chunk=interrupt), monkeypatch)
    result = run("crosssell_rebuild", "together", "--no-sync")
    assert result.status == 130
    assert "goes on from the last chunk" in result.message
    assert Build.objects.get().done_items == 6

    recipe.before_chunk = lambda start: None
    assert run("crosssell_rebuild", "together", "--no-sync").status == 0
    build = Build.objects.get()
    assert (build.done_items, build.resumed) == (10, 1)
    assert recipe.computed == [(0, 3), (3, 6), (6, 9), (9, 10)]


def test_a_failure_is_one_sentence_and_stays_with_the_build(run, db, monkeypatch):
    def fail(start):
        raise ZeroDivisionError("on purpose")

    make_items(3)
    serve(FakeRecipe(before_chunk=fail), monkeypatch)
    result = run("crosssell_rebuild", "together", "--no-sync")
    assert result.status == 1
    assert "The build failed: ZeroDivisionError: on purpose" in result.message
    build = Build.objects.get()
    assert (build.status, build.error) == ("failed", "ZeroDivisionError: on purpose")


def test_phases_are_told_once_away_from_a_terminal(run, bakery):
    lines = run("crosssell_rebuild", "together").err.splitlines()
    assert [line for line in lines if "orders" in line] == ["Reading orders…", "Arranging orders…"]
    assert "Finding companions…" in lines


def test_verbosity_0_is_silent(run, bakery):
    assert run("crosssell_rebuild", "together", "-v0").err == ""


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_bars_on_a_terminal(bakery):
    terminal = Terminal()
    call_command("crosssell_rebuild", "together", stdout=io.StringIO(), stderr=terminal)
    shown = terminal.getvalue()
    assert "Reading orders" in shown
    assert "Finding companions  : 100%" in shown
    assert "5.00/5.00" in shown
    assert "items/s]" in shown


def test_bars_begin_anew_for_each_phase():
    terminal = Terminal()
    with ProgressBars(terminal) as progress:
        progress("read", 10, 40)
        progress("read", 40, 40)
        progress("product", 3, 6)
    shown = terminal.getvalue()
    assert "Reading orders      : 100%" in shown
    assert "Finding companions  :  50%" in shown
