"""Puts a task on the queue once the database has committed, and says so when nobody takes it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from celery import Task
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from kombu.exceptions import KombuError

logger = logging.getLogger(__name__)

UNREACHABLE = (KombuError, OSError)
"""What brokers raise when they cannot be reached or written to."""


def enqueue_on_commit(
    request: HttpRequest, task: Task, *, done: str, command: str, **arguments: Any
) -> None:
    """Enqueue a task after the commit and tell the person what came of it.

    ``command`` does the same without a queue.
    """
    transaction.on_commit(partial(_enqueue, request, task, done, command, arguments))


def _enqueue(
    request: HttpRequest, task: Task, done: str, command: str, arguments: dict[str, Any]
) -> None:
    # One attempt: a person waits for the answer, and pressing again costs nothing.
    send: Callable[..., Any] = partial(task.apply_async, retry=False)
    try:
        send(kwargs=arguments)
    except UNREACHABLE as error:
        logger.warning("%s could not be enqueued: %s", task.name, error)
        messages.error(
            request,
            _(
                "The task queue does not answer, so nothing was started and nothing has changed. "
                "Ask whoever runs the site to look after the Celery broker, or to run "
                "“manage.py %(command)s” meanwhile."
            )
            % {"command": command},
        )
    else:
        messages.success(request, done)
