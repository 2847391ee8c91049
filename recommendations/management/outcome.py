"""Exit statuses shared by the commands, so that a script can tell what happened."""

from __future__ import annotations

from typing import NoReturn

from django.core.management.base import CommandError

FAILED = 1
USAGE = 2
REFUSED = 3
BUSY = 4
LOST = 5
INTERRUPTED = 130


def stop(message: str, returncode: int) -> NoReturn:
    """End the command with a sentence and an exit status."""
    raise CommandError(message, returncode=returncode)
