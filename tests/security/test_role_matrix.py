"""Every route, asked by everybody: nobody is shown what is another's, and no cache may keep it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from shop.crosssell import ReferenceShop
from tests.security.matrix import Question, matrix
from tests.security.people import HIDDEN, MARKER, ROLES, Shop, open_shop, visitors
from tests.security.routes import our_routes

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return open_shop()


@pytest.fixture
def clients(shop) -> dict[str, Client]:
    return visitors()


def test_every_route_has_an_entry(shop):
    assert set(matrix(shop)) ^ set(our_routes()) == set()


def test_every_role_gets_what_it_may_and_no_more(shop, clients):
    wrong = []
    for name, address, question in questions(shop):
        answers = set()
        for role, status in zip(ROLES, question.statuses, strict=False):
            response = ask(clients[role], address, question)
            if response.status_code != status:
                wrong.append(f"{role}, {address}: {response.status_code} and not {status}")
            wrong += [f"{role}, {address}: {each}" for each in leaks(response, role, question)]
            if response.status_code == 200:
                wrong += [f"{role}, {address}: {each}" for each in storable(response, question)]
                answers.add(b"of its own" if is_kept_apart(response) else response.content)
        if len(answers) > 1:
            wrong.append(f"{name}, {address}: a cache may keep it, and it is not the same for all")
    assert not wrong, "\n".join(wrong)


def test_a_form_from_another_site_changes_nothing(shop, clients):
    client = Client(enforce_csrf_checks=True)
    client.cookies = clients["superuser"].cookies
    accepted = {
        name
        for name, address, _question in questions(shop)
        if client.post(address).status_code not in {403, 404, 405}
    }
    # It reads what goes with a long basket, changes nothing and needs no token.
    assert accepted == {"crosssell:basket-recommendations"}


def test_a_list_that_is_read_by_another_is_found_out(shop, clients, monkeypatch):
    """An adapter that takes everybody for one customer is seen wherever a customer's list is."""
    anna = str(get_user_model().objects.get(username="anna").pk)
    monkeypatch.setattr(ReferenceShop, "customer", lambda self, request: anna)
    found = {
        name
        for name, address, question in questions(shop)
        if question.method == "GET"
        and leaks(ask(clients["bert"], address, question), "bert", question)
    }
    assert {
        "crosssell:my-recommendations",
        "crosssell:my-recommendations-fragment",
        "crosssell:my-buy-again",
        "crosssell:my-buy-again-fragment",
        "shop:account",
    } <= found


def questions(shop: Shop) -> Iterator[tuple[str, str, Question]]:
    """Yield each question with the route's name and the address that is asked."""
    for name, several in matrix(shop).items():
        for question in several:
            address = reverse(name, args=question.args)
            yield name, f"{address}?{question.query}" if question.query else address, question


def ask(client: Client, address: str, question: Question) -> Any:
    """Ask as this visitor; what a page tells once is read at once."""
    if question.method == "GET":
        return client.get(address)
    response = client.post(address, question.data)
    session = client.session
    if session.pop("_messages", None) is not None:
        session.save()
    client.cookies.pop("messages", None)
    return response


def leaks(response: Any, role: str, question: Question) -> list[str]:
    """Return what stands in an answer and is not for this role."""
    text = f"{response.headers}{response.content.decode()}"
    secrets = [
        secret
        for name, marker in MARKER.items()
        if name != role
        for secret in ([f"{marker}@"] if question.catalogue else [marker])
    ]
    if response.request["PATH_INFO"].startswith("/admin/"):
        # Who may view items may see all of them.
        secrets = [] if response.status_code == 200 else secrets
    else:
        secrets.append(HIDDEN)
    return [f"{secret} is shown" for secret in secrets if secret in text]


def storable(response: Any, question: Question) -> list[str]:
    """Return what is wrong with the headers that tell caches what to keep."""
    if question.kind == "shared":
        wrong = not directives(response) >= {"public"} or response.cookies
    elif question.kind == "own":
        wrong = not directives(response) >= {"private", "no-store"}
    else:
        wrong = "public" in directives(response)
    return [f"{response.headers} for what is {question.kind}"] if wrong else []


def is_kept_apart(response: Any) -> bool:
    """Tell whether no cache gives the answer to a browser with other cookies."""
    return "private" in directives(response) or "Cookie" in response.get("Vary", "")


def directives(response: Any) -> set[str]:
    return {each.strip() for each in response.get("Cache-Control", "").split(",")}
