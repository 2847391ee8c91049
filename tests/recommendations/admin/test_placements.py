"""The placement form and its preview."""

import pytest

from recommendations.admin.previews import item_for, picker_text
from recommendations.models import Item, Placement
from tests.recommendations.admin.makers import make_build, make_staff
from tests.recommendations.factories import companions, make_product, publish, set_placement


@pytest.fixture
def shelf():
    """A laptop with four companions of 41 customers; best sellers besides."""
    _, laptop = make_product("Laptop")
    others = [make_product(name)[1] for name in ("Mouse", "Bag", "Dock", "Sleeve")]
    _, best = make_product("Best seller")
    publish({laptop: companions(*others)}, {"": companions(best, laptop)})
    return laptop, *others


def form(**values):
    return {
        "slug": "product",
        "title": "",
        "enabled": "on",
        "count": 3,
        "minimum_support": 5,
        "fallback": "none",
        "preview_product": "Laptop",
        **inlines(),
        **values,
    }


def inlines(**rows):
    """Return the inlines of the form: their rows by prefix, none of them saved yet."""
    sent = {}
    for prefix in ("steps", "pins", "merchandising", "shares"):
        several = rows.get(prefix, ())
        sent |= {f"{prefix}-TOTAL_FORMS": len(several), f"{prefix}-INITIAL_FORMS": 0}
        for number, row in enumerate(several):
            sent |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return sent


def preview(client, url, **values):
    response = client.post(
        url("placement_preview"), form(**values), headers={"accept": "application/json"}
    )
    assert response.status_code == 200
    return response.json()


def test_the_preview_is_the_real_block(admin_client, url, shelf):
    answer = preview(admin_client, url)
    assert answer["product"] == "Laptop"
    assert 'class="crosssell"' in answer["html"]
    assert [name in answer["html"] for name in ("Mouse", "Bag", "Dock", "Sleeve")] == [
        True,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("slug", "page", "scene"),
    [
        ("product", "product", "On the page of “Laptop”"),
        ("similar", "product", "On the page of “Laptop”"),
        ("upgrades", "product", "On the page of “Laptop”"),
        ("basket", "basket", "For a basket that holds only “Laptop”."),
        ("checkout", "checkout", "For a basket that holds only “Laptop”."),
        ("confirmation", "confirmation", "After an order of “Laptop” alone."),
        ("category", "category", "On the page of the category “Computers”."),
        ("trending", "home", "As every visitor sees it"),
        ("recently-viewed", "home", "For a visitor of whom nothing is known"),
        ("home", "home", "For a visitor of whom nothing is known"),
    ],
)
def test_the_preview_says_for_whom_it_is_made(admin_client, url, shelf, slug, page, scene):
    Item.objects.filter(title="Laptop").update(category="Computers")
    answer = preview(admin_client, url, slug=slug, page=page)
    assert answer["scene"].startswith(scene)


def test_the_preview_of_a_basket_is_a_shelf(admin_client, url, shelf):
    html = preview(admin_client, url, slug="basket", page="basket")["html"]
    assert "Goes with your basket" in html
    assert "Mouse" in html
    assert "crosssell__total" not in html


def test_the_list_tells_what_is_set_and_switches_blocks_off(admin_client, url, shelf):
    placement = set_placement(slug="product")
    placement.pins.create(item=shelf[1], position=1)
    placement.pins.create(item=shelf[2], position=2)
    address = url("placement_changelist")
    page = admin_client.get(address).text
    assert "2 pins" in page
    assert "Frequently bought together" in page
    sent = {
        "form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": placement.pk,
        "_save": "Save",
    }  # fmt: skip
    assert admin_client.post(address, sent).status_code == 302
    placement.refresh_from_db()
    assert not placement.enabled


def test_a_rule_about_nothing_is_refused_once(admin_client, url):
    response = admin_client.post(
        url("merchandising_add"), {"name": "All", "kind": "hide", "strength": 100}
    )
    assert response.context["errors"] == [["Say which products the rule is about."]]


def test_the_preview_follows_unsaved_values(admin_client, url, shelf):
    set_placement(count=3)
    answer = preview(admin_client, url, count=4, title="Goes well with")
    assert "Sleeve" in answer["html"]
    assert "Goes well with" in answer["html"]
    assert Placement.objects.get().count == 3


def test_the_preview_follows_minimum_support_and_fallback(admin_client, url, shelf):
    nothing = preview(admin_client, url, minimum_support=42)
    assert nothing["html"] == ""
    assert "shoppers see no block" in nothing["note"]
    filled = preview(admin_client, url, count=5, fallback="popular")
    assert "Best seller" in filled["html"]


def test_a_block_that_is_off_is_previewed_and_said(admin_client, url, shelf):
    answer = preview(admin_client, url, enabled="")
    assert "Mouse" in answer["html"]
    assert "“shown” is off" in answer["note"]


def test_a_name_that_is_taken_does_not_matter_to_the_preview(admin_client, url, shelf):
    set_placement("product")
    assert preview(admin_client, url)["problems"] == {}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"count": 0}, "count"),
        ({"count": "ten"}, "count"),
        ({"minimum_support": 2}, "minimum_support"),
    ],
)
def test_faults_of_the_form_are_said_instead(admin_client, url, shelf, values, field):
    answer = preview(admin_client, url, **values)
    assert list(answer["problems"]) == [field]
    assert answer["html"] == ""


def test_a_title_is_escaped(admin_client, url, shelf):
    answer = preview(admin_client, url, title="<script>alert(1)</script>")
    assert "<script>" not in answer["html"]
    assert "&lt;script&gt;" in answer["html"]


@pytest.mark.parametrize("text", ["no such thing", "%", "_", "x" * 5_000])
def test_a_product_that_is_not_found(admin_client, url, shelf, text):
    answer = preview(admin_client, url, preview_product=text)
    assert answer["product"] == ""
    assert answer["note"] == "No product was found."


@pytest.mark.parametrize("text", ["", "  ", "\x00"])
def test_no_product_asked_for_takes_an_example(admin_client, url, shelf, text):
    assert preview(admin_client, url, preview_product=text)["product"] == "Laptop"


def test_without_script_the_preview_is_a_page(admin_client, url, shelf):
    response = admin_client.post(url("placement_preview"), form(count=4))
    assert "On the page of “Laptop”" in response.text
    assert "Nothing has been saved." in response.text
    assert "Sleeve" in response.text
    assert not Placement.objects.filter(count=4).exists()


def test_without_script_faults_are_a_page_too(admin_client, url, shelf):
    response = admin_client.post(url("placement_preview"), form(count=0))
    assert "the form has faults" in response.text


def test_the_preview_is_not_for_everybody(client, url, shelf):
    client.force_login(make_staff("view_build"))
    assert client.post(url("placement_preview"), form()).status_code == 403
    assert client.get(url("placement_products"), {"q": "Lap"}).status_code == 403


def test_the_preview_takes_no_get(admin_client, url):
    assert admin_client.get(url("placement_preview")).status_code == 405


def test_the_saved_placement_is_previewed_on_its_page(admin_client, url, shelf):
    placement = set_placement(title="Saved title")
    text = admin_client.get(url("placement_change", placement.pk)).text
    assert f'value="Laptop ({shelf[0].key})"' in text
    assert "Saved title" in text[text.index("shadowrootmode") :]


def test_a_new_placement_has_a_preview(admin_client, url, shelf):
    assert "shadowrootmode" in admin_client.get(url("placement_add")).text


def test_viewers_see_the_form_read_only(client, url, shelf):
    placement = set_placement()
    client.force_login(make_staff("view_placement"))
    assert client.get(url("placement_change", placement.pk)).status_code == 200
    response = client.post(url("placement_change", placement.pk), form(count=5))
    assert response.status_code == 403


def test_before_any_product_is_known(admin_client, url):
    text = admin_client.get(url("placement_add")).text
    assert "No product is known yet" in text


def test_products_are_suggested(admin_client, url, shelf):
    Item.objects.filter(title="Sleeve").update(active=False)
    response = admin_client.get(url("placement_products"), {"q": "e"})
    best = Item.objects.get(title="Best seller")
    assert response.json()["products"] == [f"Best seller ({best.key})", f"Mouse ({shelf[1].key})"]


class TestProductText:
    def test_a_key_comes_before_a_title(self):
        _, item = make_product("Laptop")
        make_product(item.key)
        assert item_for(item.key) == item

    def test_of_two_with_one_title_the_picked_one_is_meant(self):
        _, first = make_product("Holder (small)")
        _, second = make_product("Holder (small)")
        assert [item_for(picker_text(item)) for item in (first, second)] == [first, second]

    def test_an_exact_title_comes_before_a_part(self):
        make_product("A mousetrap")
        _, mouse = make_product("Mouse")
        assert item_for("mouse") == mouse

    def test_a_part_of_a_title(self):
        _, item = make_product("A mousetrap")
        assert item_for("trap") == item

    def test_nothing_means_an_item_with_companions(self, shelf):
        assert item_for("") == shelf[0]


class TestMinimumSupport:
    @pytest.mark.parametrize("lowest", [5, 8])
    def test_below_the_builds_own_it_explains_itself(self, admin_client, url, lowest):
        make_build("published", parameters={"minimum_customers": lowest})
        response = admin_client.post(url("placement_add"), form(minimum_support=lowest - 1))
        assert f"fewer than {lowest} customers are left out when lists are built" in response.text
        assert not Placement.objects.filter(minimum_support=lowest - 1).exists()

    def test_at_the_builds_own_it_is_saved(self, admin_client, url):
        make_build("published", parameters={"minimum_customers": 8})
        Placement.objects.all().delete()
        response = admin_client.post(url("placement_add"), form(minimum_support=8))
        assert response.status_code == 302
        assert Placement.objects.get().minimum_support == 8

    def test_the_settings_count_before_the_first_build(self, admin_client, url, settings):
        settings.RECOMMENDATIONS = {"MINIMUM_CUSTOMERS": 12}
        text = admin_client.get(url("placement_add")).text
        assert 'value="12"' in text
        assert 'min="12"' in text


def test_the_list_costs_the_same_for_one_and_for_ten(
    admin_client, url, django_assert_max_num_queries
):
    def queries():
        with django_assert_max_num_queries(20) as captured:
            assert admin_client.get(url("placement_changelist")).status_code == 200
        return len(captured)

    set_placement("one")
    queries()
    few = queries()
    for number in range(9):
        set_placement(f"more-{number}")
    assert queries() == few


BAGS = '{"version": 1, "field": "item.title", "op": "eq", "value": "Bag"}'


class TestRules:
    """Sources, rules, shares and pins on the placement's page."""

    def test_the_preview_follows_rules_that_are_not_saved(self, admin_client, url, shelf):
        assert "Mouse" in preview(admin_client, url)["html"]
        assert "Mouse" not in preview(admin_client, url, condition=BAGS)["html"]
        hide = {"name": "No bags", "enabled": "on", "kind": "hide", "strength": 100,
                "condition": BAGS}  # fmt: skip
        html = preview(admin_client, url, **inlines(merchandising=[hide]))["html"]
        assert "Bag" not in html
        pin = {"position": 1, "item": shelf[4].pk}
        assert "Sleeve" in preview(admin_client, url, **inlines(pins=[pin]))["html"]
        step = {"position": 1, "strategy": "best_sellers"}
        html = preview(admin_client, url, **inlines(steps=[step]))["html"]
        assert "Best seller" in html
        assert "Mouse" not in html
        assert Placement.objects.get().condition is None

    def test_a_fault_in_a_rule_is_told_with_its_place(self, admin_client, url, shelf):
        broken = '{"version": 1, "all": [{"field": "item.titel", "op": "eq", "value": "Bag"}]}'
        answer = preview(admin_client, url, condition=broken)
        assert answer["html"] == ""
        assert "all[0]" in str(answer["problems"]["condition"])

    def test_saving_keeps_all_of_it(self, admin_client, url, shelf):
        placement = Placement.objects.get(slug="product")
        rule = {"name": "More bags", "enabled": "on", "kind": "boost", "strength": 200,
                "condition": BAGS}  # fmt: skip
        share = {"name": "Bags", "percent": 50, "condition": BAGS}
        sent = form(
            condition=BAGS,
            diversity=30,
            page="product",
            rotation="daily",
            **inlines(
                steps=[{"position": 1, "strategy": "together"}],
                pins=[{"position": 2, "item": shelf[4].pk}],
                merchandising=[rule],
                shares=[share],
            ),
        )
        response = admin_client.post(url("placement_change", placement.pk), sent)
        assert response.status_code == 302, response.content.decode()
        placement.refresh_from_db()
        assert placement.condition is not None
        assert placement.condition["field"] == "item.title"
        assert (placement.diversity, placement.rotation) == (30, "daily")
        counts = [
            several.count()
            for several in (
                placement.steps, placement.pins, placement.merchandising, placement.shares,
            )
        ]  # fmt: skip
        assert counts == [1, 1, 1, 1]
        page = admin_client.get(url("placement_change", placement.pk)).content.decode()
        assert "The title is “Bag”" in page

    def test_rules_of_all_placements_have_a_page_and_a_reading(self, admin_client, url, shelf):
        sent = {"name": "More bags", "enabled": "on", "kind": "boost", "strength": 200,
                "condition": BAGS, "placement": ""}  # fmt: skip
        assert admin_client.post(url("merchandising_add"), sent).status_code == 302
        page = admin_client.get(url("merchandising_changelist")).content.decode()
        assert "all placements" in page
        assert "“Bag”" in page
        refused = admin_client.post(url("merchandising_add"), {**sent, "strength": 401})
        assert refused.context["adminform"].form.errors.keys() == {"strength"}
