"""The block as HTML, and that no fault of ours reaches the shop's page."""

from __future__ import annotations

import logging
import re
from copy import copy
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.template import Context, RequestContext, Template, engines
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import clear_script_prefix, include, path, set_script_prefix
from django.utils import translation

from recommendations import faults
from recommendations.adapters import Money
from recommendations.models import NeighbourList, Pin
from recommendations.selectors.builds import forget_published_builds
from shop.models import Product
from tests.recommendations.factories import (
    SmallShop,
    companions,
    make_product,
    publish,
    set_placement,
)

TAG = "{% load crosssell %}{% frequently_bought_together product %}"
PAGE = (
    "{% load crosssell %}<p>The shop's page</p>{% frequently_bought_together product %}<p>Foot</p>"
)


def page(request, pk):
    """A page of a shop, inside whatever transaction the project gives it."""
    context = {"product": Product.objects.get(pk=pk)}
    html = engines["django"].from_string(PAGE).render(context, request)
    return HttpResponse(html + f"<p>{Product.objects.count()} products</p>")


urlpatterns = [
    path("page/<int:pk>/", page),
    path("crosssell/", include("recommendations.urls")),
]


class Elements(HTMLParser):
    """Collects the start tags of a page with their attributes."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def all(self, tag, **attributes):
        return [
            given
            for name, given in self.found
            if name == tag and all(given.get(key) == value for key, value in attributes.items())
        ]


@pytest.fixture
def viewed():
    return make_product("Laptop", price="1200.00")


@pytest.fixture
def two():
    return [make_product("Mouse", price="34.90"), make_product("Bag <i>", price="42.50")]


@pytest.fixture
def published(viewed, two):
    return publish({viewed[1]: companions(*(item for _, item in two))})


@pytest.fixture
def request_():
    request: Any = RequestFactory().get("/page/?x=1")
    request.session = {}
    CsrfViewMiddleware(lambda _request: HttpResponse()).process_request(request)
    return request


def render(template, request=None, **context):
    made = Context(context) if request is None else RequestContext(request, context)
    return Template(template).render(made)


def text_of(html):
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


class TestBlock:
    def test_the_item_and_its_companions_with_prices_and_total(self, viewed, published, request_):
        text = text_of(render(TAG, request_, product=viewed[0]))
        assert "Frequently bought together" in text
        assert "This item: Laptop €1,200.00" in text
        assert "Mouse €34.90 Bought together by 41 customers" in text
        assert "Total price of all: €1,277.40" in text
        assert "Add all to basket" in text

    def test_every_product_has_a_ticked_box_named_by_its_title(
        self, viewed, two, published, request_
    ):
        elements = Elements(render(TAG, request_, product=viewed[0]))
        boxes = elements.all("input", type="checkbox")
        assert [box["value"] for box in boxes] == [viewed[1].key, two[0][1].key, two[1][1].key]
        assert [box["data-minor"] for box in boxes] == ["120000", "3490", "4250"]
        assert all("checked" in box for box in boxes)
        names = {given["id"] for _, given in elements.found if "id" in given}
        assert len({box["aria-labelledby"] for box in boxes} & names) == 3
        assert elements.all("fieldset")
        assert elements.all("legend")
        assert elements.all("output", **{"aria-live": "polite"})

    def test_the_form_posts_with_a_token_and_the_way_back(self, viewed, published, request_):
        elements = Elements(render(TAG, request_, product=viewed[0]))
        (form,) = elements.all("form")
        assert (form["method"], form["action"]) == ("post", "/crosssell/basket/add/")
        assert elements.all("input", name="csrfmiddlewaretoken")
        assert elements.all("input", name="next")[0]["value"] == "/page/?x=1"

    def test_a_token_of_the_page_is_used_again(self, viewed, published, request_):
        html = render("{% csrf_token %}" + TAG, request_, product=viewed[0])
        tokens = Elements(html).all("input", name="csrfmiddlewaretoken")
        assert len(tokens) == 2
        assert tokens[0]["value"] == tokens[1]["value"] != ""

    def test_the_address_follows_prefix_and_routes(self, viewed, published, request_):
        def action():
            (form,) = Elements(render(TAG, request_, product=viewed[0])).all("form")
            return form["action"]

        assert action() == "/crosssell/basket/add/"
        set_script_prefix("/sub/")
        try:
            assert action() == "/sub/crosssell/basket/add/"
            with override_settings(ROOT_URLCONF=(path("x/", include("recommendations.urls")),)):
                assert action() == "/sub/x/basket/add/"
        finally:
            clear_script_prefix()
        assert action() == "/crosssell/basket/add/"

    def test_titles_are_escaped(self, viewed, published, request_):
        html = render(TAG, request_, product=viewed[0])
        assert "Bag &lt;i&gt;" in html
        assert "Bag <i>" not in html

    def test_nothing_needs_a_looser_security_policy(self, viewed, published, request_):
        html = render(TAG, request_, product=viewed[0])
        assert "<script" not in html
        assert not re.search(r"\s(style|on\w+)=", html)

    @pytest.mark.parametrize("text", ["<script>alert(1)</script>", "'\"&<b>", "{{ x }}"])
    def test_no_text_of_the_shop_gets_in_unescaped(
        self, viewed, two, published, request_, monkeypatch, text
    ):
        for product in (viewed[0], two[0][0]):
            product.name = text
            product.save()
        price = Money(Decimal(5), text)
        for name in ("url", "image_url"):
            monkeypatch.setattr(SmallShop, name, lambda self, product, *, request=None: text)
        monkeypatch.setattr(SmallShop, "price", lambda self, product, *, request=None: price)
        set_placement(title=text)
        html = render(TAG, request_, product=viewed[0])
        elements = Elements(html)
        assert "<script" not in html
        assert elements.all("b") == []
        assert [image["src"] for image in elements.all("img")] == [text] * 3
        assert unescape(html).count(text) >= 10

    def test_companions_are_links_and_the_item_is_not(self, viewed, two, published, request_):
        links = {
            link["href"] for link in Elements(render(TAG, request_, product=viewed[0])).all("a")
        }
        assert links == {f"/p/{product.slug}/" for product, _ in two}

    def test_the_merchants_title_and_pins(self, viewed, two, published, request_):
        set_placement(title="Goes well with")
        Pin.objects.create(item=viewed[1], companion=two[1][1])
        text = text_of(render(TAG, request_, product=viewed[0]))
        assert text.startswith("Goes well with")
        assert "Bag &lt;i&gt; €42.50 Chosen by the shop M Mouse" in text

    def test_arguments(self, viewed, two, published, request_):
        set_placement("wide", count=1)
        tag = "{% load crosssell %}{% frequently_bought_together product ARGUMENTS %}"
        for arguments, shown in [
            ("count=1", ["Mouse"]),
            ('placement="wide"', ["Mouse"]),
            ("exclude=left_out", ["Bag"]),
            ("exclude=left_out.key", ["Bag"]),
            ("exclude=several", []),
        ]:
            html = render(
                tag.replace("ARGUMENTS", arguments),
                copy(request_),  # each on a page of its own
                product=viewed[0],
                left_out=two[0][0] if arguments == "exclude=left_out" else two[0][1],
                several=[product for product, _ in two],
            )
            assert [name for name in ("Mouse", "Bag") if name in html] == shown, arguments

    def test_a_product_that_needs_a_choice_has_a_link_and_no_box(
        self, viewed, two, published, request_
    ):
        two[0][0].attributes = {"variants": 1}
        two[0][0].save()
        html = render(TAG, request_, product=viewed[0])
        assert len(Elements(html).all("input", type="checkbox")) == 2
        assert "Choose a variant" in html
        assert "Total of what can be added now: €1,242.50" in text_of(html)

    def test_an_item_that_is_sold_out_is_shown_and_not_added(self, viewed, published, request_):
        viewed[0].stock = 0
        html = render(TAG, request_, product=viewed[0])
        assert "Not available now" in html
        assert len(Elements(html).all("input", type="checkbox")) == 2

    def test_without_a_request_there_is_no_form(self, viewed, published):
        html = render(TAG, product=viewed[0])
        assert "Mouse" in html
        assert "<form" not in html

    def test_a_shop_that_cannot_be_added_to_has_no_form(
        self, viewed, published, request_, monkeypatch
    ):
        monkeypatch.setattr(SmallShop, "can_add_to_basket", lambda self: False)
        assert "<form" not in render(TAG, request_, product=viewed[0])

    def test_a_project_without_our_addresses_has_no_form(
        self, viewed, published, request_, settings
    ):
        settings.ROOT_URLCONF = "django.contrib.auth.urls"
        html = render(TAG, request_, product=viewed[0])
        assert "Mouse" in html
        assert "<form" not in html

    def test_prices_that_are_hidden_leave_no_total(self, viewed, published, request_, monkeypatch):
        monkeypatch.setattr(SmallShop, "price", lambda self, product, *, request=None: None)
        text = text_of(render(TAG, request_, product=viewed[0]))
        assert "€" not in text
        assert "Total" not in text
        assert "Add all to basket" in text

    def test_numbers_of_another_language(self, viewed, published, request_, settings):
        settings.USE_THOUSAND_SEPARATOR = True
        with translation.override("de"):
            html = render(TAG, request_, product=viewed[0])
        assert "€1.277,40" in html
        (total,) = Elements(html).all("output")
        assert (total["data-decimal"], total["data-thousand"]) == (",", ".")
        assert Elements(html).all("input", type="checkbox")[0]["data-minor"] == "120000"

    def test_nothing_to_recommend_is_no_block(self, two, published, request_):
        assert render(TAG, request_, product=two[0][0]) == ""


class TestCachedPages:
    def test_a_cached_block_costs_no_query(self, viewed, published):
        template = "{% load cache crosssell %}{% cache 60 x %}" + TAG[18:] + "{% endcache %}"
        first = render(template, product=viewed[0])
        with CaptureQueriesContext(connection) as captured:
            assert render(template, product=viewed[0]) == first
        assert "Mouse" in first
        assert len(captured) == 0

    def test_a_lazy_block_costs_no_query_and_holds_nothing_personal(self, viewed, two, published):
        tag = (
            "{% load crosssell %}"
            '{% frequently_bought_together product lazy=True placement="wide" exclude=two %}'
        )
        with CaptureQueriesContext(connection) as captured:
            html = render(tag, product=viewed[0], two=[two[0][0]])
        # PostgreSQL guards the shop's transaction by a savepoint; nothing is read.
        assert [query for query in captured if "SAVEPOINT" not in query["sql"]] == []
        (place,) = Elements(html).all("div")
        assert place["data-crosssell-src"] == (
            f"/crosssell/api/v1/items/{viewed[1].key}/frequently-bought-together/fragment/"
            f"?placement=wide&exclude={two[0][1].key}"
        )

    def test_its_fragment_is_the_block(self, viewed, published, client):
        tag = "{% load crosssell %}{% frequently_bought_together product lazy=True %}"
        (place,) = Elements(render(tag, product=viewed[0])).all("div")
        response = client.get(place["data-crosssell-src"])
        assert "Mouse" in response.content.decode()


def test_assets_are_links_to_our_two_files():
    elements = Elements(render("{% load crosssell %}{% crosssell_assets %}"))
    assert elements.all("link")[0]["href"].endswith("crosssell/crosssell.css")
    (script,) = elements.all("script")
    assert script["type"] == "module"
    assert script["src"].endswith("crosssell/crosssell.js")


def broken(*_args, **_kwargs):
    raise RuntimeError("broken on purpose")


def damage_list(monkeypatch, settings):
    NeighbourList.objects.update(packed=b"\x01\x00\xff\xffdamaged!")


def make_adapter_unknown(monkeypatch, settings):
    settings.CROSSSELL_SHOP = "nowhere.Shop"


def break_template(monkeypatch, settings):
    from recommendations import widgets

    monkeypatch.setattr(widgets, "TOGETHER_TEMPLATE", "crosssell/missing.html")


def break_cache(monkeypatch, settings):
    monkeypatch.setattr(cache, "get_many", broken)


def breaking(method):
    def break_method(monkeypatch, settings):
        monkeypatch.setattr(SmallShop, method, broken)

    return break_method


METHODS = (
    "key", "live_products", "title", "price", "available", "needs_choice", "url", "image_url",
    "basket", "can_add_to_basket",
)  # fmt: skip
FAULTS = {
    "damaged list": damage_list,
    "no such adapter": make_adapter_unknown,
    "broken template": break_template,
    "broken cache": break_cache,
    **{f"adapter.{name} raises": breaking(name) for name in METHODS},
}


@pytest.mark.urls(__name__)
class TestFaults:
    @pytest.fixture(autouse=True)
    def fresh(self, caplog):
        faults.forget_faults()
        caplog.set_level(logging.ERROR, "crosssell")
        yield
        faults.forget_faults()

    @pytest.fixture
    def told(self, caplog):
        return lambda: [record for record in caplog.records if record.name == "crosssell"]

    @pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
    def test_the_page_answers_with_an_empty_block_and_one_line_in_the_log(
        self, viewed, published, client, told, monkeypatch, settings, fault
    ):
        address = f"/page/{viewed[0].pk}/"
        assert "Mouse" in client.get(address).content.decode()
        cache.clear()
        fault(monkeypatch, settings)
        for _ in range(5):
            response = client.get(address)
            html = response.content.decode()
            assert response.status_code == 200
            assert html == "<p>The shop&#x27;s page</p><p>Foot</p><p>3 products</p>".replace(
                "&#x27;", "'"
            )
        assert len(told()) == 1
        assert told()[0].exc_info

    def test_no_build_is_no_fault(self, viewed, client, told):
        forget_published_builds()
        response = client.get(f"/page/{viewed[0].pk}/")
        assert response.status_code == 200
        assert "crosssell" not in response.content.decode()
        assert told() == []

    def test_a_row_that_is_gone_is_no_fault(self, viewed, published, client, told):
        NeighbourList.objects.all().delete()
        assert client.get(f"/page/{viewed[0].pk}/").status_code == 200
        assert told() == []

    def test_two_faults_are_told_apart(self, viewed, published, client, told, monkeypatch):
        monkeypatch.setattr(SmallShop, "basket", broken)
        client.get(f"/page/{viewed[0].pk}/")
        monkeypatch.undo()

        def otherwise_broken(self, product):
            raise KeyError(product.pk)

        monkeypatch.setattr(SmallShop, "title", otherwise_broken)
        client.get(f"/page/{viewed[0].pk}/")
        assert len(told()) == 2

    def test_a_fault_that_goes_on_is_told_again_after_an_hour(
        self, viewed, published, client, told, monkeypatch
    ):
        monkeypatch.setattr(SmallShop, "basket", broken)
        for _ in range(3):
            client.get(f"/page/{viewed[0].pk}/")
        monkeypatch.setattr(faults, "REPEAT_SECONDS", 0.0)
        client.get(f"/page/{viewed[0].pk}/")
        assert [record.args[1] for record in told()] == [0, 2]

    def test_the_log_remembers_a_bounded_number_of_faults(self, monkeypatch):
        monkeypatch.setattr(faults, "MAX_REMEMBERED", 4)
        for number in range(20):
            faults.log_fault(f"way {number}", RuntimeError())
        assert len(faults._told) <= 4

    def test_an_interrupt_is_not_swallowed(self, viewed, published, monkeypatch, request_):
        def interrupted(*_args, **_kwargs):
            raise KeyboardInterrupt

        monkeypatch.setattr(SmallShop, "basket", interrupted)
        with pytest.raises(KeyboardInterrupt):
            render(TAG, request_, product=viewed[0])

    def test_broken_assets_leave_the_head_empty(self, monkeypatch, told):
        from recommendations.templatetags import crosssell

        monkeypatch.setattr(crosssell, "static", broken)
        assert render("{% load crosssell %}{% crosssell_assets %}") == ""
        assert len(told()) == 1
