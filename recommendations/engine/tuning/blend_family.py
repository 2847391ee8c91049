"""Several families as one: fitted part by part from parameters that a shop can store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from recommendations.engine.families.base import (
    Family,
    Fitted,
    ListModel,
    Parameters,
    Size,
    Training,
)
from recommendations.engine.tuning.blend import Blend
from recommendations.engine.tuning.fitting import fitted_model
from recommendations.engine.tuning.materialised import materialised_lists
from recommendations.engine.tuning.mixing import mixed_lists
from recommendations.engine.tuning.reading import rule_from

BLEND = "blend"

BY_LISTS, BY_RANKS = "lists", "ranks"
"""Votes of stored lists are added up where pages read lists, ranks where customers are answered."""

_ENTRY_BYTES = 16
_WHILE_MIXED = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class BlendFamily(Family):
    """A family whose models are several others at once.

    Its parameters: "models", name to parameters, each with its rule under "read"; "weights", name
    to weight; "by", "lists" or "ranks"; and "length" of the lists. Parts are taken by name, since
    a store of JSON need not keep their order.

    Parameters
    ----------
    families : mapping of str to Family
        What parts may be made of.

    Examples
    --------
    >>> BlendFamily.of({}).name
    'blend'
    """

    families: Mapping[str, Family] = field(default_factory=dict)

    @classmethod
    def of(cls, families: Mapping[str, Family], start: Parameters | None = None) -> BlendFamily:
        """Return the family of all blends of these families.

        Parameters
        ----------
        families : mapping of str to Family
            By name.
        start : mapping, optional
            What is fitted where nothing was tuned.

        Returns
        -------
        BlendFamily
            Named "blend".

        Examples
        --------
        >>> BlendFamily.of({}, {"by": "lists"}).start["by"]
        'lists'
        """
        return cls(
            name=BLEND,
            fit=lambda training, chosen: fit_blend(training, chosen, families),
            bytes_needed=lambda size, chosen: bytes_of_blend(size, chosen, families),
            start=dict(start or {}),
            families=families,
        )

    def needs_for(self, parameters: Parameters) -> frozenset[str]:
        """Return what the parts need.

        Parameters
        ----------
        parameters : mapping
            With "models".

        Returns
        -------
        frozenset of str
            Of all parts together.

        Examples
        --------
        >>> BlendFamily.of({}).needs_for({"models": {}})
        frozenset()
        """
        parts = parameters.get("models") or {}
        return frozenset(need for name in parts for need in self.families[name].needs)


def fit_blend(training: Training, parameters: Parameters, families: Mapping[str, Family]) -> Fitted:
    """Return a blend, each part fitted by its own family with its own parameters.

    Parameters
    ----------
    training : Training
        What all parts learn from.
    parameters : mapping
        As described at `BlendFamily`.
    families : mapping of str to Family
        By name.

    Returns
    -------
    Fitted
        A `ListModel` by lists, a `Blend` by ranks.

    Raises
    ------
    ValueError
        If there is no part, or a part has no weight or no family.

    Examples
    --------
    >>> fit_blend(None, {"models": {}, "weights": {}}, {})
    Traceback (most recent call last):
    ...
    ValueError: A blend needs models with a weight each, not [] and [].
    """
    models, weights = parameters.get("models") or {}, parameters.get("weights") or {}
    if not models or models.keys() != weights.keys():
        raise ValueError(
            f"A blend needs models with a weight each, not {[*models]} and {[*weights]}."
        )
    names = sorted(models)
    unknown = [name for name in names if name not in families]
    if unknown:
        raise ValueError(f"No family is called {', '.join(unknown)}; a blend cannot be made of it.")
    shares = tuple(float(weights[name]) for name in names)
    if parameters.get("by", BY_RANKS) == BY_RANKS:
        fitted = [_fitted(families[name], training, models[name]) for name in names]
        return Blend(models=tuple(fitted), weights=shares, n_items=training.n_items)
    length = int(parameters["length"])
    parts = []
    for name in names:
        # Only its lists are kept: the next part has the memory of this one.
        model = _fitted(families[name], training, models[name])
        lists = materialised_lists(
            model,
            training.matrix,
            k=length,
            min_customers=training.min_customers,
            n_threads=training.n_threads,
        )
        parts.append((lists, rule_from(models[name])))
    return ListModel(lists=mixed_lists(parts, shares, k=length), depth=length)


def _fitted(family: Family, training: Training, parameters: Parameters) -> Fitted:
    """Return a part; what its parameters do not name is as its family starts."""
    return fitted_model(family, training, {**family.start, **parameters})


def bytes_of_blend(size: Size, parameters: Parameters, families: Mapping[str, Family]) -> int:
    """Return the peak memory of a blend.

    Parameters
    ----------
    size : Size
        Of the training data.
    parameters : mapping
        As described at `BlendFamily`.
    families : mapping of str to Family
        By name.

    Returns
    -------
    int
        Bytes: by ranks the parts are held together; by lists the largest fit, and the lists of
        all.

    Examples
    --------
    >>> one = Family(name="one", fit=lambda t, p: None, bytes_needed=lambda s, p: 100)
    >>> other = Family(name="other", fit=lambda t, p: None, bytes_needed=lambda s, p: 300)
    >>> chosen = {"models": {"one": {}, "other": {}}, "by": "ranks"}
    >>> nobody = Size(n_rows=0, n_items=0, n_lines=0)
    >>> bytes_of_blend(nobody, chosen, {"one": one, "other": other})
    400
    >>> bytes_of_blend(nobody, {**chosen, "by": "lists"}, {"one": one, "other": other})
    300
    """
    models = parameters.get("models") or {}
    fits = [
        families[name].bytes_needed(size, {**families[name].start, **part})
        for name, part in models.items()
    ]
    if parameters.get("by", BY_RANKS) == BY_RANKS:
        return sum(fits)
    length = int(parameters.get("length", 0))
    lists = size.n_items * length * _ENTRY_BYTES * (len(fits) + _WHILE_MIXED)
    return max(fits, default=0) + lists
