"""Puts a product picture together: backdrop, shadow, and the shape that its name suggests."""

import zlib

from django.utils.html import escape

from shop.addresses import address
from shop.models import Category, Product
from shop.pictures.palette import Palette, palette
from shop.pictures.shapes import coloured_shape
from shop.pictures.words import shape_name

# Part of every picture's address: raise it when a drawing changes, and browsers fetch it again.
DRAWING_VERSION = 1

SCENE = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" role="img" aria-labelledby="t">
<title id="t">{title}</title>
<defs><radialGradient id="g" cx=".5" cy=".38" r=".75"><stop offset="0" stop-color="{glow}"/>\
<stop offset="1" stop-color="{sky}"/></radialGradient></defs>
<rect width="400" height="400" fill="url(#g)"/>
<ellipse cx="200" cy="318" rx="132" ry="15" fill="{floor}"/>
{shape}
</svg>
"""


def picture_url(product: Product) -> str:
    """Return the address of a product's picture; it changes when the picture does."""
    version = _version(product.name, product.variant_name, product.brand_id, product.category_id)
    return address("shop:picture", product.pk, version)


def picture_svg(product: Product) -> str:
    """Return the picture of a product as an SVG document."""
    category = product.category.name if product.category else ""
    maker = product.brand.name if product.brand else category or product.sku
    colours = palette(maker, product.name, product.variant_name)
    return _scene(product.full_name, shape_name(product.name, category), colours)


def category_url(category: Category) -> str:
    """Return the address of a category's picture."""
    return address("shop:category_picture", category.pk, _version(category.name))


def category_svg(category: Category) -> str:
    """Return the picture of a category as an SVG document."""
    return _scene(category.name, shape_name("", category.name), palette(category.name, ""))


def _scene(title: str, shape: str, colours: Palette) -> str:
    return SCENE.format(
        title=escape(_printable(title)),
        glow=colours.glow,
        sky=colours.sky,
        floor=colours.floor,
        shape=coloured_shape(shape, colours),
    )


def _version(*parts: object) -> str:
    return f"{zlib.crc32(repr((DRAWING_VERSION, *parts)).encode()):08x}"


def _printable(text: str) -> str:
    """Drop control characters, which no XML document may hold."""
    return "".join(character for character in text if character.isprintable())
