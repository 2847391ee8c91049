"""Association rules {a} → b as a list per item."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recommendations.engine.association_rules import (
    association_rules,
    frequent_itemsets,
    rule_lists,
)
from recommendations.engine.families.base import Family, ListModel, Parameters, Size, Training
from recommendations.engine.families.lists import (
    COMMON,
    DEPTHS,
    list_length,
    list_model,
)

START: Mapping[str, Any] = {**COMMON, "min_baskets": 5, "score": "conviction"}
"""Of the measures, conviction completed most baskets of Online Retail II, slice held out of train:
hit rate@10 .216; confidence .203, leverage .199, lift .142 (the kernel's lists .272)."""

_LINE_BYTES = 22
_PAIR_BYTES = 470
"""A pair, its two rules with all measures, both while they are sorted."""


def fit_rules(training: Training, parameters: Parameters) -> ListModel:
    """Return the lists of the rules between two items.

    Parameters
    ----------
    training : Training
        Rows are baskets, best. Each counts by its time decay; its size does not enter.
    parameters : mapping
        Those of `START`; what is not given is taken from there.

    Returns
    -------
    ListModel
        Pairs of at least `training.min_customers` distinct customers and "min_baskets" rows,
        scored by one of `association_rules.MEASURES`.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(
    ...     item_ids=[1, 2, 3], baskets=[[0, 1]] * 6 + [[2]] * 3, at=[0] * 9, customers=[*range(9)]
    ... )
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> fit_rules(Training(matrix=matrix), {"score": "lift"}).lists.scores.tolist()
    [1.5, 1.5]
    """
    chosen = {**START, **parameters}
    found = frequent_itemsets(
        training.matrix,
        min_baskets=int(chosen["min_baskets"]),
        min_customers=training.min_customers,
        triples=False,
        decayed=True,
        n_threads=training.n_threads,
    )
    rules = association_rules(found)
    lists = rule_lists(
        rules, n_items=training.n_items, k=list_length(chosen), score=str(chosen["score"])
    )
    return list_model(lists, chosen)


def bytes_of_rules(size: Size, parameters: Parameters) -> int:
    """Return about the peak memory of the fit.

    How many pairs are frequent is known only when they are counted: of rows all alike there are at
    most lines · lines / rows / 2 / "min_baskets", and of the shops we measured a third of that or
    less. The count itself refuses what would be beyond its limit.

    Parameters
    ----------
    size : Size
        Of the training data.
    parameters : mapping
        With "min_baskets".

    Returns
    -------
    int
        Bytes.

    Examples
    --------
    >>> bytes_of_rules(Size(n_rows=100, n_items=10, n_lines=600), {"min_baskets": 10})
    41400
    """
    min_baskets = int({**START, **parameters}["min_baskets"])
    met = size.n_lines * size.n_lines // max(size.n_rows, 1) // 2
    return _LINE_BYTES * size.n_lines + _PAIR_BYTES * met // (3 * max(min_baskets, 1))


FAMILY = Family(
    name="association_rules",
    fit=fit_rules,
    bytes_needed=bytes_of_rules,
    start=START,
    grid={
        "score": ("conviction", "confidence", "leverage"),
        "min_baskets": (5, 10, 20),
        "depth": DEPTHS,
    },
)
