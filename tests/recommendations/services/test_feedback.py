"""What a shopper says of products: at once in the session, for good with the customer."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory

from recommendations.models import Feedback
from recommendations.selectors.feedback import FEEDBACK, Said, dismissed_families, said_by
from recommendations.services.customers import erase_customer
from recommendations.services.feedback import (
    MOST_IN_SESSION,
    adopt_feedback,
    give_feedback,
    withdraw_feedback,
)
from recommendations.services.visits import forget_visit, record_view
from shop.models import Product
from tests.recommendations.factories import (
    SMALL_SHOP,
    companions,
    make_product,
    make_products,
    publish,
)

pytestmark = pytest.mark.django_db

LESS, MORE = Feedback.Kind.NOT_INTERESTED.value, Feedback.Kind.MORE_LIKE_THIS.value


@pytest.fixture(autouse=True)
def _shop(settings):
    settings.CROSSSELL_SHOP = SMALL_SHOP


@pytest.fixture
def anna():
    return get_user_model().objects.create_user("anna")


@pytest.fixture
def ben():
    return get_user_model().objects.create_user("ben")


def shopper(user: Any = None, *, session: Any = None, **headers: str) -> Any:
    """Return a request of a customer or a visitor, with a new session unless one is given."""
    request = RequestFactory(headers=headers).get("/")
    request.session = SessionStore() if session is None else session
    request.user = user or AnonymousUser()
    return request


def without_session(user: Any = None) -> Any:
    request = RequestFactory().get("/")
    request.user = user or AnonymousUser()
    return request


def rows(user):
    stored = Feedback.objects.filter(customer=str(user.pk))
    return {row.item.key: row.kind for row in stored.select_related("item")}


def test_a_visitors_word_is_in_the_session_alone():
    _, item = make_product()
    request = shopper()
    give_feedback(request, item.key, LESS)
    assert said_by(request) == Said(dismissed=(item.pk,))
    assert not Feedback.objects.exists()
    assert request.session[FEEDBACK] == {"customer": None, "dismissed": [item.pk], "liked": []}


def test_a_customers_word_is_kept_as_well(anna):
    _, item = make_product()
    request = shopper(anna)
    give_feedback(request, item.key, MORE)
    assert said_by(request) == Said(liked=(item.pk,))
    assert rows(anna) == {item.key: MORE}


def test_the_last_word_stands(anna):
    (_, one), (_, other) = make_products(2)
    request = shopper(anna)
    for item, kind in ((one, LESS), (other, LESS), (one, MORE), (one, MORE)):
        give_feedback(request, item.key, kind)
    assert said_by(request) == Said(dismissed=(other.pk,), liked=(one.pk,))
    assert rows(anna) == {one.key: MORE, other.key: LESS}


def test_of_a_variant_it_is_its_parents(anna):
    product, parent = make_product()
    _, variant = make_product(parent=product)
    request = shopper(anna)
    give_feedback(request, variant.key, LESS)
    assert list(dismissed_families(request)) == [parent.pk]
    assert rows(anna) == {parent.key: LESS}


def test_reading_it_costs_no_query(anna, django_assert_num_queries):
    _, item = make_product()
    request = shopper(anna)
    give_feedback(request, item.key, LESS)
    with django_assert_num_queries(0):
        assert list(dismissed_families(request)) == [item.pk]


class TestRefused:
    @pytest.mark.parametrize("kind", ["", "love", "NOT_INTERESTED", "not_interested "])
    def test_what_cannot_be_said(self, anna, kind):
        _, item = make_product()
        request = shopper(anna)
        with pytest.raises(ValueError, match="cannot be said"):
            give_feedback(request, item.key, kind)
        assert said_by(request) == Said()
        assert rows(anna) == {}

    @pytest.mark.parametrize("key", ["", "0", "-1", "999999999", "x" * 200, "shop.product:1", "é"])
    def test_items_that_nobody_has(self, anna, key):
        request = shopper(anna)
        with pytest.raises(ValueError, match="does not have this product"):
            give_feedback(request, key, LESS)
        assert said_by(request) == Said()
        assert rows(anna) == {}

    def test_a_hidden_product_is_as_unknown_as_none(self, anna):
        product, item = make_product()
        Product.objects.filter(pk=product.pk).update(visible=False)
        with pytest.raises(ValueError, match="does not have this product"):
            give_feedback(shopper(anna), item.key, LESS)
        assert rows(anna) == {}

    def test_who_wants_nothing_personal(self, anna):
        _, item = make_product()
        request = shopper(anna, **{"Sec-GPC": "1"})
        with pytest.raises(ValueError, match="switched off"):
            give_feedback(request, item.key, LESS)
        assert dict(request.session.items()) == {}
        assert rows(anna) == {}

    def test_nobody_without_a_session(self):
        _, item = make_product()
        with pytest.raises(ValueError, match="Nothing can be remembered"):
            give_feedback(without_session(), item.key, LESS)


class TestOthers:
    def test_a_customer_neither_sees_nor_changes_what_another_said(self, anna, ben):
        _, item = make_product()
        give_feedback(shopper(anna), item.key, LESS)
        request = shopper(ben)
        adopt_feedback(request)
        assert said_by(request) == Said()
        give_feedback(request, item.key, MORE)
        withdraw_feedback(request)
        assert rows(anna) == {item.key: LESS}
        assert rows(ben) == {}

    def test_a_session_that_is_another_customers_is_not_read(self, anna, ben):
        """A shop that lets a session live on from one customer to the next."""
        _, item = make_product()
        first = shopper(anna)
        give_feedback(first, item.key, LESS)
        assert said_by(shopper(ben, session=first.session)) == Said()
        assert said_by(shopper(session=first.session)) == Said()
        assert said_by(shopper(anna, session=first.session)) == Said(dismissed=(item.pk,))

    def test_nor_is_it_given_to_the_next_one_who_logs_in(self, anna, ben):
        _, item = make_product()
        first = shopper(anna)
        give_feedback(first, item.key, LESS)
        second = shopper(ben, session=first.session)
        adopt_feedback(second)
        assert rows(ben) == {}
        assert said_by(second) == Said()

    def test_without_sessions_each_customer_reads_the_own_rows(self, anna, ben):
        _, item = make_product()
        give_feedback(without_session(anna), item.key, LESS)
        assert said_by(without_session(anna)) == Said(dismissed=(item.pk,))
        assert said_by(without_session(ben)) == Said()
        assert said_by(without_session()) == Said()
        assert said_by(None) == Said()

    def test_without_sessions_it_is_one_query_a_request(self, anna, django_assert_num_queries):
        request = without_session(anna)
        with django_assert_num_queries(1):
            said_by(request)
            said_by(request)


class TestLogin:
    def test_a_visitors_words_become_the_customers_and_the_earlier_ones_come_back(self, anna):
        (_, early), (_, late) = make_products(2)
        give_feedback(shopper(anna), early.key, LESS)
        visit = shopper()
        give_feedback(visit, late.key, MORE)
        visit.user = anna
        adopt_feedback(visit)
        assert said_by(visit) == Said(dismissed=(early.pk,), liked=(late.pk,))
        assert rows(anna) == {early.key: LESS, late.key: MORE}

    def test_it_happens_by_itself_where_django_logs_in(self, anna, rf):
        from django.contrib.auth import login

        (_, early), (_, late) = make_products(2)
        give_feedback(shopper(anna), early.key, LESS)
        visit = shopper()
        give_feedback(visit, late.key, LESS)
        login(visit, anna, backend="django.contrib.auth.backends.ModelBackend")
        assert said_by(visit) == Said(dismissed=(late.pk, early.pk))

    def test_what_was_looked_at_stays_through_a_login_and_goes_with_a_logout(self, anna):
        from django.contrib.auth import login, logout

        from recommendations.selectors.looked_at import viewed_keys

        product, item = make_product()
        visit = shopper()
        record_view(visit, product)
        login(visit, anna, backend="django.contrib.auth.backends.ModelBackend")
        assert viewed_keys(visit) == [item.key]
        logout(visit)
        assert viewed_keys(visit) == []

    def test_the_visits_word_beats_the_earlier_one(self, anna):
        _, item = make_product()
        give_feedback(shopper(anna), item.key, LESS)
        visit = shopper()
        give_feedback(visit, item.key, MORE)
        visit.user = anna
        adopt_feedback(visit)
        assert said_by(visit) == Said(liked=(item.pk,))

    def test_items_that_are_gone_meanwhile_are_left_out(self, anna):
        (_, gone), (_, there) = make_products(2)
        visit = shopper()
        give_feedback(visit, gone.key, LESS)
        give_feedback(visit, there.key, LESS)
        gone.delete()
        visit.user = anna
        adopt_feedback(visit)
        assert rows(anna) == {there.key: LESS}
        assert Feedback.objects.count() == 1

    def test_nothing_to_bring_back_leaves_the_session_alone(self, anna):
        request = shopper(anna)
        adopt_feedback(request)
        assert not request.session.modified

    def test_who_wants_nothing_personal_gets_nothing_back(self, anna):
        _, item = make_product()
        give_feedback(shopper(anna), item.key, LESS)
        request = shopper(anna, **{"Sec-GPC": "1"})
        adopt_feedback(request)
        assert FEEDBACK not in request.session

    def test_a_fault_does_not_keep_anybody_from_logging_in(self, anna, monkeypatch, caplog):
        from django.contrib.auth import login

        def broken(request):
            raise OSError("no database")

        monkeypatch.setattr("recommendations.receivers.adopt_feedback", broken)
        visit = shopper()
        login(visit, anna, backend="django.contrib.auth.backends.ModelBackend")
        assert visit.user == anna
        assert "Feedback at login failed" in caplog.text


class TestFloods:
    def test_a_session_holds_the_newest_only(self):
        goods = make_products(MOST_IN_SESSION + 2)
        request = shopper()
        for _, item in goods:
            give_feedback(request, item.key, LESS)
        newest = [item.pk for _, item in reversed(goods[2:])]
        assert list(dismissed_families(request)) == newest

    def test_so_does_the_table(self, anna, ben, monkeypatch):
        monkeypatch.setattr("recommendations.services.feedback.MOST_OF_CUSTOMER", 3)
        goods = make_products(5)
        give_feedback(shopper(ben), goods[0][1].key, LESS)
        request = shopper(anna)
        for _, item in goods:
            give_feedback(request, item.key, LESS)
        assert rows(anna).keys() == {item.key for _, item in goods[2:]}
        assert len(rows(ben)) == 1


@pytest.mark.parametrize("stored", [[1], "x", 3, {"dismissed": "abc", "liked": [["x"], None]}])
def test_what_somebody_else_put_under_our_name_says_nothing(stored):
    _, item = make_product()
    request = shopper()
    request.session[FEEDBACK] = stored
    assert said_by(request) == Said()
    give_feedback(request, item.key, LESS)
    assert said_by(request) == Said(dismissed=(item.pk,))


def test_forgetting_a_visit_leaves_the_customers_rows(anna):
    _, item = make_product()
    request = shopper(anna)
    give_feedback(request, item.key, LESS)
    forget_visit(request)
    assert said_by(request) == Said()
    assert rows(anna) == {item.key: LESS}


def test_erasing_a_customer_deletes_it_and_nobody_elses(anna, ben):
    _, item = make_product()
    publish({}, customers={str(anna.pk): companions(item), str(ben.pk): companions(item)})
    for user in (anna, ben):
        give_feedback(shopper(user), item.key, LESS)
    assert erase_customer(str(anna.pk)) == 2
    assert rows(anna) == {}
    assert rows(ben) == {item.key: LESS}
    assert erase_customer(str(anna.pk)) == 0
