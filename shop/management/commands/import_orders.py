"""Import order lines from a file."""

import argparse
import re
import sys
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shop.importing.columns import FIELDS, REQUIRED, parse_mapping
from shop.importing.errors import ImportRefusedError
from shop.importing.source import OrderFile
from shop.importing.survey import survey_file
from shop.importing.writer import write_sales
from shop.management.progress import Bar


class Command(BaseCommand):
    help = (
        "Import the sales of an Online Retail export, or of any CSV of order lines. "
        "Importing a file again adds only what is new in it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        parser.add_argument("file", type=Path, metavar="FILE", help="CSV file, plain or gzip")
        parser.add_argument(
            "--columns",
            metavar="FIELD=COLUMN,…",
            help=(
                "which column holds what, for files of other shops; fields: "
                f"{', '.join(FIELDS)}; needed: {', '.join(REQUIRED)}"
            ),
        )
        parser.add_argument("--currency", default="GBP", help="currency of the prices (GBP)")
        parser.add_argument(
            "--timezone", default="Europe/London", help="where the times are local (Europe/London)"
        )
        parser.add_argument("--encoding", default="utf-8", help="encoding of the text (utf-8)")
        parser.add_argument("--limit", type=int, metavar="N", help="read only the first N rows")

    def handle(self, *args: Any, **options: Any) -> None:
        quiet = options["verbosity"] == 0
        source = OrderFile(options["file"], options["encoding"])
        try:
            currency, limit = _currency(options["currency"]), _limit(options["limit"])
            mapping = parse_mapping(options["columns"]) if options["columns"] is not None else None
            zone = _zone(options["timezone"])
            with Bar("Reading", "B", sys.stderr, quiet=quiet) as bar:
                survey = survey_file(source, zone=zone, mapping=mapping, limit=limit, progress=bar)
            with Bar("Writing", "B", sys.stderr, quiet=quiet) as bar:
                report = write_sales(survey, currency=currency, progress=bar)
        except ImportRefusedError as error:
            raise CommandError(str(error)) from error
        if not quiet:
            self.stdout.write("\n".join(report.lines()))


def _currency(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", text):
        msg = f"--currency is {text!r}; give three capital letters, as in GBP."
        raise ImportRefusedError(msg)
    return text


def _limit(number: int | None) -> int | None:
    if number is not None and number < 1:
        msg = f"--limit is {number}; give 1 or more."
        raise ImportRefusedError(msg)
    return number


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        msg = f"--timezone is {name!r}, which is no time zone; give one such as Europe/London."
        raise ImportRefusedError(msg) from None
