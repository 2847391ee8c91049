"""One row of an export as a line of sale, or the reason why it is none."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from shop.importing.columns import Columns
from shop.importing.report import Reason

MAX_ORDER_LENGTH = 64
MAX_PRODUCT_LENGTH = 64
MAX_TITLE_LENGTH = 200
MAX_CUSTOMER_LENGTH = 100
MAX_QUANTITY = 2**31 - 1
MAX_UNIT_PRICE = Decimal("9999999999.99")
MAX_AMOUNT = Decimal("999999999999.99")
CENT = Decimal("0.01")

# Five digits, then letters for a colour or size. Codes are taken as they stand, character for
# character: 15056BL and 15056bl are two products of the source, and so are 47503J with and
# without a space behind it.
_ONLINE_RETAIL_PRODUCT = re.compile(r"\d{5}[A-Za-z]*\s*\Z", re.ASCII)
_FLOAT_CUSTOMER = re.compile(r"(\d+)\.0+\Z", re.ASCII)
_NO_CUSTOMER = frozenset({"", "nan", "none", "null", "na", "n/a"})


class SaleLine(NamedTuple):
    """One product on one order, as the shop can store it."""

    line_number: int
    order: str
    product: str
    title: str
    quantity: int
    unit_price: Decimal
    amount: Decimal
    placed_at: datetime
    customer: str


@dataclass(frozen=True, slots=True)
class Cleaner:
    """The rules by which rows of one file become sales."""

    columns: Columns
    read_date: Callable[[str], datetime | None]

    def clean(self, line_number: int, row: Sequence[str]) -> SaleLine | Reason:
        """Return the line of sale, or the first reason against it."""
        columns = self.columns
        if len(row) != columns.width and (len(row) < columns.width or any(row[columns.width :])):
            return Reason.COLUMNS
        order = row[columns.order].strip()
        product = row[columns.product]
        if reason := self._no_sale(order, product):
            return reason
        quantity = self._quantity(row)
        if isinstance(quantity, Reason):
            return quantity
        price = self._price(row)
        if isinstance(price, Reason):
            return price
        # In this order: a product of two huge numbers has more digits than Decimal rounds.
        if quantity > MAX_QUANTITY or price > MAX_UNIT_PRICE or price * quantity > MAX_AMOUNT:
            return Reason.TOO_LARGE
        placed_at = self.read_date(row[columns.date])
        if placed_at is None:
            return Reason.DATE
        title = " ".join(_cell(row, columns.title).split())
        customer = self._customer(row)
        if len(title) > MAX_TITLE_LENGTH or len(customer) > MAX_CUSTOMER_LENGTH:
            return Reason.TOO_LONG
        return SaleLine(
            line_number,
            order,
            product,
            title,
            quantity,
            price.quantize(CENT),
            (price * quantity).quantize(CENT),
            placed_at,
            customer,
        )

    def _no_sale(self, order: str, product: str) -> Reason | None:
        if not order:
            return Reason.NO_ORDER
        if len(order) > MAX_ORDER_LENGTH or len(product) > MAX_PRODUCT_LENGTH:
            return Reason.TOO_LONG
        if not self.columns.is_online_retail:
            return None if product.strip() else Reason.NO_PRODUCT
        if order[0] in "Cc":
            return Reason.CANCELLATION
        return None if _ONLINE_RETAIL_PRODUCT.match(product) else Reason.NO_PRODUCT

    def _quantity(self, row: Sequence[str]) -> int | Reason:
        if self.columns.quantity is None:
            return 1
        text = row[self.columns.quantity]
        try:
            quantity = int(text)
        except ValueError:
            number = _number(text)
            if number is None or number != number.to_integral_value():
                return Reason.QUANTITY
            if abs(number) > MAX_QUANTITY:
                # int() of 1e999999 would take the machine's memory.
                return Reason.TOO_LARGE if number > 0 else Reason.QUANTITY_NOT_POSITIVE
            quantity = int(number)
        return quantity if quantity > 0 else Reason.QUANTITY_NOT_POSITIVE

    def _price(self, row: Sequence[str]) -> Decimal | Reason:
        if self.columns.price is None:
            return Decimal(0)
        price = _number(row[self.columns.price])
        if price is None:
            return Reason.PRICE
        return price if price > 0 else Reason.PRICE_NOT_POSITIVE

    def _customer(self, row: Sequence[str]) -> str:
        text = _cell(row, self.columns.customer).strip()
        if text.lower() in _NO_CUSTOMER:
            return ""
        if self.columns.is_online_retail and (found := _FLOAT_CUSTOMER.match(text)):
            return found[1]
        return text


def _cell(row: Sequence[str], position: int | None) -> str:
    return "" if position is None else row[position]


def _number(text: str) -> Decimal | None:
    """Return a finite number; NaN and infinity are none."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
