"""The first reading of a file: is it an export, what does it sell, what is wrong with it.

Nothing is written before this is done, so a file that is refused leaves the shop as it was.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import islice
from zoneinfo import ZoneInfo

from shop.importing.cleaning import Cleaner, SaleLine
from shop.importing.columns import (
    DELIMITERS,
    Columns,
    mapped_columns,
    online_retail_columns,
    shown_names,
    split_header,
)
from shop.importing.dates import date_reader, is_day_first, is_slashed
from shop.importing.errors import ImportRefusedError
from shop.importing.report import ImportReport, Reason
from shop.importing.source import OrderFile, Progress, Record

# How many dates may be of another form (or broken) before the file's form is decided.
DATES_LOOKED_AT = 100


@dataclass(slots=True)
class ProductFace:
    """What the file says about one stock code."""

    first_sold_at: datetime
    titles: Counter[str] = field(default_factory=Counter)
    prices: Counter[Decimal] = field(default_factory=Counter)

    def title(self) -> str:
        """Return the most frequent description; of equals the one that came first."""
        return self.titles.most_common(1)[0][0] if self.titles else ""

    def price(self) -> Decimal:
        """Return the most frequent price: a single odd sale must not set it."""
        return self.prices.most_common(1)[0][0]


@dataclass(slots=True)
class Survey:
    """A file that can be imported, its products, and the rows that are left out."""

    source: OrderFile
    cleaner: Cleaner
    report: ImportReport
    limit: int | None
    products: dict[str, ProductFace] = field(default_factory=dict)

    def sale_lines(self, progress: Progress | None = None) -> Iterator[SaleLine]:
        """Yield every line of sale, in the order of the file."""
        for _record, line in self._cleaned(progress):
            if isinstance(line, SaleLine):
                yield line

    def _cleaned(self, progress: Progress | None) -> Iterator[tuple[Record, SaleLine | Reason]]:
        delimiter = self.cleaner.columns.delimiter
        for record in islice(self.source.records(delimiter, progress), self.limit):
            fault = record.fault
            yield record, fault or self.cleaner.clean(record.line_number, record.fields)

    def look(self, progress: Progress | None = None) -> None:
        """Read the whole file once."""
        for record, line in self._cleaned(progress):
            self.report.rows += 1
            if isinstance(line, Reason):
                self.report.leave_out(line, record.line_number)
                continue
            self.report.sale_lines += 1
            face = self.products.get(line.product)
            if face is None:
                face = self.products[line.product] = ProductFace(line.placed_at)
            face.first_sold_at = min(face.first_sold_at, line.placed_at)
            if line.title:
                face.titles[line.title] += 1
            face.prices[line.unit_price] += 1


def survey_file(
    source: OrderFile,
    *,
    zone: ZoneInfo,
    mapping: Mapping[str, str] | None = None,
    limit: int | None = None,
    progress: Progress | None = None,
) -> Survey:
    """Read the file through, or refuse it."""
    source.check()
    columns = _columns(source, mapping)
    day_first = _day_first(source, columns)
    cleaner = Cleaner(columns, date_reader(zone, day_first=day_first))
    survey = Survey(source, cleaner, ImportReport(), limit)
    survey.look(progress)
    if not survey.report.sale_lines:
        rows = survey.report.rows
        worst = max(
            survey.report.left_out.items(), key=lambda pair: pair[1].count, default=(None, None)
        )[0]
        why = f"all {rows:,} rows were left out, most for {worst.value}" if worst else "it has none"
        msg = f"{source.path.name} has no line of sale: {why}."
        raise ImportRefusedError(msg)
    return survey


def _columns(source: OrderFile, mapping: Mapping[str, str] | None) -> Columns:
    header = source.header()
    if not header.strip("\ufeff\r\n\t "):
        msg = f"{source.path.name} is empty or begins with an empty line; an export has a header."
        raise ImportRefusedError(msg)
    if any(letter == "\ufffd" or (letter < " " and letter not in "\t\r\n") for letter in header):
        beginning = source.beginning()
        encoding = "utf-16" if beginning[:2] in {b"\xff\xfe", b"\xfe\xff"} else "cp1252"
        msg = (
            f"{source.path.name} is no {source.encoding} text: it begins with {beginning!r}; "
            f"if it is text all the same, try --encoding {encoding}."
        )
        raise ImportRefusedError(msg)
    if mapping is not None:
        return mapped_columns(header, mapping)
    columns = online_retail_columns(header)
    if columns is None:
        names = max((split_header(header, delimiter) for delimiter in DELIMITERS), key=len)
        msg = (
            f"{source.path.name} is no Online Retail export: its columns are {shown_names(names)}; "
            "expected Invoice, StockCode, Description, Quantity, InvoiceDate, Price, Customer ID. "
            "For any other file of order lines say which column is what with --columns."
        )
        raise ImportRefusedError(msg)
    return columns


def _day_first(source: OrderFile, columns: Columns) -> bool:
    def dates() -> Iterator[str]:
        for record in source.records(columns.delimiter):
            if columns.date < len(record.fields):
                yield record.fields[columns.date]

    if not any(is_slashed(text) for text in islice(dates(), DATES_LOOKED_AT)):
        return False
    return is_day_first(dates())
