"""The words and numbers of `vocabulary.toml` as objects."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("vocabulary.toml")


@dataclass(frozen=True, kw_only=True, slots=True)
class VariantAxis:
    """What a shopper chooses on a product page, with a factor on the price of each choice."""

    axis: str
    values: tuple[str, ...]
    steps: tuple[float, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """A kind of product."""

    key: str
    noun: str
    low: int
    high: int
    about: str
    attributes: Mapping[str, tuple[str, ...]]
    gains: tuple[str, ...]
    companions: Mapping[str, float]
    rhythm: int | None
    variants: VariantAxis | None

    @property
    def tiers(self) -> tuple[str, ...]:
        """Suffixes of the names in one ladder; a single empty one where there is no ladder."""
        return ("", "Plus", "Pro") if self.gains else ("",)


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryWords:
    """A shelf: its families, its brands and its year."""

    name: str
    code: str
    department: str
    season: tuple[float, ...]
    brands: tuple[str, ...]
    closing: tuple[str, ...]
    families: tuple[Family, ...]

    def groups(self) -> list[list[Family]]:
        """Return the families in runs that begin with one that has companions."""
        groups: list[list[Family]] = []
        for family in self.families:
            if family.companions or not groups:
                groups.append([])
            groups[-1].append(family)
        return groups


@dataclass(frozen=True, kw_only=True, slots=True)
class Vocabulary:
    """Everything that a catalogue is made of."""

    series: tuple[str, ...]
    categories: tuple[CategoryWords, ...]


@cache
def vocabulary() -> Vocabulary:
    """Return the words, read once."""
    words = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return Vocabulary(
        series=tuple(words["series"]),
        categories=tuple(_category(entry) for entry in words["category"]),
    )


def _category(entry: Mapping[str, Any]) -> CategoryWords:
    return CategoryWords(
        name=entry["name"],
        code=entry["code"],
        department=entry["department"],
        season=tuple(entry["season"]),
        brands=tuple(entry["brands"]),
        closing=tuple(entry["closing"]),
        families=tuple(_family(family) for family in entry["family"]),
    )


def _family(entry: Mapping[str, Any]) -> Family:
    return Family(
        key=entry["key"],
        noun=entry["noun"],
        low=entry["low"],
        high=entry["high"],
        about=entry["about"],
        attributes={name: tuple(values) for name, values in entry["attributes"].items()},
        gains=tuple(entry.get("gains", ())),
        companions=dict(entry.get("companions", {})),
        rhythm=entry.get("rhythm"),
        variants=_axis(entry["variants"]) if "variants" in entry else None,
    )


def _axis(entry: Mapping[str, Any]) -> VariantAxis:
    values = tuple(entry["values"])
    return VariantAxis(
        axis=entry["axis"], values=values, steps=tuple(entry.get("steps", (1.0,) * len(values)))
    )
