"""The slots of a block, one after another: the best candidate that the merchant's rules allow."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain

from recommendations.engine.arranging.arrangement import (
    Arrangement,
    Cause,
    Entrant,
    Left,
    Place,
    Unmet,
)
from recommendations.engine.arranging.capping import Room
from recommendations.engine.arranging.checking import check_arguments
from recommendations.engine.arranging.likeness import likeness
from recommendations.engine.arranging.pinning import pinned_slots
from recommendations.engine.arranging.rotation import rotated
from recommendations.engine.arranging.sharing import (
    Served,
    best_served,
    n_served,
    needed_slots,
    still_needed,
)


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
    check_arguments(
        entrants,
        count,
        pins=pins,
        per_category=per_category,
        shares=shares,
        diversity=diversity,
    )
    block = _Block(
        entrants,
        count,
        pinned=pinned_slots(pins, count),
        unpinned=_unpinned(entrants, pins),
        room=Room(per_category),
        needed=needed_slots(shares, count),
        diversity=diversity,
        rotation=rotation,
    )
    return block.arrangement()


def _unpinned(entrants: Sequence[Entrant], pins: Sequence[tuple[int, int]]) -> list[int]:
    if not pins:
        return list(range(len(entrants)))
    pinned = {entrant for _, entrant in pins}
    return [entrant for entrant in range(len(entrants)) if entrant not in pinned]


class _Block:
    """A block while its slots are filled."""

    def __init__(
        self,
        entrants: Sequence[Entrant],
        count: int,
        *,
        pinned: Mapping[int, int],
        unpinned: Sequence[int],
        room: Room,
        needed: Sequence[int],
        diversity: float,
        rotation: int | str | None,
    ) -> None:
        self.entrants = entrants
        self.count = count
        self.pinned = pinned
        self.room = room
        self.asked = needed
        self.needed = list(needed)
        self.diversity = diversity
        self.slots = count - len(pinned)
        self.left = list(unpinned)
        self.turned: Collection[int] = ()
        if rotation is not None:
            turns = rotated([entrants[one] for one in unpinned], rotation)
            self.left = [unpinned[place] for place in turns]
            self.turned = {
                one for one, before in zip(self.left, unpinned, strict=True) if one != before
            }
        # A turn swaps places with their scores, so that diversity does not undo it.
        best = entrants[unpinned[0]].score if unpinned else 1.0
        self.relevance = {
            one: entrants[place].score / best
            for one, place in zip(self.left, unpinned, strict=True)
        }
        self.nearest = dict.fromkeys(self.left, 0.0)
        self.passed: dict[int, tuple[Cause, int | None]] = {}
        for entrant in pinned.values():
            self._take(entrant)
        self.members = [one for one in unpinned if any(entrants[one].groups)]
        members = [entrants[one] for one in self.members]
        self.served = best_served(self.needed, self.slots, members, room)

    def arrangement(self) -> Arrangement:
        """Return the block with all its slots filled, as far as there are candidates."""
        places: list[Place] = []
        for slot in range(self.count):
            if slot in self.pinned:
                places.append(Place(self.pinned[slot], Cause.PINNED))
            elif (place := self._next()) is not None:
                places.append(place)
        if len(places) < self.count:  # whoever is left now was held back by a cap
            self._pass_over(self.left, Cause.CATEGORY_CAP)
        return Arrangement(tuple(places), self._left_out(places), self._lacking(places))

    def _next(self) -> Place | None:
        """Return who stands in the next slot that is not pinned."""
        allowed = [one for one in self.left if self.room.allows(self.entrants[one].category)]
        if not allowed:
            return None
        preferred = self._by_relevance(allowed) if self.diversity else allowed
        chosen, share = self._serving_shares(preferred)
        if share is not None:
            place = Place(chosen, Cause.SHARE, share)
        elif preferred[0] != allowed[0]:
            place = Place(chosen, Cause.DIVERSITY)
        elif chosen in self.passed:
            place = Place(chosen, *self.passed[chosen])
        else:
            place = Place(chosen, Cause.ROTATION if chosen in self.turned else Cause.SCORE)
        self._note_passed(chosen, share, preferred, allowed)
        self.left.remove(chosen)
        if chosen in self.members:
            self.members.remove(chosen)
        self.slots -= 1
        self._take(chosen)
        return place

    def _by_relevance(self, allowed: Sequence[int]) -> list[int]:
        """Return candidates by maximal marginal relevance."""
        relevance, nearest, diversity = self.relevance, self.nearest, self.diversity
        return sorted(
            allowed, key=lambda one: diversity * nearest[one] - (1 - diversity) * relevance[one]
        )

    def _serving_shares(self, preferred: Sequence[int]) -> tuple[int, int | None]:
        """Return the first candidate that takes nothing from a share, and the share served."""
        first = preferred[0]
        if not any(self.needed):
            return first, None
        now = self.served
        tried: list[tuple[Served, int]] = []
        for one in preferred:
            if self._takes_from_shares(one):
                continue
            after = self._served_after(one)
            tried.append((after, one))
            if after.unmet <= now.unmet:
                break
        served, chosen = min(tried, key=lambda found: found[0].unmet)
        share = None if chosen == first else self._share_losing_to(first)
        self.served = served
        return chosen, share

    def _share_losing_to(self, one: int) -> int:
        """Return which share would lack a slot if this candidate had the next one."""
        unmet = zip(self.served.unmet, self._served_after(one).unmet, strict=True)
        lost = (share for share, (now, after) in enumerate(unmet) if after > now)
        asking = (share for share, need in enumerate(self.needed) if need)
        return next(chain(lost, asking))

    def _takes_from_shares(self, one: int) -> bool:
        """Return whether a candidate would certainly have a slot that a share needs."""
        serves = n_served(self.needed, self.entrants[one].groups)
        return not serves and self.served.slots == self.slots

    def _served_after(self, one: int) -> Served:
        """Return how far shares could be met if this candidate had the next slot."""
        entrant = self.entrants[one]
        members = [self.entrants[other] for other in self.members if other != one]
        room, category = self.room, entrant.category
        if not n_served(self.needed, entrant.groups) and self.served.slots < self.slots:
            left = room.left(category) - 1
            if left >= sum(other.category == category for other in members):
                return self.served
        room = room.copy()
        room.take(category)
        needed = still_needed(self.needed, entrant.groups)
        return best_served(needed, self.slots - 1, members, room)

    def _note_passed(
        self, chosen: int, share: int | None, preferred: Sequence[int], allowed: Sequence[int]
    ) -> None:
        """Note who would have had the slot without a rule."""
        if share is not None:
            self._pass_over(preferred[: preferred.index(chosen)], Cause.SHARE, share)
        self._pass_over(allowed[: allowed.index(preferred[0])], Cause.DIVERSITY)
        ahead = self.left[: self.left.index(chosen)]
        if len(ahead) and len(allowed) < len(self.left):
            self._pass_over((one for one in ahead if one not in allowed), Cause.CATEGORY_CAP)

    def _pass_over(self, several: Iterable[int], cause: Cause, share: int | None = None) -> None:
        for one in several:
            if cause is Cause.CATEGORY_CAP:  # what holds it back from now on
                self.passed[one] = cause, share
            else:
                self.passed.setdefault(one, (cause, share))

    def _take(self, chosen: int) -> None:
        """Count a candidate that has a slot for the caps, the shares and the likeness."""
        entrant = self.entrants[chosen]
        self.room.take(entrant.category)
        if any(self.needed):
            self.needed = still_needed(self.needed, entrant.groups)
        if self.diversity:
            for one in self.left:
                near = likeness(self.entrants[one].features, entrant.features)
                self.nearest[one] = max(self.nearest[one], near)

    def _left_out(self, places: Sequence[Place]) -> tuple[Left, ...]:
        shown = {place.entrant for place in places}
        last = max(
            (place.entrant for place in places if place.cause is not Cause.PINNED), default=-1
        )
        return tuple(
            Left(one, *self.passed.get(one, (self._beaten(one, last), None)))
            for one in range(len(self.entrants))
            if one not in shown
        )

    def _beaten(self, one: int, last: int) -> Cause:
        """Return why a candidate has no slot that no rule took from it."""
        return Cause.ROTATION if one in self.relevance and one < last else Cause.COUNT

    def _lacking(self, places: Sequence[Place]) -> tuple[Unmet, ...]:
        found = []
        for share, needed in enumerate(self.asked):
            given = sum(self.entrants[place.entrant].groups[share] for place in places)
            if given < needed:
                found.append(Unmet(share, needed, given))
        return tuple(found)
