"""Every page of the shop, the blocks and the admin in Chinese: no English is left on any."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.contrib import admin
from django.core import mail
from django.template import engines
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils import translation

from recommendations.models import Build, Item, Kind, Placement
from shop.services.mails import send_confirmation
from tests.languages.chinese_shop import Shop, open_shop
from tests.languages.reading import left_in_english, read
from tests.security.routes import our_routes

APPS = ("crosssell_recommendations", "crosssell_bundles", "crosssell_promotions", "shop")
READ_MEMBERS = frozenset({"title", "detail", "reason", "html", "note", "text", "label", "products"})
"""Members of JSON that people read; the others are names and keys."""

KEYS = frozenset(
    {
        "again", "also", "arrivals", "basket", "bundles", "buy", "category", "checkout",
        "confirmation", "count", "currency", "customer", "customers", "ease", "email", "exclude",
        "explain", "home", "item", "items", "limit", "minimum", "minimum_customers", "more",
        "neighbours", "new", "placement", "popular", "product", "recently", "search", "similar",
        "strange", "trending", "upgrades", "viewed", "visit", "with",
    }
)  # fmt: skip
"""Names of placements, of parameters and of their members, as the test and the API give them."""

ROWS = 1
"""Rows of each model whose pages are all read; of builds and placements every row is read."""

NO_PAGES = frozenset(
    {
        "shop:picture", "shop:category_picture", "shop:logout", "crosssell:schema",
        r"crosssell:crosssell/api/v1/[\s\S]*",
        # The reference of the API is English, as its names are.
        "crosssell:docs",
    }
)  # fmt: skip

ACTIONS = frozenset(
    {
        "admin:crosssell_recommendations_build_compare",
        "admin:crosssell_recommendations_build_rebuild",
        "admin:crosssell_recommendations_item_ladder",
        "admin:crosssell_recommendations_modelchoice_auto",
        "admin:crosssell_recommendations_modelchoice_choose",
        "admin:crosssell_recommendations_placement_preview",
    }
)
"""Buttons; what they say is read in test_buttons_of_the_admin."""

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return open_shop()


class Visitor:
    """A browser that wants Chinese and collects what is left in English, and where."""

    def __init__(self, user: Any = None) -> None:
        self.client = Client(headers={"accept-language": "zh-hans"})
        self.routes: set[str] = set()
        self.english: list[str] = []
        if user is not None:
            self.client.force_login(user)

    def get(self, address: str, **values: Any) -> Any:
        return self._read(address, self.client.get(address, follow=True, **values))

    def post(self, address: str, *, json: Any = None, **data: Any) -> Any:
        if json is not None:
            return self._read(address, self.client.post(address, json, "application/json"))
        return self._read(address, self.client.post(address, data, follow=True))

    def _read(self, address: str, response: Any) -> Any:
        with suppress(Resolver404):
            self.routes.add(resolve(urlsplit(address).path).view_name)
        self.english += [f"{address}: {text}" for text in left_in_english(texts_of(response), KEYS)]
        return response


def texts_of(response: Any) -> list[str]:
    """Return what people read of a page, a fragment, a text, or JSON."""
    if "json" in response["Content-Type"]:
        return list(words_of(response.json()))
    return read(response.content.decode())


def words_of(value: Any, name: str = "") -> Iterator[str]:
    """Yield the texts of JSON that people read."""
    if isinstance(value, dict):
        for member, inner in value.items():
            yield from words_of(inner, member)
    elif isinstance(value, list):
        for inner in value:
            yield from words_of(inner, name)
    elif isinstance(value, str) and name in READ_MEMBERS:
        yield from read(value)


def routes(*namespaces: str) -> set[str]:
    """Return our routes that answer with something to read; every model's history is Django's."""
    ours = {name for name in our_routes() if name.startswith(namespaces)}
    return {name for name in ours - NO_PAGES if not name.endswith("_history")}


def test_an_untranslated_text_is_found(shop):
    placement = Placement.objects.get(slug="similar")
    Placement.objects.filter(pk=placement.pk).update(title="Goes nicely with it")
    visitor = Visitor(shop.customer)
    visitor.get(f"/product/{shop.viewed.slug}/")
    assert [text.partition(": ")[2] for text in visitor.english] == ["Goes nicely with it"]
    assert left_in_english(
        read(
            '<p title="Old">长</p><input type=submit value="Go on"><b data-failed="It failed">2</b>'
        )
    ) == ["Old", "It failed"]


def test_the_shop(shop):
    product = shop.viewed
    guest, customer, owner = Visitor(), Visitor(shop.customer), Visitor(shop.owner)
    pages = [
        "/", "/products/", "/products/?sort=price", "/category/1/", "/search/?q=水壶",
        "/search/?q=没有", f"/product/{product.slug}/", "/basket/", "/nowhere/",
    ]  # fmt: skip
    for visitor in (guest, customer):
        for page in pages:
            visitor.get(page)
        visitor.get(reverse("shop:account"))
        visitor.get(reverse("crosssell:about"))
        visitor.post(reverse("shop:basket_add"), product=product.pk, quantity=1)
        visitor.post(reverse("shop:basket_add"), product=product.pk, quantity=999)
        visitor.post(reverse("shop:basket_change"), product=product.pk, quantity=2)
        visitor.post(reverse("shop:review", args=[product.slug]), stars=9)
        visitor.post(reverse("shop:checkout"), email="?")
    for order in shop.customer.orders.all():
        customer.get(reverse("shop:order", args=[order.number]))
        customer.get(reverse("shop:confirmation", args=[order.number]))
        customer.post(reverse("shop:cancel", args=[order.number]))
    for page in ("login", "sign_up"):
        guest.get(reverse(f"shop:{page}"))
        guest.post(reverse(f"shop:{page}"), username="1", password="2", password1="3")
    owner.get("/")
    everybody = (guest, customer, owner)
    assert [text for visitor in everybody for text in visitor.english] == []
    assert routes("shop:") - set().union(*(visitor.routes for visitor in everybody)) == set()


def test_the_blocks(shop):
    key = str(shop.viewed.pk)
    visitor = Visitor(shop.customer)
    visitor.get(f"/product/{shop.viewed.slug}/")
    for name in sorted(routes("crosssell:")):
        try:
            address = reverse(name)
        except NoReverseMatch:
            address = reverse(name, args=[key])
        for query in ("", "?explain=1", "?limit=many&strange=1"):
            visitor.get(address + query)
    visitor.get(reverse("crosssell:together", args=["0"]))
    for answer in ("not_interested", "more_like_this", "strange"):
        visitor.post(reverse("crosssell:feedback"), **{answer: key})
        visitor.post(reverse("crosssell:feedback"), **{answer: "0"})
    for switch in ("off", "on", "strange"):
        visitor.post(reverse("crosssell:personal"), personal=switch)
        visitor.get(reverse("crosssell:about"))
    for name in ("basket-add", "basket-replace"):
        visitor.post(reverse(f"crosssell:{name}"))
        visitor.post(reverse(f"crosssell:{name}"), item=[key, "0"], **{"with": "0", "more": "1"})
        for sent in ([], {"strange": 1}, {"items": [key, "0"]}, {"item": key, "with": "0"}):
            visitor.post(reverse(f"crosssell:api-{name}"), json=sent)
    visitor.get("/crosssell/api/v1/nowhere/")
    assert sorted(set(visitor.english)) == []


def test_a_lazy_block():
    page = "{% load crosssell %}{% trending lazy=True %}{% recommended_for_you lazy=True %}"
    with translation.override("zh-hans"):
        request = RequestFactory().get("/")
        shown = engines["django"].from_string(page).render({}, request)
    assert "crosssell" in shown
    assert left_in_english(read(shown)) == []


def test_an_order_is_thanked_for_in_chinese(shop):
    with translation.override("zh-hans"):
        send_confirmation(shop.order, "https://shop.example")
    (sent,) = mail.outbox
    assert isinstance(sent, mail.EmailMultiAlternatives)
    html = str(sent.alternatives[0][0])
    assert left_in_english([str(sent.subject), *sent.body.splitlines(), *read(html)]) == []


def admin_pages() -> Iterator[str]:
    """Yield the addresses of every list, form, history and question of the admin, row by row."""
    yield reverse("admin:index")
    for label in APPS:
        yield reverse("admin:app_list", args=[label])
        for model in apps.get_app_config(label).get_models():
            if not admin.site.is_registered(model):
                continue
            name = f"admin:{label}_{model._meta.model_name}"
            yield reverse(f"{name}_changelist")
            yield reverse(f"{name}_add")
            for row in model._default_manager.all()[:ROWS]:
                for page in ("change", "delete"):
                    yield reverse(f"{name}_{page}", args=[row.pk])


def test_buttons_of_the_admin(shop, monkeypatch):
    monkeypatch.setattr("recommendations.tasks.rebuild.apply_async", lambda *_args, **_kw: None)
    visitor, name = Visitor(shop.owner), "admin:crosssell_recommendations_"
    item, upgrade = Item.objects.order_by("pk")[:2]
    visitor.post(reverse(f"{name}build_rebuild", args=["together"]))
    visitor.post(reverse(f"{name}build_compare"))
    visitor.post(reverse(f"{name}build_roll_back", args=["trending"]))
    for rule in ("offer", "forbid"):
        visitor.post(reverse(f"{name}item_ladder", args=[item.pk]), rule=rule, upgrade=upgrade.pk)
    for button in ("choose", "auto"):
        visitor.post(reverse(f"{name}modelchoice_{button}", args=["item"]), kind="together")
    visitor.post(reverse(f"{name}placement_preview"), slug="product", count="3")
    assert sorted(set(visitor.english)) == []


def test_the_admin(shop):
    visitor = Visitor(shop.owner)
    for page in admin_pages():
        visitor.get(page)
    name = "admin:crosssell_recommendations_"
    item = Item.objects.get(key=str(shop.viewed.pk))
    for kind in (Kind.CONTENT, Kind.UPGRADES):
        visitor.get(f"{reverse(f'{name}item_change', args=[item.pk])}?list={kind}")
    for build in Build.objects.filter(kind=Kind.CONTENT):
        visitor.get(reverse(f"{name}build_change", args=[build.pk]))
        if build.status in {Build.Status.CANDIDATE, Build.Status.REJECTED}:
            visitor.get(reverse(f"{name}build_publish", args=[build.pk]))
            visitor.get(reverse(f"{name}build_force", args=[build.pk]))
        visitor.get(reverse(f"{name}build_progress", args=[build.pk]))
    placements = Placement.objects.filter(slug__in=["similar", "upgrades", "basket"])
    for placement in placements:
        visitor.get(f"{reverse(f'{name}placement_change', args=[placement.pk])}?preview={item.key}")
    visitor.get(reverse(f"{name}build_roll_back", args=["together"]))
    visitor.get(reverse(f"{name}modelchoice_progress"))
    visitor.get(f"{reverse(f'{name}placement_products')}?q=水")
    visitor.get(f"{reverse(f'{name}item_changelist')}?q=水")
    explain, left_out = reverse(f"{name}placement_explain"), Item.objects.all()[9].key
    for placement in placements:
        visitor.get(f"{explain}?placement={placement.slug}&product={item.key}&why={left_out}")
    assert sorted(set(visitor.english)) == []
    assert routes("admin:crosssell_") - visitor.routes - ACTIONS == set()
