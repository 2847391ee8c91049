"""Hostile input: a problem 4xx, quick, without SQL and without a stack trace."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.recommendations.api.test_together import address, assert_problem
from tests.recommendations.factories import companions, make_product, publish

BASKET = "/crosssell/api/v1/basket/add/"
# Processor time of this thread, the best of a few: a collection of the test run's own garbage may
# fall into any one request, but not into each.
SECONDS = 0.05
TURNS = 4


@pytest.fixture
def key():
    viewed, mouse = make_product("Laptop"), make_product("Mouse")
    publish({viewed[1]: companions(mouse[1])})
    return viewed[1].key


@pytest.fixture
def refused(client):
    """Ask, and see that the refusal is a quick problem that never reached the database."""
    client.get(address("warm"), {"count": "x"})  # the first request imports

    def ask(method, url, status, name, **arguments):
        quickest = float("inf")
        for _ in range(TURNS):
            with CaptureQueriesContext(connection) as captured:
                started = time.thread_time()
                response = client.generic(method, url, **arguments)
                quickest = min(quickest, time.thread_time() - started)
            body = assert_problem(response, status, name)
            assert len(captured) == 0
            if quickest < SECONDS:
                break
        assert quickest < SECONDS
        # What was sent is not sent back at length.
        assert len(response.content) < 2000
        return body

    return ask


QUERIES = {
    "page size of a billion": ("count=1000000000", "count"),
    "a number of a million digits": ("count=" + "9" * 1_000_000, "count"),
    "none": ("count=0", "count"),
    "negative": ("count=-1", "count"),
    "with a sign": ("count=%2B3", "count"),
    "with a point": ("count=3.0", "count"),
    "with spaces": ("count=+3", "count"),
    "empty": ("count=", "count"),
    "Arabic digits": ("count=%D9%A3", "count"),
    "superscript digits": ("count=%C2%B2", "count"),
    "given twice": ("count=1&count=2", "count"),
    "a word": ("count=many", "count"),
    "100,000 ids in a list": ("exclude=" + ",".join(map(str, range(100_000))), "exclude"),
    "201 ids repeated": ("&".join(f"exclude={n}" for n in range(201)), "exclude"),
    "an id twice": ("exclude=1,1", "exclude"),
    "an id twice, repeated": ("exclude=1&exclude=1", "exclude"),
    "an empty id": ("exclude=1,,2", "exclude"),
    "an id without end": ("exclude=" + "x" * 201, "exclude"),
    "NUL": ("exclude=1%002", "exclude"),
    "a line break": ("exclude=1%0A2", "exclude"),
    "a control character of C1": ("exclude=%C2%85", "exclude"),
    "no UTF-8": ("exclude=%FF%FE", "exclude"),
    "half a character": ("currency=%E2%82", "currency"),
    "a currency in small letters": ("currency=eur", "currency"),
    "a currency in Greek": ("currency=%CE%95UR", "currency"),
    "a placement with a path": ("placement=../x", "placement"),
    "a placement without end": ("placement=" + "x" * 51, "placement"),
    "a flag that is none": ("basket=yes", "basket"),
    "explain that is no flag": ("explain=2", "explain"),
    "an unknown parameter": ("page_size=5", "page_size"),
    "an unknown parameter without end": ("x" * 10_000 + "=5", "x" * 40 + "…"),
    "markup": ("%3Cscript%3E=1", "<script>"),
}


@pytest.mark.parametrize(("query", "parameter"), QUERIES.values(), ids=QUERIES)
def test_queries(refused, key, query, parameter):
    body = refused("GET", f"{address(key)}?{query}", 400, "invalid-parameters")
    assert parameter in [error["parameter"] for error in body["errors"]]


def test_every_fault_is_named_at_once(refused, key):
    query = "count=0&currency=x&exclude=%00&basket=2"
    body = refused("GET", f"{address(key)}?{query}", 400, "invalid-parameters")
    assert {error["parameter"] for error in body["errors"]} == {
        "count", "currency", "exclude", "basket",
    }  # fmt: skip


def test_100000_parameters(refused, key):
    query = "&".join(f"exclude={n}" for n in range(100_000))
    refused("GET", f"{address(key)}?{query}", 400, "invalid-parameters")


@pytest.mark.parametrize(
    "path", ["%00", "a%0Ab", "%0A", "%7F", "x" * 201, "%FF", "x" * 100_000],
    ids=["NUL", "line break", "only a line break", "DEL", "long", "no UTF-8", "very long"],
)  # fmt: skip
def test_keys_that_cannot_be(refused, client, db, path):
    if path == "%FF":
        # Django turns what is no UTF-8 back into its escape, which is a key that nobody has.
        assert_problem(client.get(address(path)), 404, "item-not-found")
        return
    refused("GET", address(path), 400, "invalid-parameters")


def test_an_unknown_key(client, db):
    assert_problem(client.get(address("unknown")), 404, "item-not-found")


@pytest.mark.parametrize("path", ["", "items/", "items/1/", "nothing/at/all", "items/%0A", "v2"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PATCH"])
def test_other_addresses(refused, db, path, method):
    refused(method, f"/crosssell/api/v1/{path}", 404, "not-found")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"])
def test_other_methods(refused, key, method):
    refused(method, address(key), 405, "method-not-allowed")


@pytest.mark.parametrize("accept", ["image/png", "text/html", "application/xml"])
def test_other_representations(refused, key, accept):
    refused("GET", address(key), 406, "not-acceptable", headers={"accept": accept})


BODIES = {
    "no body": (b"", 400, "invalid-parameters"),
    "no JSON": (b"{items", 400, "malformed-request"),
    "a list": (b"[]", 400, "malformed-request"),
    "a number": (b"1", 400, "malformed-request"),
    "no UTF-8": (b'{"items": ["\xff"]}', 400, "malformed-request"),
    "deep": (b"[" * 60_000, 400, "malformed-request"),
    "digits": (b'{"items": ' + b"1" * 60_000 + b"}", 400, "malformed-request"),
    "no items": (b"{}", 400, "invalid-parameters"),
    "empty items": (b'{"items": []}', 400, "invalid-parameters"),
    "items by name": (b'{"items": {"1": 1}}', 400, "invalid-parameters"),
    "numbers": (b'{"items": [1]}', 400, "invalid-parameters"),
    "null": (b'{"items": [null]}', 400, "invalid-parameters"),
    "twice": (b'{"items": ["1", "1"]}', 400, "invalid-parameters"),
    "NUL": (b'{"items": ["\\u0000"]}', 400, "invalid-parameters"),
    "half a pair": (b'{"items": ["\\ud800"]}', 400, "invalid-parameters"),
    "unknown member": (b'{"items": ["1"], "price": 0}', 400, "invalid-parameters"),
    "too many": (
        json.dumps({"items": [str(n) for n in range(52)]}).encode(), 400, "invalid-parameters",
    ),
    "10 MB": (b'{"items": ["' + b"x" * 10_000_000 + b'"]}', 413, "content-too-large"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "status", "name"), BODIES.values(), ids=BODIES)
def test_bodies(refused, db, body, status, name):
    refused("POST", BASKET, status, name, data=body, content_type="application/json")


def test_a_body_that_lies_about_its_length_is_read_no_further_than_allowed(rf):
    from recommendations.api.parsers import MAX_BODY_BYTES, SmallJSONParser
    from recommendations.api.problems import Problem

    class Endless:
        read_bytes = 0

        def read(self, size):
            self.read_bytes += size
            return b"x" * size

    stream: Any = Endless()
    with pytest.raises(Problem) as raised:
        SmallJSONParser().parse(stream)
    assert raised.value.status_code == 413
    assert stream.read_bytes == MAX_BODY_BYTES + 1


@pytest.mark.parametrize("length", ["-1", "x", "9" * 5000, "٣"])
def test_lengths_that_are_none(client, db, length):
    response = client.post(BASKET, b"{}", content_type="application/json", CONTENT_LENGTH=length)
    # Django's handler itself reads an unreadable length as none.
    assert response.status_code in {400, 413}
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("type_", ["text/xml", "multipart/form-data; boundary=x", "text/plain"])
def test_other_media_types(refused, db, type_):
    refused("POST", BASKET, 415, "unsupported-media-type", data=b"<x/>", content_type=type_)


def test_a_large_body_is_refused_before_it_is_read_also_where_none_is_expected(refused, key):
    refused("GET", address(key), 413, "content-too-large", data=b"x" * 10_000_000)
