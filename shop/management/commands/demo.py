"""The whole shop with one command: filled, built, served, with a worker and a schedule."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from shop.services.demo import LOGINS
from shop.supervisor import Supervisor

HOST = "127.0.0.1"
START_SECONDS = 120.0


class Command(BaseCommand):
    help = "Fills the reference shop, then runs web server, Celery worker and beat until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="port of the web server")
        parser.add_argument(
            "--orders",
            type=Path,
            metavar="FILE",
            help="run on a real order export, in a database of its own",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        port, orders = options["port"], options["orders"]
        if not settings.DEBUG:
            raise CommandError("The demo has well-known passwords: it runs only with DEBUG on.")
        require_free_port(port)
        if orders is not None and not orders.is_file():
            raise CommandError(f"There is no file {orders}.")
        environment = demo_environment(orders)
        with Supervisor() as supervisor:
            prepare(supervisor, orders, environment)
            serve(supervisor, port, environment)
        supervisor.say("Everything has stopped.")


def prepare(supervisor: Supervisor, orders: Path | None, environment: dict[str, str]) -> None:
    """Fill the shop and make the first build, in a process whose progress bars are seen."""
    command = [sys.executable, "manage.py", "prepare_demo"]
    if orders is not None:
        command += ["--orders", str(orders)]
    status = supervisor.run(command, environment)
    if status and not supervisor.stopping:
        raise CommandError("The shop could not be prepared; see above.", returncode=status)


def serve(supervisor: Supervisor, port: int, environment: dict[str, str]) -> None:
    """Run all programs until told to stop, or until one of them ends by itself."""
    if supervisor.stopping:
        return
    for name, command in programs(port):
        supervisor.start(name, command, environment)
    if wait_for_page(supervisor, port):
        for line in welcome(port):
            supervisor.say(line)
    ended = supervisor.wait()
    if ended is not None:
        status = ended.process.returncode
        raise CommandError(f"'{ended.name}' has ended (exit status {status}); all stopped.")
    supervisor.say("Stopping …")


def programs(port: int) -> list[tuple[str, list[str]]]:
    """Return name and command line of each program of the demo."""
    python = sys.executable
    celery = [python, "-m", "celery", "--quiet", "--app", "shop.celery"]
    schedule = "django_celery_beat.schedulers:DatabaseScheduler"
    # One task at a time is what a demo needs; a broker of files knows no gossip between workers.
    worker = ["--pool", "solo", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [
        ("web", [python, "manage.py", "runserver", "--noreload", f"{HOST}:{port}"]),
        ("worker", [*celery, "worker", "--loglevel", "INFO", *worker]),
        ("beat", [*celery, "beat", "--loglevel", "WARNING", "--pidfile=", "-S", schedule]),
    ]


def require_free_port(port: int) -> None:
    """Refuse a port that something else listens on, with what to do about it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            taken = getattr(error, "errno", None) == errno.EADDRINUSE
            reason = "is taken by another program" if taken else f"cannot be used ({error})"
            raise CommandError(
                f"Port {port} {reason}; choose another one: make demo PORT={(port % 65000) + 1}"
            ) from error


def demo_environment(orders: Path | None) -> dict[str, str]:
    """Return the environment of the programs: an order export gets a folder of its own in var/."""
    environment = {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "DJANGO_RUNSERVER_HIDE_WARNING": "true",
    }
    if orders is not None and "SHOP_VAR_DIR" not in os.environ:
        # Told apart by path as well as by name: two exports called orders.csv are two shops.
        digest = hashlib.sha256(str(orders.resolve()).encode()).hexdigest()[:8]
        stem = re.sub(r"\W+", "-", orders.name.split(".")[0])[:40]
        environment["SHOP_VAR_DIR"] = str(Path(settings.VAR_DIR) / f"orders-{stem}-{digest}")
    return environment


def wait_for_page(supervisor: Supervisor, port: int) -> bool:
    """Wait until the shop answers; False when a program ended or we were told to stop before."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and not supervisor.stopping and supervisor.ended() is None:
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/", timeout=5):
                return True
        except urllib.error.HTTPError as error:
            supervisor.say(f"The shop's first page answers {error.code}.")
            return True
        except OSError:
            time.sleep(0.2)
    return False


def welcome(port: int) -> list[str]:
    """Return what a person wants to know when everything runs."""
    root = f"http://{HOST}:{port}"
    width = max(len(name) for name, _ in LOGINS)
    return [
        "",
        "The shop is open. Ctrl-C stops everything.",
        "",
        f"  Shop    {root}/",
        f"  Admin   {root}/admin/",
        f"  API     {root}{reverse('crosssell:docs')}",
        "",
        "  Logins (the password is the name):",
        *(f"    {name:<{width}}  {may}" for name, may in LOGINS),
        "",
    ]
