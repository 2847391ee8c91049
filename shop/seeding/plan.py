"""What was asked of the seeder and what it planted, kept in a file so that tests can ask for it."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import Any, Self

VERSION = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameters:
    """What makes one shop: the same parameters give the same shop."""

    products: int = 300
    customers: int = 2_000
    orders: int = 12_000
    seed: int = 7
    months: int = 18
    until: date

    def __post_init__(self) -> None:
        limits = {
            "products": (1, 1_000_000),
            "customers": (1, 10_000_000),
            "orders": (0, 100_000_000),
            "seed": (0, 2**32 - 1),
            "months": (1, 120),
        }
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if not low <= value <= high:
                msg = f"{name} is {value:,}; give {low:,} to {high:,}."
                raise ValueError(msg)

    def fingerprint(self) -> str:
        """Return a short text that is the same for the same parameters alone."""
        return blake2b(
            json.dumps(self.as_json(), sort_keys=True).encode(), digest_size=6
        ).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return {**asdict(self), "until": self.until.isoformat()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the parameters that `as_json` gave."""
        return cls(**{**data, "until": date.fromisoformat(data["until"])})


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What was planted. Products are named by the SKU of their page, never of a variant."""

    parameters: Parameters
    # SKU -> the SKUs bought with it, strongest first, and the share of its sales that carry each.
    complements: Mapping[str, Sequence[str]] = field(default_factory=dict)
    strengths: Mapping[str, Sequence[float]] = field(default_factory=dict)
    # SKUs from the basic model to the best.
    ladders: Sequence[Sequence[str]] = ()
    # SKU -> days until a regular customer buys it again.
    rhythms: Mapping[str, int] = field(default_factory=dict)
    # Category -> demand by month, January first.
    seasons: Mapping[str, Sequence[float]] = field(default_factory=dict)
    # User names of customers who are no people.
    bots: Sequence[str] = ()
    # False from the first row written to the last: a seeder that was killed can go on.
    finished: bool = False

    def as_finished(self) -> Self:
        """Return the plan of a shop that is written completely."""
        return replace(self, finished=True)


def save_plan(plan: Plan, path: Path) -> None:
    """Write the plan; a reader sees the old file or the new one, never a part."""
    data = {"version": VERSION, **asdict(plan), "parameters": plan.parameters.as_json()}
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    beside.write_text(json.dumps(data, indent=1), encoding="utf-8")
    beside.replace(path)


def load_plan(path: Path | str) -> Plan:
    """Return the plan in the file; `ValueError` when the file holds none."""
    text = Path(path).read_text(encoding="utf-8")
    names = {entry.name for entry in fields(Plan)}
    try:
        data = json.loads(text)
        version = data.pop("version")
        if version != VERSION:
            msg = f"{path} is a plan of version {version!r}; this seeder reads version {VERSION}."
            raise ValueError(msg)
        if data.keys() != names:
            msg = f"{path} holds {sorted(data)}; a plan holds {sorted(names)}."
            raise ValueError(msg)
        return Plan(**{**data, "parameters": Parameters.from_json(data["parameters"])})
    except (AttributeError, KeyError, TypeError) as error:
        msg = f"{path} is no plan of seed_shop ({error!r})."
        raise ValueError(msg) from error
