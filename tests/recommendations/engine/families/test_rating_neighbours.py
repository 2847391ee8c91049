"""Ratings foretold from neighbours: by hand, and against the dense formula."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from recommendations.engine.families.rating_factors import bias_only
from recommendations.engine.families.rating_neighbours import neighbour_ratings

SCALE = (1.0, 5.0)

# Four customers, three items; 0: not rated.
TABLE = np.array(
    [
        [5.0, 4.0, 1.0],
        [1.0, 2.0, 5.0],
        [4.0, 5.0, 0.0],
        [2.0, 0.0, 4.0],
    ]
)


def model_of(table=TABLE, **options):
    options = {"side": "item", "min_common": 2, "shrinkage": 0.0, "offset": "none", **options}
    return neighbour_ratings(sparse.csr_matrix(table), scale=SCALE, **options)


def one(model, user, item):
    return float(model.predicted(np.array([user]), np.array([item]))[0])


def test_plain_by_items_worked_by_hand():
    # Pearson of items 0 and 1 over customers 0, 1, 2: means 10/3 and 11/3,
    # (5/3)(1/3) + (-7/3)(-5/3) + (2/3)(4/3) = 48/9; lengths √(78/9) and √(42/9).
    near = 48 / np.sqrt(78 * 42)
    model = model_of()
    assert model.near[0, 1] == pytest.approx(near, abs=1e-6)
    # Items 0 and 2 disagree, so item 1 alone speaks: its rating of 4, whatever its weight.
    assert one(model, 0, 0) == pytest.approx(4.0)
    # Customer 3 rated neither neighbour of item 1 but item 0, with 2.
    assert one(model, 3, 1) == pytest.approx(2.0)


def test_around_means_worked_by_hand():
    # Item 0: mean 3, its neighbour item 1: mean 11/3. 3 + (4 - 11/3).
    assert one(model_of(offset="mean"), 0, 0) == pytest.approx(3 + 1 / 3)


def test_by_customers_worked_by_hand():
    # Customers 0 and 2 have items 0 and 1 in common: (5, 4) and (4, 5), which run against each
    # other. Customers 1 and 3: (1, 5) and (2, 4), which agree in full. So customer 3 would give
    # item 1 the 2 of customer 1, or around means 3 + (2 - 8/3).
    model = model_of(side="customer")
    assert model.near.toarray().round(6).tolist()[3] == [0, 1, 0, 0]
    assert one(model, 3, 1) == pytest.approx(2.0)
    assert one(model_of(side="customer", offset="mean"), 3, 1) == pytest.approx(3 + 2 - 8 / 3)


def test_damping_holds_back():
    free = one(model_of(offset="mean"), 0, 0) - 3
    near = 48 / np.sqrt(78 * 42)
    damped = one(model_of(offset="mean", damping=1.0), 0, 0) - 3
    assert damped == pytest.approx(free * near / (near + 1), abs=1e-6)
    # Without an offset there is nothing to be held back to.
    assert one(model_of(damping=1.0), 0, 0) == pytest.approx(4.0)


def test_biases_stand_in_where_no_neighbour_rated():
    biases = bias_only(
        sparse.csr_matrix(TABLE), scale=SCALE, l2=10.0, frequency_exponent=0.0, iterations=10
    )
    expected = biases.predicted([2], [2])[0]
    for offset in ("none", "mean", "biases"):
        assert one(model_of(offset=offset), 2, 2) == pytest.approx(expected)


def test_a_customer_unknown_so_far_gets_what_items_get():
    model = model_of(np.vstack([TABLE, np.zeros(3)]))
    assert 1 <= one(model, 4, 0) <= 5
    assert one(model, 4, 0) == pytest.approx(model.biases.mean + model.biases.items[0, 0])


def random_table(seed, n_users=40, n_items=17):
    rng = np.random.default_rng(seed)
    rated = rng.random((n_users, n_items)) < np.linspace(0.15, 0.8, n_items)
    return np.where(rated, rng.integers(1, 6, rated.shape), 0).astype(float)


def dense_prediction(model, table, user, item):
    """The formula of the module's docstring, pair by pair."""
    near = model.near.toarray()
    biases = model.biases.table(np.arange(len(table)))
    if model.side == "item":
        others = [(other, near[item, other], user, other) for other in range(table.shape[1])]
        means = [column[column > 0].mean() for column in table.T]
        own = means[item]
    else:
        others = [(other, near[user, other], other, item) for other in range(len(table))]
        means = [row[row > 0].mean() if row.any() else model.biases.mean for row in table]
        own = means[user]
    base = {"none": 0.0, "mean": own, "biases": biases[user, item]}[model.offset]
    sums = weights = 0.0
    for other, weight, row, column in others:
        if table[row, column] > 0 and weight > 0:
            taken = {"none": 0.0, "mean": means[other], "biases": biases[row, column]}
            sums += weight * (table[row, column] - taken[model.offset])
            weights += weight
    if not weights:
        return float(np.clip(biases[user, item], *SCALE))
    damping = 0.0 if model.offset == "none" else model.damping
    return float(np.clip(base + sums / (weights + damping), *SCALE))


@pytest.mark.parametrize("side", ["item", "customer"])
@pytest.mark.parametrize("offset", ["none", "mean", "biases"])
@pytest.mark.parametrize("centre", ["item", "customer"])
def test_equals_the_dense_formula(side, offset, centre):
    table = random_table(3)
    model = model_of(
        table, side=side, offset=offset, centre=centre, damping=0.5, shrinkage=2.0, neighbours=6
    )
    assert np.diff(model.near.indptr).max() <= 6
    users, items = (axis.ravel() for axis in np.indices(table.shape))
    found = model.predicted(users, items)
    expected = [dense_prediction(model, table, u, i) for u, i in zip(users, items, strict=True)]
    assert np.abs(found - expected).max() < 1e-6
    # The table of a customer ranks alike, before it is cut to the scale.
    clipped = np.clip(model.table(np.arange(len(table))), *SCALE)
    assert np.abs(clipped.ravel() - expected).max() < 1e-6


def test_blocks_do_not_matter(monkeypatch):
    table = random_table(5)
    users, items = (axis.ravel() for axis in np.indices(table.shape))
    whole = model_of(table).predicted(users, items)
    monkeypatch.setattr("recommendations.engine.families.rating_neighbours._BLOCK_PAIRS", 7)
    assert model_of(table).predicted(users, items).tolist() == whole.tolist()


def test_a_rating_of_nought_is_a_rating():
    given = sparse.csr_matrix(([0.0, 4.0, 0.0, 4.0], [0, 1, 0, 1], [0, 2, 4]), shape=(2, 2))
    model = neighbour_ratings(
        given, scale=(0, 4), side="customer", offset="none", min_common=2, shrinkage=0.0
    )
    assert model.predicted(np.array([0, 0]), np.array([0, 1])).tolist() == [0.0, 4.0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"side": "shop"}, "side must be item or customer"),
        ({"offset": "luck"}, "offset must be none, mean or biases"),
        ({"damping": -1.0}, "damping must be 0 or more"),
        ({"damping": float("nan")}, "damping must be 0 or more"),
        ({"neighbours": 0}, "k and min_customers must be at least 1"),
    ],
)
def test_wrong_parameters_are_named(options, words):
    with pytest.raises(ValueError, match=words):
        model_of(**options)
