"""Settings are read once, follow a change, and refuse what cannot work."""

from __future__ import annotations

import dataclasses

import pytest
from django.core.exceptions import ImproperlyConfigured

from recommendations.conf import RecommendationSettings, recommendation_settings


def test_defaults_hold_without_a_setting(settings):
    del settings.RECOMMENDATIONS
    assert recommendation_settings() == RecommendationSettings()


def test_the_project_s_values_hold_and_the_rest_stays(settings):
    settings.RECOMMENDATIONS = {"NEIGHBOURS": 7}
    assert recommendation_settings() == RecommendationSettings(neighbours=7)


def test_they_are_read_once_until_they_change(settings):
    settings.RECOMMENDATIONS = {"NEIGHBOURS": 7}
    assert recommendation_settings() is recommendation_settings()
    settings.RECOMMENDATIONS = {"NEIGHBOURS": 8}
    assert recommendation_settings().neighbours == 8


def test_unknown_names_do_not_stop_the_rest(settings):
    settings.RECOMMENDATIONS = {"NEIGHBORS": 7, "neighbours": 9, "Q" * 9: 1}
    assert recommendation_settings().neighbours == RecommendationSettings().neighbours
    assert recommendation_settings.unknown() == {
        "NEIGHBORS": "NEIGHBOURS",
        "neighbours": "NEIGHBOURS",
        "Q" * 9: None,
    }


def test_something_else_than_a_dict_is_refused(settings):
    settings.RECOMMENDATIONS = ["NEIGHBOURS"]
    with pytest.raises(ImproperlyConfigured, match="must be a dict, not list"):
        recommendation_settings()


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("neighbours", 0),
        ("neighbours", "40"),
        ("neighbours", True),
        ("neighbours", None),
        ("minimum_customers", 0),
        ("half_life_days", 0),
        ("half_life_days", float("nan")),
        ("size_exponent", -0.1),
        ("item_exponent", 2.1),
        ("companion_exponent", "half"),
        ("confidence_z", 11),
        ("max_basket_items", 1),
        ("max_customer_baskets", 0),
        ("block_items", 0),
        ("threads", -1),
        ("customer_items", 0),
        ("group_items", 1001),
        ("rules_per_pair", 0),
        ("upgrade_highest_ratio", 1.0),
        ("new_for_days", 0),
        ("memory_limit_mib", 0),
        ("tuning_budget_seconds", 0),
        ("tuning_questions", 0),
        ("model_seed", -1),
        ("lease_seconds", 0),
        ("keep_builds", 0),
        ("gate_holdout_days", 0),
        ("gate_queries", -1),
        ("gate_min_volume_share", 1.5),
        ("gate_min_metric_share", -0.5),
        ("gate_min_overlap", 2),
        ("published_cache_seconds", -1),
        ("list_cache_seconds", -1),
        ("api_max_count", 0),
        ("api_max_exclude", -1),
        ("recently_viewed", 201),
    ],
)
def test_a_value_that_cannot_work_is_refused_by_name(settings, name, bad):
    with pytest.raises(ValueError, match=name.upper()):
        RecommendationSettings(**{name: bad})
    settings.RECOMMENDATIONS = {name.upper(): bad}
    with pytest.raises(ImproperlyConfigured, match=f"RECOMMENDATIONS: {name.upper()}"):
        recommendation_settings()


def test_every_number_is_checked():
    # The list above grows with the settings: a new number needs its range and its line here.
    numbers = {
        field.name
        for field in dataclasses.fields(RecommendationSettings)
        if isinstance(field.default, int | float) and not isinstance(field.default, bool)
    }
    marks = test_a_value_that_cannot_work_is_refused_by_name.pytestmark
    assert numbers <= {case[0] for case in marks[0].args[1]}


def test_no_half_life_is_allowed():
    assert RecommendationSettings(half_life_days=None).half_life_days is None
