"""Rows by primary key from a query that is compiled once: the same as from the plain query."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, connections
from django.db.models import DecimalField, F, Model, Prefetch
from django.db.models.functions import Cast
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.adapters import Lines, Products, ShopAdapter
from recommendations.adapters.compiled import MOST_KEYS, CompiledRows, _CompiledQuery
from shop.models import Brand, Product
from shop.selectors.catalogue import with_availability


def make_products(n_products, **values):
    brand = Brand.objects.create(name="Brand")
    return [
        Product.objects.create(
            sku=f"S{n}", slug=f"s-{n}", name=f"Product {n}", price=Decimal(n), brand=brand, **values
        )
        for n in range(n_products)
    ]


def state(row: Model):
    return {name: value for name, value in vars(row).items() if name != "_state"}


@pytest.fixture
def compilations(monkeypatch):
    """Counts how often a query is made into text."""
    made = []
    compile_ = _CompiledQuery.compile

    def counted(self, alias):
        made.append(alias)
        return compile_(self, alias)

    monkeypatch.setattr(_CompiledQuery, "compile", counted)
    return made


@pytest.mark.django_db
class TestRows:
    def test_those_of_the_plain_query_for_any_number_of_keys(self):
        products = make_products(9, description="Long")
        Product.objects.filter(name="Product 3").update(visible=False)
        rows = with_availability(Product.objects.filter(visible=True)).only("name", "price")
        compiled = CompiledRows(rows)
        for n_keys in range(10):
            keys = [product.pk for product in products[:n_keys]]
            found = sorted(compiled(keys), key=lambda product: product.pk)
            plain = list(rows.filter(pk__in=keys).order_by("pk"))
            assert [state(row) for row in found] == [state(row) for row in plain]
            assert len(found) == n_keys - (n_keys > 3)
            assert all("description" in row.get_deferred_fields() for row in found)

    def test_one_query_and_no_more_texts_than_powers_of_two(self, compilations):
        keys = [product.pk for product in make_products(8)]
        compiled = CompiledRows(Product.objects.all())
        with CaptureQueriesContext(connection) as queries:
            for n_keys in (1, 2, 3, 4, 5, 6, 7, 8, 5, 8):
                assert len(compiled(keys[:n_keys])) == n_keys
        assert len(queries) == 10
        assert len(compilations) == 4  # for 1, 2, 4 and 8

    def test_other_keys_of_the_same_number_are_other_rows(self):
        one, two = make_products(2)
        compiled = CompiledRows(Product.objects.all())
        assert compiled([one.pk]) == [one]
        assert compiled([two.pk]) == [two]
        assert compiled([one.pk, one.pk]) == [one]
        assert compiled([-1]) == []

    def test_related_rows_and_prefetches_take_no_further_query(self):
        (product,) = make_products(1)
        variants = Prefetch("variants", Product.objects.order_by("pk"), to_attr="shown_variants")
        variant = Product.objects.create(sku="V", slug="v", name="V", price=1, parent=product)
        rows = Product.objects.select_related("brand").prefetch_related(variants)
        with CaptureQueriesContext(connection) as queries:
            (found,) = CompiledRows(rows)([product.pk])
            assert found.brand.name == "Brand"
            assert found.shown_variants == [variant]
        assert len(queries) == 2

    def test_annotations_have_the_type_of_their_field(self):
        (product,) = make_products(1)
        exact = DecimalField(max_digits=10, decimal_places=2)
        rows = Product.objects.annotate(twice=Cast(F("price") * 2, exact))
        for _ in range(2):
            (found,) = CompiledRows(rows)([product.pk])
            assert isinstance(found.twice, Decimal)

    def test_keys_that_are_no_numbers(self):
        keys = ["a", "b'", "c%s"]
        for key in keys:
            Session.objects.create(pk=key, expire_date=timezone.now())
        found = CompiledRows(Session.objects.all())(keys)
        assert sorted(session.pk for session in found) == keys

    def test_a_query_that_finds_nothing(self):
        (product,) = make_products(1)
        with CaptureQueriesContext(connection) as queries:
            assert CompiledRows(Product.objects.none())([product.pk]) == []
        assert len(queries) == 0

    def test_many_keys_are_asked_for_as_usual(self, compilations):
        (product,) = make_products(1)
        compiled = CompiledRows(Product.objects.all())
        assert compiled([*range(-MOST_KEYS, 0), product.pk]) == [product]
        assert compilations == []

    @pytest.mark.parametrize(
        "rows",
        [
            lambda: Product.objects.all()[:5],
            lambda: Product.objects.all().union(Product.objects.all()),
            lambda: Product.objects.select_for_update(),
        ],
    )
    def test_what_cannot_be_kept_is_refused(self, rows):
        with pytest.raises(ValueError, match="cannot be"):
            CompiledRows(rows())


@pytest.mark.django_db(transaction=True)
def test_threads_have_their_own_connections():
    keys = [product.pk for product in make_products(4)]
    compiled = CompiledRows(Product.objects.select_related("brand"))

    def ask(n_keys):
        try:
            return [{row.pk for row in compiled(keys[:n_keys])} for _ in range(20)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        for n_keys, found in zip((1, 2, 3, 4), threads.map(ask, (1, 2, 3, 4)), strict=True):
            assert found == [set(keys[:n_keys])] * 20


@pytest.mark.postgres
@pytest.mark.django_db(databases=["default", "postgres"])
def test_a_router_is_asked_each_time(settings):
    class Router:
        alias = "default"

        def db_for_read(self, model, **hints):
            return self.alias

    for alias in ("default", "postgres"):
        Product.objects.using(alias).create(pk=7, sku="S", slug="s", name=alias, price=1)
    router = Router()
    settings.DATABASE_ROUTERS = [router]
    compiled = CompiledRows(Product.objects.all())
    for alias in ("default", "postgres", "default"):
        router.alias = alias
        assert [(row.name, row._state.db) for row in compiled([7])] == [(alias, alias)]


class Shop(ShopAdapter):
    products = Products("shop.Product", title="name", active="visible")
    lines = Lines("shop.OrderLine", product="product_id", order="order_id", placed_at="pk")


@pytest.mark.django_db
@pytest.mark.parametrize(("fixed", "n_built"), [(False, 3), (True, 1)])
def test_an_adapter_says_whether_its_query_is_always_the_same(fixed, n_built):
    built = []

    class Asked(Shop):
        fixed_live_query = fixed

        def live_queryset(self, source):
            built.append(source)
            return super().live_queryset(source)

    one, two, three = make_products(3)
    shop = Asked()
    Product.objects.filter(pk=two.pk).update(visible=False)
    for product, live in ((one, True), (two, False), (three, True)):
        assert (str(product.pk) in shop.live_products([str(product.pk)])) is live
    assert len(built) == n_built


@pytest.mark.django_db
@pytest.mark.parametrize("fixed", [False, True])
def test_a_product_that_is_hidden_is_not_live_from_then_on(fixed):
    class Asked(Shop):
        fixed_live_query = fixed

    (product,) = make_products(1)
    shop, key = Asked(), str(product.pk)
    assert shop.live_products([key]) == {key: product}
    Product.objects.update(visible=False)
    assert shop.live_products([key]) == {}
