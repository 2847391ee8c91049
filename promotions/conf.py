"""Deployment settings: one dict, every default commented where it stands."""

from __future__ import annotations

import dataclasses

from recommendations.conf import AppSettings


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class PromotionSettings:
    """``PROMOTIONS = {...}`` in the project's settings."""

    max_issue: int = 100_000
    """Codes that may be issued in one go. A slip of the keyboard should not fill the table; a
    larger campaign issues several times."""

    insert_batch: int = 2_000
    """Rows per INSERT while codes are issued. SQLite takes 32,766 parameters in a statement."""

    def __post_init__(self) -> None:
        """Refuse values that no code could be issued with."""
        for name in ("max_issue", "insert_batch"):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"{name.upper()} is {getattr(self, name)!r}; it must be at least 1."
                )


promotion_settings = AppSettings("PROMOTIONS", PromotionSettings)
