"""Every text that a shopper or a caller of the API may read is translated; the admin is English."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation
from django.utils.translation.template import templatize

from recommendations.selectors.prices import number_style
from recommendations.selectors.reasons import reason_text

APP = Path(__file__).resolve().parents[2] / "recommendations"
SHOPPERS_READ = (
    "api/parameters.py",
    "api/parsers.py",
    "api/problems.py",
    "api/upgrade_views.py",
    "api/views.py",
    "comparison.py",
    "selectors/reasons.py",
    "selectors/upgrades.py",
    "services/baskets.py",
    "templates/crosssell/companions.html",
    "templates/crosssell/frequently_bought_together.html",
    "templates/crosssell/lazy.html",
    "templates/crosssell/shelf.html",
    "templates/crosssell/upgrades.html",
    "templatetags/crosssell.py",
    "views.py",
    "widgets.py",
)
MERCHANTS_READ = (
    "admin/", "apps.py", "engine/conditions/", "forms/", "model_wording.py", "models/",
    "selectors/readiness.py", "wording.py",
)  # fmt: skip
LANGUAGES = ("de", "zh_Hans")
CALLS = {"_": 1, "gettext": 1, "gettext_lazy": 1, "ngettext": 2, "ngettext_lazy": 2}
"""Functions that translate, with how many of their arguments are texts."""

Texts = tuple[str, ...]
"""A text; or its singular and its plural."""


def texts_of(path: Path) -> Iterator[Texts]:
    """Yield what a file has translated."""
    source = path.read_text()
    if path.suffix == ".html":
        calls = re.findall(r"n?gettext\(.*?\)(?=\s|$)", templatize(source))
        source = "\n".join(calls)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            given = node.args[: CALLS.get(node.func.id, 0)]
            if given:
                yield tuple(ast.literal_eval(argument) for argument in given)


def shoppers_texts() -> set[Texts]:
    return {texts for name in SHOPPERS_READ for texts in texts_of(APP / name)}


def folder(language: str) -> Path:
    return APP / "locale" / language / "LC_MESSAGES"


def compiled(language: str) -> dict[str, list[str]]:
    """Return the catalogue that Django loads: a text to its translation in each number."""
    with (folder(language) / "django.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    found: dict[str, list[str]] = {}
    for key, text in sorted(catalogue.items(), key=str):
        if key:
            found.setdefault(key[0] if isinstance(key, tuple) else key, []).append(text)
    return found


def written(language: str) -> dict[str, list[str]]:
    """Return the catalogue as people edit it."""
    found = {}
    for entry in (folder(language) / "django.po").read_text().split("\n\n"):
        parts = re.split(r"^(msg\w+(?:\[\d\])?) ", entry, flags=re.MULTILINE)
        told = {
            name: ast.literal_eval(f"({text})")
            for name, text in zip(parts[1::2], parts[2::2], strict=True)
        }
        assert "fuzzy" not in parts[0], entry
        if told.get("msgid"):
            found[told["msgid"]] = [text for name, text in told.items() if "msgstr" in name]
    return found


def test_what_is_looked_for_is_there():
    found = shoppers_texts()
    assert ("Frequently bought together",) in found
    one = "Bought together by %(customers)s customer"
    assert (one, f"{one}s") in found
    assert ("Invalid parameters",) in found
    assert len(found) > 60


def test_no_file_is_forgotten():
    """A new one belongs among those that shoppers read, or those that merchants read."""
    for path in APP.rglob("*.py"):
        name = path.relative_to(APP).as_posix()
        if name not in SHOPPERS_READ and not name.startswith(MERCHANTS_READ):
            assert list(texts_of(path)) == [], name
    pages = {path.relative_to(APP).as_posix() for path in APP.glob("templates/crosssell/*.html")}
    assert pages - set(SHOPPERS_READ) == {"templates/crosssell/api_docs.html"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_and_names_the_same_values(language):
    catalogue = compiled(language)
    names = re.compile(r"%\((\w+)\)[sd]")
    for texts in sorted(shoppers_texts()):
        assert texts[0] in catalogue, f"{language} lacks {texts[0]!r}: see docs/operations.md"
        for translated in catalogue[texts[0]]:
            assert translated.strip(), texts[0]
            assert set(names.findall(translated)) == set(names.findall(texts[-1])), texts[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_left_of_a_text_that_is_gone(language):
    assert set(written(language)) == {texts[0] for texts in shoppers_texts()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language):
    assert compiled(language) == written(language)


@pytest.mark.parametrize(
    ("language", "one", "many"),
    [
        ("de", "Zusammen gekauft von 1 Person", "Zusammen gekauft von 1.234 Personen"),
        ("zh-hans", "有 1 位顾客一起购买", "有 1234 位顾客一起购买"),
    ],
)
def test_a_reason_reads_well_in_one_and_in_many(language, one, many):
    with translation.override(language):
        assert reason_text("together", 1, {}, number_style) == one
        assert reason_text("together", 1234, {}, number_style) == many
