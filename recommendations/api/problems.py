"""Errors as RFC 9457 problem details, for our views only: no setting of the project is touched."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
)
from django.http import Http404, HttpResponse, UnreadablePostError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.views import set_rollback

from recommendations.faults import log_fault

CONTENT_TYPE = "application/problem+json"


@dataclasses.dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of error. The name is stable: callers may tell errors apart by it."""

    name: str
    status: int
    title: str | Promise

    @property
    def uri(self) -> str:
        """The ``type`` member: relative, as RFC 9457 allows."""
        return f"/problems/{self.name}"


INVALID_PARAMETERS = ProblemType("invalid-parameters", 400, _("Invalid parameters"))
MALFORMED_REQUEST = ProblemType("malformed-request", 400, _("Malformed request"))
NOT_AUTHENTICATED = ProblemType("not-authenticated", 401, _("Not authenticated"))
PERMISSION_DENIED = ProblemType("permission-denied", 403, _("Permission denied"))
NOT_FOUND = ProblemType("not-found", 404, _("Not found"))
ITEM_NOT_FOUND = ProblemType("item-not-found", 404, _("Item not found"))
METHOD_NOT_ALLOWED = ProblemType("method-not-allowed", 405, _("Method not allowed"))
NOT_ACCEPTABLE = ProblemType("not-acceptable", 406, _("Not acceptable"))
NOTHING_ADDED = ProblemType("nothing-added", 409, _("Nothing was added"))
NOT_REPLACED = ProblemType("not-replaced", 409, _("Nothing was replaced"))
TOO_LARGE = ProblemType("content-too-large", 413, _("Content too large"))
UNSUPPORTED_MEDIA_TYPE = ProblemType("unsupported-media-type", 415, _("Unsupported media type"))
THROTTLED = ProblemType("throttled", 429, _("Too many requests"))
INTERNAL_ERROR = ProblemType("internal-error", 500, _("Internal error"))

PROBLEM_TYPES = tuple(value for value in globals().values() if isinstance(value, ProblemType))

_BY_EXCEPTION: Sequence[tuple[type[Exception], ProblemType]] = (
    (exceptions.ValidationError, INVALID_PARAMETERS),
    (exceptions.ParseError, MALFORMED_REQUEST),
    (exceptions.NotAuthenticated, NOT_AUTHENTICATED),
    (exceptions.AuthenticationFailed, NOT_AUTHENTICATED),
    (exceptions.PermissionDenied, PERMISSION_DENIED),
    (PermissionDenied, PERMISSION_DENIED),
    (exceptions.NotFound, NOT_FOUND),
    (Http404, NOT_FOUND),
    (exceptions.MethodNotAllowed, METHOD_NOT_ALLOWED),
    (exceptions.NotAcceptable, NOT_ACCEPTABLE),
    (exceptions.UnsupportedMediaType, UNSUPPORTED_MEDIA_TYPE),
    (exceptions.Throttled, THROTTLED),
    (RequestDataTooBig, TOO_LARGE),
    (TooManyFieldsSent, INVALID_PARAMETERS),
    (SuspiciousOperation, MALFORMED_REQUEST),
    (UnreadablePostError, MALFORMED_REQUEST),
)
_DETAILS: Mapping[ProblemType, str | Promise] = {
    TOO_LARGE: _("The request is larger than this address takes."),
    INVALID_PARAMETERS: _("The request has parameters that cannot be used."),
    MALFORMED_REQUEST: _("The request cannot be read."),
    NOT_FOUND: _("There is nothing at this address."),
    PERMISSION_DENIED: _("You may not do this."),
    INTERNAL_ERROR: _("Something failed on our side. It has been logged."),
}


class Problem(exceptions.APIException):
    """An error of a type of ours, with one entry per thing that is wrong."""

    def __init__(
        self,
        kind: ProblemType,
        detail: str | Promise = "",
        *,
        errors: Iterable[Mapping[str, str]] = (),
    ) -> None:
        self.kind = kind
        self.errors = [dict(error) for error in errors]
        self.status_code = kind.status
        super().__init__(str(detail or _DETAILS.get(kind, kind.title)))


def problem_response(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """Return any error as problem details. What nobody foresaw is logged and says nothing more."""
    set_rollback()
    kind, status, detail, errors = _told(error)
    body: dict[str, Any] = {
        "type": kind.uri,
        "title": str(kind.title),
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = errors
    response = HttpResponse(json.dumps(body), status=status, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait))
    if challenge := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    return response


def _told(error: Exception) -> tuple[ProblemType, int, str, list[dict[str, str]]]:
    if isinstance(error, Problem):
        return error.kind, error.kind.status, str(error.detail), error.errors
    kind = next((kind for known, kind in _BY_EXCEPTION if isinstance(error, known)), None)
    if kind is None:
        log_fault("API", error)
        kind = INTERNAL_ERROR
    # Texts of Django's own exceptions are for developers; those of REST framework for callers.
    if isinstance(error, exceptions.APIException) and isinstance(error.detail, str):
        return kind, error.status_code, error.detail, []
    return kind, kind.status, str(_DETAILS[kind]), []
