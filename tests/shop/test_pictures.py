"""Generated pictures: always the same, well-formed, and nothing typed gets in unescaped."""

from __future__ import annotations

from dataclasses import fields
from xml.etree import ElementTree

import pytest

from shop.models import Brand, Category, Product
from shop.pictures import picture_svg, picture_url
from shop.pictures.palette import Palette, colour_of, palette
from shop.pictures.shapes import FOLDER, STAND_INS, coloured_shape, shape_names
from shop.pictures.words import PLAIN_SHAPES, WORDS, shape_name


def test_every_word_leads_to_a_drawing():
    assert set(WORDS) | set(PLAIN_SHAPES) == set(shape_names())


@pytest.mark.parametrize("name", shape_names())
def test_a_drawing_is_well_formed_and_takes_the_products_colours(name):
    colours = Palette(**{field.name: f"#00000{at}" for at, field in enumerate(fields(Palette))})
    document = coloured_shape(name, colours)
    ElementTree.fromstring(f"<svg>{document}</svg>")
    assert not [colour for colour in STAND_INS.values() if colour in document]
    assert "#000000" in document
    assert "style" not in (FOLDER / f"{name}.svg").read_text()


@pytest.mark.parametrize(
    ("name", "category", "shape"),
    [
        ("Velquist Alder Laptop Plus", "", "laptop"),
        ("Velquist Ember Laptop Bag", "Computers", "bag"),
        ("Espresso Machine", "", "machine"),
        ("Coffee Beans", "", "beans"),
        ("WHITE HANGING HEART T-LIGHT HOLDER", "", "candle"),
        ("SET/6 RED SPOTTY PAPER PLATES", "", "plate"),
        ("Something", "Camping", "tent"),
        ("碗", "Kitchen", "pan"),
    ],
)
def test_the_last_telling_word_decides(name, category, shape):
    assert shape_name(name, category) == shape


def test_a_name_that_says_nothing_always_gets_the_same_plain_shape():
    assert shape_name("Qwx", "") == shape_name("Qwx", "")
    assert shape_name("", "") in PLAIN_SHAPES


def test_a_colour_word_is_taken_at_its_word():
    assert colour_of("Navy, XL") == colour_of("navy")
    assert colour_of("Colourless") is None
    red, blue = palette("Q", "Bag", "Red"), palette("Q", "Bag", "Blue")
    assert int(red.base[1:3], 16) > int(red.base[5:], 16)
    assert int(blue.base[5:], 16) > int(blue.base[1:3], 16)


@pytest.mark.parametrize("maker", ["Quillmar", "Velquist", ""])
def test_the_same_product_has_the_same_picture_and_the_backdrop_is_light(maker):
    first, again = palette(maker, "Alder"), palette(maker, "Alder")
    assert first == again
    assert all(int(first.sky[at : at + 2], 16) > 200 for at in (1, 3, 5))


@pytest.mark.parametrize(
    "text", ['"><script>alert(1)</script>', "]]>", "&amp;", "\0\x1b[", "碗 🍵"]
)
def test_whatever_a_product_is_called_its_picture_is_well_formed(text):
    product = Product(
        pk=1,
        sku=text,
        name=text,
        variant_name=text,
        brand=Brand(pk=1, name=text),
        category=Category(pk=1, name=text),
    )
    document = ElementTree.fromstring(picture_svg(product))
    assert "script" not in {element.tag.split("}")[-1] for element in document.iter()}


def test_the_address_changes_with_the_picture_only():
    product = Product(pk=1, name="Bag", price=1)
    before = picture_url(product)
    product.price = 2
    assert picture_url(product) == before
    product.variant_name = "Navy"
    assert picture_url(product) != before
