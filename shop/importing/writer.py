"""Lines of sale, written to the shop in chunks that each stand or fall as a whole.

What is already there is found by the order's external key and the line's product, quantity and
price, so an import that was killed goes on where it stopped, a second one adds nothing, and a file
that has grown adds what is new.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

from django.db import transaction

from shop.bulk import LineRow, insert_lines
from shop.importing.cleaning import SaleLine
from shop.importing.customers import customer_ids
from shop.importing.products import create_products, product_ids
from shop.importing.report import ImportReport, Reason
from shop.importing.seen import LineKey, LinesSeen, line_key, line_text
from shop.importing.source import Progress
from shop.importing.survey import Survey
from shop.models import Order, OrderLine

# Large enough that a commit costs little, small enough that a chunk takes well under a second.
LINES_PER_CHUNK = 4_000
# An order larger than this is written in parts; memory stays bounded.
MAX_LINES_PER_CHUNK = 5 * LINES_PER_CHUNK
# SQLite takes at most 999 parameters a statement in its older versions.
KEYS_PER_QUERY = 900
MAX_NUMBER_LENGTH = 32

Lines = dict[str, list[SaleLine]]


def write_sales(survey: Survey, *, currency: str, progress: Progress | None = None) -> ImportReport:
    """Add everything of the file that the shop does not have; return the figures."""
    report = survey.report
    report.new_products = create_products(survey.products, currency=currency)
    writer = _Writer(report, currency, survey, product_ids(survey.products))
    with LinesSeen() as seen:
        for lines in chunks_of_orders(survey.sale_lines(progress)):
            in_chunk = Counter(line_key(line) for some in lines.values() for line in some)
            writer.write(lines, seen.add(in_chunk))
        report.orders = seen.count_orders()
    return report


def chunks_of_orders(lines: Iterable[SaleLine]) -> Iterator[Lines]:
    """Yield lines by order, cut between two orders wherever that is possible."""
    chunk: Lines = {}
    size, last = 0, None
    for line in lines:
        is_cut = size >= LINES_PER_CHUNK and line.order != last
        if is_cut or size >= MAX_LINES_PER_CHUNK:
            yield chunk
            chunk, size = {}, 0
        chunk.setdefault(line.order, []).append(line)
        size, last = size + 1, line.order
    if chunk:
        yield chunk


def order_number(key: str) -> str:
    """Return the number that an imported order carries in the shop."""
    number = f"I-{key}"
    if len(number) <= MAX_NUMBER_LENGTH:
        return number
    return f"I-{blake2b(key.encode(), digest_size=15).hexdigest()}"


@dataclass(slots=True)
class _Writer:
    report: ImportReport
    currency: str
    survey: Survey
    products: dict[str, int]

    @transaction.atomic
    def write(self, chunk: Lines, seen: dict[LineKey, int]) -> None:
        """Add what is new of a chunk; `seen` says how often its lines came before it."""
        orders = self._existing(chunk)
        known_ids = [pk for pk, source in orders.values() if source == Order.Source.IMPORT]
        orders.update(self._create_orders(chunk, orders))
        present, positions = _lines_present(known_ids)
        new = []
        for key, lines in chunk.items():
            order_id, source = orders[key]
            if source != Order.Source.IMPORT:
                self._leave_out(lines)
                continue
            for line in lines:
                same = line_key(line)
                if seen[same] >= present[order_id, same[1]]:
                    new.append(self._line(order_id, positions[order_id], line))
                    positions[order_id] += 1
                seen[same] += 1
        insert_lines(new)
        self.report.new_lines += len(new)

    def _existing(self, chunk: Lines) -> dict[str, tuple[int, str]]:
        keys = list(chunk)
        found: dict[str, tuple[int, str]] = {}
        for start in range(0, len(keys), KEYS_PER_QUERY):
            rows = Order.objects.filter(external_key__in=keys[start : start + KEYS_PER_QUERY])
            for key, pk, source in rows.values_list("external_key", "pk", "source"):
                found[str(key)] = (pk, source)
        return found

    def _create_orders(
        self, chunk: Lines, existing: dict[str, tuple[int, str]]
    ) -> dict[str, tuple[int, str]]:
        new = {key: lines for key, lines in chunk.items() if key not in existing}
        customers = {key: _customer(lines) for key, lines in new.items()}
        # Backwards, so that a customer's first order is the one that stays.
        first_orders = {
            customer: new[key][0].placed_at
            for key, customer in reversed(customers.items())
            if customer
        }
        users, added = customer_ids(first_orders)
        orders = Order.objects.bulk_create(
            Order(
                number=order_number(key),
                user_id=users.get(customers[key]),
                status=Order.Status.PAID,
                currency=self.currency,
                placed_at=lines[0].placed_at,
                paid_at=lines[0].placed_at,
                source=Order.Source.IMPORT,
                external_key=key,
            )
            for key, lines in new.items()
        )
        self.report.new_orders += len(orders)
        self.report.new_customers += added
        return {str(order.external_key): (order.pk, order.source) for order in orders}

    def _line(self, order_id: int, position: int, line: SaleLine) -> LineRow:
        return LineRow(
            order_id=order_id,
            product_id=self.products[line.product],
            product_name=line.title or self.survey.products[line.product].title() or line.product,
            sku=line.product,
            quantity=line.quantity,
            refunded_quantity=0,
            unit_price=line.unit_price,
            amount=line.amount,
            position=position,
        )

    def _leave_out(self, lines: list[SaleLine]) -> None:
        self.report.sale_lines -= len(lines)
        for line in lines:
            self.report.leave_out(Reason.FOREIGN_ORDER, line.line_number)


def _customer(lines: list[SaleLine]) -> str:
    """Return the order's customer: that of its first line which names one."""
    return next((line.customer for line in lines if line.customer), "")


def _lines_present(order_ids: list[int]) -> tuple[Counter[tuple[int, str]], Counter[int]]:
    """Return how often each line is there, and how many lines each order has."""
    same: Counter[tuple[int, str]] = Counter()
    lines: Counter[int] = Counter()
    for start in range(0, len(order_ids), KEYS_PER_QUERY):
        rows = OrderLine.objects.filter(order_id__in=order_ids[start : start + KEYS_PER_QUERY])
        fields = rows.values_list("order_id", "quantity", "unit_price", "sku")
        for order_id, quantity, unit_price, sku in fields:
            same[order_id, line_text(quantity, unit_price, sku)] += 1
            lines[order_id] += 1
    return same, lines
