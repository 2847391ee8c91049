"""Fills the reference shop and makes its first build; quick when that was done before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations.selectors.builds import published_build
from recommendations.selectors.choices import model_choices
from shop.services.demo import (
    ask_for_comparison,
    create_default_placements,
    create_default_schedule,
    create_demo_logins,
    give_customer_a_past,
)


class Command(BaseCommand):
    help = "Migrates, fills the shop (from a seed, or from --orders FILE), and makes a first build."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--orders", type=Path, metavar="FILE", help="a real order export")

    def handle(self, *args: Any, **options: Any) -> None:
        orders: Path | None = options["orders"]
        if orders is not None and not orders.is_file():
            raise CommandError(f"There is no file {orders}.")
        self._step("Migrating the database")
        call_command("migrate", verbosity=0, interactive=False)
        create_demo_logins()
        create_default_schedule()
        create_default_placements()
        changed = self._fill(orders)
        give_customer_a_past()
        if changed or published_build("together") is None:
            # It reads the products first, as crosssell_sync does.
            self._step("Building 'frequently bought together'")
            call_command("crosssell_rebuild", "together")
        if not model_choices():
            ask_for_comparison()  # answered by the worker, once it runs

    def _fill(self, orders: Path | None) -> bool:
        """Fill the shop and return whether there is anything new in it."""
        if orders is None:
            self._step("Filling the shop")
            call_command("seed_shop", "--if-empty")
            return False
        stat = orders.stat()
        imported = f"{orders.resolve()}\n{stat.st_size}\n{stat.st_mtime_ns}\n"
        note = Path(settings.VAR_DIR) / "imported"
        if note.exists() and note.read_text() == imported:
            self._step(f"{orders.name} was imported before")
            return False
        self._step(f"Importing {orders.name}")
        call_command("import_orders", str(orders))
        note.write_text(imported)
        return True

    def _step(self, text: str) -> None:
        self.stdout.write(self.style.MIGRATE_HEADING(text))
        self.stdout.flush()
