"""Every text that people read is translated: all of them in Chinese, those of shoppers in German.

How catalogues are made is told in docs/operations.md.
"""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.utils import translation
from django.utils.translation.template import templatize

from recommendations.selectors.prices import number_style
from recommendations.selectors.reasons import reason_text

ROOT = Path(__file__).resolve().parents[2]
ENGINE = "recommendations"
"""The app whose blocks stand in shops of all languages."""

SHOPPERS_READ = (
    "about_wording.py", "api/", "comparison.py", "contrib/", "emails.py", "line_offers.py",
    "selectors/reasons.py", "selectors/upgrades.py", "services/baskets.py", "services/feedback.py",
    "services/replacing.py", "shelf_blocks.py", "templates/crosssell/about.html",
    "templates/crosssell/base.html", "templates/crosssell/basket_upgrade.html",
    "templates/crosssell/basket_upgrades.html", "templates/crosssell/companions.html",
    "templates/crosssell/email.html", "templates/crosssell/email.txt",
    "templates/crosssell/feedback.html", "templates/crosssell/frequently_bought_together.html",
    "templates/crosssell/lazy.html", "templates/crosssell/shelf.html",
    "templates/crosssell/upgrades.html", "templatetags/crosssell.py", "views/", "widgets.py",
)  # fmt: skip
MERCHANTS_READ = (
    "admin/", "apps.py", "engine/conditions/", "explanation_wording.py", "forms/",
    "model_wording.py", "models/", "selectors/readiness.py", "services/builds/",
    "templates/admin/", "templates/crosssell/forms/", "wording.py",
)  # fmt: skip
PROGRAMMERS_READ = ("templates/crosssell/api_docs.html",)
"""The reference of the API is English, as its names are."""

CATALOGUES = (
    (ENGINE, "de"), (ENGINE, "zh_Hans"), ("bundles", "zh_Hans"), ("promotions", "zh_Hans"),
    ("shop", "zh_Hans"),
)  # fmt: skip
CALLS = {"_": 1, "gettext": 1, "gettext_lazy": 1, "ngettext": 2, "ngettext_lazy": 2}
"""Functions that translate, with how many of their arguments are texts."""

LITERAL = r"""(u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*")"""
IN_TEMPLATES = re.compile(rf"\b(?:n?gettext|_)\({LITERAL}(?:, {LITERAL})?", re.DOTALL)

Texts = tuple[str, ...]
"""A text; or its singular and its plural."""


@cache
def texts_of(path: Path) -> tuple[Texts, ...]:
    """Return what a file marks for translation; a variable holds what is marked elsewhere."""
    source = path.read_text()
    if path.suffix != ".py":
        calls = IN_TEMPLATES.findall(templatize(source))
        return tuple(tuple(ast.literal_eval(each) for each in call if each) for call in calls)
    return tuple(_marked(ast.parse(source)))


def _marked(tree: ast.AST) -> Iterator[Texts]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            given = node.args[: CALLS.get(node.func.id, 0)]
            texts = [each.value for each in given if isinstance(each, ast.Constant)]
            if texts and len(texts) == len(given):
                yield tuple(str(each) for each in texts)


def files(app: str) -> dict[str, Path]:
    """Return the modules and templates of an app by their names."""
    folder = ROOT / app
    found = [*folder.rglob("*.py"), *folder.glob("templates/**/*.html")]
    found += folder.glob("templates/**/*.txt")
    return {path.relative_to(folder).as_posix(): path for path in found}


def texts_to_translate(app: str, language: str) -> set[Texts]:
    """Return what the catalogue of an app has to hold."""
    return {
        texts
        for name, path in files(app).items()
        if language == "zh_Hans" or name.startswith(SHOPPERS_READ)
        for texts in texts_of(path)
    }


def folder_of(app: str, language: str) -> Path:
    return ROOT / app / "locale" / language / "LC_MESSAGES"


def compiled(app: str, language: str) -> dict[str, list[str]]:
    """Return the catalogue that Django loads: a text to its translation in each number."""
    with (folder_of(app, language) / "django.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    found: dict[str, list[str]] = {}
    for key, text in sorted(catalogue.items(), key=str):
        if key:
            found.setdefault(key[0] if isinstance(key, tuple) else key, []).append(text)
    return found


def written(app: str, language: str) -> dict[str, list[str]]:
    """Return the catalogue as people edit it."""
    found = {}
    for entry in (folder_of(app, language) / "django.po").read_text().split("\n\n"):
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
    found = texts_to_translate(ENGINE, "de")
    assert ("Frequently bought together",) in found
    one = "Bought together by %(customers)s customer"
    assert (one, f"{one}s") in found
    assert ("Invalid parameters",) in found
    assert len(found) > 150
    assert len(texts_to_translate(ENGINE, "zh_Hans")) > 1000
    assert ("Your basket",) in texts_to_translate("shop", "zh_Hans")


def test_no_file_is_forgotten():
    """A new one belongs among those that shoppers read, or those that merchants read."""
    known = SHOPPERS_READ + MERCHANTS_READ + PROGRAMMERS_READ
    for name, path in files(ENGINE).items():
        if not name.startswith(known):
            assert not texts_of(path), name
            assert not name.startswith("templates/"), name


def test_no_file_is_listed_that_is_gone():
    for name in SHOPPERS_READ + MERCHANTS_READ + PROGRAMMERS_READ:
        assert (ROOT / ENGINE / name).exists(), name


@pytest.mark.parametrize(("app", "language"), CATALOGUES)
def test_every_text_is_translated_and_names_the_same_values(app, language):
    catalogue = compiled(app, language)
    names = re.compile(r"%\((\w+)\)[sd]")
    for texts in sorted(texts_to_translate(app, language)):
        assert texts[0] in catalogue, f"{app}, {language}: {texts[0]!r} is missing"
        for translated in catalogue[texts[0]]:
            assert translated.strip(), texts[0]
            assert set(names.findall(translated)) == set(names.findall(texts[-1])), texts[0]


@pytest.mark.parametrize(("app", "language"), CATALOGUES)
def test_no_translation_is_left_of_a_text_that_is_gone(app, language):
    assert set(written(app, language)) == {each[0] for each in texts_to_translate(app, language)}


@pytest.mark.parametrize(("app", "language"), CATALOGUES)
def test_what_is_compiled_is_what_is_written(app, language):
    assert compiled(app, language) == written(app, language)


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
