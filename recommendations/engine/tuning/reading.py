"""How stored lists are read: which rule adds up those of a basket's items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from itertools import product
from typing import Any

from recommendations.engine.families.base import Parameters
from recommendations.engine.families.whole_basket import DEFAULT_RULE, BasketRule

READ = "read"
"""Name of the rule among the parameters of a model; the rule itself is a mapping of its fields."""

PLAIN_RULE = BasketRule(depth=10, exponent=1.0, norm=0.0, overlap=0.0)
"""The sum of the first ten scores: how lists are read that nothing was chosen for."""

_PLAIN_DEPTHS = (5, 10, 20, 40)
_EXPONENTS = (1.0, 1.5, 2.0, 3.0)
_NORMS = (0.0, 0.5, 0.75, 1.0)
_TRIED_FIRST = ((1.0, 0.5), (1.5, 0.75), (2.0, 0.75), (2.0, 1.0))


def rule_from(parameters: Parameters, default: BasketRule = PLAIN_RULE) -> BasketRule:
    """Return the rule that parameters name.

    Parameters
    ----------
    parameters : mapping
        Of a model; those of its rule stand under "read".
    default : BasketRule
        For what they do not name.

    Returns
    -------
    BasketRule
        As chosen.

    Raises
    ------
    ValueError
        If a value is out of its range.

    Examples
    --------
    >>> rule_from({"read": {"depth": 20}}).depth, rule_from({}).depth
    (20, 10)
    """
    named: Mapping[str, Any] = {**asdict(default), **(parameters.get(READ) or {})}
    return BasketRule(
        depth=int(named["depth"]),
        exponent=float(named["exponent"]),
        norm=float(named["norm"]),
        overlap=float(named["overlap"]),
    )


def rule_as_json(rule: BasketRule) -> dict[str, float]:
    """Return a rule as parameters keep it.

    Parameters
    ----------
    rule : BasketRule
        Any.

    Returns
    -------
    dict
        As `rule_from` takes it.

    Examples
    --------
    >>> rule_from({"read": rule_as_json(DEFAULT_RULE)}) == DEFAULT_RULE
    True
    """
    return asdict(rule)


def first_rules(length: int) -> list[BasketRule]:
    """Return the few rules by which the lists of every model are tried.

    Parameters
    ----------
    length : int
        Of the lists, at least 1.

    Returns
    -------
    list of BasketRule
        Plain sums of two depths, and sums of powers over the whole list.

    Examples
    --------
    >>> [rule.depth for rule in first_rules(15)]
    [10, 15, 15, 15, 15, 15]
    """
    return [*_plain(length, (10, 20)), *(_powers(length, *pair) for pair in _TRIED_FIRST)]


def all_rules(length: int) -> list[BasketRule]:
    """Return all rules that are tried for the lists of the best models.

    Parameters
    ----------
    length : int
        Of the lists, at least 1.

    Returns
    -------
    list of BasketRule
        Each once.

    Examples
    --------
    >>> len(all_rules(40))
    20
    """
    return [
        *_plain(length, _PLAIN_DEPTHS),
        *(_powers(length, *pair) for pair in product(_EXPONENTS, _NORMS)),
    ]


def _plain(length: int, depths: tuple[int, ...]) -> list[BasketRule]:
    cut = dict.fromkeys(min(depth, length) for depth in depths)
    return [BasketRule(depth=depth, exponent=1.0, norm=0.0, overlap=0.0) for depth in cut]


def _powers(length: int, exponent: float, norm: float) -> BasketRule:
    return BasketRule(depth=length, exponent=exponent, norm=norm, overlap=DEFAULT_RULE.overlap)
