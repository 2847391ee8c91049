"""``manage.py crosssell_evaluate KIND``: how good the lists are on orders they have not seen."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations import wording
from recommendations.management.progress import ProgressBars
from recommendations.models import Question
from recommendations.services.builds import KINDS
from recommendations.services.evaluation import evaluate

ROWS = (
    ("hit_rate", "hit rate"),
    ("recall", "recall"),
    ("ndcg", "NDCG"),
    ("coverage", "coverage"),
)

QUESTIONS = {
    "basket": "rest of the order",
    "item": "one product",
    "customer": "new to a customer",
    "next_basket": "next basket",
}
"""What is asked, in a few words."""


class Command(BaseCommand):
    help = (
        "Fit a model on all but the newest orders and ask it about those: for kinds with a list "
        "per item, one line of each order is hidden and the rest is the question; for kinds with "
        "a list per customer, what each buys next is asked. Nothing is stored."
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
        if report["question"] == Question.RATING:
            self._print_ratings(report)
            return
        if not report["n_queries"]:
            self.stdout.write(
                f"The orders of the last {report['holdout_days']:g} days ask nothing, so there is "
                "nothing to test on. Try more --holdout-days."
            )
            return
        asked = wording.number(report["n_queries"])
        self.stdout.write(
            f"Learned from {wording.number(report['train']['lines'])} lines, asked "
            f"{asked} questions about the {wording.number(report['test']['orders'])} orders of "
            f"the last {report['holdout_days']:g} days: {QUESTIONS[report['question']]}."
        )
        columns = {QUESTIONS[report["question"]]: report}
        if "single_item" in report:
            columns["one product"] = report["single_item"]
        columns["best sellers"] = report["popularity"]
        self.stdout.write(f"{'at ' + str(report['k']):<10}" + "".join(f"{c:>20}" for c in columns))
        for name, words in ROWS:
            values = "".join(f"{column[name]:>20.4f}" for column in columns.values())
            self.stdout.write(f"{words:<10}{values}")

    def _print_ratings(self, report: dict[str, Any]) -> None:
        if not report["held_out_ratings"]:
            self.stdout.write("There are too few ratings to hold any out.")
            return
        held_out = wording.number(report["held_out_ratings"])
        self.stdout.write(f"Foretold the newest {held_out} ratings from those before them.")
        self.stdout.write(f"{'':<10}{'ratings':>20}{'mean and biases':>20}")
        for name, words in (("rmse", "RMSE"), ("mae", "MAE")):
            self.stdout.write(
                f"{words:<10}{report[name]:>20.4f}{report[f'baseline_{name}']:>20.4f}"
            )
