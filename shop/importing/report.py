"""What an import left out and what it wrote."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

# Enough to find the pattern in the file, few enough to read in a terminal.
SAMPLE_LINES = 5


class Reason(StrEnum):
    """Why a row is no sale that can be imported. The value is what the report prints."""

    COLUMNS = "wrong number of columns"
    QUOTES = "quotes that are never closed or stand inside a field"
    TOO_LONG = "line or field too long"
    NUL = "NUL bytes"
    ENCODING = "bytes that are no text in the file's encoding (see --encoding)"
    NO_ORDER = "no order number"
    CANCELLATION = "cancelled invoice (C…)"
    NO_PRODUCT = "stock code of no product (postage, fees, samples, vouchers …)"
    QUANTITY = "quantity that is no whole number"
    QUANTITY_NOT_POSITIVE = "quantity of zero or less"
    PRICE = "price that is no number"
    PRICE_NOT_POSITIVE = "price of zero or less"
    TOO_LARGE = "quantity or amount too large"
    DATE = "date that cannot be read"
    FOREIGN_ORDER = "order that the shop already has from elsewhere"


@dataclass(slots=True)
class LeftOut:
    """How many rows one reason left out, and where the first of them stand."""

    count: int = 0
    line_numbers: list[int] = field(default_factory=list)


@dataclass(slots=True)
class ImportReport:
    """The figures of one import."""

    rows: int = 0
    sale_lines: int = 0
    left_out: dict[Reason, LeftOut] = field(default_factory=dict)
    orders: int = 0
    new_orders: int = 0
    new_lines: int = 0
    new_products: int = 0
    new_customers: int = 0

    def leave_out(self, reason: Reason, line_number: int) -> None:
        """Count a row that is not imported."""
        entry = self.left_out.setdefault(reason, LeftOut())
        entry.count += 1
        if len(entry.line_numbers) < SAMPLE_LINES:
            entry.line_numbers.append(line_number)

    @property
    def rows_left_out(self) -> int:
        """Rows that were not imported, for whatever reason."""
        return sum(entry.count for entry in self.left_out.values())

    def lines(self) -> Iterator[str]:
        """Yield the report as lines of text."""
        yield (
            f"{self.rows:,} rows read: {self.sale_lines:,} sale lines in {self.orders:,} orders, "
            f"{self.rows_left_out:,} rows left out."
        )
        for reason, entry in sorted(self.left_out.items(), key=lambda pair: -pair[1].count):
            more = ", …" if entry.count > len(entry.line_numbers) else ""
            where = ", ".join(map(str, entry.line_numbers)) + more
            yield f"  {entry.count:>9,}  {reason.value}: line {where}"
        yield (
            f"New in the shop: {self.new_orders:,} orders, {self.new_lines:,} lines, "
            f"{self.new_products:,} products, {self.new_customers:,} customers."
        )
