"""How recommendations are made: what the page says is what is in force, and nobody's secret."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth import get_user_model
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from recommendations.about_wording import BLOCKS, DATA, FALLBACKS, HOW, RULES
from recommendations.models import (
    Exclusion,
    Kind,
    LadderStep,
    Merchandising,
    ModelChoice,
    Pin,
    Placement,
    PlacementPin,
    Question,
    SlotShare,
)
from recommendations.selectors.about import OF_THE_SHOP, about
from tests.recommendations.factories import make_product, make_products, publish

pytestmark = pytest.mark.django_db

PAGE = "/crosssell/about/"
CONDITION = {"all": [{"field": "item.margin", "op": ">", "value": 0.4}]}


@pytest.fixture
def anna():
    return get_user_model().objects.create_user("anna")


def text_of(client, **headers):
    html = client.get(PAGE, headers=headers).content.decode()
    main = html.split("<main")[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", main))


def built(kind, **counts):
    build = publish({}, kind=kind)
    build.input_counts = counts
    build.save()
    return build


def told(name):
    return getattr(about(RequestFactory().get("/")), name)


def test_an_empty_shop_has_the_page_too(client):
    text = text_of(client)
    assert "Nothing has been computed for it yet." in text
    assert "Personal recommendations are on." in text
    assert "The shop itself moves no product up or down." in text


def test_it_says_what_answers_now_from_how_much_and_since_when(client):
    build = built("together", orders=1234, customers=567)
    text = text_of(client)
    assert "What many customers have bought in one order." in text
    assert "from 1,234 orders of 567 customers." in text
    assert str(build.as_of.year) in text


def test_a_choice_changes_what_it_says_at_once(client):
    built("together", orders=10, customers=9)
    built("ease", orders=10, customers=9)
    assert str(HOW["ease"]) not in text_of(client)
    ModelChoice.objects.create(question="item", kind="ease", chosen_by="merchant")
    assert str(HOW["ease"]) in text_of(client)


def test_the_least_number_of_customers_is_that_of_the_settings(client, settings):
    settings.RECOMMENDATIONS = {"MINIMUM_CUSTOMERS": 17}
    assert "fewer than 17 customers" in text_of(client)


def test_only_what_is_read_is_named(client, settings):
    text = text_of(client)
    assert "Ratings that customers gave." not in text
    assert "Names, categories, brands" not in text
    built("ratings")
    built("content")
    text = text_of(client)
    assert "Ratings that customers gave." in text
    assert "Names, categories, brands" in text
    settings.RECOMMENDATIONS = {"RECENTLY_VIEWED": 0}
    assert "The last products that you looked at" not in text_of(client)


class TestTheShopsOwnRules:
    @pytest.fixture
    def items(self):
        return [item for _, item in make_products(2)]

    @pytest.mark.parametrize(
        ("code", "make"),
        [
            ("pins", lambda one, two: Pin.objects.create(item=one, companion=two)),
            (
                "pins",
                lambda one, _: PlacementPin.objects.create(
                    placement=Placement.objects.first(), item=one, position=1
                ),
            ),
            ("exclusions", lambda _, two: Exclusion.objects.create(companion=two)),
            ("exclusions", lambda *_: rule(Merchandising.Kind.HIDE)),
            ("filters", lambda *_: Placement.objects.update(condition=CONDITION)),
            ("boosts", lambda *_: rule(Merchandising.Kind.BOOST)),
            (
                "boosts",
                lambda *_: SlotShare.objects.create(
                    placement=Placement.objects.first(), name="Secret", condition=CONDITION,
                    percent=50,
                ),
            ),
            ("buries", lambda *_: rule(Merchandising.Kind.BURY)),
            ("ladder", lambda one, two: LadderStep.objects.create(item=one, upgrade=two)),
            ("spread", lambda *_: Placement.objects.update(diversity=30)),
            ("spread", lambda *_: Placement.objects.update(per_category=2)),
            ("spread", lambda *_: Placement.objects.update(rotation="daily")),
        ],
    )  # fmt: skip
    def test_each_is_told_where_it_is_in_force(self, client, items, code, make):
        assert told("rules") == ()
        make(*items)
        assert told("rules") == (code,)
        text = text_of(client)
        assert str(RULES[code]) in text
        assert "Secret" not in text
        assert "margin" not in text
        assert "0.4" not in text

    def test_what_is_switched_off_is_not_told(self, items):
        rule(Merchandising.Kind.BOOST, enabled=False)
        Placement.objects.update(enabled=False, condition=CONDITION, diversity=30)
        assert told("rules") == ()


def rule(kind, **values):
    return Merchandising.objects.create(
        name="Secret", kind=kind, condition=CONDITION, **{"strength": 50, **values}
    )


def test_the_fallbacks_are_those_of_the_placements(client):
    Placement.objects.all().delete()
    assert told("fallbacks") == ("cold",)
    Placement.objects.create(slug="a", fallback="popular")
    Placement.objects.create(slug="b", fallback="none", enabled=False)
    assert told("fallbacks") == ("popular",)
    assert "Where lists are short: best sellers of the shop." in text_of(client)


class TestYourChoice:
    def test_it_tells_how_much_is_remembered_and_of_whom(self, anna, client):
        product, item = make_product()
        client.force_login(anna)
        client.get(product.get_absolute_url())
        client.post("/crosssell/feedback/", {"not_interested": item.key})
        text = text_of(client)
        assert "1 product that you looked at in this visit." in text
        assert "1 product that does not interest you." in text
        assert "You are logged in" in text
        assert "Nothing yet." in text_of(Client())

    def test_the_switch_stands_as_it_is(self, client):
        assert 'value="off"' in client.get(PAGE).content.decode()
        client.post("/crosssell/personal/", {"personal": "off"})
        html = client.get(PAGE).content.decode()
        assert 'value="on"' in html
        assert 'value="off"' not in html
        assert "Nothing is remembered of your visit." in text_of(client)

    def test_a_browser_that_asks_for_privacy_is_told_so(self, client):
        text = text_of(client, **{"Sec-GPC": "1"})
        assert "Global Privacy Control" in text
        assert "Switch personal recommendations off" not in text

    def test_its_forms_work_as_the_browser_would_send_them(self, anna):
        client = Client(enforce_csrf_checks=True)
        client.force_login(anna)
        html = client.get(PAGE).content.decode()
        form = html.split('action="/crosssell/personal/"')[1].split("</form>")[0]
        token = form.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        data = {"csrfmiddlewaretoken": token, "next": PAGE, "personal": "off"}
        assert client.post("/crosssell/personal/", data)["Location"] == PAGE
        assert client.cookies["crosssell_personal"].value == "off"


def test_nobody_elses_name_list_or_score_is_on_it(anna, client):
    other = get_user_model().objects.create_user("ben")
    product, item = make_product("Secret gadget")
    entries = [(item, 0.987654, 41, 43)]
    publish({item: entries}, kind="user_based", customers={str(anna.pk): entries})
    mine = Client()
    mine.force_login(anna)
    mine.get(product.get_absolute_url())
    client.force_login(other)
    html = client.get(PAGE).content.decode().split("<main")[1]
    for secret in ("anna", "Secret gadget", "0.98", "41", "43"):
        assert secret not in html
    assert "Nothing yet." not in html  # Ben is known
    assert "that you looked at" in text_of(mine)


def test_no_cache_keeps_it_and_only_reading_is_allowed(client):
    response = client.get(PAGE)
    assert {"private", "no-store"} <= set(response["Cache-Control"].split(", "))
    assert client.head(PAGE).status_code == 200
    assert client.post(PAGE).status_code == 405


def test_it_stands_in_the_shops_own_frame_and_the_footer_leads_to_it(client):
    html = client.get("/").content.decode()
    assert f'href="{reverse("crosssell:about")}"' in html.split("<footer")[1]
    assert "site-footer" in client.get(PAGE).content.decode()


def test_a_shop_without_a_frame_gets_a_plain_page(client, settings):
    settings.RECOMMENDATIONS = {}
    html = client.get(PAGE).content.decode()
    assert "site-footer" not in html
    assert html.startswith("<!doctype html>")
    assert "<h1>How recommendations are made</h1>" in html


def test_it_needs_no_session(rf):
    yours = about(rf.get(PAGE)).yours
    assert (yours.viewed, yours.dismissed, yours.known) == (0, 0, False)


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (BLOCKS, [*Question.values, *OF_THE_SHOP]),
        (HOW, Kind.values),
        (FALLBACKS, Placement.Fallback.values),
    ],
)
def test_every_code_has_its_words(words, codes):
    assert set(words) == set(codes)


def test_all_data_has_words():
    assert all(word() for word in DATA.values())


def test_it_is_in_the_shoppers_language(client):
    with translation.override("zh-hans"):
        expected = translation.gettext("How recommendations are made")
    html = client.get(PAGE, headers={"Accept-Language": "zh-hans"}).content.decode()
    assert expected in html
    assert 'lang="zh-hans"' in html
