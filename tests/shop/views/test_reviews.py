"""Stars on cards and pages, and who may give them."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from shop.models import Review
from tests.shop.factories import make_order, make_product, make_review, make_user, make_variant

pytestmark = pytest.mark.django_db


def text_of(response) -> str:
    return response.content.decode()


@pytest.fixture
def kettle():
    return make_product("Copper Kettle")


def post(client, product, **data):
    return client.post(f"{product.get_absolute_url()}review/", data, follow=True)


def test_cards_and_pages_tell_the_average_in_words_too(client, kettle):
    for stars in (5, 4, 4):
        make_review(kettle, stars)
    make_review(kettle, 1, visible=False)
    make_product("Plain Mug")
    for address in ("/", "/products/", kettle.get_absolute_url()):
        page = text_of(client.get(address))
        assert "4.3 of 5 stars" in page
        assert "3 reviews" in page
        assert "★★★★<span" in page
    assert text_of(client.get("/products/")).count('class="stars"') == 1


def test_a_product_without_reviews_shows_no_stars(client, kettle):
    page = text_of(client.get(kettle.get_absolute_url()))
    assert "stars" not in page
    assert 'id="reviews"' not in page


def test_words_are_shown_and_cannot_do_harm(client, kettle):
    nasty = "<script>alert(1)</script> fine"
    make_review(kettle, 3, text=nasty)
    make_review(kettle, 2, text="hidden words", visible=False)
    page = text_of(client.get(kettle.get_absolute_url()))
    assert escape(nasty) in page
    assert nasty not in page
    assert "hidden words" not in page


@pytest.mark.parametrize("n_products", [2, 12])
def test_stars_of_a_shelf_take_one_query(client, n_products):
    for number in range(n_products):
        make_review(make_product(f"Thing {number}"), 4)
    client.get("/products/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/products/")
    assert sum("shop_review" in query["sql"] for query in queries) == 1


@pytest.mark.parametrize("bought", ["product", "variant"])
def test_a_customer_reviews_what_they_bought(client, kettle, bought):
    ann = make_user("ann")
    make_order((kettle if bought == "product" else make_variant(kettle, "Large"), 1), user=ann)
    client.force_login(ann)
    assert "What do you think of it?" in text_of(client.get(kettle.get_absolute_url()))
    page = text_of(post(client, kettle, stars="4", text=" Boils fast. "))
    assert "Thank you for your review." in page
    assert "Boils fast." in page
    assert "4.0 of 5 stars" in page


def test_a_second_review_stands_for_the_first(client, kettle):
    ann = make_user("ann")
    make_order((kettle, 1), user=ann)
    client.force_login(ann)
    post(client, kettle, stars="2", text="")
    post(client, kettle, stars="5", text="Better than I thought.")
    assert list(Review.objects.values_list("stars", "text")) == [(5, "Better than I thought.")]
    page = text_of(client.get(kettle.get_absolute_url()))
    assert '<option value="5" selected>' in page


@pytest.mark.parametrize("why", ["nothing bought", "not paid", "given back", "somebody else's"])
def test_who_kept_nothing_of_it_cannot_review(client, kettle, why):
    ann = make_user("ann")
    if why == "not paid":
        make_order((kettle, 1), user=ann, status="pending")
    elif why == "given back":
        make_order((kettle, 1), user=ann).lines.update(refunded_quantity=1)
    elif why == "somebody else's":
        make_order((kettle, 1), user=make_user("bob"))
    client.force_login(ann)
    assert "What do you think of it?" not in text_of(client.get(kettle.get_absolute_url()))
    page = text_of(post(client, kettle, stars="5"))
    assert "Only customers who bought the product can review it." in page
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    "data",
    [{}, {"stars": "0"}, {"stars": "6"}, {"stars": "many"}, {"stars": "5", "text": "x" * 2001}],
)
def test_what_is_no_review_is_refused_with_words(client, kettle, data):
    ann = make_user("ann")
    make_order((kettle, 1), user=ann)
    client.force_login(ann)
    page = text_of(post(client, kettle, **data))
    assert "message--error" in page
    assert not Review.objects.exists()


def test_a_visitor_is_asked_to_log_in(client, kettle):
    response = client.post(f"{kettle.get_absolute_url()}review/", {"stars": "5"})
    assert response.status_code == 302
    assert response["Location"].startswith("/account/login/")
    assert client.get(f"{kettle.get_absolute_url()}review/").status_code == 405


def test_reviews_of_nothing_are_not_found(client):
    client.force_login(make_user("ann"))
    assert client.post("/product/no-such-thing/review/", {"stars": "5"}).status_code == 404


@pytest.mark.parametrize("stars", [0, 6])
def test_the_database_keeps_the_scale(kettle, stars):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_review(kettle, stars)
