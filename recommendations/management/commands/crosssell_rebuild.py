"""``manage.py crosssell_rebuild KIND|needed|all``: read, compute, judge, publish, with bars."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations import wording
from recommendations.management import outcome as exits
from recommendations.management.progress import ProgressBars
from recommendations.models import Build
from recommendations.services.builds import (
    KINDS,
    BuildOutcome,
    buildable_kinds,
    needed_kinds,
    rebuild,
)
from recommendations.services.builds.rebuilding import words
from recommendations.services.kinds.table import recipe_of

LOOK_AGAIN_SECONDS = 1.0

ALL = "all"
"""Stands for every kind, one after the other."""

NEEDED = "needed"
"""Stands for the kinds that pages read, of those that have what they need."""


class Command(BaseCommand):
    help = (
        "Read the shop's orders, compute lists and publish them if the gate lets them pass. "
        "Exit status: 0 published (or accepted with --no-publish), 1 failed, 2 wrong arguments, "
        "3 refused by the gate, 4 another builder is at work, 5 overtaken by another builder, "
        "130 interrupted (the next rebuild goes on from there)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "kind",
            metavar="KIND",
            help=(
                f"{NEEDED}: those that pages read and that are ready; {ALL}; or one of: "
                f"{', '.join(KINDS)}"
            ),
        )
        parser.add_argument(
            "--no-publish", action="store_true", help="leave a good build as a candidate"
        )
        parser.add_argument(
            "--no-sync", action="store_true", help="do not read the products before the orders"
        )
        parser.add_argument(
            "--wait",
            type=float,
            default=0.0,
            metavar="SECONDS",
            help="wait this long for another builder to end before giving up (default: do not)",
        )
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object as the last line"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        several = {ALL: buildable_kinds(), NEEDED: needed_kinds()}.get(options["kind"])
        if several is not None:
            self._rebuild_each(several, options)
            return
        kind = _known(options["kind"])
        outcome = self._outcome(kind, options)
        self._report(kind, outcome, as_json=options["json"])

    def _rebuild_each(self, kinds: Iterable[str], options: dict[str, Any]) -> None:
        """Make one kind after the other; what is wrong with one keeps the others from nothing."""
        answers, worst = {}, 0
        for number, kind in enumerate(kinds):
            # The products are read once, before the first kind.
            given = {**options, "no_sync": options["no_sync"] or number > 0}
            try:
                outcome = self._outcome(kind, given)
            except CommandError as error:
                if error.returncode == exits.INTERRUPTED:
                    raise
                sentence, status, answer = str(error), error.returncode, {"status": "failed"}
            else:
                sentence, status = _sentence(kind, outcome)
                answer = _as_json(outcome, sentence)
            worst = worst or status
            answers[kind] = {**answer, "message": sentence}
            if not options["json"]:
                self.stdout.write(f"{kind}: {sentence}")
        if options["json"]:
            self.stdout.write(json.dumps(answers))
        if worst:
            exits.stop("Not every kind was published; see above.", worst)

    def _outcome(self, kind: str, options: dict[str, Any]) -> BuildOutcome:
        """Return what became of one kind; what went wrong ends as a sentence."""
        quiet = options["verbosity"] == 0
        try:
            with ProgressBars(self.stderr, quiet=quiet) as progress:
                return self._rebuild(kind, options, progress)
        except KeyboardInterrupt:
            exits.stop(
                "Interrupted. Run the command again: it goes on from the last chunk.",
                exits.INTERRUPTED,
            )
        except Exception as error:  # whatever it is, the row of the build says so too
            sentence = f"The build failed: {words(error)} (--traceback: where.)"
            raise CommandError(sentence, returncode=exits.FAILED) from error

    def _rebuild(self, kind: str, options: dict[str, Any], progress: ProgressBars) -> BuildOutcome:
        until = time.monotonic() + options["wait"]
        while True:
            outcome = rebuild(
                kind,
                progress=progress,
                by="crosssell_rebuild",
                publish=not options["no_publish"],
                sync=not options["no_sync"],
            )
            if outcome.status != "busy" or time.monotonic() >= until:
                return outcome
            time.sleep(LOOK_AGAIN_SECONDS)

    def _report(self, kind: str, outcome: BuildOutcome, *, as_json: bool) -> None:
        sentence, status = _sentence(kind, outcome)
        if as_json:
            self.stdout.write(json.dumps(_as_json(outcome, sentence)))
        if status:
            exits.stop(sentence, status)
        if not as_json:
            self.stdout.write(self.style.SUCCESS(sentence))


def _known(kind: str) -> str:
    """Return the kind if it can be built; else end with those there are, or what it lacks."""
    try:
        return recipe_of(kind).kind
    except ValueError as error:
        exits.stop(str(error), exits.USAGE)


def _sentence(kind: str, outcome: BuildOutcome) -> tuple[str, int]:
    """Return what happened, and the exit status that says so."""
    build = outcome.build
    if outcome.status == "busy":
        running = f" (build #{build.pk})" if build else ""
        return f"Another builder is making {kind!r} now{running}; nothing was done.", exits.BUSY
    if build is None:
        return (
            "This builder was overtaken by another one, which goes on; nothing more was written.",
            exits.LOST,
        )
    lines = wording.number(build.input_counts.get("lines"))
    if outcome.status == Build.Status.REJECTED:
        reasons = " ".join(wording.verdict(build.verdict))
        return (
            f"Build #{build.pk} was refused by the gate; what was published stays. {reasons}",
            exits.REFUSED,
        )
    if outcome.status == Build.Status.CANDIDATE:
        return f"Build #{build.pk} from {lines} lines is accepted and not yet published.", 0
    return f"Build #{build.pk} from {lines} lines is published.", 0


def _as_json(outcome: BuildOutcome, sentence: str) -> dict[str, Any]:
    build = outcome.build
    return {
        "status": outcome.status,
        "message": sentence,
        "build": build.pk if build else None,
        "input": build.input_counts if build else {},
        "metrics": build.metrics if build else {},
        "verdict": build.verdict if build else {},
    }
