"""Clients that cost little beside what they ask: one thread, open connections, ready-made bytes."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.api_load_server import END, PROCESSOR_TIME

LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Borne:
    """What the servers bore in one turn."""

    per_second: float
    taken_ms: list[float]
    """Of every request."""
    n_errors: int
    processor_ms: float
    """Processor time of the servers per request, without that of the database."""


class Client:
    """One that asks for the next answer once it has the last."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = bytearray()
        self._asked = 0.0

    def ask(self, request: bytes) -> None:
        """Send a request."""
        self._received.clear()
        self._asked = time.perf_counter()
        self.socket.sendall(request)

    def answer(self) -> tuple[float, bytes] | None:
        """Return the milliseconds and the message, once it is here whole."""
        data = self.socket.recv(65_536)
        if not data:
            raise ConnectionError("The server has closed the connection.")
        self._received += data
        end = self._received.find(END)
        if end < 0 or len(self._received) < end + len(END) + self._length(end):
            return None
        return 1000 * (time.perf_counter() - self._asked), bytes(self._received)

    def _length(self, end: int) -> int:
        head = bytes(self._received[:end]).lower()
        return int(head[head.index(LENGTH) + len(LENGTH) :].split(b"\r\n", 1)[0])


def request_of(path: str) -> bytes:
    """Return a request as it is sent."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n".encode()


def load(
    ports: Sequence[int],
    paths: Sequence[str],
    *,
    seconds: float,
    n_clients: int,
    at_least: int = 0,
) -> Borne:
    """Ask from several clients, spread over the servers, for so many seconds and requests."""
    requests = [request_of(path) for path in paths]
    taken: list[float] = []
    n_errors = turn = 0
    spent = processor_seconds(ports)
    with ExitStack() as stack:
        ready = stack.enter_context(selectors.DefaultSelector())
        clients = [Client(ports[number % len(ports)]) for number in range(n_clients)]
        started = time.perf_counter()
        for client in clients:
            stack.enter_context(client.socket)
            ready.register(client.socket, selectors.EVENT_READ, client)
            client.ask(requests[turn % len(requests)])
            turn += 1
        waiting = n_clients
        while waiting:
            for key, _ in ready.select():
                answer = key.data.answer()
                if answer is None:
                    continue
                taken.append(answer[0])
                n_errors += not answer[1].startswith(b"HTTP/1.1 200 ")
                if turn < at_least or time.perf_counter() - started < seconds:
                    key.data.ask(requests[turn % len(requests)])
                    turn += 1
                else:
                    waiting -= 1
        elapsed = time.perf_counter() - started
    return Borne(
        per_second=len(taken) / elapsed,
        taken_ms=taken,
        n_errors=n_errors,
        processor_ms=1000 * (processor_seconds(ports) - spent) / len(taken),
    )


def processor_seconds(ports: Sequence[int]) -> float:
    """Return what the servers have spent so far."""
    total = 0.0
    for port in ports:
        client = Client(port)
        with client.socket:
            client.ask(request_of(PROCESSOR_TIME))
            while (answer := client.answer()) is None:
                pass
        total += float(answer[1].split(END, 1)[1])
    return total
