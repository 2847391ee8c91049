"""The shapes of product pictures: one drawing each in the folder `drawings`."""

from functools import cache
from pathlib import Path

from shop.pictures.palette import Palette

FOLDER = Path(__file__).parent / "drawings"

# A drawing is an ordinary SVG file, to be opened in any editor, on a sheet of 400 × 400 whose floor
# is at y = 315. These five colours in it stand for the colours of the product.
STAND_INS = {
    "base": "#4f7cac",
    "dark": "#33516f",
    "light": "#a8c0d8",
    "accent": "#e6b450",
    "ink": "#272c31",
}


def shape_names() -> list[str]:
    """Return the names of all shapes."""
    return sorted(file.stem for file in FOLDER.glob("*.svg"))


def coloured_shape(name: str, colours: Palette) -> str:
    """Return the elements of a drawing in a product's colours."""
    elements = _elements(name)
    for role, stand_in in STAND_INS.items():
        # In two steps, by way of the role: one product's base may be another role's stand-in.
        elements = elements.replace(stand_in, f"\0{role}\0")
    for role in STAND_INS:
        elements = elements.replace(f"\0{role}\0", getattr(colours, role))
    return elements


@cache
def _elements(name: str) -> str:
    """Return what is inside the drawing's own svg element."""
    document = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    return document[document.index(">") + 1 : document.rindex("</svg>")].strip()
