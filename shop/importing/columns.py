"""Which column of a file holds what."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shop.importing.errors import ImportRefusedError

REQUIRED = ("order", "product", "date")
OPTIONAL = ("quantity", "price", "customer", "title")
FIELDS = REQUIRED + OPTIONAL
DELIMITERS = (",", ";", "\t", "|")

# Both editions of Online Retail, as they read without case, spaces and underscores.
_ONLINE_RETAIL: Mapping[str, tuple[str, ...]] = {
    "order": ("invoice", "invoiceno"),
    "product": ("stockcode",),
    "date": ("invoicedate",),
    "quantity": ("quantity",),
    "price": ("price", "unitprice"),
    "customer": ("customerid",),
    "title": ("description",),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """Positions of the fields in a row; None where the file has no such column."""

    width: int
    order: int
    product: int
    date: int
    quantity: int | None
    price: int | None
    customer: int | None
    title: int | None
    delimiter: str
    # Online Retail has rules of its own: C… invoices, stock codes, customers written as floats.
    is_online_retail: bool


def parse_mapping(text: str) -> dict[str, str]:
    """Return {field: column name} from `order=Order ID,product=SKU,…`."""
    mapping: dict[str, str] = {}
    for part in next(csv.reader([text], skipinitialspace=True), []):
        name, equals, column = (piece.strip() for piece in part.partition("="))
        if not equals or not column:
            msg = f"--columns has {part!r}; write field=column, as in order=Invoice."
            raise ImportRefusedError(msg)
        if name not in FIELDS:
            msg = f"--columns names the field {name!r}; the fields are {', '.join(FIELDS)}."
            raise ImportRefusedError(msg)
        if name in mapping:
            msg = f"--columns names the field {name!r} twice."
            raise ImportRefusedError(msg)
        mapping[name] = column
    if missing := [name for name in REQUIRED if name not in mapping]:
        msg = (
            f"--columns gives no column for {' and '.join(missing)}; "
            f"it gives {', '.join(mapping) or 'nothing'} and needs {', '.join(REQUIRED)}."
        )
        raise ImportRefusedError(msg)
    return mapping


def online_retail_columns(header_line: str) -> Columns | None:
    """Return the columns of an Online Retail export, or None when the header is not one."""
    for delimiter in DELIMITERS:
        names = [_plain(name) for name in split_header(header_line, delimiter)]
        found = {
            field: next((names.index(name) for name in known if name in names), None)
            for field, known in _ONLINE_RETAIL.items()
        }
        if all(position is not None for position in found.values()):
            return _columns(found, names, delimiter, is_online_retail=True)
    return None


def mapped_columns(header_line: str, mapping: Mapping[str, str]) -> Columns:
    """Return the columns that the mapping names; refuse a name that the file does not have."""
    tried = {
        delimiter: [name.strip() for name in split_header(header_line, delimiter)]
        for delimiter in DELIMITERS
    }
    delimiter, names = max(
        tried.items(), key=lambda pair: sum(name in pair[1] for name in mapping.values())
    )
    if all(len(names) == 1 for names in tried.values()):
        names = tried[","]
    for field, column in mapping.items():
        if column not in names:
            msg = (
                f"--columns says {field}={column}, but the file has no column {column!r}; "
                f"its columns are {shown_names(names)}."
            )
            raise ImportRefusedError(msg)
    found: dict[str, int | None] = {
        field: names.index(mapping[field]) if field in mapping else None for field in FIELDS
    }
    return _columns(found, names, delimiter, is_online_retail=False)


def split_header(header_line: str, delimiter: str) -> list[str]:
    """Return the column names of a header line, without a byte order mark."""
    try:
        return next(csv.reader([header_line.lstrip("\ufeff").rstrip("\r\n")], delimiter=delimiter))
    except (csv.Error, StopIteration):
        return []


def shown_names(names: Sequence[str]) -> str:
    """Return column names for a message, however many and however strange they are."""
    shown = [repr(name[:40]) for name in names[:12]]
    return ", ".join(shown) + (", …" if len(names) > len(shown) else "")


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "").replace("_", "")


def _columns(
    found: Mapping[str, int | None], names: Sequence[str], delimiter: str, *, is_online_retail: bool
) -> Columns:
    order, product, date = (found[name] for name in REQUIRED)
    assert order is not None  # noqa: S101 - both callers have just looked them up
    assert product is not None  # noqa: S101
    assert date is not None  # noqa: S101
    return Columns(
        width=len(names),
        order=order,
        product=product,
        date=date,
        quantity=found["quantity"],
        price=found["price"],
        customer=found["customer"],
        title=found["title"],
        delimiter=delimiter,
        is_online_retail=is_online_retail,
    )
