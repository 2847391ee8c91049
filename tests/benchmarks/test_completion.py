from __future__ import annotations

import gzip
import json
import sys

import numpy as np
import pytest

from benchmarks import completion
from benchmarks.online_retail import default_path, read_online_retail

HEADER = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
ROWS = [
    "1002,85048,LIGHTS,12,2009-12-02 07:45:00,6.95,13085,United Kingdom",
    '1001,79323P,"LIGHTS, PINK",2,2009-12-01 07:45:00,6.75,13085.0,United Kingdom',
    "1001,79323P,LIGHTS,3,2009-12-01 07:45:00,6.75,13085,United Kingdom",
    "1003,85048,LIGHTS,1,2009-12-03 07:45:00,6.95,,France",
    "C1004,85048,LIGHTS,-1,2009-12-03 07:45:00,6.95,13085,France",
    "1005,POST,POSTAGE,1,2009-12-03 07:45:00,6.95,13085,France",
    "1006,85048,LIGHTS,0,2009-12-03 07:45:00,6.95,13085,France",
    "1007,85048,LIGHTS,1,2009-12-03 07:45:00,0,13085,France",
    "1008,85048,LIGHTS,many,2009-12-03 07:45:00,1,13085,France",
]


def test_an_export_is_cleaned(tmp_path):
    path = tmp_path / "orders.csv.gz"
    path.write_bytes(gzip.compress((HEADER + "\n".join(ROWS)).encode()))
    history = read_online_retail(path)
    assert history.n_items == 2
    assert history.line_basket.tolist() == [0, 1, 2]
    assert history.line_item.tolist() == [0, 1, 1]
    assert history.basket_customer.tolist() == [0, 0, 1]
    assert np.diff(history.basket_at).tolist() == [86_400, 86_400]
    assert history.left_out == {
        "cancelled": 1,
        "no product": 1,
        "no quantity or price": 2,
        "damaged number": 1,
    }


def test_the_later_edition_is_read_too(tmp_path):
    path = tmp_path / "orders.csv"
    header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    path.write_text(header + "536365,85123A,HOLDER,6,12/1/2010 8:26,2.55,17850,United Kingdom\n")
    assert read_online_retail(path).n_lines == 1


def test_another_file_is_refused(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="has no column for the order: Invoice or InvoiceNo"):
        read_online_retail(path)


@pytest.mark.real_data
@pytest.mark.skipif(not default_path().exists(), reason=f"{default_path().name} is not there")
def test_ours_is_above_popularity_and_implicit_on_real_orders(monkeypatch, capsys):
    pytest.importorskip("implicit", reason="the benchmark extra is not installed")
    # Two drawings instead of five: the distances are several times what a drawing moves.
    monkeypatch.setattr(completion, "SEEDS", range(2))
    monkeypatch.setattr(sys, "argv", ["completion", "--check", "--json"])
    assert completion.main() == 0
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["together"]["hit_rate"] > 0.28
    assert figures["together"]["single_hit_rate"] > 0.12
    assert figures["popularity"]["hit_rate"] < 0.06


@pytest.mark.real_data
@pytest.mark.skipif(not default_path().exists(), reason=f"{default_path().name} is not there")
def test_the_real_export_has_its_known_numbers():
    history = read_online_retail(default_path())
    left_out = sum(history.left_out.values())
    assert 525_461 - left_out == 509_152
    assert (history.n_baskets, history.n_items) == (20_573, 4_213)
    anonymous = history.n_customers - 4_285
    assert 0 < anonymous < history.n_baskets
