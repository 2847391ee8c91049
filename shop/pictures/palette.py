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

# What a product without a colour word may look like: terracotta, ochre, moss, pine, teal, petrol,
# slate, denim, indigo, plum, berry, rust. Free choice of hues gave neon greens and magentas.
BASES = (
    (14, 0.52, 0.52),
    (36, 0.58, 0.50),
    (88, 0.26, 0.44),
    (152, 0.32, 0.38),
    (174, 0.40, 0.38),
    (192, 0.46, 0.36),
    (212, 0.24, 0.44),
    (216, 0.46, 0.48),
    (236, 0.36, 0.50),
    (292, 0.24, 0.44),
    (338, 0.42, 0.48),
    (20, 0.44, 0.40),
)
ACCENTS = ("#e6b450", "#e2725b", "#4aa89a", "#5b8def", "#f2a2a0", "#f4efe2")


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
    seed = _hash(f"{maker}/{name}")
    hue, saturation, lightness = (
        # A maker has three colours, so that its shelf looks like one house and not like one paint.
        colour_of(colour_text)
        or colour_of(name)
        or BASES[(_hash(maker) + seed % 3 * 5) % len(BASES)]
    )
    hue += seed % 17 - 8
    # The accent stands out from the colour it lies on.
    accents = [accent for accent in ACCENTS if abs(_hue(accent) - hue % 360) > 30]
    backdrop = BASES[_hash(maker[::-1]) % len(BASES)][0]
    return Palette(
        base=_hex(hue, saturation, lightness),
        dark=_hex(hue, saturation, lightness * 0.66),
        light=_hex(hue, saturation * 0.9, lightness + (1 - lightness) * 0.42),
        accent=accents[seed % len(accents)],
        ink=_hex(hue, 0.16, 0.18),
        glow=_hex(backdrop, 0.34, 0.965),
        sky=_hex(backdrop, 0.28, 0.895),
        floor=_hex(backdrop, 0.20, 0.80),
    )


def colour_of(text: str) -> tuple[int, float, float] | None:
    """Return the colour of the first colour word in a text."""
    words = text.lower().replace(",", " ").replace("/", " ").replace("-", " ").split()
    return next((COLOUR_WORDS[word] for word in words if word in COLOUR_WORDS), None)


def _hash(text: str) -> int:
    return zlib.crc32(text.encode())


def _hue(colour: str) -> float:
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return colorsys.rgb_to_hls(red, green, blue)[0] * 360


def _hex(hue: float, saturation: float, lightness: float) -> str:
    red, green, blue = colorsys.hls_to_rgb(hue % 360 / 360, lightness, saturation)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
