"""Two shoppers and one piece, at the same moment."""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connection

from shop.models import Basket, BasketLine, Order, Product
from shop.services import baskets
from shop.services import orders as module
from shop.services.errors import Refused
from shop.services.stock import claim_stock
from tests.shop.factories import buy, make_basket, make_product

two_databases = pytest.mark.django_db(transaction=True, databases=["default", "postgres"])


def together(*jobs: Callable[[], Any]) -> list[Any]:
    """Run jobs in threads of their own; a refusal is a result like any other."""

    def run(job: Callable[[], Any]) -> Any:
        try:
            return job()
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def meeting(claim: Callable[[Product, int], bool]) -> Callable[[Product, int], bool]:
    """Let both shoppers arrive at the shelf before either takes anything."""
    barrier = threading.Barrier(2, timeout=20)

    def claim_together(product: Product, quantity: int) -> bool:
        barrier.wait()
        return claim(product, quantity)

    return claim_together


def careless_claim(product: Product, quantity: int) -> bool:
    product.stock = (product.stock or 0) - quantity
    product.save(update_fields=["stock"])
    return True


@pytest.mark.postgres
@two_databases
@pytest.mark.parametrize(
    ("claim", "sold"), [(careless_claim, 2), (claim_stock, 1)], ids=["careless", "ours"]
)
def test_one_piece_is_sold_once(on_postgres, monkeypatch, claim, sold):
    """The careless way sells it twice, so the test would see the fault."""
    kettle = make_product("Kettle", stock=1)
    ann, bob = make_basket((kettle, 1)), make_basket((kettle, 1))
    monkeypatch.setattr(module, "claim_stock", meeting(claim))
    results = together(lambda: buy(ann), lambda: buy(bob))
    assert sum(isinstance(result, Order) for result in results) == sold
    assert Order.objects.count() == sold
    assert Product.objects.get().stock == 0


@pytest.mark.postgres
@two_databases
def test_crossed_baskets_do_not_wait_for_each_other_forever(on_postgres):
    kettle, lamp = make_product(stock=50), make_product(stock=50)
    baskets = [
        make_basket((kettle, 1), (lamp, 1)) if number % 2 else make_basket((lamp, 1), (kettle, 1))
        for number in range(8)
    ]
    results = together(*(lambda basket=basket: buy(basket) for basket in baskets))
    assert all(isinstance(result, Order) for result in results)
    assert set(Product.objects.values_list("stock", flat=True)) == {42}


def submit_twice(basket: Basket) -> list[Any]:
    token = uuid.uuid4()
    line = basket.lines.get()
    total = line.product.price * line.quantity
    arrived = threading.Barrier(2, timeout=20)

    def submit() -> Order:
        arrived.wait()
        return module.check_out(
            Basket.objects.get(pk=basket.pk),
            token=token,
            destination=module.Destination(
                email="a@example.com", name="A", street="B", postcode="1", city="C", country="D"
            ),
            user=None,
            agreed_total=total,
        )

    return together(submit, submit)


@pytest.mark.postgres
@two_databases
def test_a_double_submit_makes_one_order(on_postgres):
    first, second = submit_twice(make_basket((make_product(stock=5), 2)))
    assert first == second
    assert (Order.objects.count(), Product.objects.get().stock) == (1, 3)


@pytest.mark.django_db(transaction=True)
def test_a_double_submit_makes_one_order_on_any_database():
    first, second = submit_twice(make_basket((make_product(stock=5), 2)))
    assert first == second
    assert (Order.objects.count(), Product.objects.get().stock) == (1, 3)


@pytest.mark.django_db(transaction=True)
def test_ten_shoppers_and_three_pieces_on_any_database():
    kettle = make_product(stock=3)
    baskets = [make_basket((kettle, 1)) for _shopper in range(10)]
    results = together(*(lambda basket=basket: buy(basket) for basket in baskets))
    assert sum(isinstance(result, Order) for result in results) == 3
    assert Product.objects.get().stock == 0


@pytest.mark.postgres
@two_databases
@pytest.mark.parametrize(
    ("lock", "refusals"), [(lambda basket: None, 0), (baskets._lock, 1)], ids=["careless", "ours"]
)
def test_two_presses_of_a_button_replace_a_line_once(on_postgres, monkeypatch, lock, refusals):
    """Without the lock both presses take the same line, and the upgrade is put in twice."""
    lamp, plus = make_product("Lamp"), make_product("Lamp Plus")
    basket = make_basket((lamp, 1))
    barrier, delete = threading.Barrier(2), BasketLine.delete

    def delete_together(line, *args, **kwargs):
        with contextlib.suppress(threading.BrokenBarrierError):
            barrier.wait(timeout=1)  # nobody else comes as far where the lock holds
        return delete(line, *args, **kwargs)

    monkeypatch.setattr(BasketLine, "delete", delete_together)
    monkeypatch.setattr(baskets, "_lock", lock)
    press = partial(baskets.replace_in_basket, basket, lamp.pk, plus, 1)
    results = together(press, press)
    pieces = dict(basket.lines.values_list("product__name", "quantity"))
    refused = sum(isinstance(result, Refused) for result in results)
    assert (refused, pieces) == (refusals, {"Lamp Plus": 2 - refusals})
