"""Which facts are compared, and in which order."""

from __future__ import annotations

from recommendations.comparison import MOST_ROWS, Fact, Row, rows


def test_only_what_differs_in_the_order_of_the_first_product() -> None:
    item = {"Colour": "red", "Power": "9 W", "Width": "20 cm"}
    plus = {"Memory": "1 GB", "Power": "12 W", "Colour": "red", "Width": "30 cm"}
    assert rows([item, plus]) == [
        Row("Power", (Fact("9 W", differs=False), Fact("12 W", differs=True))),
        Row("Width", (Fact("20 cm", differs=False), Fact("30 cm", differs=True))),
        Row("Memory", (Fact("", differs=False), Fact("1 GB", differs=True))),
    ]


def test_a_row_stays_where_one_of_several_differs() -> None:
    found = rows([{"Power": "9 W"}, {"Power": "9 W"}, {}])
    assert [fact.differs for fact in found[0].facts] == [False, False, True]
    assert rows([{"Power": "9 W"}, {"Power": "9 W"}]) == []


def test_nothing_told_no_rows_and_never_too_many() -> None:
    assert rows([]) == rows([{}, {}]) == []
    many = {f"name {n}": "x" for n in range(MOST_ROWS + 5)}
    assert len(rows([{}, many])) == MOST_ROWS
