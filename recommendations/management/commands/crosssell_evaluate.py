"""``manage.py crosssell_evaluate KIND``: how good the lists are on orders they have not seen."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations import wording
from recommendations.management.progress import ProgressBars
from recommendations.services.builds import KINDS
from recommendations.services.evaluation import evaluate

ROWS = (
    ("hit_rate", "hit rate"),
    ("recall", "recall"),
    ("ndcg", "NDCG"),
    ("coverage", "coverage"),
)


class Command(BaseCommand):
    help = (
        "Build lists on all but the newest orders, hide one line of each of those, and count how "
        "often the first k proposals for the rest of the order hold it. Nothing is stored."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", metavar="KIND", help=f"one of: {', '.join(KINDS)}")
        parser.add_argument("--k", type=int, default=10, help="proposals looked at (default: 10)")
        parser.add_argument(
            "--holdout-days", type=float, default=28.0, help="newest days to test on (default: 28)"
        )
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object as the last line"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with ProgressBars(self.stderr, quiet=options["verbosity"] == 0) as progress:
                report = evaluate(
                    options["kind"],
                    k=options["k"],
                    holdout_days=options["holdout_days"],
                    progress=progress,
                )
        except ValueError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(report))
        else:
            self._print(report)

    def _print(self, report: dict[str, Any]) -> None:
        if not report["n_queries"]:
            self.stdout.write(
                f"No order of the last {report['holdout_days']:g} days holds two items, so there "
                "is nothing to test on. Try more --holdout-days."
            )
            return
        self.stdout.write(
            f"Learned from {wording.number(report['train']['lines'])} lines, asked about "
            f"{wording.number(report['n_queries'])} of the "
            f"{wording.number(report['test']['orders'])} orders of the last "
            f"{report['holdout_days']:g} days."
        )
        columns = ("rest of the order", "one product", "best sellers")
        self.stdout.write(f"{'at ' + str(report['k']):<10}" + "".join(f"{c:>20}" for c in columns))
        for name, words in ROWS:
            values = (report[name], report["single_item"][name], report["popularity"][name])
            self.stdout.write(f"{words:<10}" + "".join(f"{value:>20.4f}" for value in values))
