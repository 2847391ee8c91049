"""``manage.py crosssell_sync``: bring our items in step with the shop's products."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from recommendations.management import outcome
from recommendations.management.progress import ProgressBars
from recommendations.services.sync import EmptyShopError, sync_items


class Command(BaseCommand):
    help = (
        "Read the shop's products and write what changed to our items. Nothing is deleted. "
        "Exit status: 0 done, 1 refused because the shop has no product where it had some."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--allow-empty",
            action="store_true",
            help="go on where a model that had products has none: every item becomes inactive",
        )
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object as the last line"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with ProgressBars(self.stderr, quiet=options["verbosity"] == 0) as progress:
                report = sync_items(progress=progress, allow_empty=options["allow_empty"])
        except EmptyShopError as error:
            outcome.stop(str(error), outcome.FAILED)
        figures = dataclasses.asdict(report)
        if options["json"]:
            self.stdout.write(json.dumps(figures))
            return
        total = figures.pop("total")
        told = ", ".join(f"{n:,} {name.replace('_', ' ')}" for name, n in figures.items() if n)
        self.stdout.write(f"{total:,} products: {told or 'nothing to do'}.")
