from __future__ import annotations

import pytest
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Lower

from recommendations.adapters import Lines
from recommendations.adapters.rebase import conjuncts, order_link, split_lines
from shop.models import Order, OrderLine


def lines(**changes) -> Lines:
    declared = {
        "product": "product_id",
        "order": "order_id",
        "customer": "order__user_id",
        "guest": "order__email",
        "placed_at": "order__placed_at",
    }
    return Lines("shop.OrderLine", **{**declared, **changes})


def test_splits_paths_and_conditions():
    split = split_lines(lines(counted=Q(order__status="paid", refunded_quantity__lt=F("quantity"))))
    assert split.line_model is OrderLine
    assert split.order_model is Order
    assert (split.line_order, split.order_key) == (F("order_id"), F("id"))
    assert (split.customer, split.guest, split.placed_at) == (
        F("user_id"),
        F("email"),
        F("placed_at"),
    )
    assert split.order_counted == Q(status="paid")
    assert split.line_counted == Q(refunded_quantity__lt=F("quantity"))


@pytest.mark.parametrize("path", ["order", "order_id", "order__pk", "order__id", F("order_id")])
def test_finds_the_key_by_any_of_its_names(path):
    link = order_link(OrderLine, path)
    assert link is not None
    assert link.name == "order"


@pytest.mark.parametrize("path", ["position", "order__number", "sku", Value(1), Lower("sku")])
def test_reads_all_from_the_line_without_a_key_to_an_order(path):
    assert order_link(OrderLine, path) is None
    split = split_lines(lines(order=path))
    assert split.order_model is None
    assert split.customer == "order__user_id"


def sides(counted: Q) -> tuple[Q, Q]:
    split = split_lines(lines(counted=counted))
    return split.order_counted, split.line_counted


@pytest.mark.parametrize(
    ("counted", "of_order"),
    [
        (Q(order__status="paid"), Q(status="paid")),
        (Q(order__status__in=["paid", "sent"]), Q(status__in=["paid", "sent"])),
        (~Q(order__status="open"), ~Q(status="open")),
        (
            Q(order__status="paid") | ~Q(order__user__is_staff=True),
            Q(status="paid") | ~Q(user__is_staff=True),
        ),
        (Q(order__paid_at__gte=F("order__placed_at")), Q(paid_at__gte=F("placed_at"))),
        (Q(order__pk__gt=5), Q(pk__gt=5)),
        (Q(order__pk__gt=5, order_id__lt=9), Q(pk__gt=5)),
    ],
)
def test_conditions_on_the_order_lose_the_prefix(counted, of_order):
    assert sides(counted)[0] == of_order


@pytest.mark.parametrize(
    "counted",
    [
        Q(quantity__gt=1),
        Q(order__isnull=False),
        Q(order__in=[1, 2]),
        Q(order_id__gt=7),
        Q(order__status="paid") | Q(quantity__gt=1),
        Q(quantity__gt=F("order__user_id")),
        ~Q(order__status="paid", quantity=1),
        Q(Exists(Order.objects.filter(pk=OuterRef("order_id"), status="paid"))),
        Q(order__in=Order.objects.filter(status="paid")),
        Q(order__status__in=[F("order__currency")]),
    ],
)
def test_other_conditions_stay_with_the_line(counted):
    assert sides(counted) == (Q(), counted)


def test_expressions_are_rebased_inside():
    text = CharField()
    inner = Case(
        When(Q(order__user__isnull=True), then=Coalesce("order__email", Value(""))),
        default=Lower(F("order__user__email")),
        output_field=text,
    )
    split = split_lines(lines(guest=inner))
    # Expressions compare by how they were constructed, so their texts are compared.
    assert repr(split.guest) == repr(inner).replace("order__", "")
    # The declaration itself is as it was.
    assert inner.default.get_source_expressions() == [F("order__user__email")]


@pytest.mark.parametrize(
    "path",
    [
        "product__created_at",
        Coalesce("order__placed_at", "product__created_at"),
        RawSQL("now()", ()),
    ],
)
def test_one_scan_where_a_value_needs_the_line(path):
    split = split_lines(lines(placed_at=path, counted=Q(order__status="paid")))
    assert split.order_model is None
    assert split.line_counted == Q(order__status="paid")


def test_conjuncts_mean_the_same_together():
    condition = Q(a=1) & (Q(b=2) | Q(c=3)) & ~Q(d=4) & (Q(e=5) & Q(f=6))
    assert list(conjuncts(condition)) == [
        Q(a=1),
        Q(b=2) | Q(c=3),
        ~Q(d=4),
        Q(e=5),
        Q(f=6),
    ]
