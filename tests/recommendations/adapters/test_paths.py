"""What a declared path reads, whether it exists, and where it leads."""

from __future__ import annotations

import pytest
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Lower

from recommendations.adapters.paths import (
    PathError,
    check_path,
    follows_foreign_key,
    many_valued_step,
    referenced_paths,
)
from shop.models import OrderLine, Product

INNER = Product.objects.filter(pk=OuterRef("product_id")).values("name")


@pytest.mark.parametrize(
    ("declared", "paths"),
    [
        (None, []),
        ("a__b", ["a__b"]),
        (F("a"), ["a"]),
        (Value("a"), []),
        (Coalesce("a", F("b"), Value(3)), ["a", "b"]),
        (Lower(Coalesce("a", Lower("b"))), ["a", "b"]),
        (F("a") - F("b"), ["a", "b"]),
        (Q(a=1) | ~Q(Q(b__lt=F("c")), d=Lower("e")), ["a", "b__lt", "c", "d", "e"]),
        (Case(When(a=1, then="b"), default=F("c")), ["a", "b", "c"]),
        (Q(), []),
    ],
)
def test_referenced_paths(declared, paths):
    assert sorted(referenced_paths(declared)) == paths


@pytest.mark.parametrize("inner", [Subquery(INNER[:1]), Q(Exists(INNER))])
def test_what_a_subquery_reads_is_not_the_outer_model_s(inner):
    assert "name" not in set(referenced_paths(inner))


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("quantity", ["quantity"]),
        ("pk", ["pk"]),
        ("order_id", ["order_id"]),
        ("order__placed_at__year", ["order", "placed_at"]),
        ("order__user__pk", ["order", "user", "pk"]),
        ("product__attributes__Size__0", ["product", "attributes"]),
        ("product__order_lines__sku", ["product", "order_lines", "sku"]),
        ("quantity__gte", ["quantity"]),
        ("order_id__in", ["order_id"]),
    ],
)
def test_steps_that_are_fields(path, steps):
    assert check_path(OrderLine, path) == steps


@pytest.mark.parametrize(
    ("path", "model", "hint"),
    [
        ("quantty", "shop.OrderLine", "Did you mean 'quantity'?"),
        ("order__staus", "shop.Order", "Did you mean 'status'?"),
        ("product__category__nam", "shop.Category", "Did you mean 'name'?"),
    ],
)
def test_a_name_that_is_no_field(path, model, hint):
    with pytest.raises(PathError, match=model) as raised:
        check_path(OrderLine, path)
    assert raised.value.hint == hint


def test_a_name_far_from_every_field():
    with pytest.raises(PathError) as raised:
        check_path(OrderLine, "qqqqqq")
    assert "product_id" in raised.value.hint


@pytest.mark.parametrize(
    ("path", "step"),
    [
        ("name", None),
        ("pk", None),
        ("category__name", None),
        ("parent__brand__name", None),
        ("order_lines__sku", "order_lines"),
        ("category__products__name", "products"),
        ("attributes__order_lines", None),
    ],
)
def test_where_one_row_becomes_several(path, step):
    assert many_valued_step(Product, path) == step


@pytest.mark.parametrize(
    ("path", "follows"),
    [
        ("order", True),
        ("order_id", True),
        ("order__pk", True),
        ("order__number", False),
        ("quantity", False),
    ],
)
def test_what_is_a_foreign_key(path, follows):
    assert follows_foreign_key(OrderLine, path) is follows
