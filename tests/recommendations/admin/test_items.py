"""The item pages: evidence, why there are fewer, the merchant's exceptions."""

import pytest

from recommendations.models import Exclusion, Item, Kind, ModelChoice, Pin
from recommendations.selectors.together import together_block
from tests.recommendations.admin.makers import add_lists, make_build, make_staff
from tests.recommendations.factories import (
    companions,
    make_product,
    make_products,
    publish,
    set_placement,
)


@pytest.fixture
def shelf():
    """A laptop with four companions of 41 customers, in a published build."""
    set_placement(count=3)
    _, laptop = make_product("Laptop")
    others = [make_product(name)[1] for name in ("Mouse", "Bag", "Dock", "Sleeve")]
    publish({laptop: companions(*others)})
    return laptop, *others


def page(client, url, item):
    response = client.get(url("item_change", item.pk))
    assert response.status_code == 200
    return " ".join(response.text.split())


def inlines(pins=(), exclusions=(), ladder_steps=()):
    """Return the form of an item's page with these rows added."""
    data: dict[str, object] = {}
    several = {"pins": pins, "exclusions": exclusions, "ladder_steps": ladder_steps}
    for prefix, rows in several.items():
        data |= {
            f"{prefix}-TOTAL_FORMS": len(rows),
            f"{prefix}-INITIAL_FORMS": 0,
            f"{prefix}-MIN_NUM_FORMS": 0,
            f"{prefix}-MAX_NUM_FORMS": 1000,
        }
        for number, row in enumerate(rows):
            data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data


def test_the_evidence_is_shown(admin_client, url, shelf):
    text = page(admin_client, url, shelf[0])
    assert "Bought by 100 customers in 120 orders." in text
    assert ">Mouse</a>" in text
    assert "<td>41</td><td>43</td><td>1.0000</td>" in text


def test_the_page_shows_what_the_selector_gives(admin_client, url, shelf):
    text = page(admin_client, url, shelf[0])
    block = together_block(shelf[0].key)
    stage = text[text.index("cs-stage") : text.index("What the models say")]
    assert [slot.title for slot in block.slots] == ["Mouse", "Bag", "Dock"]
    assert all(slot.title in stage for slot in block.slots)
    assert "Sleeve" not in stage
    assert "Why:" not in text


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (
            lambda item, *others: Exclusion.objects.create(item=item, companion=others[0]),
            "1 candidate is excluded by you.",
        ),
        (
            lambda item, *others: set_placement(count=4, minimum_support=42),
            "4 candidates were bought together by too few customers",
        ),
    ],
)
def test_why_there_are_fewer_than_asked(admin_client, url, shelf, spoil, reason):
    set_placement(count=4)
    spoil(*shelf)
    text = page(admin_client, url, shelf[0])
    assert "of 4 companions are shown. Why:" in text
    assert reason in text


def test_too_few_customers_are_said(admin_client, url):
    set_placement(count=3)
    (_, item), *_ = make_products(2)
    add_lists(make_build("published"), {item: []}, n_customers=3, n_baskets=4)
    text = page(admin_client, url, item)
    assert "3 customers bought it; a pair needs at least 5 customers" in text


def test_no_pair_is_said(admin_client, url):
    set_placement(count=3)
    (_, item), *_ = make_products(2)
    publish({item: []})
    text = page(admin_client, url, item)
    assert "No other item was bought with it by at least 5 customers." in text


def test_an_item_without_orders(admin_client, url):
    (_, item), (_, other) = make_products(2)
    publish({other: []})
    assert "read no order with this item" in page(admin_client, url, item)


def test_before_the_first_build(admin_client, url):
    ((_, item),) = make_products(1)
    text = page(admin_client, url, item)
    assert "No build is published yet" in text
    assert "Nothing yet: no build is published." in text


def test_a_product_that_the_shop_hides(admin_client, url):
    _, item = make_product(visible=False)
    assert "The shop does not show this product now" in page(admin_client, url, item)


def test_an_adapter_that_raises_does_not_break_the_page(admin_client, url, shelf, monkeypatch):
    from recommendations.adapters import get_adapter

    def fail(*args, **kwargs):
        raise RuntimeError("the shop is broken on purpose")

    monkeypatch.setattr(type(get_adapter()), "live_products", fail)
    assert "The block could not be made" in page(admin_client, url, shelf[0])


def test_the_face_is_read_only(admin_client, url, shelf):
    item = shelf[0]
    response = admin_client.post(url("item_change", item.pk), {"title": "Other", **inlines()})
    assert response.status_code == 302
    item.refresh_from_db()
    assert item.title == "Laptop"
    assert admin_client.get(url("item_add")).status_code == 403
    assert admin_client.post(url("item_delete", item.pk), {"post": "yes"}).status_code == 403
    assert Item.objects.filter(pk=item.pk).exists()


def test_pins_and_exclusions_are_saved_and_shown(
    admin_client, url, shelf, django_capture_on_commit_callbacks
):
    laptop, mouse, *_, sleeve = shelf
    assert "excluded</span>" not in page(admin_client, url, laptop)
    pins, exclusions = [{"companion": sleeve.pk, "position": 1}], [{"companion": mouse.pk}]
    with django_capture_on_commit_callbacks(execute=True):
        response = admin_client.post(
            url("item_change", laptop.pk), inlines(pins=pins, exclusions=exclusions)
        )
    assert response.status_code == 302
    assert [pin.companion for pin in Pin.objects.filter(item=laptop)] == [sleeve]
    slots = together_block(laptop.key).slots
    assert [slot.title for slot in slots] == ["Sleeve", "Bag", "Dock"]
    assert "excluded</span>" in page(admin_client, url, laptop)


def test_an_item_is_no_companion_of_itself(admin_client, url, shelf):
    laptop = shelf[0]
    data = inlines(pins=[{"companion": laptop.pk, "position": 1}])
    response = admin_client.post(url("item_change", laptop.pk), data)
    assert "cannot be its own companion" in response.text
    assert not Pin.objects.exists()


def test_companions_are_found_by_title(admin_client, shelf):
    response = admin_client.get(
        "/admin/autocomplete/",
        {
            "app_label": "crosssell_recommendations",
            "model_name": "pin",
            "field_name": "companion",
            "term": "sleev",
        },
    )
    assert [row["text"] for row in response.json()["results"]] == ["Sleeve"]


def test_viewers_change_nothing(client, url, shelf):
    client.force_login(make_staff("view_item"))
    laptop, mouse = shelf[:2]
    data = inlines(pins=[{"companion": mouse.pk, "position": 1}])
    assert client.get(url("item_change", laptop.pk)).status_code == 200
    assert client.post(url("item_change", laptop.pk), data).status_code == 403
    assert not Pin.objects.exists()


def test_without_permission_no_page(client, url, shelf):
    client.force_login(make_staff("view_build"))
    assert client.get(url("item_changelist")).status_code == 403
    assert client.get(url("item_change", shelf[0].pk)).status_code == 403


class TestList:
    def test_lengths_are_shown(self, admin_client, url, shelf):
        text = admin_client.get(url("item_changelist"), {"q": "Laptop"}).text
        assert '<td class="field-companions">4</td>' in text

    @pytest.mark.parametrize(("value", "found"), [("yes", ["Laptop"]), ("no", ["Bag", "Mouse"])])
    def test_filter_by_companions(self, admin_client, url, shelf, value, found):
        Item.objects.filter(title__in=("Dock", "Sleeve")).delete()
        response = admin_client.get(url("item_changelist"), {"companions": value})
        assert [str(item) for item in response.context["cl"].result_list] == found

    def test_a_variant_has_its_parents_list(self, admin_client, url):
        parent, parent_item = make_product("Shirt")
        _, variant = make_product("Shirt, blue", parent=parent)
        ((_, other),) = make_products(1)
        publish({parent_item: companions(other)})
        response = admin_client.get(url("item_changelist"), {"companions": "yes"})
        assert {item.pk for item in response.context["cl"].result_list} == {
            parent_item.pk,
            variant.pk,
        }
        assert {item.list_length for item in response.context["cl"].result_list} == {1}

    def test_companions_are_those_that_product_pages_read(self, admin_client, url, shelf):
        laptop, mouse, bag, *_ = shelf
        response = admin_client.get(url("item_changelist"))
        assert "“Frequently bought together”" in response.context["subtitle"]
        publish({laptop: companions(mouse), mouse: companions(bag, laptop)}, kind="walks")
        ModelChoice.objects.create(question="item", kind="walks")
        response = admin_client.get(url("item_changelist"), {"companions": "yes"})
        lengths = {str(item): item.list_length for item in response.context["cl"].result_list}
        assert lengths == {"Laptop": 1, "Mouse": 2}
        assert response.context["subtitle"] in response.text
        assert str(Kind.WALKS.label) in response.context["subtitle"]

    def test_before_the_first_build_there_is_nothing_to_name(self, admin_client, url):
        make_product("Laptop")
        response = admin_client.get(url("item_changelist"))
        assert response.context.get("subtitle") is None
        assert '<td class="field-companions">0</td>' in response.text

    def test_filter_by_category(self, admin_client, url, shelf):
        Item.objects.filter(title="Bag").update(category="Bags")
        response = admin_client.get(url("item_changelist"), {"category": "Bags"})
        assert [str(item) for item in response.context["cl"].result_list] == ["Bag"]

    def test_search_by_key(self, admin_client, url, shelf):
        response = admin_client.get(url("item_changelist"), {"q": shelf[0].key})
        assert shelf[0] in response.context["cl"].result_list

    def test_queries_do_not_grow_with_the_items(
        self, admin_client, url, shelf, django_assert_max_num_queries
    ):
        def queries():
            with django_assert_max_num_queries(40) as captured:
                assert admin_client.get(url("item_changelist")).status_code == 200
            return len(captured)

        queries()
        few = queries()
        make_products(40)
        assert queries() == few


def test_exclusions_that_hold_everywhere(admin_client, url, shelf):
    laptop, mouse, *_ = shelf
    admin_client.post(url("exclusion_add"), {"companion": mouse.pk, "item": ""})
    assert "anything" in admin_client.get(url("exclusion_changelist")).text
    assert [slot.title for slot in together_block(laptop.key).slots] == ["Bag", "Dock", "Sleeve"]


class TestLists:
    """The tabs: an item's list in each published kind."""

    @pytest.fixture
    def several(self, shelf):
        """Content says more of the laptop than the orders do, without customers."""
        laptop, mouse, *_ = shelf
        _, stand = make_product("<b>Stand</b>")
        build = make_build("published", kind="content")
        add_lists(build, {laptop: [(stand, 0.5, 0, 0), (mouse, 0.25, 2, 3)]})
        make_build("published", kind="trending", metrics={})
        return laptop

    def shown(self, admin_client, url, item, kind):
        response = admin_client.get(url("item_change", item.pk), {"list": kind})
        assert response.status_code == 200
        return response

    def test_there_is_a_tab_for_each_kind_with_lists_per_item(self, admin_client, url, several):
        response = self.shown(admin_client, url, several, "")
        assert [tab["kind"] for tab in response.context["list_tabs"]] == ["together", "content"]
        assert response.context["list_kind"] == "together"
        assert 'href="?list=together#cs-lists" aria-current="true"' in response.text

    def test_evidence_and_why_of_another_kind(self, admin_client, url, several):
        text = self.shown(admin_client, url, several, "content").text
        assert "fits by its description" in text
        assert "2 customers bought both" in text
        assert "too few customers" not in text  # a description needs none
        assert "&lt;b&gt;Stand&lt;/b&gt;" in text
        assert "<b>Stand" not in text

    def test_the_list_that_pages_read_comes_first(self, admin_client, url, several):
        ModelChoice.objects.create(question="item", kind="content", chosen_by="merchant")
        assert self.shown(admin_client, url, several, "").context["list_kind"] == "content"

    @pytest.mark.parametrize("kind", ["trending", "astrology", "ease"])
    def test_what_has_no_list_shows_the_usual_one(self, admin_client, url, several, kind):
        assert self.shown(admin_client, url, several, kind).context["list_kind"] == "together"

    def test_before_the_first_build(self, admin_client, url):
        _, item = make_product("Alone")
        response = self.shown(admin_client, url, item, "content")
        assert "Nothing yet: no build is published." in response.text
        assert response.context["list_tabs"] == []

    def test_more_kinds_cost_no_more(
        self, admin_client, url, several, django_assert_max_num_queries
    ):
        def queries():
            with django_assert_max_num_queries(50) as captured:
                self.shown(admin_client, url, several, "content")
            return len(captured)

        queries()
        few = queries()
        for kind in ("ease", "als", "walks", "rules", "hybrid"):
            make_build("published", kind=kind)
        # The model and the widget look anew at what is published: once, not once a kind.
        queries()
        assert queries() <= few + 1
