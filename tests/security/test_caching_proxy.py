"""Cached pages with lazy blocks behind a shared proxy: nobody gets what is another's."""

from __future__ import annotations

import html
import random
import re
from collections import Counter

import pytest
from django.http import HttpResponse
from django.template import engines
from django.urls import include, path, reverse
from django.views.decorators.cache import cache_control, cache_page

from shop import urls
from shop.models import Product
from tests.security.matrix import matrix
from tests.security.people import MARKER, Shop, open_shop, visitors
from tests.security.proxy import Answer, CachingProxy, may_be_stored

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]

PAGE = """{% load crosssell %}<!doctype html><title>{{ product.name }}</title>
{% frequently_bought_together product lazy=True %}{% upgrades product lazy=True %}
{% also_viewed product lazy=True %}{% similar_items product lazy=True %}
{% basket_recommendations lazy=True %}{% recommended_for_you lazy=True %}{% buy_again lazy=True %}
{% recently_viewed lazy=True %}{% visit_recommendations lazy=True %}
{% trending lazy=True %}{% new_arrivals lazy=True %}"""
N_PLACES = 11


@cache_control(public=True, max_age=600)
@cache_page(600)
def kept(request, slug):
    """A page that is the same for everybody, kept by Django and by every proxy."""
    context = {"product": Product.objects.get(slug=slug)}
    return HttpResponse(engines["django"].from_string(PAGE).render(context, request))


urlpatterns = [path("kept/<slug:slug>/", kept), path("", include(urls))]


@pytest.fixture
def shop() -> Shop:
    return open_shop()


@pytest.fixture
def clients(shop):
    several = visitors()
    return {name: several[name] for name in ("anonymous", *MARKER)}


@pytest.mark.parametrize("heeds_cookies", [True, False])
@pytest.mark.parametrize("n_requests", [250, pytest.param(10_000, marks=pytest.mark.slow)])
def test_nobody_gets_what_was_made_for_another(shop, clients, n_requests, heeds_cookies):
    proxy, draw = CachingProxy(heeds_cookies=heeds_cookies), random.Random(4)
    page = f"/kept/{shop.viewed.slug}/"
    places = places_of(proxy.get(clients["anna"], page))
    assert len(places) == N_PLACES
    # The shop's own pages show who looks at them and rely on Vary.
    apps = ("crosssell:", "shop:") if heeds_cookies else ("crosssell:",)
    others = addresses(shop, *apps)
    told: Counter[str] = Counter()
    for _ in range(n_requests):
        name = draw.choice(list(clients))
        address = draw.choice([page, draw.choice(places), draw.choice(others)])
        answer = proxy.get(clients[name], address, draw.choice(["en", "zh-hans"]))
        crossed = marked(answer) - {name}
        assert not crossed, f"{address} shows {name} what is {crossed}'s"
        assert not (answer.hit and answer.headers["set-cookie"]), f"{address} shares a cookie"
        told[name] += bool(marked(answer))
    # Both really got what is their own, and the proxy really kept what it may.
    assert min(told[name] for name in MARKER) > n_requests / 30
    assert proxy.n_hits > n_requests / 5


def test_a_page_with_lazy_blocks_is_one_for_all(shop, clients):
    proxy = CachingProxy()
    answers = [proxy.get(client, f"/kept/{shop.viewed.slug}/") for client in clients.values()]
    assert [answer.hit for answer in answers] == [False, True, True]
    assert "cookie" not in answers[0].headers.get("vary", "").lower()
    assert marked(answers[0]) == set()


def test_the_proxy_gives_to_others_what_does_not_forbid_it(shop, clients, monkeypatch):
    """It finds an answer that forgets to say that it is private."""
    monkeypatch.setattr("recommendations.api.shelf_views.set_caching", lambda *_, **__: None)
    address = reverse("crosssell:my-recommendations")
    careful, careless = CachingProxy(), CachingProxy(heeds_cookies=False)
    for proxy, seen in ((careful, {"bert"}), (careless, {"anna"})):
        assert marked(proxy.get(clients["anna"], address)) == {"anna"}
        assert marked(proxy.get(clients["bert"], address)) == seen


@pytest.mark.parametrize(
    ("status", "control", "stored"),
    [
        (200, "", True),
        (404, "", True),
        (302, "", False),
        (302, "max-age=5", True),
        (200, "max-age=0", False),
        (200, "public, max-age=0, s-maxage=60", True),
        (200, "private, no-store", False),
        (200, "Private", False),
        (200, "no-cache", False),
        (500, "public", True),
    ],
)
def test_what_a_shared_cache_may_keep(status, control, stored):
    assert may_be_stored(status, {"cache-control": control}) == stored


def places_of(answer: Answer) -> list[str]:
    """Return what the script would fetch into a page."""
    return [
        html.unescape(each) for each in re.findall(r'data-crosssell-src="([^"]+)"', answer.text)
    ]


def addresses(shop: Shop, *beginnings: str) -> list[str]:
    """Return every address that is read, but the lists of what the shop sells."""
    return [
        reverse(name, args=each.args) + (f"?{each.query}" if each.query else "")
        for name, several in matrix(shop).items()
        if name.startswith(beginnings) and name not in {"crosssell:schema", "crosssell:docs"}
        for each in several
        if each.method == "GET" and not each.catalogue
    ]


def marked(answer: Answer) -> set[str]:
    """Return the customers whose own an answer shows."""
    return {name for name, marker in MARKER.items() if marker in answer.text + str(answer.headers)}
