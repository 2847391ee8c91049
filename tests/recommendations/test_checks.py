"""Each check speaks up for its fault, with a hint, and is silent without it; none reads a row."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import checks as django_checks
from django.db.models import Case, Count, Exists, F, Min, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Lower

from recommendations import checks
from recommendations.adapters import Lines, Products, Ratings, ShopAdapter, Views, get_adapter
from shop.models import OrderLine, Product

PRODUCTS: dict[str, Any] = {"title": "name", "price": "price", "currency": "currency"}
LINES: dict[str, Any] = {
    "product": "product_id",
    "order": "order_id",
    "placed_at": "order__placed_at",
}


class Plain(ShopAdapter):
    products = Products("shop.Product", **PRODUCTS)
    lines = Lines("shop.OrderLine", **LINES)


class NoAdapter:
    pass


@pytest.fixture
def found(monkeypatch):
    """Return a function: declarations in, messages of the check out."""

    def run(products=Plain.products, lines=Plain.lines, **further):
        declared = {"products": products, "lines": lines, **further}
        shop = type("Shop", (ShopAdapter,), declared)
        monkeypatch.setattr(checks, "get_adapter", shop)
        return checks.check_adapter()

    return run


def products(model="shop.Product", **changes):
    return Products(model, **{**PRODUCTS, **changes})


def lines(model="shop.OrderLine", **changes):
    return Lines(model, **{**LINES, **changes})


def ids(messages):
    return [message.id for message in messages]


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        (None, "must be the dotted path"),
        ("NoDots", "must be the dotted path"),
        ("tests.no_such_module.Shop", "cannot be imported"),
        ("tests.recommendations.test_checks.Nobody", "cannot be imported"),
        ("tests.recommendations.test_checks.NoAdapter", "is no subclass"),
    ],
)
def test_an_adapter_that_cannot_be_found(settings, setting, words):
    settings.CROSSSELL_SHOP = setting
    (message,) = checks.check_adapter()
    assert message.id == "crosssell.E001"
    assert words in message.msg
    assert "CROSSSELL_SHOP" in str(message.hint)


def test_the_named_adapter_is_checked(settings):
    settings.CROSSSELL_SHOP = "tests.recommendations.test_checks.Plain"
    assert isinstance(get_adapter(), Plain)
    assert checks.check_adapter() == []


def test_checks_are_registered_and_never_touch_the_database(settings):
    # pytest-django refuses every query of a test without its mark.
    settings.CROSSSELL_SHOP = "tests.recommendations.test_checks.Plain"
    settings.RECOMMENDATIONS = {"NEIGHBORS": 3}
    messages = django_checks.run_checks(tags=[checks.TAG])
    assert ids(messages) == ["crosssell.E011"]


class TestDeclarations:
    @pytest.mark.parametrize("wrong", [None, "shop.Product", [], ["shop.Product"], Plain.lines])
    def test_products_of_another_type(self, found, wrong):
        (message,) = found(products=wrong)
        assert message.id == "crosssell.E002"
        assert "products must be a Products" in message.msg

    def test_lines_that_are_missing(self, found):
        (message,) = found(lines=None)
        assert message.id == "crosssell.E002"
        assert "lines must be a Lines" in message.msg

    @pytest.mark.parametrize("label", ["shop.Produkt", "nowhere.Product", "Product"])
    def test_an_unknown_model(self, found, label):
        (message,) = found(products=products(label))
        assert message.id == "crosssell.E003"
        assert repr(label) in message.msg

    def test_a_model_declared_twice(self, found):
        messages = found(products=[products(), products("shop.product")], lines=lines())
        assert ids(messages) == ["crosssell.E006"]

    def test_several_models_need_to_know_which(self, found):
        several = [products(), Products("shop.Category", title="name")]
        assert ids(found(products=several)) == ["crosssell.E005"]
        told = lines(product_model=Value("shop.product"))
        assert found(products=several, lines=told) == []

    def test_the_path_to_the_model_is_resolved_too(self, found):
        several = [products(), Products("shop.Category", title="name")]
        (message,) = found(products=several, lines=lines(product_model="content_type_id"))
        assert message.id == "crosssell.E004"
        assert "product_model" in message.msg


class TestPaths:
    @pytest.mark.parametrize("name", ["title", "price", "category", "brand", "active", "parent"])
    def test_each_path_of_a_product(self, found, name):
        (message,) = found(products=products(**{name: "nmae"}))
        assert message.id == "crosssell.E004"
        assert f"products, {name}: 'nmae': shop.Product has no field 'nmae'." in message.msg
        assert message.hint == "Did you mean 'name'?"

    @pytest.mark.parametrize(
        "name",
        ["product", "order", "placed_at", "customer", "guest", "quantity", "currency"],
    )
    def test_each_path_of_a_line(self, found, name):
        (message,) = found(lines=lines(**{name: "order__plaecd_at"}))
        assert message.id == "crosssell.E004"
        assert f"lines, {name}: " in message.msg
        assert message.hint == "Did you mean 'placed_at'?"

    def test_an_attribute(self, found):
        (message,) = found(products=products(attributes={"made": "brand__nam"}))
        assert "attributes['made']" in message.msg
        assert message.hint == "Did you mean 'name'?"

    def test_a_name_far_from_all(self, found):
        (message,) = found(products=products(title="zzzz"))
        assert "It has: " in message.hint
        assert "variant_name" in message.hint

    @pytest.mark.parametrize(
        "condition",
        [
            Q(order__stauts="paid"),
            ~Q(quantity__gt=0, order__stauts="paid"),
            Q(quantity__gt=F("order__stauts")),
            Q(Q(quantity=1) | Q(order__stauts__in=["paid"])),
        ],
    )
    def test_a_condition(self, found, condition):
        (message,) = found(lines=lines(counted=condition))
        assert message.id == "crosssell.E004"
        assert "counted" in message.msg
        assert message.hint == "Did you mean 'status'?"

    @pytest.mark.parametrize(
        "expression",
        [
            Coalesce("product__parnet_id", "product_id"),
            Case(When(product__parnet_id=1, then=F("product_id")), default="product_id"),
            F("product__parnet_id"),
        ],
    )
    def test_an_expression(self, found, expression):
        (message,) = found(lines=lines(product=expression))
        assert message.id == "crosssell.E004"
        assert message.hint == "Did you mean 'parent'?" or "parent_id" in message.hint

    def test_a_lookup_that_does_not_exist(self, found):
        (message,) = found(lines=lines(counted=Q(quantity__grater=0)))
        assert message.id == "crosssell.E004"
        assert "grater" in message.msg

    @pytest.mark.parametrize(
        "path",
        [
            "pk",
            "product_id",
            "product__parent_id",
            F("product_id"),
            Coalesce("product__parent_id", "product_id"),
            Subquery(Product.objects.filter(pk=OuterRef("product_id")).values("pk")[:1]),
        ],
    )
    def test_what_can_be_read_is_silent(self, found, path):
        assert found(lines=lines(product=path)) == []

    @pytest.mark.parametrize(
        "condition",
        [
            Q(),
            Q(order__status="paid", refunded_quantity__lt=F("quantity")),
            Q(order__placed_at__year__gte=2020),
            Q(Exists(OrderLine.objects.filter(pk=OuterRef("pk")))),
        ],
    )
    def test_conditions_that_can_be_read_are_silent(self, found, condition):
        assert found(lines=lines(counted=condition)) == []

    def test_transforms_behind_a_column_are_silent(self, found):
        assert found(products=products(title=Lower("name"), brand="attributes__Brand")) == []


class TestWarnings:
    def test_a_price_without_a_currency(self, found):
        assert ids(found(products=products(currency=None))) == ["crosssell.W002"]
        assert found(products=products(price=None, currency=None)) == []

    def test_an_amount_without_a_currency(self, found):
        assert ids(found(lines=lines(amount="amount"))) == ["crosssell.W002"]
        assert found(lines=lines(amount="amount", currency="order__currency")) == []

    @pytest.mark.parametrize("order", ["order__number", "position", F("order_id")])
    def test_an_order_that_is_no_foreign_key(self, found, order):
        (message,) = found(lines=lines(order=order))
        assert message.id == "crosssell.W001"
        assert "joined scan" in message.msg

    @pytest.mark.parametrize("order", ["order", "order_id", "order__pk"])
    def test_an_order_that_is_one(self, found, order):
        assert found(lines=lines(order=order)) == []

    def test_a_product_path_with_several_rows(self, found):
        (message,) = found(products=products(brand="order_lines__sku"))
        assert message.id == "crosssell.W003"
        assert "'order_lines'" in message.msg
        assert found(products=products(brand=Min("order_lines__sku"))) == []
        sku = OrderLine.objects.filter(product=OuterRef("pk")).values("sku")[:1]
        assert found(products=products(brand=Subquery(sku))) == []

    def test_a_line_path_with_several_rows(self, found):
        (message,) = found(lines=lines(customer="product__variants__sku"))
        assert message.id == "crosssell.E007"
        assert found(lines=lines(customer=Count("product__variants"))) == []

    def test_keys_that_may_be_too_long(self, found):
        messages = found(products=Products("sessions.Session", title="session_data"))
        assert messages == []  # 40 characters
        pk = checks.apps.get_model("sessions.Session")._meta.pk
        before, pk.max_length = pk.max_length, 190
        try:
            (message,) = found(products=Products("sessions.Session", title="session_data"))
        finally:
            pk.max_length = before
        assert message.id == "crosssell.W004"

    def test_a_primary_key_of_several_columns(self, found):
        lists = Products("crosssell_recommendations.NeighbourList", title="packed")
        assert ids(found(products=lists)) == ["crosssell.E008"]


RATINGS: dict[str, Any] = {
    "product": "product_id",
    "customer": "user_id",
    "value": "stars",
    "rated_at": "written_at",
}


def ratings(model="shop.Review", **changes):
    return Ratings(model, **{**RATINGS, **changes})


def views(**changes):
    declared = {"product": "product_id", "customer": "user_id", "viewed_at": "written_at"}
    return Views("shop.Review", **{**declared, **changes})


class TestRatingsAndViews:
    def test_they_are_optional(self, found):
        assert found(ratings=(), views=()) == []
        assert found(ratings=ratings(), views=[views()]) == []

    @pytest.mark.parametrize("name", ["ratings", "views"])
    def test_another_type(self, found, name):
        assert ids(found(**{name: "shop.Review"})) == ["crosssell.E002"]

    def test_an_unknown_model(self, found):
        assert ids(found(ratings=ratings("shop.Opinion"))) == ["crosssell.E003"]

    @pytest.mark.parametrize("name", ["product", "customer", "value", "rated_at"])
    def test_a_path_that_is_not_there(self, found, name):
        (message,) = found(ratings=ratings(**{name: "strs"}))
        assert message.id == "crosssell.E004"
        assert f"ratings, {name}" in str(message)

    def test_a_path_to_several_rows(self, found):
        (message,) = found(views=views(product="product__variants"))
        assert message.id == "crosssell.E007"

    @pytest.mark.parametrize("name", ["ratings", "views"])
    def test_rows_of_nobody(self, found, name):
        declared = {"ratings": ratings, "views": views}[name](customer=None)
        (message,) = found(**{name: declared})
        assert message.id == "crosssell.E012"
        assert "customer" in str(message.hint)

    def test_guests_are_somebody(self, found):
        assert found(views=views(customer=None, guest="user__email")) == []

    @pytest.mark.parametrize(
        "scale", [(5, 1), (3, 3), (1, float("nan")), (1, float("inf")), (-1e12, 5)]
    )
    def test_a_scale_that_is_none(self, found, scale):
        lowest, highest = scale
        (message,) = found(ratings=ratings(lowest=lowest, highest=highest))
        assert message.id == "crosssell.E013"

    @pytest.mark.parametrize("name", ["ratings", "views"])
    def test_several_models_need_to_be_told_apart(self, found, name):
        several = [Plain.products, Products("shop.Category", title="name")]
        told = lines(product_model=Value("shop.product"))
        declared = {"ratings": ratings, "views": views}[name]()
        messages = found(products=several, lines=told, **{name: declared})
        assert ids(messages) == ["crosssell.E005"]
        assert f"{type(declared).__name__}('shop.Review')" in str(messages[0])


class TestSettings:
    def test_none_given(self, settings):
        settings.RECOMMENDATIONS = {}
        assert checks.check_settings() == []

    def test_an_unknown_name_with_the_nearest_one(self, settings):
        settings.RECOMMENDATIONS = {"MINIMUM_CUSTOMER": 7}
        (message,) = checks.check_settings()
        assert (message.id, message.hint) == (
            "crosssell.E011",
            "Did you mean 'MINIMUM_CUSTOMERS'?",
        )

    def test_an_unknown_name_far_from_all(self, settings):
        settings.RECOMMENDATIONS = {"QQQ": 7}
        (message,) = checks.check_settings()
        assert "NEIGHBOURS" in str(message.hint)

    @pytest.mark.parametrize(
        "given", [{"NEIGHBOURS": 0}, {"NEIGHBOURS": "many"}, {"HALF_LIFE_DAYS": -1}, ["NEIGHBOURS"]]
    )
    def test_a_value_that_cannot_work(self, settings, given):
        settings.RECOMMENDATIONS = given
        (message,) = checks.check_settings()
        assert message.id == "crosssell.E010"


class TestDeploy:
    @pytest.mark.parametrize("backend", ["locmem.LocMemCache", "dummy.DummyCache"])
    def test_a_cache_that_processes_do_not_share(self, settings, backend):
        settings.CACHES = {"default": {"BACKEND": f"django.core.cache.backends.{backend}"}}
        (message,) = checks.check_cache()
        assert message.id == "crosssell.W020"

    def test_a_shared_cache(self, settings):
        settings.CACHES = {
            "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "x"}
        }
        assert checks.check_cache() == []

    def test_it_runs_under_deploy_only(self, settings):
        settings.CROSSSELL_SHOP = "tests.recommendations.test_checks.Plain"
        settings.RECOMMENDATIONS = {}
        assert django_checks.run_checks(tags=[checks.TAG]) == []
        deployed = django_checks.run_checks(tags=[checks.TAG], include_deployment_checks=True)
        assert ids(deployed) == ["crosssell.W020"]
