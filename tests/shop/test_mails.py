"""The mail that thanks for an order: sent once, and never in the order's way."""

from __future__ import annotations

import smtplib

import pytest
from django.core import mail

from recommendations import faults
from recommendations.models import Item
from recommendations.selectors.builds import forget_published_builds
from recommendations.services.sync import sync_items
from shop.crosssell import ReferenceShop
from shop.models import Order
from shop.selectors.orders import bought_products
from tests.recommendations.factories import companions, publish, set_placement
from tests.shop.factories import make_order, make_product, make_variant
from tests.shop.views.test_checkout import fill, form_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_build_is_remembered():
    forget_published_builds()


@pytest.fixture
def kettle(settings):
    """A kettle that goes with a <b>mug</b>."""
    settings.CROSSSELL_SHOP = "shop.crosssell.ReferenceShop"
    kettle, mug = make_product("Kettle", stock=5), make_product("Mug <b>")
    sync_items()
    items = {item.key: item for item in Item.objects.all()}
    publish({items[str(kettle.pk)]: companions(items[str(mug.pk)])})
    set_placement("email")
    set_placement("confirmation")
    return kettle


@pytest.fixture
def ordered(client, kettle, django_capture_on_commit_callbacks):
    def order():
        fill(client, kettle)
        form = form_of(client)
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post("/checkout/", form, follow=True)
        return response, form

    return order


def test_it_has_both_parts_with_addresses_that_work_in_a_mail(ordered):
    ordered()
    (sent,) = mail.outbox
    order = Order.objects.get()
    assert sent.to == [order.email]
    assert order.number in sent.subject
    html = sent.alternatives[0].content
    for part in (sent.body, html):
        assert order.number in part
        assert "Goes with your order" in part
        assert "http://testserver/product/" in part
    assert "1 × Kettle, €19.90" in sent.body
    assert "* Mug <b>, €19.90" in sent.body
    assert "Mug &lt;b&gt;" in html
    assert "<b>" not in html
    assert "<script" not in html
    # The shop's pictures are SVG, which few mail programs draw.
    assert "<img" not in html


def test_submitting_twice_sends_one(client, ordered, django_capture_on_commit_callbacks):
    _, form = ordered()
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/checkout/", form)
    assert len(mail.outbox) == 1


def test_a_fault_of_the_recommendations_does_not_stop_it(ordered, monkeypatch):
    def broken(self, keys, *, request=None):
        raise RuntimeError("secret")

    faults.forget_faults()
    monkeypatch.setattr(ReferenceShop, "live_products", broken)
    response, _ = ordered()
    assert response.status_code == 200
    (sent,) = mail.outbox
    assert "Kettle" in sent.body
    assert "Mug" not in sent.body
    assert "secret" not in sent.body + sent.alternatives[0].content


def test_a_mail_server_that_is_away_does_not_stop_the_order(ordered, monkeypatch, caplog):
    def away(self, messages):
        raise smtplib.SMTPServerDisconnected("away")

    monkeypatch.setattr(type(mail.get_connection()), "send_messages", away)
    response, _ = ordered()
    assert b"Thank you for your order" in response.content
    assert Order.objects.get().status == "paid"
    assert "away" in caplog.text


def test_the_page_that_thanks_shows_the_same(ordered):
    response, _ = ordered()
    page = response.content.decode()
    assert "Goes with your order" in page
    assert "Mug &lt;b&gt;" in page


def test_what_was_bought_of_a_variant_is_its_product_and_what_is_gone_is_left_out():
    bag, pan = make_product("Bag"), make_product("Pan")
    navy, sand = make_variant(bag, "Navy"), make_variant(bag, "Sand")
    order = make_order((navy, 1), (sand, 2), (pan, 1))
    pan.delete()
    assert bought_products(order.lines.select_related("product__parent")) == [bag]
