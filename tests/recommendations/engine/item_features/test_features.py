from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from recommendations.engine.item_features import ItemFacts, item_features
from recommendations.engine.item_features.text import reduced, text_vectors, tf_idf
from tests.recommendations.engine.families.trainings import random_ones


def facts(**changes) -> ItemFacts:
    known = {
        "title": ["red tin mug", "blue tin mug", "oak table", ""],
        "description": ["", "", "", ""],
        "category": ["Home > Mugs", "Home > Mugs", "Home > Tables", ""],
        "brand": ["Acorn", "acorn ", "Birch", ""],
        "price": np.array([4.0, 4.0, 400.0, np.nan]),
        "currency": ["EUR", "EUR", "EUR", ""],
        "attributes": [{"colour": "red"}, {"colour": "red"}, {}, {}],
    }
    return ItemFacts(**{**known, **changes})


def alike(features) -> np.ndarray:
    return (features.matrix @ features.matrix.T).toarray()


def test_like_items_are_near_and_unknown_ones_empty():
    found = alike(item_features(facts()))
    assert found[0, 1] > 0.9 > 0.4 > found[0, 2] > 0
    assert np.diag(found) == pytest.approx([1, 1, 1, 0], abs=1e-6)
    assert not found[3].any()


def test_one_kind_of_fact_alone():
    only_brand = item_features(facts(), weights={"brand": 1.0})
    assert only_brand.blocks == {"brand": (0, 1)}
    assert only_brand.matrix.toarray().tolist() == [[1.0], [1.0], [0.0], [0.0]]


def test_the_cosine_is_the_weighted_mean_of_the_kinds():
    prices = np.array([4.0, 6.0, 400.0, 3.0])
    two = facts(price=prices, currency=["EUR"] * 4, category=["A", "A", "B", "B"])
    parts = [alike(item_features(two, weights={name: 1.0})) for name in ("category", "price")]
    both = alike(item_features(two, weights={"category": 3.0, "price": 1.0}))
    assert both == pytest.approx((3 * parts[0] + parts[1]) / 4, abs=1e-6)


def test_embeddings_take_part():
    vectors = np.array([[1.0, 0.0], [0.0, 0.0], [2.0, 0.0], [0.0, 5.0]])
    found = item_features(facts(embedding=vectors), weights={"embedding": 1.0})
    assert found.matrix.toarray().tolist() == [[1.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (np.array([[1.0], [np.nan], [1.0], [1.0]]), "item 1 holds a value that is not finite"),
        (np.ones((3, 2)), "one row for each of 4 items"),
        (np.ones(4), "two axes"),
    ],
)
def test_wrong_embeddings_are_refused(vectors, message):
    with pytest.raises(ValueError, match=message):
        facts(embedding=vectors)


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="2 values of brand were given for 4 items"):
        facts(brand=["a", "b"])


@pytest.mark.parametrize(
    ("weights", "message"),
    [({"colour": 1.0}, "not of 'colour'"), ({"brand": -1.0}, "0 or more, not -1")],
)
def test_wrong_weights_are_refused(weights, message):
    with pytest.raises(ValueError, match=message):
        item_features(facts(), weights=weights)


def test_no_items_and_nothing_known():
    assert item_features(ItemFacts.of_titles([])).matrix.shape == (0, 0)
    assert item_features(ItemFacts.of_titles(["one", "two"])).matrix.shape == (2, 0)


def test_tf_idf_is_scikit_learns():
    texts = ["green tea", "green mug", "tea mug green", "red"]
    plain = TfidfVectorizer(min_df=2, ngram_range=(1, 2), sublinear_tf=True).fit_transform(texts)
    assert tf_idf(texts, pairs=True).toarray() == pytest.approx(plain.toarray(), abs=1e-6)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Größe", "GRÖSSE"),
        ("\uff2d\uff35\uff27", "mug"),
        ("电视支架", "电视机"),
        ("85123A", "85123a"),
        ("caffè-latte", "latte"),
    ],
)
def test_words_are_found_in_any_script(one, other):
    assert tf_idf([one, other], pairs=True).shape[1] > 0


def test_vectors_keep_the_inner_products_that_matter():
    rng = np.random.default_rng(1)
    subject = rng.integers(0, 5, 200)
    titles = [
        f"subject{s} kind{s} noise{n}"
        for s, n in zip(subject, rng.integers(0, 90, 200), strict=True)
    ]
    vectors = text_vectors(titles, [""] * 200, n_components=8, seed=0)
    near = (vectors @ vectors.T).toarray()
    same = subject[:, np.newaxis] == subject
    assert near[same].mean() > 0.8
    assert near[~same].mean() < 0.2


def test_the_reduction_is_the_singular_value_decomposition():
    table = random_ones(3, 60, 12)
    found = reduced(table, n_components=3, seed=0)
    left, sizes, right = np.linalg.svd(table, full_matrices=False)
    signs = np.sign(right[np.arange(3), np.abs(right[:3]).argmax(axis=1)])
    assert found == pytest.approx(left[:, :3] * sizes[:3] * signs, abs=1e-3)


def test_same_seed_same_bits():
    rng = np.random.default_rng(2)
    titles = [" ".join(f"w{n}" for n in rng.integers(0, 300, 6)) for _ in range(300)]
    first, second = (item_features(ItemFacts.of_titles(titles), seed=4).matrix for _ in range(2))
    assert first.data.tobytes() == second.data.tobytes()
    assert first.indices.tobytes() == second.indices.tobytes()


def test_components_are_checked():
    with pytest.raises(ValueError, match="n_components must be at least 1, not 0"):
        text_vectors(["a"], [""], n_components=0, seed=0)
