"""Deployment settings: one dict, every default commented where it stands."""

from __future__ import annotations

import dataclasses

from recommendations.conf import AppSettings


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class BundleSettings:
    """``BUNDLES = {...}`` in the project's settings."""

    max_parts: int = 6
    """Different items in one bundle. More do not fit a product page, and each one more makes it
    less likely that a shopper wants them all."""

    max_percent_off: int = 50
    """Highest discount that the admin accepts: a slip such as 100 would give the goods away."""

    def __post_init__(self) -> None:
        """Refuse values that no bundle could be sold with."""
        if not 2 <= self.max_parts <= 100:
            raise ValueError(f"MAX_PARTS is {self.max_parts!r}; it must be from 2 to 100.")
        if not 0 <= self.max_percent_off <= 100:
            raise ValueError(
                f"MAX_PERCENT_OFF is {self.max_percent_off!r}; it must be from 0 to 100."
            )


bundle_settings = AppSettings("BUNDLES", BundleSettings)
