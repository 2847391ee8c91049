"""The OpenAPI schema is valid, has no warnings, and its page needs nothing from elsewhere."""

from __future__ import annotations

import re

import pytest
import yaml
from django.core.management import call_command
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema

from recommendations.api.problems import PROBLEM_TYPES
from recommendations.api.schema import api_schema


def test_the_schema_is_valid_and_without_warnings(capsys):
    GENERATOR_STATS.reset()
    with GENERATOR_STATS.silence():
        schema = api_schema()
    assert not GENERATOR_STATS, (GENERATOR_STATS._warn_cache, GENERATOR_STATS._error_cache)
    validate_schema(schema)


def test_the_projects_own_schema_stays_without_warnings(tmp_path):
    call_command(
        "spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yaml")
    )


def test_its_addresses_and_operations_are_stable():
    api = "/crosssell/api/v1/"
    item = f"{api}items/{{key}}/frequently-bought-together/"
    shelves = {
        "items/{key}/also-viewed/": "also_viewed",
        "items/{key}/similar/": "similar_items",
        "baskets/recommendations/": "basket_recommendations",
        "me/recommendations/": "my_recommendations",
        "me/buy-again/": "buy_again",
        "me/recently-viewed/": "recently_viewed",
        "me/visit/": "visit_recommendations",
        "trending/": "trending",
        "new-arrivals/": "new_arrivals",
    }
    fragments = {
        "items/{key}/also-viewed/": "also_viewed_fragment",
        "items/{key}/similar/": "similar_fragment",
        "baskets/recommendations/": "basket_recommendations_fragment",
        "me/recommendations/": "my_recommendations_fragment",
        "me/buy-again/": "my_buy_again_fragment",
        "me/recently-viewed/": "my_recently_viewed_fragment",
        "me/visit/": "my_visit_fragment",
        "trending/": "trending_fragment",
        "new-arrivals/": "new_arrivals_fragment",
    }
    paths = api_schema()["paths"]
    assert {
        (address, method): operation["operationId"]
        for address, methods in paths.items()
        for method, operation in methods.items()
    } == {
        (f"{api}basket/add/", "post"): "basket_add",
        (item, "get"): "frequently_bought_together",
        (f"{item}fragment/", "get"): "frequently_bought_together_fragment",
        (f"{api}items/{{key}}/upgrades/", "get"): "upgrades",
        (f"{api}items/{{key}}/upgrades/fragment/", "get"): "upgrades_fragment",
        **{(f"{api}{address}", "get"): name for address, name in shelves.items()},
        **{(f"{api}{address}fragment/", "get"): name for address, name in fragments.items()},
        (f"{api}baskets/recommendations/", "post"): "basket_recommendations_for_items",
        (f"{api}baskets/upgrades/", "get"): "basket_upgrades",
        (f"{api}baskets/upgrades/fragment/", "get"): "basket_upgrades_fragment",
        (f"{api}basket/replace/", "post"): "basket_replace",
    }
    names = [parameter["name"] for parameter in paths[item]["get"]["parameters"]]
    assert names == ["basket", "count", "currency", "exclude", "explain", "key", "placement"]
    problems = paths[item]["get"]["responses"]["400"]["content"]
    assert list(problems) == ["application/problem+json"]


@pytest.mark.parametrize(
    ("accept", "load"),
    [("application/json", None), ("*/*", None), ("application/yaml", yaml.safe_load)],
)
def test_the_address_of_the_schema(client, accept, load):
    response = client.get("/crosssell/api/v1/schema/", headers={"Accept": accept})
    assert response.status_code == 200
    schema = response.json() if load is None else load(response.content)
    assert schema["info"]["title"] == "django-crosssell"


def test_the_page_names_every_operation_shape_and_problem(client):
    response = client.get("/crosssell/api/v1/docs/")
    html = response.content.decode()
    assert response.status_code == 200
    for name in ("frequently_bought_together", "basket_add", "shape-Together", "shape-Problem"):
        assert f'id="{name}"' in html
    for problem in PROBLEM_TYPES:
        assert problem.uri in html


def test_the_page_needs_no_script_no_inline_style_and_no_other_host(client):
    html = client.get("/crosssell/api/v1/docs/").content.decode()
    assert "<script" not in html
    assert not re.search(r"\s(style|on\w+)=", html)
    assert not re.search(r'(src|href)="(https?:)?//', html)


def test_types_of_problems_are_distinct_and_relative():
    uris = [problem.uri for problem in PROBLEM_TYPES]
    assert len(set(uris)) == len(uris) == 14
    assert all(re.fullmatch(r"/problems/[a-z-]+", uri) for uri in uris)
