from __future__ import annotations

import json
import sys
import time

import numpy as np
import pytest

from benchmarks import families_at_scale
from benchmarks.made_shop import made_facts, with_bots
from benchmarks.reporting import run_apart
from tests.recommendations.engine.histories import lopsided


def here(call, *args, **_):
    """Run in this process: what is measured is not the point of these tests."""
    return call(*args), None


def run(monkeypatch, capsys, options, apart=here):
    pytest.importorskip("implicit")
    monkeypatch.setattr(families_at_scale, "run_apart", apart)
    monkeypatch.setattr(sys, "argv", ["families_at_scale", *options.split()])
    status = families_at_scale.main()
    return status, capsys.readouterr().out


def test_a_family_is_measured_and_one_that_does_not_fit_is_not_started(monkeypatch, capsys):
    options = "--lines 2000 --families cosine,als --memory-mib 8 --json --check"
    status, out = run(monkeypatch, capsys, options)
    figures = json.loads(out.splitlines()[-1])
    assert status == 0
    assert figures["cosine"]["fit"] > 0
    assert figures["implicit"]["fit"] > 0
    assert "als needs about" in figures["als"]["refused"]
    assert "said beforehand: does not fit" in out


def test_a_broken_promise_is_told(monkeypatch, capsys):
    monkeypatch.setattr(families_at_scale, "PEAK_LIMIT", -1e9)
    status, out = run(monkeypatch, capsys, "--lines 2000 --families popular --check")
    assert status == 1
    assert "MISSED: peak / promised MiB of popular" in out


def test_one_that_takes_too_long_is_written_down(monkeypatch, capsys):
    def apart(call, *args, **options):
        if "timeout_seconds" in options:
            raise TimeoutError
        return call(*args), None

    status, out = run(monkeypatch, capsys, "--lines 2000 --families popular --minutes 0.5", apart)
    assert status == 0
    assert "stopped after 0.5 minutes" in out


def test_unknown_families_are_named(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["families_at_scale", "--families", "cosine,magic"])
    with pytest.raises(SystemExit):
        families_at_scale.main()
    assert "magic is not a family" in capsys.readouterr().err


def test_what_takes_too_long_is_ended():
    with pytest.raises(TimeoutError, match=r"sleep took longer than 0\.1 seconds"):
        run_apart(time.sleep, 60, timeout_seconds=0.1)


def test_bots_buy_everything_in_one_order_and_in_many(monkeypatch):
    monkeypatch.setattr("benchmarks.made_shop.BOT_ORDER_ITEMS", 3)
    history = with_bots(lopsided())
    sizes = np.bincount(history.line_basket)
    assert sizes.tolist() == [2, 3, 2, 1, 2, 4, 3, 1]
    assert history.basket_customer.tolist()[-3:] == [4, 5, 5]
    last = history.line_item[history.line_basket >= 6]
    assert sorted(last.tolist()) == [0, 1, 2, 3]


def test_facts_are_of_every_item():
    facts = made_facts(7)
    assert len(facts) == 7
    assert all(facts.category)
