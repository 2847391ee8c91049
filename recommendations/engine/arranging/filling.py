"""The slots of a block, one after another: the best candidate that the merchant's rules allow."""

from __future__ import annotations

from collections.abc import Sequence

from recommendations.engine.arranging.arrangement import Arrangement, Entrant


def arrange(
    entrants: Sequence[Entrant],
    count: int,
    *,
    pins: Sequence[tuple[int, int]] = (),
    per_category: int | None = None,
    shares: Sequence[int] = (),
    diversity: float = 0.0,
    rotation: int | str | None = None,
) -> Arrangement:
    """Return which candidates stand in the slots of a block, in order, and why.

    1. Pins stand at their positions, whatever their category.
    2. Every other slot, from the first on, goes to the best candidate (in the order of the turn,
       if the block rotates) whose category has not yet as many slots as it may have.
    3. With diversity that is the one with the highest maximal marginal relevance,
       ``(1 - diversity) * score / best score - diversity * likeness``, where the likeness is that
       to the most similar one which has a slot, a pin included (Carbonell and Goldstein, *The use
       of MMR, diversity-based reranking for reordering documents and producing summaries*, SIGIR
       1998).
    4. Where that one would leave too few slots for a share, the best one that does not is taken.
       So groups come in as late as possible, and a block that has its shares anyway stays as it
       is.

    Pins beat caps and caps beat shares; pins count for both. A candidate in several groups counts
    for each. Shares are served in their order: what they ask for is met whenever candidates,
    caps and slots allow it for one share, and for several whose groups are disjoint if nothing is
    capped; else an earlier one may use up the category or the slots of a later one.

    Parameters
    ----------
    entrants : sequence of Entrant
        By falling score, as `boosted` returns them; pinned ones may stand anywhere.
    count : int
        Slots.
    pins : sequence of (position, entrant), optional
        Positions of slots, from 1, and of entrants. Of two at one position the first keeps it and
        the other stands behind it. Those beyond the last slot, or the last candidate, stand last.
    per_category : int, optional
        Slots that one category may have; no cap if not given.
    shares : sequence of int, shape (n_shares,), optional
        Percent of the slots, rounded down, that the group of each share has at least.
    diversity : float, optional
        0 (by score alone) to 1 (each as unlike the others as can be).
    rotation : int or str, optional
        Names the turn, see `rotated`; the best always stand first if not given.

    Returns
    -------
    Arrangement
        The same for the same arguments. Ties go to the earlier entrant.

    Raises
    ------
    ValueError
        If an argument is out of range, a key comes twice, an entrant is pinned twice, or has not
        one group per share.

    Examples
    --------
    Two of four slots are for what is new (the last two), and at most two for tea; the pin stands
    third.

    >>> shelf = [
    ...     Entrant("green", 9.0, "tea", (False,)),
    ...     Entrant("black", 8.0, "tea", (False,)),
    ...     Entrant("white", 7.0, "tea", (False,)),
    ...     Entrant("mug", 6.0, "cup", (False,)),
    ...     Entrant("pot", 2.0, "pot", (True,)),
    ...     Entrant("tin", 1.0, "tin", (True,)),
    ... ]
    >>> found = arrange(shelf, 4, pins=[(3, 3)], per_category=2, shares=[50])
    >>> [(shelf[place.entrant].key, place.cause.value) for place in found.places]
    [('green', 'score'), ('pot', 'share'), ('mug', 'pinned'), ('tin', 'share')]
    >>> [(shelf[one.entrant].key, one.cause.value) for one in found.left]
    [('black', 'share'), ('white', 'share')]
    """
    raise NotImplementedError
