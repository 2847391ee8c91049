"""What is arranged, and what an arrangement says of each candidate."""

from __future__ import annotations

import enum
from collections.abc import Hashable
from typing import NamedTuple


class Cause(enum.StrEnum):
    """Why a candidate stands where it stands, or is left out; the values go into traces."""

    SCORE = "score"
    """By its score alone."""
    PINNED = "pinned"
    SHARE = "share"
    """A group needed the slot: taken before better ones that are not in it, or passed over."""
    DIVERSITY = "diversity"
    """Taken before better ones for being unlike the others, or passed over for being like them."""
    ROTATION = "rotation"
    """It is its turn, or that of another one close in score."""
    CATEGORY_CAP = "category cap"
    """Left out: its category has as many slots as it may have."""
    COUNT = "count"
    """Left out: enough others have a better score."""


class Entrant(NamedTuple):
    """A candidate for a slot.

    Parameters
    ----------
    key : str or int
        Tells it from the others; decides its turns in a rotation.
    score : float
        Of `boosted`; above 0.
    category : str, optional
        What caps count. An empty one is no category, and never capped.
    groups : tuple of bool, shape (n_shares,), optional
        Whether it is in the group of each share.
    features : frozenset, optional
        What it has in common with others, such as ``("brand", "Acme")``; only for diversity.

    Examples
    --------
    >>> Entrant("tea", 0.5).category
    ''
    """

    key: str | int
    score: float
    category: str = ""
    groups: tuple[bool, ...] = ()
    features: frozenset[Hashable] = frozenset()


class Place(NamedTuple):
    """A candidate that has a slot.

    Parameters
    ----------
    entrant : int
        Its position among the entrants.
    cause : Cause
        Why it stands in this slot.
    share : int or None
        Position of the share that moved it, if one did.

    Examples
    --------
    >>> Place(0, Cause.PINNED, None).cause.value
    'pinned'
    """

    entrant: int
    cause: Cause
    share: int | None = None


class Left(NamedTuple):
    """A candidate that has no slot.

    Parameters
    ----------
    entrant : int
        Its position among the entrants.
    cause : Cause
        What kept it out, if its score alone would not have.
    share : int or None
        Position of the share that took its slot, if one did.

    Examples
    --------
    >>> Left(3, Cause.CATEGORY_CAP, None).cause.value
    'category cap'
    """

    entrant: int
    cause: Cause
    share: int | None = None


class Unmet(NamedTuple):
    """A share that got fewer slots than it asks for.

    Parameters
    ----------
    share : int
        Position of the share.
    needed, given : int
        Slots that it asks for, and slots of its group.

    Examples
    --------
    >>> Unmet(share=0, needed=2, given=1).given
    1
    """

    share: int
    needed: int
    given: int


class Arrangement(NamedTuple):
    """Who stands where, and why.

    Parameters
    ----------
    places : tuple of Place
        By slot, the first slot first; fewer than asked for if entrants or categories ran out.
    left : tuple of Left
        The other entrants, in the order given.
    unmet : tuple of Unmet
        Shares that could not be met.

    Examples
    --------
    >>> Arrangement((Place(1, Cause.SCORE),), (Left(0, Cause.CATEGORY_CAP),), ()).order
    [1]
    """

    places: tuple[Place, ...]
    left: tuple[Left, ...]
    unmet: tuple[Unmet, ...]

    @property
    def order(self) -> list[int]:
        """Positions of the entrants that have slots, by slot."""
        return [place.entrant for place in self.places]
