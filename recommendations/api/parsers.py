"""Reading of bodies: small JSON only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.parsers import BaseParser

from recommendations.api.problems import TOO_LARGE, Problem

MAX_BODY_BYTES = 64 * 1024
"""51 keys of 200 characters, of four bytes each, take 41 kB."""


class SmallJSONParser(BaseParser):
    """Reads JSON of up to ``MAX_BODY_BYTES``, whatever length the caller has declared."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the value, or raise a problem for a body that is too large or no JSON."""
        body = stream.read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            raise Problem(TOO_LARGE)
        try:
            return json.loads(body.decode("utf-8"))
        except (ValueError, RecursionError) as error:  # "[[[[…" exhausts the stack
            raise exceptions.ParseError(_("The body is no JSON in UTF-8.")) from error
