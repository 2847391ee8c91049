"""Fill the shop with a catalogue, customers and a history of orders."""

import argparse
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from shop.management.progress import Bar
from shop.models import Order, Product
from shop.seeding.plan import Parameters
from shop.seeding.writer import SeedRefusedError, begun_parameters, seed_shop

PLAN_NAME = "seed-plan.json"
SIZES = {
    "products": "product pages; variants come on top",
    "customers": "people who buy, one in five of them as a guest",
    "orders": "orders, bots included",
    "seed": "the same seed and sizes make the same shop",
    "months": "length of the history",
}


class Command(BaseCommand):
    help = (
        "Fill the shop with a believable catalogue and history. What goes together, what leads up "
        "to what and what is bought again and again is planted and kept in a plan file."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        for name, help_text in SIZES.items():
            default = Parameters.__dataclass_fields__[name].default
            parser.add_argument(
                f"--{name}", type=int, default=default, metavar="N", help=f"{help_text} ({default})"
            )
        parser.add_argument(
            "--until",
            type=_date,
            metavar="DATE",
            help="first day without orders, as in 2026-01-31 (today)",
        )
        parser.add_argument(
            "--plan-file",
            type=Path,
            default=default_plan_file(),
            metavar="PATH",
            help="where to keep what was planted (%(default)s)",
        )
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help="do nothing in a shop that has products or orders, unless seeding was interrupted",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        quiet = options["verbosity"] == 0
        plan_file = options["plan_file"]
        parameters = None
        if options["if_empty"] and (Product.objects.exists() or Order.objects.exists()):
            parameters = begun_parameters(plan_file)
            if parameters is None:
                if not quiet:
                    self.stdout.write("The shop has products or orders; it is left as it is.")
                return
        try:
            parameters = parameters or Parameters(
                until=options["until"] or datetime.now(UTC).date(),
                **{name: options[name] for name in SIZES},
            )
            with Bar("Seeding", "row", sys.stderr, quiet=quiet) as bar:
                report = seed_shop(parameters, plan_file, progress=bar)
        except ValueError as error:
            if isinstance(error, SeedRefusedError) or parameters is None:
                raise CommandError(str(error)) from error
            raise
        if not quiet:
            self.stdout.write(
                f"{report.pages:,} products ({report.sellables:,} with their variants), "
                f"{parameters.customers:,} customers, {report.orders:,} orders, "
                f"{report.new_orders:,} of them new. What was planted: {plan_file}"
            )


def default_plan_file() -> Path:
    """Return the plan's place beside the database."""
    folder = getattr(settings, "VAR_DIR", None) or Path(settings.BASE_DIR) / "var"
    return Path(folder) / PLAN_NAME


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        msg = f"{text!r} is no date; write it as in 2026-01-31"
        raise argparse.ArgumentTypeError(msg) from None
