from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.importing import source
from shop.importing.errors import ImportRefusedError
from shop.importing.report import Reason
from shop.importing.source import OrderFile


@pytest.fixture
def records(tmp_path):
    def read(data: bytes | str, *, encoding: str = "utf-8", delimiter: str = ","):
        path = tmp_path / "export.csv"
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return [tuple(record) for record in OrderFile(path, encoding).records(delimiter)]

    return read


def test_plain_rows_carry_their_line_numbers(records):
    assert records("h,h\na,b\nc,d\n") == [(2, ["a", "b"], None), (3, ["c", "d"], None)]


def test_windows_line_ends_and_empty_lines(records):
    assert records("h,h\r\na,b\r\n\r\nc,d") == [(2, ["a", "b"], None), (4, ["c", "d"], None)]


def test_gzip_is_known_by_its_bytes_and_not_by_its_name(records):
    assert records(gzip.compress(b"h\na\n")) == [(2, ["a"], None)]


def test_quotes_hold_delimiters_quotes_and_line_breaks(records):
    found = records('h,h\n"a, ""A""",b\n"two\nlines",c\nd,e\n')
    assert found == [
        (2, ['a, "A"', "b"], None),
        (3, ["two\nlines", "c"], None),
        (5, ["d", "e"], None),
    ]


def test_a_quote_within_a_field_is_a_letter(records):
    assert records('h,h\nFRAME 7" SINGLE,b\nc,d\n')[0] == (2, ['FRAME 7" SINGLE', "b"], None)


def test_an_unclosed_quote_costs_one_row_and_not_the_rest_of_the_file(records):
    rows = "".join(f"a{i},b\n" for i in range(50))
    found = records(f'h,h\n"open,b\n{rows}')
    assert found[0] == (2, [], Reason.QUOTES)
    assert [record[1] for record in found[1:]] == [[f"a{i}", "b"] for i in range(50)]
    assert [record[0] for record in found[1:]] == list(range(3, 53))


def test_a_quote_that_closes_far_below_does_not_swallow_what_is_between(records):
    rows = "".join(f"a{i},b\n" for i in range(30))
    found = records(f'h,h\n"open,b\n{rows}close",b\n')
    assert [record[1] for record in found[1:31]] == [[f"a{i}", "b"] for i in range(30)]


def test_an_unclosed_quote_in_the_last_line(records):
    assert records('h,h\na,b\n"open,b') == [(2, ["a", "b"], None), (3, [], Reason.QUOTES)]


def test_a_line_without_end_is_one_fault(records, monkeypatch):
    monkeypatch.setattr(source, "MAX_LINE_CHARACTERS", 100)
    found = records("h\n" + "x" * 1_000 + "\na\n")
    assert found == [(2, [], Reason.TOO_LONG), (3, ["a"], None)]


def test_nul_bytes_and_foreign_bytes_are_faults_of_their_row_alone(records):
    found = records(b"h\na\x00b\ncaf\xe9\nok\n")
    assert found == [(2, [], Reason.NUL), (3, [], Reason.ENCODING), (4, ["ok"], None)]


def test_the_right_encoding_reads_the_same_bytes(records):
    assert records(b"h\ncaf\xe9\n", encoding="cp1252") == [(2, ["café"], None)]
    utf16 = "h\ncafé\n".encode("utf-16")
    assert records(utf16, encoding="utf-16") == [(2, ["café"], None)]


def test_a_cut_off_gzip_file_is_refused(records):
    cut = gzip.compress(b"h\n" + b"".join(b"%d\n" % i for i in range(9_999)))[:-200]
    with pytest.raises(ImportRefusedError, match="damaged or cut-off gzip file"):
        records(cut)


def test_missing_files_folders_and_encodings_are_refused(tmp_path):
    with pytest.raises(ImportRefusedError, match="no file"):
        OrderFile(tmp_path / "nowhere.csv").check()
    with pytest.raises(ImportRefusedError, match="a folder"):
        OrderFile(tmp_path).check()
    path = tmp_path / "export.csv"
    path.write_text("h\n")
    for name in ("klingon", "base64"):
        with pytest.raises(ImportRefusedError, match=f"'{name}', which is no encoding"):
            OrderFile(path, name).check()


def test_progress_ends_at_the_size_of_the_file(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text("h\n" + "a\n" * 5_000)
    seen: list[tuple[int, int]] = []
    list(OrderFile(path).records(",", lambda done, total: seen.append((done, total))))
    assert seen[-1] == (10_002, 10_002)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert len(seen) == 4


@given(st.lists(st.lists(st.text("ab\",;\n' ", max_size=6), min_size=2, max_size=3), max_size=8))
def test_what_csv_writes_is_read_back(tmp_path_factory, rows):
    import csv

    path = tmp_path_factory.mktemp("csv") / "export.csv"
    with path.open("w", newline="") as file:
        file.write("header\n")
        csv.writer(file).writerows(rows)
    # A quoted field of many lines is an unclosed quote to us; these stay below that.
    found = [record.fields for record in OrderFile(path).records(",")]
    assert found == rows
