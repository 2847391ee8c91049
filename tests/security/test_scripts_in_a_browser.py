"""Scripts in every text that a shop or a merchant writes, in a real browser: none of them runs."""

from __future__ import annotations

from itertools import cycle, islice
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.http import HttpResponse
from django.template import engines
from django.test import Client
from django.urls import include, path, reverse

from bundles.models import Bundle
from promotions.models import Campaign
from recommendations.models import (
    Exclusion,
    Item,
    Kind,
    Merchandising,
    Pin,
    Placement,
    Publication,
    SlotShare,
)
from shop import urls
from shop.crosssell import ReferenceShop
from shop.models import Product
from tests.recommendations.factories import companions, publish, set_placement
from tests.security.payloads import addresses, texts
from tests.shop.factories import make_basket, make_brand, make_category, make_product

LAZY = """{% load crosssell %}<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>Lazy</title>{% crosssell_assets %}</head><body>
{% frequently_bought_together product lazy=True %}{% upgrades product lazy=True %}
{% similar_items product lazy=True %}{% trending lazy=True %}{% recommended_for_you lazy=True %}
</body></html>"""
CARELESS = '<!doctype html><title>x</title><a href="{}" data-x="{}">x</a>{}'
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
WATCH = """
window.executed = []; window.violations = [];
window.hit = (n) => window.executed.push(n);
addEventListener("securitypolicyviolation", (e) => window.violations.push(
  `${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
"""
FOUND = """() => {
  const every = [...document.querySelectorAll("*")];
  const handlers = every.flatMap((it) => it.getAttributeNames().filter((n) => /^on/.test(n)
    ).map((n) => `${it.tagName} ${n}`));
  const addresses = every.flatMap((it) => ["href", "src", "action", "formaction", "srcdoc", "data"]
    .map((n) => it.getAttribute(n)).filter((it) => it !== null))
    .filter((it) => !/^https?:$/.test(new URL(it, location.href).protocol)
      || new URL(it, location.href).host !== location.host);
  const strange = [...document.querySelectorAll(
    "script:not([src]), iframe, base, math, video, meta[http-equiv], body style"
  )].map((it) => it.outerHTML);
  return { executed, violations, handlers, addresses, strange };
}"""
SHOWN = """document.documentElement.textContent
  + [...document.querySelectorAll("input, textarea")].map((it) => it.value).join("\\n")"""
NOTHING: dict[str, list[Any]] = {
    name: [] for name in ("executed", "violations", "handlers", "addresses", "strange")
}
N_SHOWN = 20
MODELS = ("placement", "item", "build", "exclusion")


def lazy(request, slug):
    context = {"product": Product.objects.get(slug=slug)}
    return HttpResponse(engines["django"].from_string(LAZY).render(context, request))


def careless(_request, number):
    """What a page would be that escapes nothing."""
    text, address = texts()[number], addresses()[number % len(addresses())]
    return HttpResponse(CARELESS.format(address, text, text))


urlpatterns = [
    path("lazy/<slug:slug>/", lazy),
    path("careless/<int:number>/", careless),
    path("", include(urls)),
    *staticfiles_urlpatterns(),
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.urls(__name__),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def hostile(settings, monkeypatch):
    """A shop with a payload in every text, and in each block as many products as it can show."""
    settings.DEBUG = True  # serves static files
    settings.CONTENT_SECURITY_POLICY = POLICY
    payloads, given = iter(texts()), cycle(addresses())
    products = []
    for number in range(3 * N_SHOWN):
        name, fact, maker, shelf = islice(payloads, 4)
        brand, category = make_brand(maker), make_category(shelf)
        for row in (brand, category):
            row.slug = f"row-{number}"
            row.save()
        products.append(
            make_product(
                name, brand=brand, category=category, attributes={fact: fact},
                price=f"{10 + number}.00",
            )
        )  # fmt: skip
    products[0].attributes |= {fact: fact for fact in islice(payloads, 15)}
    products[0].save()
    odd = {each.pk: next(given) for each in products[1:N_SHOWN:2]}
    plain_url, plain_image = ReferenceShop.url, ReferenceShop.image_url
    monkeypatch.setattr(
        ReferenceShop, "url",
        lambda self, it, *, request=None: odd.get(it.pk) or plain_url(self, it, request=request),
    )  # fmt: skip
    monkeypatch.setattr(
        ReferenceShop, "image_url",
        lambda self, it, *, request=None: odd.get(it.pk) or plain_image(self, it, request=request),
    )  # fmt: skip
    return publish_hostile(products, list(payloads))


def publish_hostile(products: list[Product], payloads: list[str]) -> list[Product]:
    """Publish lists of all these products, and let the merchant write payloads as well."""
    items = [
        Item.objects.create(
            key=str(each.pk), title=each.name, attributes=each.attributes,
            category=each.category.name if each.category else "",
            brand=each.brand.name if each.brand else "",
        )
        for each in products
    ]  # fmt: skip
    viewed, thirds = items[0], [items[1:N_SHOWN], items[N_SHOWN:40], items[40:]]
    owner = get_user_model().objects.create_superuser("owner", password="owner")
    for slug in ("product", "basket", "customer", "trending", "upgrades", "similar"):
        set_placement(slug, title=payloads.pop(), count=N_SHOWN, minimum_support=1)
    publish({viewed: companions(*thirds[0])}, {"": companions(*thirds[1])})
    publish({viewed: companions(*thirds[1])}, kind=Kind.UPGRADES.value)
    publish({viewed: companions(*thirds[2])}, kind=Kind.CONTENT.value)
    publish({}, {"": companions(*thirds[2])}, kind=Kind.TRENDING.value)
    publish({}, kind="user_based", customers={str(owner.pk): companions(*thirds[1], customers=1)})
    placement = Placement.objects.get(slug="product")
    rule = {"version": 1, "all": [{"field": "item.brand", "op": "eq", "value": payloads.pop()}]}
    Merchandising.objects.create(placement=placement, name=payloads.pop(), condition=rule)
    SlotShare.objects.create(placement=placement, name=payloads.pop(), condition=rule, percent=10)
    Pin.objects.create(item=viewed, companion=items[5], position=1)
    Exclusion.objects.create(item=viewed, companion=items[6])
    Bundle.objects.create(name=payloads.pop())
    Campaign.objects.create(name=payloads.pop(), percent_off=10)
    make_basket((products[0], 1), user=owner)
    return products


@pytest.fixture
def watched(browser, live_server):
    """Open pages as the shop's owner, and tell what a page tried."""
    client = Client()

    def log_in(page: Any) -> None:
        client.force_login(get_user_model().objects.get(username="owner"))
        session = {"name": "sessionid", "value": client.cookies["sessionid"].value}
        page.context.add_cookies([{**session, "url": live_server.url}])

    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(WATCH)
    page.outside = []
    page.on("dialog", lambda dialog: (page.outside.append("a dialog"), dialog.dismiss()))
    page.on(
        "request",
        lambda it: it.url.startswith(live_server.url) or page.outside.append(it.url),
    )
    page.log_in = lambda: log_in(page)

    def open_page(address: str) -> dict[str, Any]:
        page.goto(live_server.url + address)
        page.wait_for_load_state("networkidle")
        return dict(page.evaluate(FOUND))

    open_page.page = page
    yield open_page
    context.close()


def shop_pages(products: list[Product]) -> list[str]:
    viewed = products[0]
    return [
        f"/product/{viewed.slug}/", f"/lazy/{viewed.slug}/", "/", "/products/",
        "/products/?page=2", "/basket/", "/account/", "/checkout/", "/search/?q=hit",
        viewed.category.get_absolute_url(), reverse("crosssell:about"),
    ]  # fmt: skip


def admin_pages() -> list[str]:
    name = "admin:crosssell_recommendations_"
    item, build = Item.objects.order_by("pk")[0], Publication.objects.get(kind="together").build
    placement = Placement.objects.get(slug="product")
    return [
        "/admin/crosssell_recommendations/",
        *(reverse(f"{name}{model}_changelist") for model in MODELS),
        reverse(f"{name}placement_change", args=[placement.pk]) + f"?preview={item.key}",
        reverse(f"{name}item_change", args=[item.pk]),
        reverse(f"{name}build_change", args=[build.pk]),
        reverse("admin:crosssell_bundles_bundle_changelist"),
        reverse("admin:crosssell_promotions_campaign_changelist"),
    ]  # fmt: skip


def test_there_are_enough_and_all_differ():
    assert len(texts()) == len(set(texts())) >= 200


def test_no_text_of_the_shop_or_the_merchant_runs(hostile, watched):
    watched.page.log_in()
    seen = ""
    for address in [*shop_pages(hostile), *admin_pages()]:
        assert watched(address) == NOTHING, address
        seen += watched.page.evaluate(SHOWN)
    assert watched.page.outside == []
    shown = sum(text in seen for text in texts())
    assert shown >= 200, "the pages did not show what they were to show"


def test_the_watch_sees_what_is_not_escaped(hostile, watched, settings):
    missed = [n for n in range(5, 20) if watched(f"/careless/{n}/") == NOTHING]
    assert missed == []
    settings.CONTENT_SECURITY_POLICY = "default-src * 'unsafe-inline'"
    ran = [number for n in range(5, 14) for number in watched(f"/careless/{n}/")["executed"]]
    assert set(ran) >= {5, 6, 7, 8}
