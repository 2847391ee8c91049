"""What families whose answer is a list per item share: list lengths and memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recommendations.engine.families.base import ListModel, Parameters, Size
from recommendations.engine.neighbour_lists import NeighbourLists

COMMON: Mapping[str, Any] = {"neighbours": 50, "depth": 10}
"""Length of the lists, and how much of each a query adds up.

`depth` may exceed `neighbours`; lists are then as long as it says.
"""

DEPTHS = (5, 10, 20, 50, 100, 200)
"""Few for a whole basket, where what stands further down is noise; many for a customer."""


def list_length(parameters: Parameters) -> int:
    """Return how long the lists must be for these parameters.

    Parameters
    ----------
    parameters : mapping
        With "neighbours" and "depth".

    Returns
    -------
    int
        The larger of both.

    Examples
    --------
    >>> list_length({"neighbours": 50, "depth": 100})
    100
    """
    return max(int(parameters["neighbours"]), int(parameters["depth"]))


def list_model(lists: NeighbourLists, parameters: Parameters) -> ListModel:
    """Return the model that adds up so much of each list as the parameters say.

    Parameters
    ----------
    lists : NeighbourLists
        One row per item position.
    parameters : mapping
        With "depth".

    Returns
    -------
    ListModel
        Of these lists.

    Examples
    --------
    >>> list_model(NeighbourLists.empty(1), {"depth": 20}).depth
    20
    """
    return ListModel(lists=lists, depth=int(parameters["depth"]))


def bytes_of_lists(size: Size, parameters: Parameters) -> int:
    """Return the peak memory of counting lists: rows of full length, then what is filled of them.

    Parameters
    ----------
    size : Size
        Of the training data.
    parameters : mapping
        With "neighbours" and "depth".

    Returns
    -------
    int
        Bytes.

    Examples
    --------
    >>> one = Size(n_rows=0, n_items=1, n_lines=0)
    >>> bytes_of_lists(one, {"neighbours": 10, "depth": 10})
    460
    """
    # Two sets of four columns of 4 bytes, and the mask between them; counters of two threads or
    # norms per item; the weights of rows while they are made.
    return size.n_items * (33 * list_length(parameters) + 130) + 24 * size.n_rows
