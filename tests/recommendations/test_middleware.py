"""Whoever begins a session by looking at a product keeps it: no shared cache gets the answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpResponse
from django.test import RequestFactory

from recommendations.middleware import PrivateCookiesMiddleware
from recommendations.services.visits import record_view


def public(request: Any) -> HttpResponse:
    return HttpResponse(headers={"Cache-Control": "public, max-age=60"})


def looked_at(request: Any) -> HttpResponse:
    record_view(request, "17")
    return public(request)


def caching(response: Any) -> set[str]:
    return set(response["Cache-Control"].split(", "))


@pytest.mark.django_db
def test_the_answer_that_begins_a_session_is_private():
    unguarded = SessionMiddleware(looked_at)
    assert "public" in caching(unguarded(RequestFactory().get("/"))), "this is what would leak"
    response = PrivateCookiesMiddleware(unguarded)(RequestFactory().get("/"))
    assert response.cookies
    assert caching(response) == {"private", "max-age=60"}


def test_an_answer_without_cookies_stays_as_it_is():
    response = PrivateCookiesMiddleware(SessionMiddleware(public))(RequestFactory().get("/"))
    assert caching(response) == {"public", "max-age=60"}


def test_it_serves_asynchronous_stacks():
    async def view(request: Any) -> HttpResponse:
        response = public(request)
        response.set_cookie("theirs", "1")
        return response

    guarded: Any = PrivateCookiesMiddleware(view)
    assert "private" in caching(asyncio.run(guarded(RequestFactory().get("/"))))
