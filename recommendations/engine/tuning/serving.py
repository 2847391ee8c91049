"""The model that a stored choice means, fitted anew, and the lists that pages read of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.families.base import Family, Fitted, Parameters, Query, Training
from recommendations.engine.families.pair_rules import PairRuleLists
from recommendations.engine.families.whole_basket import BasketRule, WholeBasketModel
from recommendations.engine.neighbour_lists import NeighbourLists
from recommendations.engine.tuning.blend_family import BLEND, BlendFamily
from recommendations.engine.tuning.fitting import fitted_model
from recommendations.engine.tuning.materialised import materialised_lists


@runtime_checkable
class Pairing(Protocol):
    """A model that knows what follows from two items of a basket."""

    def pair_rules(self) -> PairRuleLists:
        """Return the rules of pairs, which pages show before what lists add up to."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class ListServing:
    """What is kept of models whose lists pages read.

    Parameters
    ----------
    length : int
        Longest list, at least 1.
    summed : bool
        Whether the lists of several items are added up, so that the rule matters.
    unfloored : frozenset of str
        Families whose lists tell nothing about who bought what: no pair needs customers.

    Examples
    --------
    >>> ListServing(length=40).summed
    True
    """

    length: int
    summed: bool = True
    unfloored: frozenset[str] = field(default_factory=frozenset)

    def lists(self, name: str, model: Fitted, training: Training) -> NeighbourLists:
        """Return a model's lists as they would be stored.

        Parameters
        ----------
        name : str
            Of its family.
        model : Fitted
            Over the items of the training data.
        training : Training
            What it learnt from; its floor holds.

        Returns
        -------
        NeighbourLists
            As `materialised_lists`.

        Examples
        --------
        >>> ListServing.lists.__name__
        'lists'
        """
        floor = 0 if name in self.unfloored else training.min_customers
        return materialised_lists(
            model,
            training.matrix,
            k=self.length,
            min_customers=floor,
            n_threads=training.n_threads,
        )

    def shown_first(self, model: Fitted, query: Query, k: int) -> NDArray[np.int32] | None:
        """Return what pages show of a model before what its lists add up to.

        Parameters
        ----------
        model : Fitted
            Any; only one that is `Pairing` shows something first, and only to baskets.
        query : Query
            Over its items.
        k : int
            At least 1.

        Returns
        -------
        ndarray of shape (n_queries, k), int32, or None
            Item positions, best first, -1 where there are fewer; None where lists are all.

        Examples
        --------
        >>> ListServing.shown_first.__name__
        'shown_first'
        """
        if not self.summed or not isinstance(model, Pairing):
            return None
        return model.pair_rules().recommend(query, k)

    def whole(self) -> BasketRule:
        """Return the rule that adds up plainly all that is kept.

        Returns
        -------
        BasketRule
            For one item alone it changes nothing.

        Examples
        --------
        >>> ListServing(length=40).whole().depth
        40
        """
        return BasketRule(depth=self.length, exponent=1.0, norm=0.0, overlap=0.0)

    def shares(self) -> BasketRule:
        """Return the rule by which each list has as much to say, where one item is asked about.

        Returns
        -------
        BasketRule
            It keeps the order of a list, and makes those of several models compare.

        Examples
        --------
        >>> ListServing(length=40).shares().norm
        1.0
        """
        return BasketRule(depth=self.length, exponent=1.0, norm=1.0, overlap=0.0)

    def model(
        self, name: str, model: Fitted, training: Training, rule: BasketRule
    ) -> WholeBasketModel:
        """Return a model that answers as pages do: from its lists alone.

        Parameters
        ----------
        name, model, training
            As in `lists`.
        rule : BasketRule
            How the lists of several items are added up.

        Returns
        -------
        WholeBasketModel
            Over its lists.

        Examples
        --------
        >>> ListServing.model.__name__
        'model'
        """
        return WholeBasketModel(lists=self.lists(name, model, training), rule=rule)


def chosen_model(
    name: str, parameters: Parameters, training: Training, families: Mapping[str, Family]
) -> Fitted:
    """Return the model of a name and parameters as `tune` reports them.

    Parameters
    ----------
    name : str
        Of a family, or "blend".
    parameters : mapping
        Of the family; those of a blend are described at `BlendFamily`.
    training : Training
        What it learns from.
    families : mapping of str to Family
        The registry.

    Returns
    -------
    Fitted
        The model.

    Raises
    ------
    KeyError
        If no family has the name.

    Examples
    --------
    >>> from recommendations.engine.families.base import ListModel
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1], baskets=[[0]], at=[0], customers=[0])
    >>> training = Training(matrix=basket_matrix(history, as_of=0, half_life_days=None))
    >>> family = Family(
    ...     name="none",
    ...     fit=lambda training, chosen: ListModel(lists=NeighbourLists.empty(1)),
    ...     bytes_needed=lambda size, chosen: 0,
    ... )
    >>> parameters = {"weights": {"none": 1.0}, "models": {"none": {"depth": 5}}, "by": "ranks"}
    >>> len(chosen_model("blend", parameters, training, {"none": family}).models)
    1
    """
    family = BlendFamily.of(families) if name == BLEND else families[name]
    return fitted_model(family, training, parameters)
