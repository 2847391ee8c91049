"""Deployment settings: one dict per app, every default commented where it stands.

Merchants' choices live in the admin, never here, and nothing is in both places.
"""

from __future__ import annotations

import dataclasses
from difflib import get_close_matches
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

S = TypeVar("S")


class AppSettings(Generic[S]):
    """Reads ``settings.NAME`` (a dict) into a frozen dataclass, once, until the setting changes.

    The dictionary's keys are the dataclass' field names in capitals.
    """

    def __init__(self, setting: str, schema: type[S]) -> None:
        self.setting = setting
        self.schema = schema
        self._current: S | None = None
        setting_changed.connect(self._reload, weak=False)

    def _reload(self, *, setting: str, **kwargs: object) -> None:
        if setting == self.setting:
            self._current = None

    def names(self) -> list[str]:
        """Return the names that the dictionary may hold."""
        return [field.name.upper() for field in dataclasses.fields(self.schema)]  # type: ignore[arg-type]

    def given(self) -> dict[str, Any]:
        """Return the project's dictionary as it stands, unknown names included."""
        given = getattr(settings, self.setting, {})
        if not isinstance(given, dict):
            msg = f"{self.setting} must be a dict, not {type(given).__name__}."
            raise ImproperlyConfigured(msg)
        return given

    def unknown(self) -> dict[str, str | None]:
        """Return each name that means nothing here, with the nearest name that does."""
        names = self.names()
        return {
            str(name): next(iter(get_close_matches(str(name).upper(), names, n=1)), None)
            for name in self.given()
            if name not in names
        }

    def __call__(self) -> S:
        """Return the settings in force; unknown names are left to the system check."""
        if self._current is None:
            known = {name: value for name, value in self.given().items() if name in self.names()}
            try:
                self._current = self.schema(**{key.lower(): value for key, value in known.items()})
            except (TypeError, ValueError) as error:
                msg = f"{self.setting}: {error}"
                raise ImproperlyConfigured(msg) from error
        return self._current


def _require(name: str, value: float, low: float, high: float) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
        msg = f"{name} is {value!r}; it must be a number from {low:g} to {high:g}."
        raise ValueError(msg)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class RecommendationSettings:
    """``RECOMMENDATIONS = {...}`` in the project's settings."""

    neighbours: int = 40
    """Companions kept per item. A block shows 3 to 6; the rest is what rules, stock and
    exclusions may remove, and what a whole basket's query adds up over."""

    minimum_customers: int = 5
    """Distinct customers whose baskets hold both items before a pair may exist at all. Fewer would
    leak who bought what. A placement may ask for more, never for less."""

    half_life_days: float | None = 365.0
    """Age at which an order counts half. None: every order counts the same for ever."""

    size_exponent: float = 0.75
    """A basket of n items weighs n to the power of minus this: a large basket says less about each
    of its pairs. ½ to 1 are within a point of hit rate; 0 loses two."""

    item_exponent: float = 0.75
    """Power of the item's own weight in the divisor (cosine: ½). It does not change an item's own
    list; above ½ it lets the rarer items of a basket speak louder, which gains a point."""

    companion_exponent: float = 0.5
    """Power of the companion's weight in the divisor: higher favours the rare companion."""

    confidence_z: float = 2.33
    """Normal quantile of the Wilson lower bound that discounts pairs with thin evidence
    (2.33: one-sided 99 %, the least at which 3 of 3 is worth less than 400 of 1,000).
    0 switches the discount off."""

    max_basket_items: int = 200
    """Baskets of more distinct items are left out of pairs: wholesale lists and data faults say
    nothing about pairs, and their cost grows with the square."""

    max_customer_baskets: int = 500
    """Only a customer's newest baskets count, so that one bot cannot bend or slow a build."""

    block_items: int = 5000
    """Items per chunk of a build. Each chunk is committed by itself and is what a killed build
    loses at most."""

    threads: int = 0
    """Threads of the item × item product; 0 takes the cores this process may use."""

    customer_items: int = 40
    """Longest list kept per customer. A block shows a dozen at most; the rest is what stock and
    rules may remove."""

    group_items: int = 50
    """Longest list kept per category: best sellers, what is trending, what is new. A fallback shows
    at most 20, and some will be out of stock."""

    rules_per_pair: int = 10
    """Longest list kept per pair of items by association rules."""

    upgrade_highest_ratio: float = 2.0
    """An upgrade costs more than the item and at most so many times its price: twice as much is
    another decision, not a step."""

    new_for_days: float = 60.0
    """An item counts as new so long after it was first seen."""

    memory_limit_mib: int = 4096
    """Memory that computing one model may need, in MiB. A model that would need more is not
    started: its build fails with what it needs, and the published one stays."""

    tuning_budget_seconds: float = 600.0
    """Time that choosing a model may take for one question, unless the command says otherwise."""

    tuning_questions: int = 5000
    """Held-out questions that models are compared by: a recall of a tenth is then known to within
    half a point."""

    model_seed: int = 20_240_229
    """Seed of everything drawn at random while a model is computed or chosen."""

    lease_seconds: float = 120.0
    """A builder that has not reported for this long has lost its build to the next one."""

    keep_builds: int = 3
    """Finished builds kept per kind, the published one included; rollback reaches that far."""

    gate_holdout_days: float = 28.0
    """Newest days whose orders judge a candidate."""

    gate_queries: int = 2000
    """Held-out baskets sampled by the gate. 2,000 put ± 2 points around a hit rate of one third."""

    gate_min_volume_share: float = 0.7
    """A candidate read from a smaller share of the published build's lines is refused."""

    gate_min_metric_share: float = 0.8
    """A candidate whose hit rate is surely below this share of the published one is refused."""

    gate_min_overlap: float = 0.4
    """A candidate whose lists share less than this with the published ones is refused."""

    published_cache_seconds: float = 1.0
    """How long a process may go on with the published build it knows, before it looks again."""

    list_cache_seconds: float = 300.0
    """How long an item's list stays in Django's cache. Keys hold the build, so a publish or a
    rollback needs no flushing. 0 switches it off."""

    api_max_count: int = 50
    """Most companions that one API answer may hold."""

    api_max_exclude: int = 200
    """Most keys that an API caller may exclude."""

    recently_viewed: int = 20
    """Products looked at that the shop's session remembers of a visit, the newest first. 0: none.
    A shelf shows a dozen at most; sessions kept in a cookie hold 4,096 bytes in all."""

    base_template: str = "crosssell/base.html"
    """Template that our pages for shoppers extend: the shop's own, with the blocks title, head and
    content. A shop whose blocks have other names overrides crosssell/about.html."""

    guest_key_salt: str = "crosssell.guest"
    """Salt of the keyed hash that stands for a guest's e-mail address."""

    def __post_init__(self) -> None:
        """Refuse values that no build could work with."""
        _require("NEIGHBOURS", self.neighbours, 1, 1000)
        _require("MINIMUM_CUSTOMERS", self.minimum_customers, 1, 1_000_000)
        if self.half_life_days is not None:
            _require("HALF_LIFE_DAYS", self.half_life_days, 0.01, 36_500)
        for name in ("size_exponent", "item_exponent", "companion_exponent"):
            _require(name.upper(), getattr(self, name), 0, 2)
        _require("CONFIDENCE_Z", self.confidence_z, 0, 10)
        _require("MAX_BASKET_ITEMS", self.max_basket_items, 2, 1_000_000)
        _require("MAX_CUSTOMER_BASKETS", self.max_customer_baskets, 1, 10_000_000)
        _require("BLOCK_ITEMS", self.block_items, 1, 10_000_000)
        _require("THREADS", self.threads, 0, 1024)
        for name in ("customer_items", "group_items", "rules_per_pair"):
            _require(name.upper(), getattr(self, name), 1, 1000)
        _require("UPGRADE_HIGHEST_RATIO", self.upgrade_highest_ratio, 1.01, 100)
        _require("NEW_FOR_DAYS", self.new_for_days, 0.01, 36_500)
        _require("MEMORY_LIMIT_MIB", self.memory_limit_mib, 1, 100_000_000)
        _require("TUNING_BUDGET_SECONDS", self.tuning_budget_seconds, 0.01, 604_800)
        _require("TUNING_QUESTIONS", self.tuning_questions, 1, 10_000_000)
        _require("MODEL_SEED", self.model_seed, 0, 2**31 - 1)
        _require("LEASE_SECONDS", self.lease_seconds, 0.1, 86_400)
        _require("KEEP_BUILDS", self.keep_builds, 1, 100)
        _require("GATE_HOLDOUT_DAYS", self.gate_holdout_days, 0.01, 3650)
        _require("GATE_QUERIES", self.gate_queries, 1, 1_000_000)
        for name in ("gate_min_volume_share", "gate_min_metric_share", "gate_min_overlap"):
            _require(name.upper(), getattr(self, name), 0, 1)
        _require("PUBLISHED_CACHE_SECONDS", self.published_cache_seconds, 0, 86_400)
        _require("LIST_CACHE_SECONDS", self.list_cache_seconds, 0, 31_536_000)
        _require("API_MAX_COUNT", self.api_max_count, 1, 1000)
        _require("API_MAX_EXCLUDE", self.api_max_exclude, 0, 10_000)
        _require("RECENTLY_VIEWED", self.recently_viewed, 0, 200)


recommendation_settings = AppSettings("RECOMMENDATIONS", RecommendationSettings)
