"""The settings page names every setting with the default that the code has, and no other."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from bundles.conf import BundleSettings
from promotions.conf import PromotionSettings
from recommendations.conf import RecommendationSettings

PAGE = (Path(__file__).parents[1] / "docs" / "settings.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([A-Z_]+)` \| `([^`]*)` \| (\S.*) \|$", re.MULTILINE)


@pytest.mark.parametrize(
    ("setting", "schema"),
    [
        ("RECOMMENDATIONS", RecommendationSettings),
        ("BUNDLES", BundleSettings),
        ("PROMOTIONS", PromotionSettings),
    ],
)
def test_every_setting_is_on_the_page_with_its_default(setting: str, schema: type) -> None:
    section = PAGE.split(f"## `{setting}`")[1].split("\n## ")[0]
    told = {name: default.strip("'\"") for name, default, _ in ROW.findall(section)}
    assert told == {field.name.upper(): str(field.default) for field in dataclasses.fields(schema)}
