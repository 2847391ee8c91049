"""Slots that a category may still have."""

from __future__ import annotations

import math


class Room:
    """Slots that each category may still have.

    Parameters
    ----------
    per_category : int or None
        Slots that one category may have; no cap if None.

    Examples
    --------
    >>> room = Room(1)
    >>> room.take("tea")
    >>> room.allows("tea"), room.allows("cup"), room.allows("")
    (False, True, True)
    """

    def __init__(self, per_category: int | None) -> None:
        self.per_category = per_category
        self._taken: dict[str, int] = {}

    def allows(self, category: str) -> bool:
        """Return whether a category may have one more slot.

        Parameters
        ----------
        category : str
            An empty one is no category, and never capped.

        Returns
        -------
        bool
            False once it has as many as it may.

        Examples
        --------
        >>> Room(None).allows("tea")
        True
        """
        return self.left(category) > 0

    def left(self, category: str) -> float:
        """Return how many slots a category may still have.

        Parameters
        ----------
        category : str
            An empty one is no category, and never capped.

        Returns
        -------
        float
            Infinite without a cap; below 0 where pins go beyond it.

        Examples
        --------
        >>> Room(2).left("tea"), Room(2).left("")
        (2, inf)
        """
        if self.per_category is None or not category:
            return math.inf
        return self.per_category - self._taken.get(category, 0)

    def take(self, category: str) -> None:
        """Count one more slot, one beyond the cap too: that of a pin.

        Parameters
        ----------
        category : str
            That of what has the slot.

        Examples
        --------
        >>> room = Room(2)
        >>> room.take("tea"), room.take("tea"), room.take("tea"), room.allows("tea")
        (None, None, None, False)
        """
        self._taken[category] = self._taken.get(category, 0) + 1

    def copy(self) -> Room:
        """Return one to try things with.

        Returns
        -------
        Room
            With the same slots taken.

        Examples
        --------
        >>> room = Room(1)
        >>> room.copy().take("tea")
        >>> room.allows("tea")
        True
        """
        copied = Room(self.per_category)
        copied._taken = self._taken.copy()
        return copied
