"""Markup that is kept: never a text of before, of another language or of another trust."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.template import Engine
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe

import recommendations
from recommendations import markup
from recommendations.markup import Card, card_of, products_html
from recommendations.selectors.prices import number_style
from recommendations.selectors.slots import Slot

OURS = Path(recommendations.__file__).parent / "templates"
NAME = "crosssell/companions.html"


def slot(**given):
    usual = {
        "item_id": 1, "key": "1", "product": "the shop's own", "title": "Mug", "price": None,
        "url": "/mug/", "image_url": "", "source": "model",
    }  # fmt: skip
    return Slot(**{**usual, **given})


def written(engine, *slots, **texts):
    cards = [card_of(one, SafeString(f"c-{n}"), number_style()) for n, one in enumerate(slots)]
    usual = {"add_url": "", "all_offered": True, "total_text": ""}
    return products_html(engine.get_template(NAME), slots, cards, {**usual, **texts})


@pytest.fixture(autouse=True)
def _nothing_kept():
    markup._kept.cache_clear()
    yield
    markup._kept.cache_clear()


@pytest.fixture
def ours():
    return Engine(dirs=[str(OURS)], libraries={"i18n": "django.templatetags.i18n"})


@pytest.fixture
def theirs(tmp_path):
    """A shop with a template of its own, which shows what no text of ours holds."""
    own = tmp_path / "crosssell"
    own.mkdir()
    (own / "companions.html").write_text(
        "{% for card in cards %}{{ card.title }} {{ card.slot.product }};{% endfor %}"
    )
    return Engine(dirs=[str(tmp_path), str(OURS)])


def kept():
    return markup._kept.cache_info()


def test_the_same_products_are_written_once(ours):
    assert written(ours, slot(), slot(title="Cup")) == written(ours, slot(), slot(title="Cup"))
    assert (kept().misses, kept().hits) == (1, 1)


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"title": "Cup"}, "Cup"),
        ({"url": "/cup/"}, 'href="/cup/"'),
        ({"image_url": "/new.svg"}, 'src="/new.svg"'),
        ({"reason": "New in this shop"}, "New in this shop"),
        ({"needs_choice": True}, "Choose a variant"),
        ({"available": False}, "Not available now"),
    ],
)
def test_a_changed_text_is_written_anew(ours, change, shown):
    assert shown not in written(ours, slot())
    assert shown in written(ours, slot(**change))
    assert shown not in written(ours, slot())


def test_every_text_beside_the_cards_counts(ours):
    assert "€5.00" in written(ours, slot(), total_text="€5.00")
    assert "€6.00" in written(ours, slot(), total_text="€6.00")
    assert "<button" in written(ours, slot(), total_text="€6.00", add_url="/add/")


def test_what_one_shop_marks_as_safe_is_not_safe_elsewhere(ours):
    safe = mark_safe("<b>Mug</b>")
    assert "<b>Mug</b>" in written(ours, slot(title=safe))
    escaped = written(ours, slot(title="<b>Mug</b>"))
    assert "<b>" not in escaped
    assert "&lt;b&gt;Mug&lt;/b&gt;" in escaped
    assert "<b>Mug</b>" in written(ours, slot(title=safe))


def test_languages_are_apart(ours):
    for language in ("en", "de", "en"):
        with translation.override(language):
            written(ours, slot())
    assert (kept().misses, kept().hits) == (2, 1)


def test_a_shops_own_template_is_rendered_for_every_view(theirs):
    assert written(theirs, slot()) == "Mug the shop&#x27;s own;"
    assert written(theirs, slot(product="changed")) == "Mug changed;"
    assert kept().currsize == 0


def test_a_card_holds_nothing_of_the_shopper():
    assert Card._fields == (
        "id", "key", "viewed", "title", "href", "image", "price", "minor", "available", "offered",
        "tick", "reason",
    )  # fmt: skip
