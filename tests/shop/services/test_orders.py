"""From basket to order, and back."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest

from shop.models import Order, Product
from shop.services import orders as module
from shop.services.errors import Refused
from shop.services.orders import (
    PriceChanged,
    cancel_order,
    check_out,
    pay_order,
    refund_lines,
    refund_order,
    ship_order,
)
from tests.shop.factories import (
    DESTINATION,
    buy,
    make_basket,
    make_order,
    make_product,
    make_user,
    make_variant,
)

pytestmark = pytest.mark.django_db


def stock(product: Product) -> int | None:
    return Product.objects.get(pk=product.pk).stock


def test_a_basket_becomes_a_paid_order():
    kettle = make_product("Kettle", price=Decimal("19.90"), stock=5)
    bag = make_product("Bag", price=Decimal("50.00"))
    navy = make_variant(bag, "Navy", price=Decimal("55.50"), stock=2)
    user = make_user()
    basket = make_basket((navy, 1), (kettle, 3), user=user)
    order = buy(basket, user=user)
    order.refresh_from_db()
    assert (order.status, order.user, order.email) == ("paid", user, "ann@example.com")
    assert order.paid_at is not None
    assert order.address.city == "Oslo"
    lines = order.lines.values_list("product_name", "sku", "quantity", "unit_price", "amount")
    assert list(lines) == [
        ("Bag (Navy)", navy.sku, 1, Decimal("55.50"), Decimal("55.50")),
        ("Kettle", kettle.sku, 3, Decimal("19.90"), Decimal("59.70")),
    ]
    assert (stock(kettle), stock(navy)) == (2, 1)
    assert basket.lines.count() == 0


def test_the_same_form_makes_one_order():
    kettle = make_product(stock=5)
    basket, token = make_basket((kettle, 2)), uuid.uuid4()
    first = buy(basket, token=token)
    again = buy(basket, token=token)
    assert first == again
    assert (Order.objects.count(), stock(kettle)) == (1, 3)


def test_a_form_that_was_used_does_not_swallow_a_refilled_basket():
    kettle = make_product()
    basket, token = make_basket((kettle, 1)), uuid.uuid4()
    first = buy(basket, token=token)
    basket.lines.create(product=kettle, quantity=1)
    assert buy(basket, token=token) == first
    assert basket.lines.count() == 1


def test_somebody_elses_token_does_not_give_their_order():
    kettle, token = make_product(), uuid.uuid4()
    theirs = buy(make_basket((kettle, 1)), token=token)
    mine = buy(make_basket((kettle, 1)), token=token)
    assert theirs != mine


def test_more_than_there_is_cannot_be_bought():
    kettle, lamp = make_product("Kettle", stock=1), make_product("Lamp", stock=9)
    basket = make_basket((lamp, 1), (kettle, 2))
    with pytest.raises(Refused, match="Only 1 piece of Kettle is left"):
        buy(basket)
    assert (stock(kettle), stock(lamp)) == (1, 9)
    assert (Order.objects.count(), basket.lines.count()) == (0, 2)


def test_the_price_is_the_products_own_and_a_new_one_is_shown_first():
    kettle = make_product(price=Decimal("10.00"))
    basket = make_basket((kettle, 1))
    Product.objects.update(price=Decimal("12.00"))
    with pytest.raises(PriceChanged):
        check_out(
            basket,
            token=uuid.uuid4(),
            destination=DESTINATION,
            user=None,
            agreed_total=Decimal("10.00"),
        )
    assert Order.objects.count() == 0
    assert buy(basket).lines.get().unit_price == Decimal("12.00")


def test_nothing_and_two_currencies_are_refused():
    with pytest.raises(Refused, match="empty"):
        buy(make_basket())
    mixed = make_basket((make_product(currency="EUR"), 1), (make_product(currency="GBP"), 1))
    with pytest.raises(Refused, match="different currencies"):
        buy(mixed)


def test_a_failed_payment_leaves_everything_as_it_was(monkeypatch):
    def refuse(_order):
        raise Refused("The card was declined.")

    kettle = make_product(stock=5)
    basket = make_basket((kettle, 2))
    monkeypatch.setattr(module, "pay_order", refuse)
    with pytest.raises(Refused, match="declined"):
        buy(basket)
    assert (Order.objects.count(), stock(kettle), basket.lines.count()) == (0, 5, 1)


def test_an_order_is_paid_once():
    order = make_order((make_product(), 1), status=Order.Status.PENDING)
    pay_order(order)
    with pytest.raises(Refused, match="not waiting for payment"):
        pay_order(order)


def test_cancelling_puts_the_pieces_back():
    kettle, lamp = make_product(stock=5), make_product(stock=None)
    order = buy(make_basket((kettle, 3), (lamp, 2)))
    cancel_order(order)
    assert (order.status, stock(kettle), stock(lamp)) == ("cancelled", 5, None)
    assert order.cancelled_at is not None
    with pytest.raises(Refused, match="no longer be cancelled"):
        cancel_order(order)
    assert stock(kettle) == 5


def test_pieces_that_were_refunded_go_back_once():
    kettle = make_product(stock=5)
    order = buy(make_basket((kettle, 3)))
    refund_lines(order, {order.lines.get().pk: 1})
    cancel_order(order)
    assert stock(kettle) == 5


def test_a_shipped_order_is_not_cancelled():
    kettle = make_product(stock=5)
    order = buy(make_basket((kettle, 3)))
    ship_order(order)
    with pytest.raises(Refused, match="no longer be cancelled"):
        cancel_order(order)
    assert (order.status, stock(kettle)) == ("paid", 2)
    with pytest.raises(Refused, match="shipped before"):
        ship_order(order)


def test_a_part_is_refunded_and_then_the_rest():
    kettle, lamp = make_product(stock=5), make_product(stock=5)
    order = buy(make_basket((kettle, 3), (lamp, 1)))
    of_kettle = order.lines.get(product=kettle)
    refund_lines(order, {of_kettle.pk: 2})
    assert (order.status, stock(kettle), stock(lamp)) == ("paid", 4, 4)
    assert order.lines.get(product=kettle).refunded_quantity == 2
    refund_order(order)
    assert (order.status, stock(kettle), stock(lamp)) == ("refunded", 5, 5)
    with pytest.raises(Refused, match="only paid orders"):
        refund_order(order)


@pytest.mark.parametrize("quantity", [0, -1, 3])
def test_more_than_was_bought_is_not_refunded(quantity):
    order = buy(make_basket((make_product("Kettle"), 2)))
    with pytest.raises(Refused, match=f"Between 1 and 2 pieces of Kettle .* not {quantity}"):
        refund_lines(order, {order.lines.get().pk: quantity})


def test_a_wrong_line_refunds_nothing_of_the_right_ones():
    kettle = make_product(stock=5)
    order = buy(make_basket((kettle, 2)))
    stranger = make_order((make_product(), 1)).lines.get()
    with pytest.raises(Refused, match="does not belong"):
        refund_lines(order, {order.lines.get().pk: 1, stranger.pk: 1})
    assert (order.lines.get().refunded_quantity, stock(kettle)) == (0, 3)


def test_a_line_whose_product_is_gone_is_refunded():
    kettle = make_product(stock=5)
    order = buy(make_basket((kettle, 2)))
    kettle.delete()
    refund_order(order)
    assert order.status == "refunded"
