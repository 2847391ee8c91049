"""The adapter's plain answers: keys, live products, prices, the shopper."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.db import connection, models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat
from django.test.utils import CaptureQueriesContext, isolate_apps

from recommendations.adapters import Lines, Money, Products, ShopAdapter, base
from recommendations.adapters.base import _valid_pks
from shop.models import Category, Product

LINES = Lines(
    "shop.OrderLine", product="product_id", order="order_id", placed_at="order__placed_at"
)


def adapter(*labels, **declared):
    given = {"title": "name", **declared}
    several = [Products(label, **given) for label in labels or ("shop.Product",)]
    shop = type("Shop", (ShopAdapter,), {"products": several, "lines": LINES})
    return shop()


def make_product(number=1, **values):
    given = {"sku": f"S{number}", "slug": f"s-{number}", "name": f"Product {number}", "price": 5}
    return Product.objects.create(**{**given, **values})


class TestKeys:
    def test_one_model_needs_no_label(self):
        shop = adapter()
        assert shop.key(Product(pk=5)) == "5"
        assert shop.split_key("5") == ("shop.product", "5")
        assert shop.split_key("a:b") == ("shop.product", "a:b")

    def test_several_models_do(self):
        shop = adapter("shop.Product", "shop.Category")
        assert shop.key(Product(pk=5)) == "shop.product:5"
        assert shop.key(Category(pk=5)) == "shop.category:5"
        assert shop.split_key("shop.category:5") == ("shop.category", "5")
        assert shop.split_key("shop.category:a:b") == ("shop.category", "a:b")

    @pytest.mark.parametrize("key", ["", "5", ":5", "shop.brand:5", "shop.Category:5", "shop:5"])
    def test_what_is_no_key_of_several_models(self, key):
        assert adapter("shop.Product", "shop.Category").split_key(key) is None

    def test_a_product_of_another_model_is_refused(self):
        with pytest.raises(ValueError, match=r"Session is none .* shop\.product"):
            adapter().key(Session(pk="x"))

    @isolate_apps("shop")
    def test_proxies_and_subclasses(self):
        class Sale(Product):
            class Meta:
                app_label = "shop"
                proxy = True

        class Voucher(Product):
            code = models.CharField(max_length=10)

            class Meta:
                app_label = "shop"

        class Gift(Voucher):
            class Meta:
                app_label = "shop"
                proxy = True

        shop = adapter()
        # A subclass' own key is the pointer; lines know the key of the declared model.
        for product in (Sale(pk=7), Voucher(id=7), Gift(id=7)):
            assert shop.source_of(product).model == "shop.Product"
            assert shop.key(product) == "7"

    @isolate_apps("shop")
    def test_a_declared_proxy_covers_its_concrete_model(self, monkeypatch):
        class Bargain(Product):
            class Meta:
                app_label = "shop"
                proxy = True

        monkeypatch.setattr(base, "_model", lambda source: Bargain)
        shop = adapter("shop.Bargain")
        assert shop.source_of(Product(pk=3)).model == "shop.Bargain"
        assert shop.key(Product(pk=3)) == shop.key(Bargain(pk=3)) == "3"

    @pytest.mark.django_db
    def test_a_deferred_product_has_the_same_key(self):
        product = make_product()
        assert adapter().key(Product.objects.only("sku").get()) == str(product.pk)


@pytest.mark.django_db
class TestLiveProducts:
    def test_found_by_key_in_one_query(self):
        products = [make_product(n) for n in range(5)]
        keys = [str(product.pk) for product in products]
        with CaptureQueriesContext(connection) as queries:
            live = adapter().live_products([*keys, *keys])
        assert live == dict(zip(keys, products, strict=True))
        assert len(queries) == 1

    def test_one_query_per_model_that_is_asked_for(self):
        product = make_product()
        category = Category.objects.create(name="c", slug="c")
        shop = adapter("shop.Product", "shop.Category")
        keys = [shop.key(product), shop.key(category)]
        with CaptureQueriesContext(connection) as queries:
            assert list(shop.live_products(keys).values()) == [product, category]
        assert len(queries) == 2
        with CaptureQueriesContext(connection) as queries:
            shop.live_products(keys[:1])
        assert len(queries) == 1

    @pytest.mark.parametrize(
        "key",
        [
            "",
            "x",
            "1.5",
            "1e3",
            "0x1",
            "\0",
            "\ud800",
            "9" * 30,
            "-" + "9" * 30,
            str(2**63),
            "None",
        ],
    )
    def test_a_bad_key_reaches_no_database(self, key):
        product = make_product()
        with CaptureQueriesContext(connection) as queries:
            assert adapter().live_products([key]) == {}
        assert len(queries) == 0
        assert adapter().live_products([key, str(product.pk)]) == {str(product.pk): product}

    @pytest.mark.parametrize(
        ("active", "shown"),
        [
            (None, {"S1", "S2"}),
            ("visible", {"S1"}),
            (F("visible"), {"S1"}),
            (Q(visible=True), {"S1"}),
            (~Q(visible=True), {"S2"}),
            (Q(), {"S1", "S2"}),
        ],
    )
    def test_active_in_all_its_forms(self, active, shown):
        keys = [str(make_product(1).pk), str(make_product(2, visible=False).pk)]
        live = adapter(active=active).live_products(keys)
        assert {product.sku for product in live.values()} == shown

    def test_what_is_not_counted_is_not_shown_unless_it_is_a_parent(self):
        parent, alone = make_product(1, stock=None), make_product(2, stock=None)
        child = make_product(3, stock=1, parent=parent)
        keys = [str(product.pk) for product in (parent, alone, child)]
        counted = Q(stock__isnull=False)
        assert set(adapter(counted=counted).live_products(keys)) == {keys[2]}
        with_parents = adapter(counted=counted, parent="parent_id")
        assert set(with_parents.live_products(keys)) == {keys[0], keys[2]}
        by_expression = adapter(counted=counted, parent=F("parent"))
        assert set(by_expression.live_products(keys)) == {keys[0], keys[2]}

    def test_texts_as_primary_keys(self):
        Session.objects.create(session_key="abc", session_data="", expire_date="2030-01-01T00:00Z")
        shop = adapter("sessions.Session", title="session_key")
        assert set(shop.live_products(["abc", "x" * 41, "\0", "\ud800", ""])) == {"abc"}


class TestValidKeys:
    @isolate_apps("shop")
    def test_a_subclass_is_asked_about_the_key_it_points_at(self):
        class Ticket(Product):
            class Meta:
                app_label = "shop"

        assert _valid_pks(Ticket, ["12", "x", "9" * 30]) == [12]

    @isolate_apps("shop")
    def test_uuids(self):
        class Card(models.Model):
            id = models.UUIDField(primary_key=True)

            class Meta:
                app_label = "shop"

        good = "6f9619ff-8b86-d011-b42d-00c04fc964ff"
        assert [str(pk) for pk in _valid_pks(Card, [good, "6f96", "", "0"])] == [good]


@pytest.mark.django_db
class TestFaces:
    def test_live_products_carry_title_and_price(self):
        key = str(make_product(1, price="7.20").pk)
        shop = adapter(price="price", currency="currency", title=Concat("name", Value("!")))
        product = shop.live_products([key])[key]
        with CaptureQueriesContext(connection) as queries:
            assert shop.title(product) == "Product 1!"
            assert shop.price(product) == Money(Decimal("7.20"), "EUR")
        assert len(queries) == 0

    def test_any_other_instance_is_asked_itself(self):
        product = make_product(1, price="7.20", category=Category.objects.create(name="Lamps"))
        shop = adapter(title="category__name", price="price", currency=Value("SEK"))
        assert shop.title(product) == "Lamps"
        assert shop.price(product) == Money(Decimal("7.20"), "SEK")
        assert adapter(title=Concat("name", Value("!"))).title(product) == "Product 1!"

    def test_a_broken_relation_is_an_empty_title(self):
        assert adapter(title="category__name").title(make_product()) == ""

    @pytest.mark.parametrize(
        ("price", "currency", "shown"),
        [
            (None, Value("EUR"), None),
            ("price", None, None),
            ("price", Value(""), None),
            ("stock", Value("EUR"), None),
            (Value(9.9), Value("EUR"), Money(Decimal("9.9"), "EUR")),
            (Value(float("inf")), Value("EUR"), None),
            (Value(float("nan")), Value("EUR"), None),
            ("price", "currency", Money(Decimal(5), "EUR")),
        ],
    )
    def test_prices(self, price, currency, shown):
        assert adapter(price=price, currency=currency).price(make_product(stock=None)) == shown

    def test_the_rest_has_plain_defaults(self):
        shop, product = adapter(), make_product()
        assert shop.available(product, quantity=10)
        assert not shop.needs_choice(product)
        assert shop.image_url(product) == ""
        assert shop.url(product) == product.get_absolute_url()
        assert adapter("sessions.Session").url(Session(pk="x")) == ""

    def test_search_goes_through_titles_of_what_is_shown(self):
        one, two = make_product(1), make_product(12)
        make_product(13, visible=False)
        Category.objects.create(name="product shelf", slug="c")
        shop = adapter(active="visible")
        assert shop.search("product 1") == [one, two]
        assert shop.search("PRODUCT 12") == [two]
        assert shop.search("product", limit=1) == [one]
        assert shop.search("100%_") == []
        both = adapter("shop.Product", "shop.Category")
        assert len(both.search("product")) == 4
        assert len(both.search("product", limit=3)) == 3


class TestTheShopper:
    def test_anonymous_visitors_have_no_key(self):
        assert adapter().customer(SimpleNamespace()) is None
        assert adapter().customer(SimpleNamespace(user=AnonymousUser())) is None

    def test_users_have_their_primary_key(self):
        user = SimpleNamespace(pk=12, is_authenticated=True)
        assert adapter().customer(SimpleNamespace(user=user)) == "12"

    def test_a_guest_is_a_keyed_hash(self, settings):
        shop = adapter()
        key = shop.guest_key("Ann@Example.com ")
        assert key == shop.guest_key("ann@example.com")
        assert key != shop.guest_key("bob@example.com")
        assert "ann" not in key.lower()
        settings.SECRET_KEY = "another"
        assert key != shop.guest_key("ann@example.com")

    def test_the_salt_of_the_hash_is_a_setting(self, settings):
        before = adapter().guest_key("ann@example.com")
        settings.RECOMMENDATIONS = {"GUEST_KEY_SALT": "other"}
        assert adapter().guest_key("ann@example.com") != before

    def test_adding_to_the_basket_is_offered_where_it_is_overridden(self):
        class WithBasket(ShopAdapter):
            def add_to_basket(self, request, product, quantity=1):
                request.basket.append((product, quantity))

        assert not adapter().can_add_to_basket()
        assert WithBasket().can_add_to_basket()
        assert adapter().basket(SimpleNamespace()) == ()
        with pytest.raises(TypeError, match=r"Shop does not override add_to_basket"):
            adapter().add_to_basket(SimpleNamespace(), Product(pk=1))
