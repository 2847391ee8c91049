"""A caching proxy that many visitors share, as greedy as RFC 9111 lets it be.

It keeps whatever it may: what says for how long, and what says nothing at all and is of a status
that may be kept all the same; for ever, and with its cookies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.test import Client

HEURISTIC = frozenset({200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501})
"""Statuses that may be kept though nothing says for how long (RFC 9110, 15.1)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a visitor gets."""

    status: int
    headers: Mapping[str, str]
    text: str
    hit: bool


@dataclass(slots=True)
class CachingProxy:
    """Stands between the visitors and the shop."""

    heeds_cookies: bool = True
    """Several proxies take no notice of ``Vary: Cookie``: what relies on it is lost there."""
    stored: dict[str, list[tuple[dict[str, str], Answer]]] = field(default_factory=dict)
    """By address: what the request's headers were that the answer varies with, and the answer."""
    n_hits: int = 0

    def get(self, client: Client, address: str, language: str = "en") -> Answer:
        """Answer from what is stored, else ask the shop and store what may be stored."""
        sent = {"cookie": cookies_of(client), "accept-language": language}
        for varied, answer in self.stored.get(address, ()):
            if all(sent.get(name, "") == value for name, value in varied.items()):
                self.n_hits += 1
                return answer
        response = client.get(address, headers={"accept-language": language})
        headers = {name.lower(): value for name, value in response.headers.items()}
        headers["set-cookie"] = response.cookies.output(header="")
        text = response.content.decode()
        varies = [name.strip().lower() for name in headers.get("vary", "").split(",") if name]
        if not self.heeds_cookies:
            varies = [name for name in varies if name != "cookie"]
        if may_be_stored(response.status_code, headers) and "*" not in varies:
            varied = {name: sent.get(name, "") for name in varies}
            kept = Answer(response.status_code, headers, text, hit=True)
            self.stored.setdefault(address, []).append((varied, kept))
        return Answer(response.status_code, headers, text, hit=False)


def may_be_stored(status: int, headers: Mapping[str, str]) -> bool:
    """Tell whether a shared cache may keep the answer to a GET, and give it out unasked."""
    given = [each.strip().partition("=") for each in headers.get("cache-control", "").split(",")]
    says = {name.lower(): value.strip('"') for name, _, value in given if name}
    if says.keys() & {"no-store", "private", "no-cache"}:
        return False
    for name in ("s-maxage", "max-age"):
        if name in says:
            return says[name] != "0"
    return "expires" in headers or "public" in says or status in HEURISTIC


def cookies_of(client: Client) -> str:
    """Return the header that the browser sends."""
    return "; ".join(f"{name}={each.value}" for name, each in sorted(client.cookies.items()))
