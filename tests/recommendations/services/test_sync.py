"""Items follow the shop: only changes are written, nothing is deleted, runs may meet."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from decimal import Decimal

import numpy as np
import pytest
from django.db import connection, connections
from django.db.models import F, FloatField, Q, Value
from django.db.models.functions import Cast, Concat
from django.test.utils import CaptureQueriesContext

from recommendations.adapters import Lines, Products, ShopAdapter
from recommendations.datasets import faces
from recommendations.datasets.faces import product_faces
from recommendations.models import Item
from recommendations.services.sync import EmptyShopError, SyncReport, sync_items, top_parents
from shop.models import Brand, Category, Product

LINES = Lines(
    "shop.OrderLine", product="product_id", order="order_id", placed_at="order__placed_at"
)


def shop_adapter(**changes):
    """Return an adapter over the reference shop's tables, declared otherwise in some points."""
    declared = {
        "title": "name",
        "price": "price",
        "currency": "currency",
        "category": "category__name",
        "brand": "brand__name",
        "active": "visible",
        "parent": "parent_id",
        **changes,
    }

    class Shop(ShopAdapter):
        products = Products("shop.Product", **declared)
        lines = LINES

    return Shop()


def make_product(number, **values):
    return Product.objects.create(
        **{"sku": f"S{number}", "slug": f"s-{number}", "name": f"Product {number}", "price": "9.90"}
        | values
    )


def make_products(count, start=0):
    Product.objects.bulk_create(
        Product(sku=f"S{n}", slug=f"s-{n}", name=f"Product {n}", price=Decimal(n) / 100)
        for n in range(start, start + count)
    )


def item_of(product):
    return Item.objects.get(key=str(product.pk))


def writes(queries):
    reads = ("SELECT", "DECLARE")  # PostgreSQL declares a cursor for rows that are streamed
    return [q["sql"] for q in queries if not q["sql"].lstrip("(").startswith(reads)]


@pytest.mark.django_db
class TestFaces:
    def test_an_item_shows_what_was_declared(self):
        laptop = make_product(
            1,
            category=Category.objects.create(name="Laptops", slug="laptops"),
            brand=Brand.objects.create(name="Acorn", slug="acorn"),
            attributes={"Weight": "1.2 kg"},
            stock=3,
        )
        adapter = shop_adapter(attributes={"weight": "attributes__Weight", "stock": "stock"})
        report = sync_items(adapter=adapter)
        assert report == SyncReport(created=1, total=1)
        item = item_of(laptop)
        assert (item.title, item.price, item.currency) == ("Product 1", Decimal("9.9000"), "EUR")
        assert (item.category, item.brand, item.active) == ("Laptops", "Acorn", True)
        assert item.attributes == {"weight": "1.2 kg", "stock": 3}

    def test_what_is_not_declared_stays_empty(self):
        make_product(1)
        adapter = shop_adapter(
            price=None, currency=None, category=None, brand=None, active=None, parent=None
        )
        sync_items(adapter=adapter)
        item = Item.objects.get()
        assert (item.price, item.currency, item.category, item.brand) == (None, "", "", "")
        assert item.active

    @pytest.mark.parametrize(
        ("active", "shown"),
        [
            ("visible", False),
            (F("visible"), False),
            (Q(visible=True), False),
            (Q(visible=False), True),
            (Q(), True),
            (None, True),
        ],
    )
    def test_active_is_a_path_an_expression_or_a_condition(self, active, shown):
        make_product(1, visible=False)
        sync_items(adapter=shop_adapter(active=active))
        assert Item.objects.get().active is shown

    def test_declared_expressions_are_read(self):
        make_product(7, variant_name="blue")
        title = Concat("name", Value(" / "), "variant_name")
        sync_items(adapter=shop_adapter(title=title, currency=Value("sek")))
        item = Item.objects.get()
        assert (item.title, item.currency) == ("Product 7 / blue", "SEK")

    def test_texts_are_cut_at_the_column(self):
        long_name = Concat(*[Value("x" * 100)] * 4)
        make_product(1)
        sync_items(adapter=shop_adapter(title=long_name, category=long_name, brand=long_name))
        item = Item.objects.get()
        assert item.title == item.category == item.brand == "x" * 300
        assert sync_items(
            adapter=shop_adapter(title=long_name, category=long_name, brand=long_name)
        ) == SyncReport(unchanged=1, total=1)

    def test_a_code_that_is_no_currency_is_left_empty(self):
        make_product(1)
        sync_items(adapter=shop_adapter(currency=Value("EURO")))
        assert Item.objects.get().currency == ""

    def test_an_overlong_key_is_left_out_and_counted(self, monkeypatch, caplog):
        make_products(12)
        monkeypatch.setattr("recommendations.services.sync.KEY_LIMIT", 0)
        assert sync_items(adapter=shop_adapter()) == SyncReport(total=12, left_out=12)
        assert "left out" in caplog.text

    def test_a_many_valued_path_gives_one_item_the_same_at_every_run(self):
        family = make_product(1)
        for number, name in ((2, "zebra"), (3, "ant"), (4, "mole")):
            make_product(number, parent=family, variant_name=name)
        adapter = shop_adapter(brand="variants__variant_name", parent=None)
        assert sync_items(adapter=adapter).created == 4
        assert item_of(family).brand == "ant"
        assert sync_items(adapter=adapter) == SyncReport(unchanged=4, total=4)


class TestValues:
    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            (None, None),
            (float("nan"), None),
            (Decimal("NaN"), None),
            (Decimal("sNaN"), None),
            (float("inf"), None),
            (Decimal("-Infinity"), None),
            ("twelve", None),
            (True, None),
            (Decimal("1e14"), None),
            # As a double it is 1e14, which does not fit the column when SQLite reads it back.
            (Decimal("99999999999999.9999"), None),
            (Decimal("-99999999999999.9999"), None),
            (Decimal("99999999999999.94"), Decimal("99999999999999.9000")),
            (0, Decimal(0)),
            (19.99, Decimal("19.9900")),
            ("19.99", Decimal("19.9900")),
            (Decimal("0.00005"), Decimal("0.0000")),
            (Decimal("-3.5"), Decimal("-3.5000")),
            (Decimal("12345678901234.5678"), Decimal("12345678901234.6000")),
        ],
    )
    def test_prices(self, given, kept):
        assert faces._price(given) == kept

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            (None, None),
            (True, True),
            (3, 3),
            (2.5, 2.5),
            (float("nan"), None),
            ("a\0b", "ab"),
            (Decimal("1.20"), "1.20"),
            (dt.date(2026, 2, 3), "2026-02-03"),
            (uuid.UUID(int=5), "00000000-0000-0000-0000-000000000005"),
            ([Decimal(1), (2, float("inf"))], ["1", [2, None]]),
            ({3: dt.date(2026, 2, 3), "n": {"x": 1}}, {"3": "2026-02-03", "n": {"x": 1}}),
            ({"b", "a"}, ["a", "b"]),
        ],
    )
    def test_attributes(self, given, kept):
        assert faces._json(given) == kept

    def test_texts_lose_what_postgresql_refuses(self):
        assert faces._text(" a\0b ", 10) == "ab"


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["99999999999999.9", "-99999999999999.9", "0.0001"])
def test_the_farthest_prices_are_read_back_as_they_were_kept(given):
    kept = faces._price(given)
    Item.objects.create(key="1", price=kept)
    assert Item.objects.get().price == kept == Decimal(given)


@pytest.mark.django_db
def test_a_price_that_is_not_a_number_is_no_price():
    make_product(1)
    price = Cast(Value("nan"), FloatField())
    if connection.vendor == "sqlite":  # has no NaN, so infinity stands for it
        price = Cast(Value(9e999), FloatField())
    sync_items(adapter=shop_adapter(price=price))
    assert Item.objects.get().price is None


@pytest.mark.django_db
class TestSecondRun:
    def test_it_writes_nothing(self):
        make_products(30)
        family = make_product(100)
        make_product(101, parent=family)
        adapter = shop_adapter(attributes={"made": "created_at", "price": "price"})
        assert sync_items(adapter=adapter) == SyncReport(created=32, total=32)
        with CaptureQueriesContext(connection) as queries:
            assert sync_items(adapter=adapter) == SyncReport(unchanged=32, total=32)
        assert writes(queries) == []

    def test_only_what_changed_is_written(self):
        make_products(5)
        sync_items(adapter=shop_adapter())
        before = dict(Item.objects.values_list("key", "synced_at"))
        changed = Product.objects.get(sku="S3")
        Product.objects.filter(pk=changed.pk).update(name="New name")
        assert sync_items(adapter=shop_adapter()) == SyncReport(updated=1, unchanged=4, total=5)
        after = dict(Item.objects.values_list("key", "synced_at"))
        assert {key for key in after if after[key] != before[key]} == {str(changed.pk)}
        assert item_of(changed).title == "New name"

    def test_a_changed_item_keeps_its_id_and_birth(self):
        product = make_product(1)
        sync_items(adapter=shop_adapter())
        before = item_of(product)
        Product.objects.update(price="12.00")
        sync_items(adapter=shop_adapter())
        after = item_of(product)
        assert (after.pk, after.created_at) == (before.pk, before.created_at)
        assert after.price == 12


@pytest.mark.django_db
class TestGoneAndBack:
    def test_a_deleted_product_becomes_inactive_and_stays(self):
        stays, goes = make_product(1), make_product(2)
        sync_items(adapter=shop_adapter())
        key = str(goes.pk)
        goes.delete()
        report = sync_items(adapter=shop_adapter())
        assert report == SyncReport(unchanged=1, deactivated=1, total=1)
        assert not Item.objects.get(key=key).active
        assert item_of(stays).active
        assert sync_items(adapter=shop_adapter()) == SyncReport(unchanged=1, total=1)

    def test_a_hidden_product_becomes_inactive_and_comes_back(self):
        make_product(1)
        product = make_product(2)
        sync_items(adapter=shop_adapter())
        Product.objects.filter(pk=product.pk).update(visible=False)
        assert sync_items(adapter=shop_adapter()) == SyncReport(unchanged=1, deactivated=1, total=2)
        Product.objects.filter(pk=product.pk).update(visible=True)
        assert sync_items(adapter=shop_adapter()) == SyncReport(unchanged=1, reactivated=1, total=2)

    def test_a_product_that_reappears_is_active_again_with_its_id(self):
        make_product(1)
        product = make_product(2)
        sync_items(adapter=shop_adapter())
        item, pk = item_of(product), product.pk
        product.delete()
        sync_items(adapter=shop_adapter())
        make_product(2, pk=pk)
        assert sync_items(adapter=shop_adapter()).reactivated == 1
        assert item_of(product.__class__(pk=pk)).pk == item.pk

    def test_more_items_than_one_statement_takes(self, monkeypatch):
        monkeypatch.setattr("recommendations.services.sync.WRITE_ROWS", 7)
        make_products(40)
        sync_items(adapter=shop_adapter())
        Product.objects.filter(price__gt=Decimal("0.04")).delete()
        assert sync_items(adapter=shop_adapter()) == SyncReport(
            unchanged=5, deactivated=35, total=5
        )
        assert Item.objects.filter(active=True).count() == 5


@pytest.mark.django_db
class TestEmptyShop:
    def test_no_product_at_all_is_refused_and_changes_nothing(self):
        make_products(3)
        sync_items(adapter=shop_adapter())
        Product.objects.all().delete()
        with pytest.raises(EmptyShopError, match=r"shop\.Product has no product, but 3 are known"):
            sync_items(adapter=shop_adapter())
        assert Item.objects.filter(active=True).count() == 3

    def test_it_can_be_allowed(self):
        make_products(3)
        sync_items(adapter=shop_adapter())
        Product.objects.all().delete()
        assert sync_items(adapter=shop_adapter(), allow_empty=True) == SyncReport(deactivated=3)

    def test_a_new_shop_may_be_empty(self):
        assert sync_items(adapter=shop_adapter()) == SyncReport()

    def test_one_of_several_models_is_refused_too(self):
        class TwoModels(ShopAdapter):
            products = (
                Products("shop.Product", title="name"),
                Products("shop.Category", title="name"),
            )
            lines = LINES

        make_products(2)
        Category.objects.create(name="Lamps", slug="lamps")
        assert sync_items(adapter=TwoModels()).created == 3
        Category.objects.all().delete()
        with pytest.raises(EmptyShopError, match=r"shop\.Category has no product, but 1"):
            sync_items(adapter=TwoModels())


@pytest.mark.django_db
class TestParents:
    def test_a_variant_points_at_its_parent_whichever_came_first(self):
        child = make_product(1)
        parent = make_product(2)
        Product.objects.filter(pk=child.pk).update(parent=parent)
        assert sync_items(adapter=shop_adapter()) == SyncReport(created=2, total=2)
        assert item_of(child).parent == item_of(parent)
        assert item_of(parent).parent is None

    def test_a_parent_that_is_not_sold_itself_becomes_an_item(self):
        family = make_product(1, stock=None)
        child = make_product(2, parent=family, stock=4)
        alone = make_product(3, stock=None)
        adapter = shop_adapter(counted=Q(stock__isnull=False))
        assert sync_items(adapter=adapter) == SyncReport(created=2, total=2)
        assert item_of(child).parent == item_of(family)
        assert item_of(family).active
        assert not Item.objects.filter(key=str(alone.pk)).exists()
        assert set(adapter.live_products([str(family.pk), str(alone.pk)])) == {str(family.pk)}

    def test_a_chain_leads_to_its_top(self):
        top = make_product(1)
        middle = make_product(2, parent=top)
        bottom = make_product(3, parent=middle)
        sync_items(adapter=shop_adapter())
        assert item_of(bottom).parent == item_of(middle).parent == item_of(top)

    def test_a_circle_and_a_missing_parent_do_no_harm(self):
        one = make_product(1)
        two = make_product(2, parent=one)
        hanger_on = make_product(3, parent=two)
        Product.objects.filter(pk=one.pk).update(parent=two)
        orphan = make_product(4)
        # The stock stands for a parent's key without a constraint behind it.
        sync_items(adapter=shop_adapter())
        assert [item_of(p).parent for p in (one, two, hanger_on, orphan)] == [None] * 4
        Product.objects.filter(pk=orphan.pk).update(stock=987_654)
        report = sync_items(adapter=shop_adapter(parent="stock"))
        assert report == SyncReport(unchanged=4, total=4)

    def test_a_new_parent_is_an_update(self):
        first, second = make_product(1), make_product(2)
        child = make_product(3, parent=first)
        sync_items(adapter=shop_adapter())
        Product.objects.filter(pk=child.pk).update(parent=second)
        assert sync_items(adapter=shop_adapter()) == SyncReport(updated=1, unchanged=2, total=3)
        assert item_of(child).parent == item_of(second)

    def test_a_new_parent_and_a_new_face_are_one_update(self):
        first, second = make_product(1), make_product(2)
        child = make_product(3, parent=first)
        sync_items(adapter=shop_adapter())
        Product.objects.filter(pk=child.pk).update(parent=second, name="Other")
        assert sync_items(adapter=shop_adapter()) == SyncReport(updated=1, unchanged=2, total=3)

    def test_a_variant_set_free_has_no_parent(self):
        child = make_product(2, parent=make_product(1))
        sync_items(adapter=shop_adapter())
        Product.objects.filter(pk=child.pk).update(parent=None)
        assert sync_items(adapter=shop_adapter()).updated == 1
        assert item_of(child).parent is None

    def test_a_gone_variant_keeps_its_parent(self):
        parent = make_product(1)
        child = make_product(2, parent=parent)
        sync_items(adapter=shop_adapter())
        key = str(child.pk)
        child.delete()
        sync_items(adapter=shop_adapter())
        assert Item.objects.get(key=key).parent == item_of(parent)


class TestTopParents:
    def test_a_forest_by_hand(self):
        # 2 -> 1, 3 -> 2, 5 -> 4, 6 <-> 7, 8 -> 6, 9 -> 9
        child = np.array([2, 3, 5, 6, 7, 8, 9])
        parent = np.array([1, 2, 4, 7, 6, 6, 9])
        assert top_parents(child, parent).tolist() == [1, 1, 4, 0, 0, 0, 0]

    def test_nothing(self):
        empty = np.empty(0, np.int64)
        assert top_parents(empty, empty).tolist() == []

    @pytest.mark.parametrize("length", [1, 2, 3, 7, 8, 9, 1000])
    def test_a_long_chain(self, length):
        child = np.arange(2, length + 2)
        assert set(top_parents(child, child - 1).tolist()) == {1}

    @pytest.mark.parametrize("length", [2, 3, 4, 5, 8, 9, 31])
    def test_a_circle_of_any_length(self, length):
        child = np.arange(1, length + 1)
        assert set(top_parents(child, np.roll(child, 1)).tolist()) == {0}


@pytest.mark.django_db
class TestPages:
    @pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 7, 100])
    def test_every_product_comes_once_whatever_the_page(self, size):
        make_products(6)
        adapter = shop_adapter()
        source = next(iter(adapter.sources().values()))
        pages = list(product_faces(adapter, source, page_size=size))
        keys = [key for page in pages for key in page]
        assert sorted(keys) == sorted(
            str(pk) for pk in Product.objects.values_list("pk", flat=True)
        )
        assert max(map(len, pages)) <= size

    def test_rows_of_one_product_never_fall_on_two_pages(self):
        family = make_product(1)
        for number in range(2, 7):
            make_product(number, parent=family, variant_name=f"v{9 - number}")
        adapter = shop_adapter(brand="variants__variant_name")
        source = next(iter(adapter.sources().values()))
        for size in (1, 2, 3):
            pages = list(product_faces(adapter, source, page_size=size))
            assert [page[str(family.pk)].brand for page in pages if str(family.pk) in page] == [
                "v3"
            ]

    def test_the_number_of_queries_does_not_grow_with_the_products(self):
        counts = []
        for total in (10, 400):
            make_products(total - Product.objects.count(), start=Product.objects.count())
            with CaptureQueriesContext(connection) as queries:
                sync_items(adapter=shop_adapter())
            counts.append(len(writes(queries)) and len(queries))
        # 390 more rows: a few more statements of many rows each, none per row.
        assert counts[1] - counts[0] < 15


@pytest.mark.django_db
def test_progress_ends_at_the_total():
    make_products(9)
    calls = []
    sync_items(adapter=shop_adapter(), progress=lambda *call: calls.append(call))
    assert calls[-1] == ("products", 9, 9)


def run_together(count):
    """Run several synchronisations at the same moment and return what each reported or raised."""
    barrier = threading.Barrier(count)
    outcomes: list[SyncReport | Exception] = []

    def run():
        barrier.wait()
        try:
            outcomes.append(sync_items(adapter=shop_adapter()))
        except Exception as error:  # the assertion of the caller shows it
            outcomes.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def check_runs_that_meet(monkeypatch):
    monkeypatch.setattr("recommendations.services.sync.PAGE", 50)
    make_products(300)
    family = make_product(1000)
    Product.objects.filter(price__lt=Decimal("0.5")).update(parent=family)
    for outcome in run_together(4):
        assert isinstance(outcome, SyncReport), outcome
    assert sync_items(adapter=shop_adapter()) == SyncReport(unchanged=301, total=301)
    Product.objects.filter(price__gt=Decimal("1.5")).delete()
    Product.objects.update(name="renamed")
    for outcome in run_together(4):
        assert isinstance(outcome, SyncReport), outcome
    left = Product.objects.count()
    assert sync_items(adapter=shop_adapter()) == SyncReport(unchanged=left, total=left)
    assert Item.objects.filter(active=True).count() == left
    assert Item.objects.count() == 301


@pytest.mark.django_db(transaction=True)
def test_runs_may_meet(monkeypatch):
    check_runs_that_meet(monkeypatch)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True, databases=["default", "postgres"])
def test_runs_may_meet_on_postgres(monkeypatch, on_postgres):
    check_runs_that_meet(monkeypatch)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True, databases=["default", "postgres"])
def test_postgres_keeps_the_same_faces(on_postgres):
    family = make_product(1, attributes={"Size": [1, 2.5, None], "Made": "2026"})
    make_product(2, parent=family, price="12345678.99")
    adapter = shop_adapter(attributes={"all": "attributes", "made": "created_at"})
    assert sync_items(adapter=adapter) == SyncReport(created=2, total=2)
    assert sync_items(adapter=adapter) == SyncReport(unchanged=2, total=2)
    assert item_of(family).attributes["all"] == {"Size": [1, 2.5, None], "Made": "2026"}


@pytest.mark.django_db(transaction=True)
def test_runs_that_meet_would_collide_without_the_upsert(monkeypatch):
    """Show the race: both runs find no item, and a plain insert of the second one fails."""
    both_have_looked = threading.Barrier(2, timeout=20)

    def insert_after_both_have_looked(items, fields):
        both_have_looked.wait()
        Item.objects.bulk_create(items)

    monkeypatch.setattr("recommendations.services.sync._upsert", insert_after_both_have_looked)
    make_products(5)
    outcomes = run_together(2)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "IntegrityError",
        "SyncReport",
    ]
