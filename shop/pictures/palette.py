"""Colours of a product picture, chosen by name so that a product never changes its colour."""

import colorsys
import zlib
from dataclasses import dataclass

# Hue (degrees), saturation and lightness of the colour words that variants carry.
COLOUR_WORDS = {
    "black": (220, 0.10, 0.22),
    "graphite": (220, 0.10, 0.32),
    "anthracite": (215, 0.08, 0.30),
    "grey": (215, 0.08, 0.55),
    "gray": (215, 0.08, 0.55),
    "silver": (215, 0.12, 0.72),
    "white": (40, 0.20, 0.90),
    "ivory": (44, 0.40, 0.84),
    "cream": (42, 0.50, 0.82),
    "sand": (38, 0.40, 0.70),
    "beige": (36, 0.35, 0.72),
    "brown": (24, 0.42, 0.36),
    "walnut": (24, 0.38, 0.32),
    "oak": (32, 0.48, 0.55),
    "red": (4, 0.68, 0.52),
    "burgundy": (345, 0.55, 0.34),
    "pink": (340, 0.66, 0.70),
    "coral": (12, 0.75, 0.64),
    "orange": (26, 0.82, 0.55),
    "yellow": (46, 0.85, 0.58),
    "gold": (42, 0.62, 0.52),
    "olive": (70, 0.35, 0.40),
    "green": (142, 0.42, 0.42),
    "mint": (158, 0.42, 0.66),
    "teal": (180, 0.48, 0.38),
    "turquoise": (176, 0.52, 0.50),
    "blue": (214, 0.60, 0.50),
    "navy": (222, 0.48, 0.28),
    "purple": (272, 0.42, 0.48),
    "lilac": (276, 0.45, 0.74),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Palette:
    """The colours of one picture, as #rrggbb."""

    base: str
    dark: str
    light: str
    accent: str
    ink: str
    glow: str
    sky: str
    floor: str


def palette(maker: str, name: str, colour_text: str = "") -> Palette:
    """Return the palette of a product: the maker gives the colour, its name shifts it a little.

    A colour word in ``colour_text``, or else in the name, wins.
    """
    backdrop = _hash(maker) % 360
    hue, saturation, lightness = backdrop + _hash(name) % 41 - 20, 0.46, 0.50
    worded = colour_of(colour_text) or colour_of(name)
    if worded is not None:
        hue, saturation, lightness = worded
    return Palette(
        base=_hex(hue, saturation, lightness),
        dark=_hex(hue, saturation, lightness * 0.66),
        light=_hex(hue, saturation * 0.9, lightness + (1 - lightness) * 0.42),
        accent=_hex(hue + 165 + _hash(name + maker) % 31, 0.62, 0.58),
        ink=_hex(hue, 0.18, 0.17),
        glow=_hex(backdrop, 0.55, 0.965),
        sky=_hex(backdrop, 0.42, 0.90),
        floor=_hex(backdrop, 0.30, 0.80),
    )


def colour_of(text: str) -> tuple[int, float, float] | None:
    """Return the colour of the first colour word in a text."""
    words = text.lower().replace(",", " ").replace("/", " ").replace("-", " ").split()
    return next((COLOUR_WORDS[word] for word in words if word in COLOUR_WORDS), None)


def _hash(text: str) -> int:
    return zlib.crc32(text.encode())


def _hex(hue: float, saturation: float, lightness: float) -> str:
    red, green, blue = colorsys.hls_to_rgb(hue % 360 / 360, lightness, saturation)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
