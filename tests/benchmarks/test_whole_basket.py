from __future__ import annotations

import sys

import numpy as np
import pytest

from benchmarks import whole_basket
from benchmarks.online_retail import default_path

HEADER = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"


def test_lines_stand_as_the_export_lists_them(tmp_path):
    path = tmp_path / "orders.csv"
    rows = [
        f"{order},{product},LIGHTS,1,2009-12-02 07:45:00,6.95,13085,France"
        for order, product in ((8, 30000), (7, 20000), (8, 10000), (8, 30000), (8, "POST"))
    ]
    path.write_text(HEADER + "\n".join(rows) + "\n")
    orders = whole_basket.entered(path, 3)
    assert [items.tolist() for items in orders] == [[1], [2, 0]]
    with pytest.raises(ValueError, match="3 products were found, and 4"):
        whole_basket.entered(path, 4)


def test_a_session_is_cut_and_the_next_line_asked_for():
    orders = [np.array([4]), np.array([3, 1]), np.array([5, 2, 7, 0])]
    queries, back = whole_basket.cut(orders, seed=1)
    assert queries.basket.tolist() == [1, 2]
    assert queries.items[: queries.indptr[1]].tolist() == [3]
    stop = int(np.diff(queries.indptr)[1])
    assert queries.items[1:].tolist() == [5, 2, 7, 0][:stop]
    assert queries.hidden.tolist() == [1, [5, 2, 7, 0][stop]]
    assert back.tolist() == [0, *range(stop - 1, -1, -1)]
    held = whole_basket.weighted(queries, 1 / (1 + back), 8).toarray()
    assert held[1, [5, 2, 7, 0][stop - 1]] == 1


@pytest.mark.real_data
@pytest.mark.skipif(not default_path().exists(), reason=f"{default_path().name} is not there")
def test_the_whole_basket_is_above_the_plain_sum_on_real_orders(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["whole_basket", "--check"])
    monkeypatch.setattr(whole_basket, "SEEDS", range(2))
    assert whole_basket.main() == 0
    assert "MISSED" not in capsys.readouterr().out
