"""The page that says why a block shows what it shows, and why not something else."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from django.core.cache import cache

from recommendations.admin.explaining import MOST_HELD, MOST_ROWS
from recommendations.admin.previews import item_preview
from recommendations.engine.arranging import Cause
from recommendations.explanation_wording import CAUSES, RULES
from recommendations.models import (
    Exclusion,
    Kind,
    Merchandising,
    Placement,
    PlacementPin,
    SlotShare,
)
from recommendations.selectors.explaining import Supposed, explanation
from recommendations.selectors.placements import placement_choice
from recommendations.selectors.slots import Rule
from shop.models import Product
from tests.recommendations.admin.makers import make_staff
from tests.recommendations.factories import companions, make_product, publish, set_placement


@pytest.fixture
def shelf():
    """A laptop with four companions of 41 customers, of which three are shown."""
    set_placement()
    made = {name: make_product(name)[1] for name in ("Laptop", "Mouse", "Bag", "Dock", "Sleeve")}
    publish({made["Laptop"]: companions(*list(made.values())[1:])})
    return made


@pytest.fixture
def ask(admin_client, url):
    def page(client=admin_client, **asked):
        response = client.get(url("placement_explain"), asked)
        assert response.status_code == 200
        return response.content.decode()

    return page


def text(html):
    """Return what a person reads of the page's own part."""
    main = html.split('id="content-main"', 1)[1]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def answer(html):
    """Return what is said of the product that was asked about."""
    assert 'id="cs-answer"' in html
    return text('id="content-main"' + html.split('id="cs-answer"', 1)[1].split("</section>", 1)[0])


def hide(name, title):
    condition = {"version": 1, "field": "item.title", "op": "eq", "value": title}
    return Merchandising.objects.create(name=name, kind="hide", condition=condition)


def test_every_slot_tells_where_it_comes_from(ask, shelf):
    told = text(ask(product="Laptop"))
    assert "Mouse model Where it comes from Frequently bought together, build #" in told
    assert "place 1" in told
    assert "41 customers in 43 orders" in told
    assert "Bought together by 41 customers" in told


def test_lifted_and_pinned_slots_name_what_did_it(ask, shelf):
    condition = {"version": 1, "field": "item.title", "op": "eq", "value": "Dock"}
    Merchandising.objects.create(name="Autumn", kind="boost", strength=100, condition=condition)
    PlacementPin.objects.create(placement=set_placement(), item=shelf["Sleeve"], position=2)
    told = text(ask(product="Laptop"))
    assert "“Autumn” lifts it: × 2" in told
    assert "You pinned it to this position." in told
    assert "Dock lifted" in told
    assert "0.9800, × 2 by your rules: 1.9600" in told


def test_a_burying_rule_is_said_to_bury(ask, shelf):
    set_placement(count=4)
    condition = {"version": 1, "field": "item.title", "op": "eq", "value": "Dock"}
    Merchandising.objects.create(name="Autumn", kind="bury", strength=100, condition=condition)
    told = text(ask(product="Laptop"))
    assert "Dock buried" in told
    assert "“Autumn” buries it: × 0.5" in told


class TestWhyNot:
    def test_shown(self, ask, shelf):
        assert "“Bag” is shown It is shown, at place 2." in answer(ask(product="Laptop", why="Bag"))

    def test_behind_the_count(self, ask, shelf):
        told = answer(ask(product="Laptop", why="Sleeve"))
        assert "It stands at place 4 of what may be shown; 3 are shown." in told
        assert "pin it" in told

    def test_a_rule_by_its_name_and_in_plain_words(self, ask, shelf):
        hide("No mice", "Mouse")
        told = answer(ask(product="Laptop", why="Mouse"))
        assert "Your rule “No mice” hides it." in told
        assert "The rule hides products for which:" in told
        assert "Mouse" in told.split("for which:")[1]

    def test_in_no_list(self, ask, shelf):
        make_product("Kettle")
        page = ask(product="Laptop", why="Kettle")
        assert "It is in none of the lists that this placement asks here." in answer(page)
        assert re.search(r"Frequently bought together, build #\d+: 4 products", text(page))

    def test_hidden_in_the_shop(self, ask, shelf):
        Product.objects.filter(pk=shelf["Mouse"].key).update(visible=False)
        assert "hidden there" in answer(ask(product="Laptop", why="Mouse"))

    def test_excluded(self, ask, shelf):
        Exclusion.objects.create(item=shelf["Laptop"], companion=shelf["Mouse"])
        assert "You excluded it" in answer(ask(product="Laptop", why="Mouse"))

    def test_a_share_by_its_name(self, ask, shelf):
        condition = {"version": 1, "field": "item.title", "op": "eq", "value": "Sleeve"}
        SlotShare.objects.create(
            placement=set_placement(), name="Sleeves", percent=34, condition=condition
        )
        told = answer(ask(product="Laptop", why="Dock"))
        assert "It made room for the group “Sleeves”" in told

    def test_a_name_that_nothing_has(self, ask, shelf):
        page = ask(product="Laptop", why="no such thing")
        assert "No product was found for “no such thing”." in text(page)
        assert 'id="cs-answer"' not in page


def test_a_basket_that_is_supposed(ask, shelf):
    assert "It is in the basket already." in answer(
        ask(product="Laptop", basket=["Mouse", ""], why="Mouse")
    )


def test_a_basket_has_a_bound(ask, shelf):
    page = ask(placement="basket", basket=["Laptop"] * (MOST_HELD + 5))
    assert page.count('name="basket"') == MOST_HELD + 1


def test_a_block_of_a_basket(ask, shelf):
    set_placement("basket")
    assert "The basket is empty: name what is in it" in text(ask(placement="basket"))
    assert "Mouse model" in text(ask(placement="basket", basket="Laptop"))


def test_a_block_of_a_category(ask, shelf):
    publish({}, {"Tea": companions(shelf["Bag"])}, kind=Kind.TRENDING.value)
    set_placement("trending")
    assert "Trending in “Tea”" in text(ask(placement="trending", category="Tea"))


def test_what_is_one_customers_own_is_told_to_nobody(ask, shelf):
    publish({}, kind=Kind.USER_BASED.value, customers={"7": companions(shelf["Bag"], customers=1)})
    set_placement("customer")
    told = text(ask(placement="customer", why="Bag"))
    assert "each shopper's own" in told.replace("&#x27;", "'")
    assert "It is in none of the lists" in told


def test_nothing_of_whoever_asks_is_in_the_answer(ask, shelf, admin_client):
    session = admin_client.session
    session["held"] = [shelf["Mouse"].key]
    session.save()
    assert "“Mouse” is shown" in answer(ask(product="Laptop", why="Mouse"))


def test_what_is_off_is_said_to_be_off(ask, shelf):
    set_placement(enabled=False)
    assert "“shown” is off" in text(ask(product="Laptop"))


def test_a_product_that_the_shop_does_not_show(ask, shelf):
    Product.objects.filter(pk=shelf["Laptop"].key).update(visible=False)
    assert "its page has no block" in text(ask(product="Laptop"))


def test_long_lists_are_cut_and_said_to_be(ask, shelf):
    more = [make_product(f"More {number}")[1] for number in range(MOST_ROWS + 5)]
    publish({shelf["Laptop"]: companions(*more)})
    cache.clear()
    assert "And 2 more." in text(ask(product="Laptop"))


def test_titles_and_rules_are_no_markup(ask, shelf):
    hide("<script>alert(1)</script>", "Mouse")
    Product.objects.filter(pk=shelf["Bag"].key).update(name="<img src=x>")
    page = ask(product="Laptop", why="Mouse", category='"><script>')
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert '"><script>' not in page


def test_hostile_texts_are_no_fault(ask, shelf):
    for hostile in ("\x00", "a\x00b", "'" * 10_000, "9" * 400):
        ask(product=hostile, why=hostile, basket=[hostile], category=hostile, placement=hostile)


def test_the_same_question_has_the_same_page(ask, shelf):
    set_placement(diversity=30, rotation="daily")
    asked = {"product": "Laptop", "why": "Dock", "basket": ["Bag"]}
    first = text(ask(**asked))
    cache.clear()
    assert text(ask(**asked)) == first


def test_who_may_ask(client, url, shelf):
    address = url("placement_explain")
    assert client.get(address).status_code == 302
    client.force_login(make_staff("view_item"))
    assert client.get(address).status_code == 403
    client.force_login(make_staff("view_placement", name="other"))
    assert client.get(address).status_code == 200
    assert "item_change" not in client.get(address).content.decode()


def test_it_can_only_be_read(admin_client, url, shelf):
    assert admin_client.post(url("placement_explain")).status_code == 405


def test_it_is_linked_where_the_question_comes_up(admin_client, url, shelf):
    address = url("placement_explain")
    placement = admin_client.get(url("placement_change", set_placement().pk)).content.decode()
    assert f'href="{address}?placement=product"' in placement
    item = admin_client.get(url("item_change", shelf["Laptop"].pk)).content.decode()
    assert f'href="{address}?placement=product&amp;product={shelf["Laptop"].key}"' in item


def test_the_link_is_for_those_who_may_follow_it(client, url, shelf):
    client.force_login(make_staff("view_item"))
    page = client.get(url("item_change", shelf["Laptop"].pk)).content.decode()
    assert url("placement_explain") not in page


def test_every_rule_and_cause_has_words():
    assert set(RULES) == set(get_args(Rule))
    assert set(CAUSES) == {cause.value for cause in Cause if cause is not Cause.COUNT}


def test_the_preview_shows_the_block_that_is_explained(rf, shelf):
    for page in Placement.Page.values:
        choice = placement_choice(set_placement("my-own", page=page, fallback="popular").slug)
        key = shelf["Laptop"].key
        found = explanation(choice, Supposed(item=key, basket=[key]))
        preview = item_preview(rf.get("/"), shelf["Laptop"], choice)
        assert preview.n_shown == len(found.slots), page
        for slot in found.slots:
            assert slot.title in preview.html, page
