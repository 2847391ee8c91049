"""What a visitor has looked at: remembered in the session, shown to this visitor alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory, override_settings

from recommendations.selectors.looked_at import VIEWED, viewed_keys
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.visits import recently_viewed_shelf, visit_shelf
from recommendations.services.visits import forget_visit, record_view
from tests.recommendations.factories import (
    SMALL_SHOP,
    companions,
    make_product,
    publish,
    set_placement,
)
from tests.recommendations.selectors.test_together import names

pytestmark = pytest.mark.django_db

VIEWS, VISIT = ShelfOptions(placement="recently-viewed"), ShelfOptions(placement="visit")


def visitor(*, session: Any = None, cookies: dict[str, str] | None = None, **headers: str) -> Any:
    """Return a request of a visitor with a session, whose basket is the list ``held`` in it."""
    request = RequestFactory(headers=headers).get("/")
    request.COOKIES.update(cookies or {})
    request.session = SessionStore() if session is None else session
    request.user = AnonymousUser()
    return request


@pytest.fixture(autouse=True)
def _shop(settings):
    settings.CROSSSELL_SHOP = SMALL_SHOP


@pytest.fixture
def goods():
    made = ("Laptop", "Phone", "Mouse", "Case", "Cable")
    return {name: make_product(name) for name in made}


@pytest.fixture
def published(goods):
    """A laptop goes with a mouse, a phone with a case, and both with a cable."""
    item = {name: pair[1] for name, pair in goods.items()}
    set_placement("visit", fallback="none")
    return publish(
        {
            item["Laptop"]: [(item["Mouse"], 0.9, 41, 43), (item["Cable"], 0.7, 12, 15)],
            item["Phone"]: [(item["Case"], 0.9, 31, 33), (item["Cable"], 0.7, 22, 25)],
        }
    )


def look(request, goods, *several):
    for name in several:
        record_view(request, goods[name][0])


def recently(request, **options):
    return names(recently_viewed_shelf(request, ShelfOptions(placement="x", **options)).slots)


def test_the_newest_is_first_and_each_is_there_once(goods):
    request = visitor()
    look(request, goods, "Laptop", "Phone", "Mouse", "Laptop")
    assert recently(request, count=5) == ["Laptop", "Mouse", "Phone"]


def test_each_slot_says_why(goods):
    request = visitor()
    look(request, goods, "Laptop")
    (slot,) = recently_viewed_shelf(request, VIEWS).slots
    assert slot.reason == "You looked at this"
    told = {"strategy": "recently_viewed", "build": None, "position": 1}
    assert slot.trace.items() >= told.items()
    assert slot.evidence is None


def test_only_keys_are_in_the_session(goods):
    request = visitor()
    look(request, goods, "Laptop", "Phone")
    assert dict(request.session.items()) == {VIEWED: [goods[n][1].key for n in ("Phone", "Laptop")]}


def test_only_so_many_are_remembered(goods, settings):
    settings.RECOMMENDATIONS = {"RECENTLY_VIEWED": 2}
    request = visitor()
    look(request, goods, "Laptop", "Phone", "Mouse")
    assert viewed_keys(request) == [goods[name][1].key for name in ("Mouse", "Phone")]


def test_a_flood_of_made_up_keys_stays_short_and_shows_nothing(goods):
    request = visitor()
    for number in range(300):
        record_view(request, f"made-up-{number}")
    record_view(request, 5_000 * "x")
    record_view(request, "")
    assert len(request.session[VIEWED]) == 20
    assert request.session[VIEWED][0] == "made-up-299"
    assert recently(request) == []


def test_zero_remembers_nothing_and_empties_what_there_was(goods):
    request = visitor()
    look(request, goods, "Laptop")
    with override_settings(RECOMMENDATIONS={"RECENTLY_VIEWED": 0}):
        look(request, goods, "Phone")
    assert VIEWED not in request.session


def test_looking_again_at_the_same_page_does_not_store_the_session_again(goods):
    request = visitor()
    look(request, goods, "Phone", "Laptop")
    request.session.modified = False
    look(request, goods, "Laptop")
    assert not request.session.modified
    look(request, goods, "Phone")
    assert request.session.modified


@pytest.mark.parametrize(
    "unwilling", [{"cookies": {"crosssell_personal": "off"}}, {"Sec-GPC": "1"}]
)
class TestWhoDoesNotWantIt:
    def test_nothing_is_recorded_and_what_there_was_is_emptied(self, goods, unwilling):
        willing = visitor()
        look(willing, goods, "Laptop")
        request = visitor(session=willing.session, **unwilling)
        look(request, goods, "Phone")
        assert dict(request.session.items()) == {}

    def test_nothing_is_shown_even_before_it_is_emptied(self, goods, published, unwilling):
        willing = visitor()
        look(willing, goods, "Laptop")
        request = visitor(session=willing.session, **unwilling)
        assert viewed_keys(request) == []
        assert recently(request) == []
        assert visit_shelf(request, VISIT).slots == ()


@pytest.mark.parametrize("other", [{"cookies": {"crosssell_personal": "on"}}, {"Sec-GPC": "0"}, {}])
def test_anything_but_a_clear_no_is_none(goods, other):
    request = visitor(**other)
    look(request, goods, "Laptop")
    assert recently(request) == ["Laptop"]


def test_without_sessions_nothing_is_remembered_nor_breaks(goods, published):
    request = RequestFactory().get("/")
    look(request, goods, "Laptop")
    assert viewed_keys(request) == []
    assert viewed_keys(None) == []
    assert recently_viewed_shelf(None, VIEWS).slots == ()
    assert visit_shelf(None, VISIT).slots == ()
    forget_visit(request)


def test_a_broken_session_does_not_break_the_page(goods, caplog):
    class Broken(dict):
        def get(self, *args):
            raise OSError("no store")

    record_view(visitor(session=Broken()), goods["Laptop"][0])
    assert "Recording a view failed" in caplog.text


@pytest.mark.parametrize("stored", ["text", {"a": 1}, [1, None, ["x"]], 7])
def test_what_somebody_else_put_under_our_name_shows_nothing(goods, stored):
    request = visitor()
    request.session[VIEWED] = stored
    assert recently(request) == []
    look(request, goods, "Laptop")
    assert recently(request) == ["Laptop"]


def test_what_is_held_or_gone_or_left_out_is_not_shown(goods):
    request = visitor()
    look(request, goods, "Laptop", "Phone", "Mouse", "Case")
    request.session["held"] = [goods["Phone"][1].key]
    type(goods["Mouse"][0]).objects.filter(pk=goods["Mouse"][0].pk).update(visible=False)
    assert recently(request, exclude=goods["Case"][0]) == ["Laptop"]


def test_a_variant_and_its_parent_are_one(goods):
    small = make_product("Laptop 13", parent=goods["Laptop"][0])
    request = visitor()
    look(request, goods, "Laptop")
    record_view(request, small[0])
    assert recently(request) == ["Laptop 13"]


def test_what_goes_with_it_follows_what_was_looked_at_last(goods, published):
    request = visitor()
    look(request, goods, "Laptop", "Phone")
    assert names(visit_shelf(request, VISIT).slots)[0] == "Case"
    look(request, goods, "Laptop")
    shelf = visit_shelf(request, VISIT)
    assert names(shelf.slots)[0] == "Mouse"
    assert shelf.slots[0].reason == "Bought with something you looked at by 41 customers"


def test_what_was_looked_at_is_not_what_goes_with_it(goods):
    """Not even where it is the list of the other thing looked at, or sells best."""
    item = {name: pair[1] for name, pair in goods.items()}
    set_placement("visit", fallback="popular")
    publish(
        {item["Laptop"]: companions(item["Phone"], item["Mouse"])},
        {"": companions(item["Laptop"], item["Case"])},
    )
    request = visitor()
    look(request, goods, "Laptop", "Phone")
    assert names(visit_shelf(request, VISIT).slots) == ["Mouse", "Case"]


def test_who_has_looked_at_nothing_sees_what_stands_in(goods):
    item = {name: pair[1] for name, pair in goods.items()}
    set_placement("visit", fallback="popular")
    publish({}, {"": companions(item["Case"])})
    shelf = visit_shelf(visitor(), VISIT)
    assert names(shelf.slots) == ["Case"]
    assert not shelf.answers
    assert shelf.slots[0].trace["why"] == "nothing was looked at yet"


def test_what_no_order_holds_is_said(goods):
    item = {name: pair[1] for name, pair in goods.items()}
    set_placement("visit", fallback="popular")
    publish({item["Laptop"]: companions(item["Mouse"])}, {"": companions(item["Case"])})
    request = visitor()
    look(request, goods, "Phone")
    (slot,) = visit_shelf(request, VISIT).slots
    assert slot.trace["why"] == "no order holds what was looked at yet"


def test_pairs_of_too_few_customers_are_not_shown(goods):
    item = {name: pair[1] for name, pair in goods.items()}
    set_placement("visit", fallback="none")
    publish({item["Laptop"]: companions(item["Mouse"], customers=4)})
    request = visitor()
    look(request, goods, "Laptop")
    assert visit_shelf(request, VISIT).slots == ()
