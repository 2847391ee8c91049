"""``manage.py crosssell_publish BUILD``: let readers read a build, or go back to the one before."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations.models import Build
from recommendations.services.builds import KINDS, PublishError, publish_build, roll_back


class Command(BaseCommand):
    help = "Publish a build by its number, or roll a kind back to the build published before."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("build", nargs="?", type=int, metavar="BUILD", help="number of a build")
        what.add_argument("--roll-back", metavar="KIND", help=f"one of: {', '.join(KINDS)}")
        parser.add_argument(
            "--force", action="store_true", help="publish although the gate refused it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            publication = self._publish(options)
        except PublishError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(self.style.SUCCESS(f"Build #{publication.build_id} is published."))

    def _publish(self, options: dict[str, Any]) -> Any:
        kind = options["roll_back"]
        if kind is not None:
            if kind not in KINDS:
                msg = f"There is no build kind {kind!r}; there are: {', '.join(KINDS)}."
                raise CommandError(msg)
            return roll_back(kind, by="crosssell_publish")
        build = Build.objects.filter(pk=options["build"]).first()
        if build is None:
            newest = Build.objects.order_by("-pk").values_list("pk", flat=True)[:5]
            known = ", ".join(map(str, newest)) or "none yet"
            msg = f"There is no build #{options['build']}; the newest are: {known}."
            raise CommandError(msg)
        return publish_build(build, force=options["force"], by="crosssell_publish")
