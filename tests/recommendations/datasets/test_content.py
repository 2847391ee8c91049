"""What items are, read for content-based models."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from django.db.models import F, Value
from django.db.models.functions import Concat

from recommendations.adapters import Lines, Products, ShopAdapter
from recommendations.datasets.content import item_facts
from recommendations.models import Item
from tests.recommendations.datasets.app import models as shop

pytestmark = pytest.mark.django_db


class TextShop(ShopAdapter):
    products = Products(
        "dataset_shop.TextProduct", title="sku", description=Concat(Value("about "), F("sku"))
    )
    lines = Lines("dataset_shop.Till", product="article", order="receipt", placed_at="at")


def made(*keys: str) -> np.ndarray:
    """Make products and items; the last item's product is gone."""
    shop.TextProduct.objects.bulk_create([shop.TextProduct(sku=key) for key in keys[:-1]])
    Item.objects.bulk_create(
        [
            Item(
                key=key,
                title=f"The {key}",
                category="Kitchen > Mugs",
                brand="Acorn",
                price=Decimal("4.50") if number == 0 else None,
                currency="EUR",
                attributes={"colour": "red"},
            )
            for number, key in enumerate(keys)
        ]
    )
    return np.array(Item.objects.order_by("pk").values_list("pk", flat=True))


def test_faces_and_descriptions_by_position():
    facts = item_facts(made("mug", "tea", "gone"), adapter=TextShop())
    assert facts.title == ["The mug", "The tea", "The gone"]
    assert facts.description == ["about mug", "about tea", ""]
    assert facts.category == ["Kitchen > Mugs"] * 3
    assert facts.price.tolist() == pytest.approx([4.5, np.nan, np.nan], nan_ok=True)
    assert facts.attributes[0] == {"colour": "red"}
    assert facts.embedding is None


def test_an_unknown_item_has_nothing():
    ids = made("mug", "tea")
    facts = item_facts(np.append(ids, ids[-1] + 7), adapter=TextShop())
    assert (facts.title[2], facts.brand[2], facts.attributes[2]) == ("", "", {})


def test_descriptions_take_one_query(django_assert_num_queries):
    ids = made("mug", "tea", "pot")
    with django_assert_num_queries(2):
        item_facts(ids, adapter=TextShop())


def test_without_a_declared_description_the_shop_is_not_asked(django_assert_num_queries):
    class Plain(TextShop):
        products = Products("dataset_shop.TextProduct", title="sku")

    ids = made("mug", "tea")
    with django_assert_num_queries(1):
        assert item_facts(ids, adapter=Plain()).description == ["", ""]


def bringing(vectors: dict) -> ShopAdapter:
    class Bringing(TextShop):
        def embeddings(self, keys):
            return vectors

    return Bringing()


def test_vectors_by_position_zeros_where_there_is_none():
    ids = made("mug", "tea", "gone")
    facts = item_facts(ids, adapter=bringing({"tea": (1, 2.5), "else": [3, 4]}))
    assert facts.embedding.tolist() == [[0, 0], [1, 2.5], [0, 0]]


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        ({"mug": [1.0, 2.0], "tea": [1.0]}, "'tea' has 1 numbers; others have 2"),
        ({"mug": [1.0, float("nan")]}, "'mug' holds a value that is not finite"),
        ({"mug": []}, "'mug' must be one sequence of numbers"),
        ({"mug": [[1.0]]}, "'mug' must be one sequence of numbers"),
        ({"mug": 1.0}, "'mug' must be one sequence of numbers"),
        ({"mug": ["x"]}, "'mug' is no sequence of numbers"),
    ],
)
def test_wrong_vectors_are_refused(vectors, message):
    with pytest.raises(ValueError, match=message):
        item_facts(made("mug", "tea", "gone"), adapter=bringing(vectors))


def test_keys_are_asked_for_in_pages(monkeypatch):
    monkeypatch.setattr("recommendations.datasets.content.PAGE_KEYS", 2)
    pages = []

    class Paging(TextShop):
        def embeddings(self, keys):
            pages.append(list(keys))
            return {key: [1.0] for key in keys}

    facts = item_facts(made("mug", "tea", "gone"), adapter=Paging())
    assert pages == [["mug", "tea"], ["gone"]]
    assert facts.embedding.tolist() == [[1.0]] * 3
