"""The reference shop fulfils the adapter's contract, and its pages carry the block."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db.models import Model
from django.test import RequestFactory, TestCase, override_settings
from django.utils import timezone

from recommendations.adapters import BasketLine, get_adapter
from recommendations.models import Placement
from recommendations.selectors.builds import forget_published_builds
from recommendations.services.builds import rebuild
from recommendations.services.sync import sync_items
from recommendations.testing import ShopAdapterContract
from tests.shop.factories import (
    make_basket,
    make_order,
    make_product,
    make_review,
    make_user,
    make_variant,
)


@pytest.fixture(autouse=True)
def _no_build_is_remembered():
    """A page of the test before has told this process, for a moment, that there is no build."""
    forget_published_builds()


@override_settings(CROSSSELL_SHOP="shop.crosssell.ReferenceShop")
class TestReferenceShop(ShopAdapterContract, TestCase):
    """The contract that every shop's adapter inherits."""

    def make_product(self, number: int) -> Model:
        return make_product(f"Product {number}")

    def make_variant(self, parent: Any, number: int) -> Model:
        return make_variant(parent, f"Variant {number}")

    def hide_product(self, product: Any) -> None:
        product.visible = False
        product.save()

    def make_order(
        self, products: list[Any], *, customer: Any = None, guest: str = "", counted: bool = True
    ) -> Any:
        status = "paid" if counted else "cancelled"
        return make_order(
            *((product, 1) for product in products), user=customer, email=guest, status=status
        )

    def make_rating(self, product: Any, customer: Any, value: float) -> Any:
        written_at = timezone.now() - timedelta(minutes=5)
        return make_review(product, int(value), user=customer, written_at=written_at)

    def make_request(self, user: Any = None) -> Any:
        request = super().make_request(user)
        if not hasattr(request, "session"):
            request.session = SessionStore()
        return request


@pytest.fixture
def adapter(settings, db):
    settings.CROSSSELL_SHOP = "shop.crosssell.ReferenceShop"
    return get_adapter()


def test_a_product_with_variants_is_shown_and_not_put_into_the_basket(adapter):
    bag = make_product("Bag", stock=0)
    assert not adapter.needs_choice(bag)
    assert not adapter.available(bag)
    make_variant(bag, "Navy", stock=2)
    [live] = adapter.live_products([str(bag.pk)]).values()
    assert adapter.needs_choice(live)
    assert adapter.available(live)


def test_a_live_product_answers_without_further_queries(adapter, django_assert_num_queries):
    bag = make_product("Bag")
    make_variant(bag, "Navy", stock=0)
    with django_assert_num_queries(1):
        [live] = adapter.live_products([str(bag.pk)]).values()
        assert adapter.needs_choice(live)
        assert not adapter.available(live)
        assert adapter.image_url(live).endswith(".svg")
        assert adapter.url(live) == f"/product/{bag.slug}/"
        assert str(adapter.price(live).amount) == "19.90"


def test_what_a_comparison_tells_is_what_the_page_lists(adapter, django_assert_num_queries):
    lamp = make_product("Lamp")
    lamp.attributes = {"Power": "9 W", "Colours": ["red", "blue"], "Note": "", "Feet": 3}
    lamp.save()
    with django_assert_num_queries(1):
        [live] = adapter.live_products([str(lamp.pk)]).values()
        told = {"Power": "9 W", "Colours": "red, blue", "Feet": "3"}
        assert adapter.attributes(live) == told
    live.attributes = "written past the form"
    assert adapter.attributes(live) == {}


def test_a_product_page_compares_the_steps_of_a_ladder(client, adapter):
    lamp, plus = make_product("Alder Lamp"), make_product("Alder Lamp Plus")
    for product, price, watts in ((lamp, 100, "9 W"), (plus, 130, "12 W")):
        product.price, product.attributes = price, {"Power": watts}
        product.save()
    sync_items()
    rebuild("upgrades")
    # Else it would stand in above, and no product comes twice on a page.
    Placement.objects.filter(slug="product").update(fallback="none")
    page = client.get(lamp.get_absolute_url()).content.decode()
    for text in ("+€30.00", "The next step up for €30.00 more", "9 W", "12 W"):
        assert text in page
    assert "crosssell__compare" not in client.get(plus.get_absolute_url()).content.decode()


def test_the_basket_is_read_in_one_query(adapter, django_assert_num_queries):
    bag, kettle, ann = make_product("Bag"), make_product("Kettle"), make_user()
    navy = make_variant(bag, "Navy")
    make_basket((navy, 2), (kettle, 1), user=ann)
    request = RequestFactory().get("/")
    request.user, request.session = ann, SessionStore()
    with django_assert_num_queries(1):
        held = adapter.basket(request)
    assert held == [BasketLine(str(navy.pk), 2), BasketLine(str(kettle.pk), 1)]


@pytest.fixture
def bought_together(adapter):
    """A laptop that eight customers bought with a mouse, and twenty lonely others."""
    laptop, mouse = make_product("Alder Laptop"), make_product("Wireless Mouse")
    for number in range(8):
        make_order((laptop, 1), (mouse, 1), email=f"c{number}@example.com")
    for number in range(20):
        make_order((make_product(f"Other {number}"), 1), email=f"o{number}@example.com")
    sync_items()
    rebuild("together")
    return laptop, mouse


def test_a_product_page_shows_what_is_bought_together_and_adds_it_all(client, bought_together):
    laptop, mouse = bought_together
    page = client.get(laptop.get_absolute_url()).content.decode()
    assert "Frequently bought together" in page
    assert "Wireless Mouse" in page
    form = {"item": [str(laptop.pk), str(mouse.pk)], "next": "/basket/"}
    basket = client.post("/crosssell/basket/add/", form, follow=True).content.decode()
    assert "Alder Laptop</a>" in basket
    assert "Wireless Mouse</a>" in basket
    assert "€39.80" in basket


def test_a_page_without_companions_is_an_ordinary_page(client, adapter):
    page = client.get(make_product("Kettle").get_absolute_url())
    assert page.status_code == 200
    assert "Frequently bought together" not in page.content.decode()


def test_the_declared_paths_pass_the_system_checks(adapter):
    call_command("check")


def test_a_line_of_the_basket_offers_its_step_up_and_the_button_takes_it(client, adapter):
    lamp, plus = make_product("Alder Lamp"), make_product("Alder Lamp Plus")
    plus.price = lamp.price + 5
    plus.save()
    sync_items()
    rebuild("upgrades")
    ann = make_user()
    basket = make_basket((lamp, 2), user=ann)
    client.force_login(ann)
    page = client.get("/basket/").content.decode()
    assert "For €5.00 more each:" in page
    assert "Alder Lamp Plus" in page
    form = {"item": str(lamp.pk), "with": str(plus.pk), "more": "5.00", "next": "/basket/"}
    page = client.post("/crosssell/basket/replace/", form, follow=True).content.decode()
    assert "Alder Lamp Plus is in your basket instead." in page
    assert list(basket.lines.values_list("product", "quantity")) == [(plus.pk, 2)]


def test_nobody_replaces_in_a_basket_that_is_not_theirs(client, adapter):
    lamp, plus, ann, bea = make_product(), make_product(), make_user("ann"), make_user("bea")
    basket = make_basket((lamp, 2), user=ann)
    client.force_login(bea)
    client.post("/crosssell/basket/replace/", {"item": str(lamp.pk), "with": str(plus.pk)})
    assert list(basket.lines.values_list("product", "quantity")) == [(lamp.pk, 2)]
