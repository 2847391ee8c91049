"""``manage.py crosssell_check``: what the shop looks like through its adapter."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from django.core.checks import Error
from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from recommendations.adapters import get_adapter
from recommendations.checks import check_adapter
from recommendations.management import outcome
from recommendations.selectors.mapping import (
    LineMapping,
    ProductMapping,
    line_mapping,
    maps,
    problems,
    product_mapping,
)


class Command(BaseCommand):
    help = (
        "Show one mapped product and one mapped line, counts, currencies, statuses and what would "
        "go wrong. Nothing is written. Exit status: 0 something maps, 1 nothing does."
    )
    requires_system_checks = ()  # this command tells about them itself

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object as the last line"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        messages = check_adapter()
        errors = [message for message in messages if isinstance(message, Error)]
        if errors:
            self._report([], [], [str(error) for error in errors], options)
            outcome.stop("The adapter cannot be read.", outcome.FAILED)
        adapter = get_adapter()
        products = [product_mapping(adapter, source) for source in adapter.sources().values()]
        lines = [line_mapping(adapter, source) for source in adapter.line_sources()]
        wrong = [str(message) for message in messages] + list(problems(products, lines))
        self._report(products, lines, wrong, options)
        if not maps(products, lines):
            outcome.stop("Nothing maps.", outcome.FAILED)

    def _report(
        self,
        products: list[ProductMapping],
        lines: list[LineMapping],
        wrong: list[str],
        options: dict[str, Any],
    ) -> None:
        if options["json"]:
            answer = {
                "products": [dataclasses.asdict(one) for one in products],
                "lines": [dataclasses.asdict(one) for one in lines],
                "problems": wrong,
                "maps": maps(products, lines),
            }
            self.stdout.write(json.dumps(answer, cls=DjangoJSONEncoder, ensure_ascii=False))
            return
        for product in products:
            self._products(product)
        for line in lines:
            self._lines(line)
        self._heading("What would go wrong" if wrong else "Nothing found that would go wrong")
        for problem in wrong:
            self.stdout.write(self.style.WARNING(f"  {problem}"))

    def _products(self, mapping: ProductMapping) -> None:
        self._heading(f"Products: {mapping.model}")
        self._row("products", f"{mapping.products:,}, of which shown now {mapping.shown:,}")
        self._example(mapping.example)

    def _lines(self, mapping: LineMapping) -> None:
        self._heading(f"Order lines: {mapping.model}")
        left_out = mapping.lines - mapping.counted
        self._row("lines", f"{mapping.counted:,} counted, {left_out:,} left out")
        self._row("orders", f"{mapping.orders:,}")
        self._row("customers", f"{mapping.customers:,} users, {mapping.guests:,} guests")
        self._row("without product", _share(mapping.without_product, mapping.counted))
        self._row("without customer", _share(mapping.without_customer, mapping.counted))
        self._row("placed", f"{mapping.first_placed_at} to {mapping.last_placed_at}")
        codes = (f"{code or '(none)'} {n:,}" for code, n in mapping.currencies.items())
        self._row("currencies", ", ".join(codes) or "not declared")
        for column, values in mapping.conditions.items():
            self._row(column, "counted / left out")
            for value, (counted, out) in values.items():
                self._row(f"  {value or '(empty)'}", f"{counted:,} / {out:,}")
        self._example(mapping.example)

    def _example(self, example: dict[str, Any] | None) -> None:
        self.stdout.write("  for example" if example else "  no example")
        for name, value in (example or {}).items():
            self._row(f"  {name}", value)

    def _heading(self, words: str) -> None:
        self.stdout.write(self.style.MIGRATE_HEADING(words))

    def _row(self, name: str, value: Any) -> None:
        self.stdout.write(f"  {name:<18} {value}")


def _share(count: int, of: int) -> str:
    return f"{count:,} ({count / of:.1%} of the counted lines)" if of else "0"
