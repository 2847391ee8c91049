"""The ladder on an item's page: read, changed by buttons and by the form, and by whom."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from recommendations.models import Item, LadderStep
from recommendations.selectors.ladders import ladder
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.upgrades import upgrades_block
from recommendations.services.ladders import set_step
from shop.models import Product
from tests.recommendations.admin.makers import make_staff
from tests.recommendations.admin.test_items import inlines, page
from tests.recommendations.factories import SmallShop, make_product, publish, set_placement
from tests.recommendations.selectors.test_together import names

LOOK = ("view_item", "change_item")
EDIT = (*LOOK, "add_ladderstep", "change_ladderstep", "delete_ladderstep")
BUTTONS = "Offer first : Plus Forbid "
HOSTILE = "<script>alert(1)</script>"


class Priced(SmallShop):
    """A shop that tells what it pays, and what its goods are."""

    products = type(SmallShop.products)(
        "shop.Product", title="name", price="price", currency="currency", active="visible",
        parent="parent_id", cost="cost",
    )  # fmt: skip

    def attributes(self, product):
        """All of it."""
        return product.attributes


@pytest.fixture(autouse=True)
def priced(settings):
    settings.CROSSSELL_SHOP = f"{__name__}.Priced"
    set_placement("upgrades", count=1)


@pytest.fixture
def goods():
    """A lamp with two steps in its list, the dearer first, and a sun that is in none."""
    made = {}
    for name, price, cost, power in (
        ("Lamp", "100", "60", "9 W"), ("Plus", "130", "80", "12 W"), ("Pro", "180", None, "9 W"),
        ("Sun", "150", None, "9 W"),
    ):  # fmt: skip
        product, item = make_product(name, price=price, cost=cost, attributes={"Power": power})
        Item.objects.filter(pk=item.pk).update(price=product.price, currency="EUR")
        item.refresh_from_db()
        made[name] = item
    build = publish(
        {made["Lamp"]: [(made["Pro"], 3.5, 0, 0), (made["Plus"], 1.5, 12, 12)]}, kind="upgrades"
    )
    build.metrics = {"cost_share": 0.5}
    build.save()
    return made


def rows(text):
    """Return the words of each row of the ladder."""
    table = re.search(r"cs-ladder\".*?</table>", text)
    assert table is not None
    return [
        " ".join(re.sub(r"<[^>]*>", " ", row).split())
        for row in re.findall(r"<tr.*?</tr>", table[0])[1:]
    ]


def say(client, url, item, upgrade, word):
    return client.post(url("item_ladder", item.pk), {"upgrade": upgrade.pk, "rule": word})


def shown(item):
    return names(upgrades_block(item.key, ShelfOptions(placement="upgrades", count=5)).slots)


def test_steps_in_order_of_price_with_all_that_is_known(admin_client, url, goods):
    # Chance: 1.5 / (50 - 40 / 2) and 3.5 / (90 - 40 / 2); the usual cost stands in for Pro's.
    assert rows(page(admin_client, url, goods["Lamp"])) == [
        "Lamp (this item) €100.00 €40.00",
        f"Plus next in line €130.00 +€30.00 Power: 9 W → 12 W 12 5.0 % €50.00 {BUTTONS}: Plus",
        "Pro shown, place 1 €180.00 +€80.00 – 5.0 % – Offer first : Pro Forbid : Pro",
    ]


def test_an_item_without_steps_says_how_to_make_one(admin_client, url, goods):
    text = page(admin_client, url, goods["Sun"])
    assert "No step up is known." in text
    assert "Steps up: what is offered as an upgrade of this item" in text


def test_why_a_step_is_not_shown(admin_client, url, goods):
    Product.objects.filter(name="Pro").update(price="90")
    assert any("Pro not dearer now" in row for row in rows(page(admin_client, url, goods["Lamp"])))


def test_the_buttons_act_at_once(admin_client, url, goods, django_capture_on_commit_callbacks):
    lamp = goods["Lamp"]
    assert shown(lamp) == ["Pro", "Plus"]
    expected = {
        ("Sun", "offer"): ["Sun", "Pro", "Plus"],
        ("Plus", "offer"): ["Plus", "Sun", "Pro"],
        ("Pro", "forbid"): ["Plus", "Sun"],
        ("Sun", "model"): ["Plus"],
        ("Pro", "model"): ["Plus", "Pro"],
    }
    for (name, word), order in expected.items():
        with django_capture_on_commit_callbacks(execute=True):
            response = say(admin_client, url, lamp, goods[name], word)
        assert response["Location"] == f"{url('item_change', lamp.pk)}#cs-ladder"
        assert shown(lamp) == order
    assert LogEntry.objects.count() == len(expected)
    texts = rows(page(admin_client, url, lamp))
    assert "Plus shown, place 1 chosen by you" in texts[1]


@pytest.mark.parametrize(
    "form",
    [
        {}, {"rule": "offer"}, {"rule": "burn", "upgrade": "1"}, {"rule": "offer", "upgrade": "x"},
        {"rule": "offer", "upgrade": "-1"}, {"rule": "offer", "upgrade": "²"},
    ],
)  # fmt: skip
def test_hostile_forms_are_refused(admin_client, url, goods, form):
    assert admin_client.post(url("item_ladder", goods["Lamp"].pk), form).status_code == 400
    assert not LadderStep.objects.exists()


def test_items_that_are_not_there(admin_client, url, goods):
    form = {"rule": "offer", "upgrade": "9" * 40}
    assert admin_client.post(url("item_ladder", goods["Lamp"].pk), form).status_code == 404
    form = {"rule": "offer", "upgrade": goods["Sun"].pk}
    assert admin_client.post(url("item_ladder", 999_999), form).status_code == 404


def test_an_item_or_its_variant_is_no_step(admin_client, url, goods):
    _, red = make_product("Red", price="200", parent=Product.objects.get(name="Lamp"))
    for upgrade in (goods["Lamp"], red):
        assert say(admin_client, url, goods["Lamp"], upgrade, "offer").status_code == 400
    assert not LadderStep.objects.exists()


def test_it_is_a_post_with_a_token(url, goods, admin_user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    assert client.get(url("item_ladder", goods["Lamp"].pk)).status_code == 405
    assert say(client, url, goods["Lamp"], goods["Sun"], "offer").status_code == 403
    assert not LadderStep.objects.exists()


@pytest.mark.parametrize(
    ("permissions", "word", "status"),
    [
        (LOOK, "offer", 403),
        (LOOK, "model", 403),
        (("view_item", *EDIT[2:]), "offer", 403),
        ((*LOOK, "add_ladderstep"), "offer", 403),
        ((*LOOK, "add_ladderstep", "change_ladderstep"), "offer", 302),
        ((*LOOK, "add_ladderstep", "change_ladderstep"), "model", 403),
        (EDIT, "model", 302),
    ],
)
def test_who_may_say_it(client, url, goods, permissions, word, status):
    client.force_login(make_staff(*permissions))
    assert say(client, url, goods["Lamp"], goods["Pro"], word).status_code == status
    assert LadderStep.objects.exists() is (status == 302 and word == "offer")


def test_who_may_not_gets_no_buttons(client, url, goods):
    client.force_login(make_staff(*LOOK))
    text = page(client, url, goods["Lamp"])
    assert "Plus" in rows(text)[1]
    assert "Offer first" not in text


def test_customers_and_visitors_are_kept_out(client, url, goods, django_user_model):
    assert say(client, url, goods["Lamp"], goods["Sun"], "offer").status_code == 302
    client.force_login(django_user_model.objects.create_user("ann"))
    assert say(client, url, goods["Lamp"], goods["Sun"], "offer").status_code == 302
    assert not LadderStep.objects.exists()


def test_the_form_takes_several_steps_with_their_order(
    admin_client, url, goods, django_capture_on_commit_callbacks
):
    steps = [
        {"upgrade": goods["Sun"].pk, "rule": "offer", "position": 2},
        {"upgrade": goods["Plus"].pk, "rule": "forbid", "position": 1},
    ]
    form = inlines(ladder_steps=steps)
    with django_capture_on_commit_callbacks(execute=True):
        response = admin_client.post(url("item_change", goods["Lamp"].pk), form)
    assert response.status_code == 302
    assert shown(goods["Lamp"]) == ["Pro", "Sun"]


@pytest.mark.parametrize("name", ["Lamp", "Red"])
def test_the_form_refuses_the_item_and_its_variants(admin_client, url, goods, name):
    _, goods["Red"] = make_product("Red", price="200", parent=Product.objects.get(name="Lamp"))
    steps = [{"upgrade": goods[name].pk, "rule": "offer", "position": 1}]
    response = admin_client.post(url("item_change", goods["Lamp"].pk), inlines(ladder_steps=steps))
    assert "It is the same product, or a variant of it." in response.text
    assert not LadderStep.objects.exists()


def test_titles_and_facts_are_escaped(admin_client, url, goods):
    Item.objects.update(title=HOSTILE)
    Product.objects.filter(name="Plus").update(attributes={HOSTILE: HOSTILE})
    text = page(admin_client, url, goods["Lamp"])
    assert HOSTILE not in text
    assert "&lt;script&gt;" in text


def test_an_adapter_that_raises_leaves_what_is_stored(admin_client, url, goods, monkeypatch):
    monkeypatch.setattr(Priced, "price", lambda *_args, **_kwargs: 1 / 0)
    assert "Plus next in line €130.00" in rows(page(admin_client, url, goods["Lamp"]))[1]


# -- what it is made of ----------------------------------------------------------------------


def test_a_chance_that_can_no_longer_be_told(goods):
    """The upgrade earns less than half the item now: the score says nothing of a chance."""
    Item.objects.filter(pk=goods["Pro"].pk).update(price=Decimal(30))
    chances = {step.item.title: step.chance for step in ladder(goods["Lamp"]).steps}
    assert chances["Pro"] is None
    assert chances["Plus"] == pytest.approx(0.05)


def test_a_variant_has_the_ladder_of_its_product(goods):
    _, red = make_product("Red", price="101", parent=Product.objects.get(name="Lamp"))
    set_step(goods["Lamp"], goods["Sun"], "offer")
    assert [step.item.title for step in ladder(red).steps] == ["Plus", "Sun", "Pro"]


def test_what_can_be_said_of_a_step(goods):
    with pytest.raises(ValueError, match="'burn'; allowed are offer, forbid, model"):
        set_step(goods["Lamp"], goods["Sun"], "burn")
