from __future__ import annotations

import json
import sys

from benchmarks.association_rules import main


def test_a_small_shop_is_counted_within_the_promised_memory(monkeypatch, capsys):
    options = "--lines 20000 --min-baskets 3 --min-customers 2 --without-peer --json --check"
    monkeypatch.setattr(sys, "argv", ["association_rules", *options.split()])
    assert main() == 0
    out = capsys.readouterr().out
    ours = json.loads(out.splitlines()[-1])["ours"]
    assert ours["pairs"] > 100
    assert ours["rules"] == 2 * ours["pairs"] + 3 * ours["triples"]
    assert "met: peak MiB" in out


def test_a_missed_promise_ends_with_status_1(monkeypatch, capsys):
    monkeypatch.setattr("benchmarks.association_rules.LIMIT_MIB", 1)
    options = "--lines 2000 --min-baskets 3 --min-customers 2 --without-peer --check"
    monkeypatch.setattr(sys, "argv", ["association_rules", *options.split()])
    assert main() == 1
    assert "MISSED: peak MiB" in capsys.readouterr().out
