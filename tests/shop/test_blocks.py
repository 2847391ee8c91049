"""The blocks of the reference shop's pages: each where it belongs, no product twice on a page."""

from __future__ import annotations

import pytest

from recommendations.models import Item, Placement
from recommendations.selectors.builds import forget_published_builds
from recommendations.services.sync import sync_items
from shop.models import Category
from shop.services.demo import PLACEMENTS, create_default_placements
from tests.recommendations.factories import companions, publish
from tests.recommendations.templatetags.test_crosssell import Elements
from tests.shop.factories import make_category, make_order, make_product, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_build_is_remembered():
    forget_published_builds()


@pytest.fixture
def ann(client, settings):
    """A customer who is logged in, in a shop where everything has a list."""
    settings.CROSSSELL_SHOP = "shop.crosssell.ReferenceShop"
    category = make_category("Kitchen")
    kettle, *others = [
        make_product(name, slug=name.lower(), category=category)
        for name in ("Kettle", "Mug", "Pan", "Bowl", "Tray", "Jar")
    ]
    ann = make_user("ann")
    make_order((kettle, 1), user=ann)
    sync_items()
    items = {item.title: item for item in Item.objects.all()}
    mug, pan, bowl, tray, jar = (items[product.name] for product in others)
    every = companions(mug, pan, bowl, tray, jar)
    publish({items["Kettle"]: every}, {"": every})
    publish({items["Kettle"]: companions(pan, bowl)}, kind="content")
    publish({}, kind="user_based", customers={str(ann.pk): companions(tray, jar)})
    publish({}, kind="buy_again", customers={str(ann.pk): companions(items["Kettle"])})
    for kind in ("trending", "new_arrivals"):
        publish({}, {"": every, "Kitchen": every}, kind=kind)
    create_default_placements()
    client.force_login(ann)
    return ann


def headings(client, path):
    page = client.get(path).content.decode()
    blocks = page.split('class="crosssell__title"')[1:]
    found = Elements(page).all("li")
    keys = [given["data-crosssell-key"] for given in found if "data-crosssell-key" in given]
    assert len(set(keys)) == len(keys), "a product twice on a page"
    return [block.split(">", 1)[1].split("<", 1)[0] for block in blocks]


def test_the_product_page(client, ann):
    Placement.objects.filter(slug__in=["product", "similar"]).update(count=1)
    shown = headings(client, "/product/kettle/")
    assert shown[:2] == ["Frequently bought together", "Similar products"]


def test_basket_and_checkout(client, ann):
    client.post("/basket/add/", {"product": Item.objects.get(title="Kettle").key, "quantity": 1})
    assert headings(client, "/basket/") == ["Goes with your basket"]
    assert headings(client, "/checkout/") == ["Goes with your basket"]


def test_the_category_page_shows_what_trends_on_its_first_page_only(client, ann):
    assert headings(client, "/category/kitchen/") == ["Trending in Kitchen"]
    for number in range(30):
        make_product(f"Spoon {number}", category=Category.objects.get())
    assert headings(client, "/category/kitchen/?page=2") == []


def test_a_search_without_results_shows_what_trends(client, ann):
    assert headings(client, "/search/?q=zzz") == ["Trending now"]
    assert headings(client, "/search/?q=kettle") == []


def test_the_account(client, ann):
    assert headings(client, "/account/") == ["Buy it again", "Recommended for you"]


def test_the_home_page_of_a_customer(client, ann):
    Placement.objects.create(slug="visit", count=1)
    Placement.objects.filter(slug__in=["home", "trending"]).update(count=1)
    client.get("/product/kettle/")
    shown = headings(client, "/")
    assert shown[:2] == ["Recommended for you", "You looked at lately"]
    assert shown[-2:] == ["Trending now", "New in this shop"]


def test_the_home_page_of_a_guest_has_nothing_personal(client, ann):
    client.logout()
    Placement.objects.filter(slug="trending").update(count=1)
    assert headings(client, "/") == ["Trending now", "New in this shop"]


def test_the_placements_are_made_once_and_a_merchants_stay(db):
    made = create_default_placements()
    assert made == [slug for slug, *_ in PLACEMENTS]
    Placement.objects.filter(slug="home").update(count=2)
    assert create_default_placements() == []
    assert Placement.objects.get(slug="home").count == 2
