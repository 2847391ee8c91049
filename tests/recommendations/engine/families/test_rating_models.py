"""Models of ratings: what they recommend, how they compare, what they find of a known law."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from recommendations.engine.events import ratings
from recommendations.engine.families.base import Family, Query, Training
from recommendations.engine.families.rating_factors import RatingModel
from recommendations.engine.families.rating_models import (
    BIASES,
    CUSTOMER_PEARSON,
    FACTORS,
    RATING_FAMILIES,
    RatedModel,
    rating_size,
)
from recommendations.engine.tuning.rating_search import rating_slice, rmse_error, tune_ratings
from tests.recommendations.engine.families.trainings import history_of, training_of


def training(given):
    base = training_of(history_of(np.eye(2)))
    return Training(matrix=base.matrix, history=base.history, ratings=given, min_customers=2)


def known_law(seed=0, n_users=300, n_items=80, luck=0.4):
    """Ratings of two tastes and luck; each user rated half of the items."""
    rng = np.random.default_rng(seed)
    user, item = np.nonzero(rng.random((n_users, n_items)) < 0.5)
    tastes = rng.normal(size=(n_users, 2)), rng.normal(size=(n_items, 2))
    shared = 0.5 * np.einsum("pf,pf->p", tastes[0][user], tastes[1][item])
    truth = 3 + rng.normal(0, 0.3, n_users)[user] + rng.normal(0, 0.3, n_items)[item] + shared
    values = np.clip(truth + rng.normal(0, luck, len(user)), 1, 5)
    at = rng.permutation(len(user))
    return ratings(user, item, values, at, n_customers=n_users, n_items=n_items), np.clip(
        truth, 1, 5
    )


def fixed(table, given, min_customers=1):
    """A model that foretells 3 and what a table says beside it."""
    items = np.zeros((table.shape[1], 1 + table.shape[1]))
    items[:, 1:] = np.eye(table.shape[1])
    users = np.column_stack([np.zeros(len(table)), table])
    predictor = RatingModel(mean=3.0, users=users, items=items, scale=(1.0, 5.0))
    return RatedModel(predictor=predictor, ratings=given, min_customers=min_customers)


def asked(model, customers, k=5, barred=None):
    held = sparse.csr_matrix((len(customers), model.ratings.n_items))
    query = Query(held=held, barred=barred, customers=np.array(customers, dtype=np.int32))
    return model.recommend(query, k).tolist()


class TestRecommending:
    given = ratings(
        [0, 0, 1, 1, 1, 2, 2, 2],
        [0, 1, 0, 1, 2, 3, 2, 4],
        [4] * 8,
        range(8),
        n_customers=4,
        n_items=6,
    )
    opinions = np.array([[0, 0, 1.0, 2.5, -1.0, 9.0]] * 4)

    def test_the_best_first_beyond_the_scale_too(self):
        # Foretold are 4, 5.5 and 2; items 0 and 1 were rated, item 4 is below average, item 5
        # nobody has rated.
        assert asked(fixed(self.opinions, self.given), [0]) == [[3, 2, -1, -1, -1]]

    def test_items_of_few_raters_are_left_out(self):
        assert asked(fixed(self.opinions, self.given, min_customers=2), [0]) == [[2] + [-1] * 4]

    def test_what_is_barred_is_left_out(self):
        barred = sparse.csr_matrix(([1.0], ([0], [3])), shape=(1, 6))
        assert asked(fixed(self.opinions, self.given), [0], barred=barred) == [[2] + [-1] * 4]

    def test_who_rated_nothing_gets_nothing(self):
        assert asked(fixed(self.opinions, self.given), [3, -1], k=1) == [[-1], [-1]]

    def test_ties_go_to_the_smaller_item(self):
        opinions = np.array([[0, 0, 1.0, 1.0, 0, 0]] * 4)
        assert asked(fixed(opinions, self.given), [0], k=2) == [[2, 3]]

    def test_many_customers_at_once_are_answered_alike(self, monkeypatch):
        model = fixed(self.opinions, self.given)
        whole = asked(model, [2, 0, 1, 0])
        monkeypatch.setattr("recommendations.engine.families.rating_models._BLOCK_CUSTOMERS", 1)
        assert asked(model, [2, 0, 1, 0]) == whole

    def test_nobody_named_is_refused(self):
        with pytest.raises(ValueError, match="needs the customers"):
            fixed(self.opinions, self.given).recommend(Query(held=sparse.csr_matrix((1, 6))), 1)


@pytest.mark.parametrize("family", RATING_FAMILIES, ids=lambda family: family.name)
class TestEveryFamily:
    def test_it_needs_ratings(self, family):
        without = training_of(history_of(np.eye(2)))
        with pytest.raises(ValueError, match="needs ratings"):
            family.fit(without, family.start)

    def test_the_same_data_give_the_same_model(self, family):
        given, _ = known_law(n_users=60, n_items=20)
        pairs = np.arange(20), np.arange(20)
        first, second = (
            family.fit(training(given), family.start).predicted(*pairs) for _ in range(2)
        )
        assert first.tobytes() == second.tobytes()
        assert ((first >= 1) & (first <= 5)).all()

    def test_no_rating_at_all_gives_the_middle_of_the_scale(self, family):
        nothing = ratings([], [], [], [], n_customers=2, n_items=3)
        model = family.fit(training(nothing), family.start)
        assert model.predicted(np.array([1]), np.array([2])).tolist() == [3.0]
        assert asked(model, [0], k=2) == [[-1, -1]]
        assert len(model.item_lists(3)) == 3

    def test_memory_is_foretold(self, family):
        given, _ = known_law(n_users=60, n_items=20)
        assert family.bytes_needed(rating_size(training(given)), family.start) > 0


class TestComparing:
    def test_a_known_law_is_found_to_its_luck(self):
        given, truth = known_law()
        slice_ = rating_slice(training(given))
        report = tune_ratings(slice_, RATING_FAMILIES, fits=len(RATING_FAMILIES))
        (searched,) = tune_ratings(slice_, [FACTORS]).models
        newest = given.at > slice_.training.ratings.at.max()
        floor = np.sqrt(np.mean((truth[_order(given)][newest] - given.value[newest]) ** 2))
        errors = {model.name: model.rmse for model in report.models}
        assert report.chosen == "rating_factors"
        assert floor < searched.rmse < 1.15 * floor
        names = ("rating_factors", "rating_item_pearson", "rating_biases")
        found = [searched.rmse, *(errors[name] for name in names)]
        assert found == sorted(found)

    def test_the_newest_are_held_out_and_not_learnt_from(self):
        given, _ = known_law(n_users=40, n_items=20)
        slice_ = rating_slice(training(given), share=0.25)
        assert slice_.training.ratings.at.max() < slice_.held_out.at.min()
        assert len(slice_.held_out) == round(0.25 * len(given))

    def test_ratings_of_one_second_stay_together(self):
        given = ratings(range(6), [0] * 6, [3] * 6, [1, 2, 2, 2, 2, 2], n_customers=6, n_items=1)
        slice_ = rating_slice(training(given), share=0.5)
        assert len(slice_.held_out) == 0
        assert tune_ratings(slice_, RATING_FAMILIES).models == ()

    def test_of_those_within_the_noise_the_cheaper_is_chosen(self):
        given, _ = known_law(n_users=60, n_items=20)
        slice_ = rating_slice(training(given))
        twin = Family(
            name="twin", fit=BIASES.fit, bytes_needed=BIASES.bytes_needed, start=BIASES.start
        )
        report = tune_ratings(slice_, [twin, BIASES], fits=2)
        assert report.chosen == "twin"
        assert [model.within_noise for model in report.models] == [True, True]

    def test_the_grid_is_searched_and_never_for_the_worse(self):
        given, _ = known_law(n_users=60, n_items=20)
        slice_ = rating_slice(training(given))
        (start,) = tune_ratings(slice_, [BIASES], fits=1).models
        (found,) = tune_ratings(slice_, [BIASES]).models
        assert found.fits == len(BIASES.grid["l2"])
        assert found.rmse <= start.rmse
        assert start.note.code == "budget"

    def test_a_family_that_would_not_fit_says_so(self):
        given, _ = known_law(n_users=60, n_items=20)
        report = tune_ratings(
            rating_slice(training(given)), [BIASES, CUSTOMER_PEARSON], limit_bytes=2**20
        )
        assert [skipped.name for skipped in report.skipped] == ["rating_customer_pearson"]
        assert report.skipped[0].why.code == "memory"
        assert report.models

    def test_a_share_out_of_range_is_refused(self):
        given, _ = known_law(n_users=10, n_items=10)
        for share in (0.0, 1.0):
            with pytest.raises(ValueError, match="share must be above 0"):
                rating_slice(training(given), share=share)

    def test_the_error_of_the_distance_shrinks_with_the_number_of_ratings(self):
        rng = np.random.default_rng(0)
        given = rng.normal(size=40_000)
        one, other = given + rng.normal(size=40_000), given + rng.normal(size=40_000)
        few, many = (rmse_error(one[:n], other[:n], given[:n]) for n in (400, 40_000))
        # Two squared normal errors differ by a spread of 2, over 1 + 1 of RMSE.
        assert many == pytest.approx(1 / 200, rel=0.05)
        assert few == pytest.approx(1 / 20, rel=0.3)


def _order(given):
    """Rows of `known_law` come by user and then item already."""
    return np.lexsort((given.item, given.customer))
