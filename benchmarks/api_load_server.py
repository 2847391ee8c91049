"""A small WSGI server: one process, one thread, connections that stay open.

So little that the application is what is measured. It reads GET requests without a body, which is
all that this benchmark sends, and is no server for anything else.
"""

from __future__ import annotations

import io
import selectors
import socket
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

PROCESSOR_TIME = "/processor-time"
"""Answers what this process has spent so far, in seconds."""

END = b"\r\n\r\n"
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def listen(port: int, application: Application) -> None:
    """Answer requests on loopback until the process is ended."""
    with selectors.DefaultSelector() as ready, socket.create_server(("127.0.0.1", port)) as server:
        ready.register(server, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is server:
                    client, _address = server.accept()
                    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    ready.register(client, selectors.EVENT_READ, bytearray())
                elif not _served(key.fileobj, key.data, application):
                    ready.unregister(key.fileobj)
                    key.fileobj.close()


def _served(client: Any, received: bytearray, application: Application) -> bool:
    """Answer the requests that have arrived whole; tell whether the connection goes on."""
    try:
        data = client.recv(65_536)
        received += data
        while (end := received.find(END)) >= 0:
            client.sendall(_response(received[:end].decode("latin-1"), application))
            del received[: end + len(END)]
    except OSError:
        return False
    return bool(data)


def _response(head: str, application: Application) -> bytes:
    request, *lines = head.split("\r\n")
    method, address, protocol = request.split(" ")
    path, _, query = address.partition("?")
    if path == PROCESSOR_TIME:
        return _message("200 OK", [], str(time.process_time()).encode())
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": protocol,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for line in lines:
        name, _, value = line.partition(":")
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = value.strip()
    started: list[Any] = []
    answer = application(environ, lambda *given: started.extend(given[:2]))
    try:
        body = b"".join(answer)
    finally:
        getattr(answer, "close", lambda: None)()
    status, headers = started
    return _message(status, headers, body)


def _message(status: str, headers: Iterable[tuple[str, str]], body: bytes) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
    if not any(line.lower().startswith("content-length:") for line in lines):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + END + body
