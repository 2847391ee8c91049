"""The forms of feedback and of the switch: plain, by script, hostile; each shopper's own alone."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client, override_settings
from django.urls import reverse

from recommendations.models import Feedback
from recommendations.selectors.feedback import FEEDBACK
from recommendations.selectors.looked_at import VIEWED
from tests.recommendations.factories import companions, make_product, publish, set_placement

pytestmark = pytest.mark.django_db

SAY, SWITCH = "/crosssell/feedback/", "/crosssell/personal/"
SCRIPT = {"Accept": "application/json"}


@pytest.fixture
def item():
    return make_product("Mouse <b>")[1]


@pytest.fixture
def anna():
    return get_user_model().objects.create_user("anna")


@pytest.fixture
def ben():
    return get_user_model().objects.create_user("ben")


def logged_in(user, **options):
    client = Client(**options)
    client.force_login(user)
    return client


def messages_of(client):
    return [str(message) for message in client.get("/").context["messages"]]


def test_a_plain_form_is_noted_and_goes_back(client, item):
    response = client.post(SAY, {"not_interested": item.key, "next": "/product/kettle/"})
    assert (response.status_code, response["Location"]) == (302, "/product/kettle/")
    assert client.session[FEEDBACK]["dismissed"] == [item.pk]
    assert messages_of(client) == ["You will not see this again."]


def test_a_script_is_told_in_json(client, item):
    response = client.post(SAY, {"more_like_this": item.key}, headers=SCRIPT)
    assert response.json() == {"detail": "You will see more like this."}
    assert client.session[FEEDBACK]["liked"] == [item.pk]


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"not_interested": ""},
        {"not_interested": "999999"},
        {"not_interested": "\x00"},
        {"not_interested": "x" * 201},
        {"love": "1"},
        {"kind": "not_interested"},
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_kept(anna, form):
    client = logged_in(anna)
    plain = client.post(SAY, form)
    script = client.post(SAY, form, headers=SCRIPT)
    assert (plain.status_code, script.status_code) == (302, 400)
    assert FEEDBACK not in client.session
    assert not Feedback.objects.exists()
    assert script.json()["detail"]


@pytest.mark.parametrize("address", [SAY, SWITCH])
@pytest.mark.parametrize("method", ["get", "put", "delete", "head"])
def test_only_a_post_changes_anything(client, address, method):
    assert getattr(client, method)(address).status_code == 405


@pytest.mark.parametrize(("address", "form"), [(SAY, "not_interested"), (SWITCH, "personal")])
def test_without_the_token_nothing_happens(anna, item, address, form):
    client = logged_in(anna, enforce_csrf_checks=True)
    assert client.post(address, {form: item.key}).status_code == 403
    assert not Feedback.objects.exists()
    assert "crosssell_personal" not in client.cookies


@pytest.mark.parametrize("address", [SAY, SWITCH])
@pytest.mark.parametrize("next_page", ["https://elsewhere.example/", "//elsewhere.example", ""])
def test_it_never_sends_a_shopper_elsewhere(client, item, address, next_page):
    form = {"not_interested": item.key, "personal": "off", "next": next_page}
    response = client.post(address, form, headers={"Referer": "https://elsewhere.example/"})
    assert response["Location"] == "/"


@pytest.mark.parametrize(
    ("address", "form"), [(SAY, {"not_interested": "1"}), (SWITCH, {"personal": "off"})]
)
def test_no_cache_keeps_an_answer(client, address, form):
    control = client.post(address, form)["Cache-Control"]
    assert {"private", "no-store"} <= set(control.split(", "))


def test_no_parameter_names_another_customer(anna, ben, item):
    client = logged_in(anna)
    for name in ("customer", "user", "key"):
        client.post(f"{SAY}?{name}={ben.pk}", {"not_interested": item.key, name: str(ben.pk)})
    assert set(Feedback.objects.values_list("customer", flat=True)) == {str(anna.pk)}


def test_a_customer_cannot_take_back_what_another_said(anna, ben, item):
    logged_in(anna).post(SAY, {"not_interested": item.key})
    logged_in(ben).post(SWITCH, {"personal": "forget", "customer": str(anna.pk)})
    assert Feedback.objects.get().customer == str(anna.pk)


def test_forgetting_empties_the_session_and_the_customers_rows(anna, item):
    client = logged_in(anna)
    client.post(SAY, {"not_interested": item.key})
    client.post(SWITCH, {"personal": "forget"})
    assert FEEDBACK not in client.session
    assert not Feedback.objects.exists()


def test_the_switch_is_a_cookie_that_no_script_reads(client):
    response = client.post(SWITCH, {"personal": "off"}, secure=True)
    cookie = response.cookies["crosssell_personal"]
    assert cookie.value == "off"
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")
    assert cookie["max-age"] == 400 * 24 * 3600
    off = client.post(SWITCH, {"personal": "on"}).cookies["crosssell_personal"]
    assert (off.value, off["max-age"]) == ("", 0)


def test_switching_off_empties_the_session_at_once(anna, item):
    client = logged_in(anna)
    client.get(reverse("shop:product", args=[item_slug(item)]))
    client.post(SAY, {"not_interested": item.key})
    assert {VIEWED, FEEDBACK} <= set(client.session.keys())
    client.post(SWITCH, {"personal": "off"})
    assert not {VIEWED, FEEDBACK} & set(client.session.keys())


def test_what_was_said_earlier_comes_back_with_the_switch(anna, item):
    client = logged_in(anna)
    client.post(SAY, {"not_interested": item.key})
    client.post(SWITCH, {"personal": "off"})
    client.post(SWITCH, {"personal": "on"})
    assert client.session[FEEDBACK]["dismissed"] == [item.pk]


def test_nothing_is_noted_while_it_is_off(anna, item):
    client = logged_in(anna)
    client.post(SWITCH, {"personal": "off"})
    response = client.post(SAY, {"not_interested": item.key}, headers=SCRIPT)
    assert response.status_code == 400
    assert not Feedback.objects.exists()
    assert FEEDBACK not in client.session


@pytest.mark.parametrize("wish", ["", "maybe", "OFF"])
def test_no_other_choice_is_taken(client, wish):
    response = client.post(SWITCH, {"personal": wish})
    assert response.status_code == 400
    assert not response.cookies


def test_a_shop_without_sessions_is_told_so(item, rf):
    """Not even messages work there; nothing breaks."""
    from recommendations.views.feedback import feedback
    from recommendations.views.personal import personal

    for view in (feedback, personal):
        request = rf.post("/", {"not_interested": item.key, "personal": "off"})
        request._dont_enforce_csrf_checks = True
        assert view(request).status_code == 302
    assert not Feedback.objects.exists()


def test_a_fault_is_told_and_breaks_nothing(client, item, monkeypatch, caplog):
    def broken(*args):
        raise OSError("no database")

    monkeypatch.setattr("recommendations.views.feedback.give_feedback", broken)
    monkeypatch.setattr("recommendations.views.personal.forget_visit", broken)
    response = client.post(SAY, {"not_interested": item.key}, headers=SCRIPT)
    assert (response.status_code, response.json()["detail"]) == (400, "This could not be noted.")
    off = client.post(SWITCH, {"personal": "off"})
    assert off.cookies["crosssell_personal"].value == "off"  # from now on nothing is read
    client.post(SWITCH, {"personal": "on"})
    assert client.post(SWITCH, {"personal": "forget"}).status_code == 302
    assert messages_of(client)[-1] == "It could not be deleted. Please try again."


class TestButtons:
    @pytest.fixture(autouse=True)
    def _published(self, anna, item):
        set_placement("home", fallback="none")
        publish({}, kind="user_based", customers={str(anna.pk): companions(item)})

    def test_they_name_the_form_that_holds_the_token(self, anna, item):
        html = logged_in(anna).get("/").content.decode()
        assert f'name="not_interested" value="{item.key}"' in html
        assert html.count("data-crosssell-feedback") == 1
        form_id = html.split('class="crosssell__say" id="')[1].split('"')[0]
        assert html.count(f'form="{form_id}"') == 2
        assert 'Not interested<span class="crosssell__hidden">: Mouse &lt;b&gt;</span>' in html

    def test_the_form_works_as_the_browser_would_send_it(self, anna, item):
        client = logged_in(anna, enforce_csrf_checks=True)
        html = client.get("/").content.decode()
        form = html.split("data-crosssell-feedback>")[1].split("</form>")[0]
        token = form.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        data = {"csrfmiddlewaretoken": token, "next": "/", "not_interested": item.key}
        assert client.post(SAY, data).status_code == 302
        assert Feedback.objects.get().item == item
        assert f'name="not_interested" value="{item.key}"' not in client.get("/").content.decode()

    def test_one_shoppers_token_is_not_in_anothers_markup(self, anna, ben, item):
        """The cards' markup is kept by the process: the form must not be part of it."""
        publish({}, kind="user_based", customers={str(u.pk): companions(item) for u in (anna, ben)})
        tokens = set()
        for user in (anna, ben):
            html = logged_in(user).get("/").content.decode()
            tokens.add(html.split("data-crosssell-feedback>")[1].split('value="')[1].split('"')[0])
        assert len(tokens) == 2

    def test_there_are_none_where_it_is_off(self, anna):
        client = logged_in(anna)
        client.post(SWITCH, {"personal": "off"})
        assert "data-crosssell-feedback" not in client.get("/").content.decode()

    @override_settings(ROOT_URLCONF="tests.recommendations.views.bare_urls")
    def test_there_are_none_where_the_addresses_are_not_included(self, anna, item, rf):
        from django.template import Engine

        from recommendations.selectors.customers import customer_shelf
        from recommendations.selectors.shelves import ShelfOptions
        from recommendations.widgets import shelf_html

        request = rf.get("/")
        request.user, request.session = anna, {}
        shelf = customer_shelf(request, ShelfOptions(placement="home"))
        html = shelf_html(shelf, engine=Engine.get_default(), heading="x", shopper=request)
        assert "Mouse" in html
        assert "button" not in html


def item_slug(item):
    from shop.models import Product

    return Product.objects.get(pk=item.key).slug
