"""``manage.py crosssell_tune [QUESTION]``: try every model, print how each did, keep the best."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations import model_wording, wording
from recommendations.management.progress import ProgressBars
from recommendations.models import Question
from recommendations.services.comparing import compare_models
from recommendations.services.kinds.table import KIND_OF
from recommendations.services.recipes import Progress
from recommendations.services.tuning import Tuned, tune_models

STATUS = {
    "busy": "A comparison is running already. Wait for it, or print one with --dry-run.",
    "lost": "Another comparison has taken over, so nothing more was kept.",
}

METRICS = (
    ("recall", "recall"),
    ("precision", "precision"),
    ("f1", "F1"),
    ("ndcg", "NDCG"),
    ("hit_rate", "hit rate"),
    ("coverage", "coverage"),
    ("novelty", "novelty"),
    ("diversity", "diversity"),
)


OF_RATINGS = (("rmse", "RMSE"), ("mae", "MAE"))
"""What is measured where ratings are foretold: how far off they are."""


class Command(BaseCommand):
    help = (
        "Hold out the newest orders, fit every model on the rest, and count what each finds. The "
        "best one is kept with its parameters, and the next rebuild uses it. What a merchant has "
        "chosen in the admin stays."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "question",
            nargs="?",
            metavar="QUESTION",
            help=f"one of: {', '.join(Question.values)} (default: all)",
        )
        parser.add_argument(
            "--budget-seconds",
            type=float,
            metavar="N",
            help="time for each question (default: TUNING_BUDGET_SECONDS)",
        )
        parser.add_argument("--dry-run", action="store_true", help="print, and keep nothing")
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object as the last line"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        seconds = options["budget_seconds"]
        if seconds is not None and not seconds > 0:
            raise CommandError(f"--budget-seconds must be above 0, not {seconds:g}.")
        try:
            with ProgressBars(self.stderr, quiet=options["verbosity"] == 0) as progress:
                found = _found(options["question"], seconds, progress, dry_run=options["dry_run"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps({one.question: one.as_json() for one in found}))
            return
        for one in found:
            self._print(one)

    def _print(self, tuned: Tuned) -> None:
        table = tuned.table
        self.stdout.write(self.style.MIGRATE_HEADING(str(Question(tuned.question).label)))
        asked = wording.number(table["n_questions"])
        metrics = OF_RATINGS if tuned.question == Question.RATING else METRICS
        self.stdout.write(
            f"The newest {asked} ratings are held out."
            if metrics is OF_RATINGS
            else f"{asked} questions from the newest orders; figures at {table['k']}."
        )
        names = "".join(f"{words:>11}" for _, words in metrics)
        width = max([28, *(len(_name(model, chosen=True)) + 1 for model in table["models"])])
        self.stdout.write(f"{'model':<{width}}{names}{'seconds':>11}{'MiB':>7}")
        for model in table["models"]:
            chosen = model["name"] == tuned.parameters.get("family")
            self.stdout.write(_row(model, metrics, chosen=chosen, width=width))
        for skipped in table["skipped"]:
            self.stdout.write(f"  -  {skipped['name']}: {model_wording.why_skipped(skipped)}")
        self.stdout.write(_conclusion(tuned))


def _found(
    question: str | None, seconds: float | None, progress: Progress, *, dry_run: bool
) -> Sequence[Tuned]:
    """Compare; one comparison at a time may store what it finds."""
    if dry_run:
        return tune_models(question, budget_seconds=seconds, store=False, progress=progress)
    outcome = compare_models(question, budget_seconds=seconds, progress=progress)
    if outcome.status != "done":
        raise CommandError(STATUS[outcome.status])
    return outcome.found


def _name(model: Mapping[str, Any], *, chosen: bool) -> str:
    return f"{'*' if chosen else ' '} {KIND_OF.get(model['name'], '')}: {model['name']}"


def _row(
    model: Mapping[str, Any], metrics: Sequence[tuple[str, str]], *, chosen: bool, width: int
) -> str:
    values = (model["metrics"].get(name) for name, _ in metrics)
    figures = "".join(f"{'–' if value is None else format(value, '.4f'):>11}" for value in values)
    mebibytes = model["bytes_needed"] / 2**20
    return (
        f"{_name(model, chosen=chosen):<{width}}{figures}{model['seconds']:>11.2f}{mebibytes:>7.0f}"
    )


def _conclusion(tuned: Tuned) -> str:
    """Return what was chosen and what serves from now on."""
    why = model_wording.why_chosen(tuned.table, tuned.parameters.get("family", ""))
    if not tuned.kind:
        return f"Nothing was chosen: {why}"
    chosen = f"Chosen: {tuned.kind} with {json.dumps(tuned.parameters)}. {why}"
    if tuned.serves != tuned.kind:
        return f"{chosen} The merchant has chosen {tuned.serves}, and that stays."
    kept = "It is used from the next rebuild on." if tuned.stored else "Nothing was kept."
    return f"{chosen} {kept}"
