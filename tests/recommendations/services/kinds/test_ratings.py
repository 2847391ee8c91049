"""Ratings from the shop's rows to lists of items and customers, judged by the newest ratings."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import RequestFactory
from django.utils import timezone
from pytest_django.fixtures import Settings

from recommendations.engine.gate import Verdict
from recommendations.engine.packing import unpack
from recommendations.models import Build, CustomerList, Item, ModelChoice, NeighbourList
from recommendations.selectors.customers import recommended_for_customer
from recommendations.selectors.readiness import Counted, readiness
from recommendations.selectors.together import frequently_bought_together
from recommendations.services.builds import buildable_kinds, needed_kinds, rebuild
from recommendations.services.choosing import choose_model, kinds_for
from recommendations.services.evaluation import evaluate
from recommendations.services.kinds.ratings import with_rating_reasons
from recommendations.services.sync import sync_items
from recommendations.services.tuning import tune_models
from shop.crosssell import ReferenceShop
from shop.models import Product, Review
from tests.recommendations.orders import sell
from tests.recommendations.services.databases import ON_BOTH

pytestmark = pytest.mark.django_db

TEA, COFFEE, JAM, SALT = "Tea", "Coffee", "Jam", "Salt"


class UnratedShop(ReferenceShop):
    """The same shop before customers could review."""

    ratings = ()


@pytest.fixture
def unrated(settings: Settings) -> None:
    settings.CROSSSELL_SHOP = f"{__name__}.UnratedShop"


@pytest.fixture(params=ON_BOTH)
def tasters(request: pytest.FixtureRequest) -> dict[str, Product]:
    """Ten customers: five love tea and jam and hate coffee, five the other way round."""
    if request.param == "postgres":
        request.getfixturevalue("on_postgres")
    products = {
        name: Product.objects.create(sku=name, slug=name.lower(), name=name, price="3.00")
        for name in (TEA, COFFEE, JAM, SALT)
    }
    users = get_user_model()._default_manager
    for number in range(10):
        user = users.create_user(f"taster{number}")
        likes_tea = number < 5
        stars = {TEA: 5 if likes_tea else 1, COFFEE: 1 if likes_tea else 5, SALT: 3}
        if number not in {0, 5}:  # the first of each have not tried the jam
            stars[JAM] = 5 if likes_tea else 1
        for product, given in stars.items():
            Review.objects.create(
                product=products[product],
                user=user,
                stars=given,
                written_at=timezone.now() - timedelta(days=40 - number, minutes=given),
            )
    sell(products[TEA], email="somebody@example.com")
    sync_items()
    return products


def listed(build: Build, product: Product) -> list[str]:
    """Return the names in an item's list."""
    row = NeighbourList.objects.filter(build=build, item__key=str(product.pk)).first()
    names = dict(Item.objects.values_list("pk", "title"))
    return [] if row is None else [names[pk] for pk in unpack(row.packed).items.tolist()]


def built(**options: Any) -> Build:
    build = rebuild("ratings", **options).build
    assert build is not None
    return build


def taster(number: int) -> Any:
    return get_user_model()._default_manager.get(username=f"taster{number}")


def test_what_the_same_customers_rate_alike_is_listed(tasters, settings):
    settings.RECOMMENDATIONS = {"MINIMUM_CUSTOMERS": 3}
    build = built()
    assert build.status == Build.Status.PUBLISHED, build.verdict
    assert listed(build, tasters[TEA]) == [JAM]
    assert listed(build, tasters[JAM]) == [TEA]
    assert listed(build, tasters[COFFEE]) == [SALT]
    assert build.input_counts["ratings"] == 38
    assert build.metrics["held_out_ratings"] > 0
    assert build.metrics["rmse"] >= 0


def test_who_rated_gets_what_is_likely_to_please_without_an_order(tasters, settings):
    settings.RECOMMENDATIONS = {"MINIMUM_CUSTOMERS": 3}
    build = built()
    request = RequestFactory().get("/")
    request.user, request.session = taster(0), {}
    slots = recommended_for_customer(request, count=1)
    assert [slot.product.name for slot in slots] == [JAM]
    assert slots[0].reason == "Likely to your taste, by your ratings"
    assert slots[0].evidence is None
    # Who does not like what goes with jam is not offered it.
    packed = CustomerList.objects.filter(build=build, customer=str(taster(5).pk))
    items = [pk for row in packed for pk in unpack(row.packed).items.tolist()]
    assert Item.objects.get(title=JAM).pk not in items


def test_a_pair_of_too_few_customers_is_told_to_nobody(tasters, settings):
    settings.RECOMMENDATIONS = {"MINIMUM_CUSTOMERS": 9}
    build = built()
    assert all(listed(build, product) == [] for name, product in tasters.items() if name == JAM)


def test_a_merchant_shows_them_on_product_pages_in_true_words(tasters, settings):
    settings.RECOMMENDATIONS = {"MINIMUM_CUSTOMERS": 3}
    built()
    assert "ratings" in kinds_for("item")
    choose_model("item", "ratings")
    (slot, *_) = frequently_bought_together(tasters[TEA])
    assert slot.product.name == JAM
    assert slot.reason == "Rated alike by 8 customers"


def test_hidden_reviews_and_hidden_products_do_not_count(tasters, settings):
    settings.RECOMMENDATIONS = {"MINIMUM_CUSTOMERS": 3}
    Review.objects.filter(product=tasters[JAM]).update(visible=False)
    Product.objects.filter(pk=tasters[SALT].pk).update(visible=False)
    build = built()
    assert build.input_counts["ratings"] == 20
    assert listed(build, tasters[TEA]) == []


def test_the_comparison_shows_rmse_beside_the_baseline(tasters, settings):
    settings.RECOMMENDATIONS = {"MINIMUM_CUSTOMERS": 3}
    (tuned,) = tune_models("rating", budget_seconds=20)
    assert tuned.kind == "ratings"
    assert tuned.table["metric"] == "rmse"
    errors = {model["name"]: model["metrics"]["rmse"] for model in tuned.table["models"]}
    assert {"rating_biases", "rating_factors", "rating_customer_pearson"} <= set(errors)
    assert list(errors.values()) == sorted(errors.values())
    choice = ModelChoice.objects.get(question="rating")
    assert choice.parameters["family"] == tuned.table["chosen"]
    build = built()
    assert build.parameters["models"][0]["family"] == tuned.table["chosen"]
    assert build.metrics["tuning"]["rating"]["metric"] == "rmse"


def test_the_command_prints_the_errors(tasters, settings):
    settings.RECOMMENDATIONS = {"MINIMUM_CUSTOMERS": 3}
    out = StringIO()
    call_command("crosssell_tune", "rating", "--dry-run", stdout=out, verbosity=0)
    assert "The newest 4 ratings are held out." in out.getvalue()
    head, *rows = [line.split() for line in out.getvalue().splitlines()[2:8]]
    assert head == ["model", "RMSE", "MAE", "seconds", "MiB"]
    errors = {row[-5]: float(row[-4]) for row in rows}
    assert len(errors) == 5
    assert all(0 < error < 4 for error in errors.values())


def test_the_admin_shows_the_comparison(tasters, settings, admin_client):
    settings.RECOMMENDATIONS = {"MINIMUM_CUSTOMERS": 3}
    tune_models("rating", budget_seconds=20)
    page = admin_client.get("/admin/crosssell_recommendations/modelchoice/").content.decode()
    assert "How will this customer rate an item?" in page
    assert "RMSE" in page
    assert "rating_biases" in page


def test_nothing_is_asked_about_ratings_where_there_are_none(unrated, db, admin_client):
    page = admin_client.get("/admin/crosssell_recommendations/modelchoice/").content.decode()
    assert "How will this customer rate an item?" not in page
    assert "ratings" not in buildable_kinds()
    assert "ratings" not in list(needed_kinds())
    with pytest.raises(ValueError, match="Needs ratings, and the shop declares none"):
        rebuild("ratings")
    (tuned,) = tune_models("rating")
    assert (tuned.kind, tuned.table["models"]) == ("", [])


@pytest.mark.parametrize(
    ("ratings", "words"),
    [
        (None, "Needs ratings, and the shop declares none (ShopAdapter.ratings)."),
        (0, "Needs 500 more ratings (has 0 of 500)."),
        (499, "Needs 1 more rating (has 499 of 500)."),
        (500, "Ready."),
    ],
)
def test_readiness_says_what_is_missing(db, ratings, words):
    assert readiness("ratings", Counted(ratings=ratings)).sentence == words


def test_a_shop_without_a_rating_yet_builds_without_harm(db):
    Product.objects.create(sku="a", slug="a", name="A", price="1.00")
    build = built()
    assert build.input_counts["ratings"] == 0
    assert build.metrics["held_out_ratings"] == 0
    assert not CustomerList.objects.filter(build=build).exists()


def test_evaluation_tells_the_error_and_that_of_the_means(tasters):
    report = evaluate("ratings")
    assert report["question"] == "rating"
    assert report["held_out_ratings"] == 4
    assert report["rmse"] > 0
    assert report["baseline_rmse"] > 0


def published(**metrics: float) -> Build:
    return Build(input_counts={"ratings": 1000}, metrics=metrics)


@pytest.mark.parametrize(
    ("n_ratings", "rmse", "codes"),
    [
        (1000, 0.9, []),
        (1000, 0.96, []),  # worse, but by little
        (1000, 1.6, ["higher_rmse"]),
        (400, 0.9, ["fewer_ratings"]),
        (400, 1.6, ["fewer_ratings", "higher_rmse"]),
    ],
)
def test_the_gate_refuses_lost_ratings_and_worse_predictions(n_ratings, rmse, codes):
    before = published(rmse=0.9, rmse_error=0.01)
    quality = {"rmse": rmse, "rmse_error": 0.01}
    verdict = with_rating_reasons(Verdict(accepted=True), n_ratings, quality, before)
    assert [reason.code for reason in verdict.reasons] == codes
    assert verdict.accepted == (not codes)


def test_worse_by_chance_alone_is_not_refused():
    before = published(rmse=0.9, rmse_error=0.3)
    quality = {"rmse": 1.6, "rmse_error": 0.3}
    assert with_rating_reasons(Verdict(accepted=True), 1000, quality, before).accepted


def test_known_tastes_are_found_in_the_seeded_shop(tmp_path: Path, settings: Settings):
    settings.RECOMMENDATIONS = {"THREADS": 1}
    call_command(
        "seed_shop", products=60, customers=300, orders=6000, seed=5,
        plan_file=tmp_path / "plan.json", verbosity=0,
    )  # fmt: skip
    build = built()
    assert build.status == Build.Status.PUBLISHED, build.verdict
    # Stars are whole and their luck has a spread of 0.6: nobody foretells them nearer than that.
    assert 0.6 < build.metrics["rmse"] < 1.0
    assert CustomerList.objects.filter(build=build).count() > 100
    again = built()
    assert again.digest == build.digest != ""
    assert np.isclose(again.metrics["rmse"], build.metrics["rmse"])
