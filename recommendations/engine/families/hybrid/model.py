"""The hybrid family: behaviour where an item is known, content where it is new."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.evidence import with_evidence
from recommendations.engine.families.base import Family, ListModel, Parameters, Size, Training
from recommendations.engine.families.content import COMPLEMENTS, SIMILAR
from recommendations.engine.families.content.complements import fit_complements
from recommendations.engine.families.content.model import VectorModel, known_content
from recommendations.engine.families.content.similar import fit_similar
from recommendations.engine.families.hybrid.blending import COMPANIONS, VOICES, Weights, blended
from recommendations.engine.families.hybrid.lifts import NAME as LIFTS
from recommendations.engine.families.hybrid.lifts import LiftModel, fit_lifts, lift_bytes
from recommendations.engine.families.hybrid.validation import Fold, Parts, folds, gains
from recommendations.engine.neighbour_lists import NeighbourLists, row_bounds
from recommendations.engine.neighbours import neighbours_of
from recommendations.engine.topk import top_k

_PARTS: Mapping[str, Callable[[Training], VectorModel | LiftModel]] = {
    LIFTS: fit_lifts,
    COMPLEMENTS.name: lambda training: fit_complements(training, {}),
    SIMILAR.name: lambda training: fit_similar(training, {}),
}

# Items blended at once: 2 × 100 entries each, with copies about 50 MB.
_BLOCK_ITEMS = 5_000


def fit_hybrid(training: Training, parameters: Parameters) -> ListModel:
    """Return lists that weigh orders and content by how much is known of the two items.

    See `blended` for the formula. What is None is chosen by cross-validation on the newest three
    tenths of the orders, each asked of what was older, with a tenth or more of the items taken for
    new: first the content part that finds more new items alone; then "voice" and "alpha", then
    "beta" and "kappa", then a finer "alpha", that gain most, compared with the better of behaviour,
    `content` and `content_complements` alone, on whichever of new and old items they gain less;
    or, where that is too little, that lose none of the old ones.

    Parameters
    ----------
    training : Training
        With content; with history where something is to be chosen.
    parameters : mapping
        "part" ("lifts", "content_complements" or "content"), "voice", "alpha", "beta" and "kappa"
        as in `Weights`, or None to choose;
        "item_exponent" and "companion_exponent" of the behaviour lists; "depth" as in `ListModel`.

    Returns
    -------
    ListModel
        Evidence is counted. Pairs from behaviour have `training.min_customers` distinct customers;
        pairs from content alone may have fewer, or none.

    Raises
    ------
    ValueError
        If content is missing or a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> phone, case = [1.0, 0.0], [0.0, 1.0]
    >>> history = order_history(
    ...     item_ids=[1, 2, 3], baskets=[[0, 1], [0, 1]], at=[0, 0], customers=[0, 1]
    ... )
    >>> training = Training(
    ...     matrix=basket_matrix(history, as_of=0, half_life_days=None),
    ...     content=sparse.csr_matrix([phone, case, phone]),
    ... )
    >>> fit_hybrid(training, FAMILY.start).lists.first(1).items.tolist()
    [1, 0, 1]
    """
    chosen = {**FAMILY.start, **parameters}
    known_content(training)
    name, weights = chosen_weights(training, chosen)
    content = _fitted(name, training)
    blocks = []
    for start in range(0, training.n_items, _BLOCK_ITEMS):
        rows = np.arange(start, min(start + _BLOCK_ITEMS, training.n_items))
        scores = blended(
            _behaviour(training, rows, chosen),
            content.lists_of(rows, COMPANIONS),
            training.matrix.item_customers,
            weights,
        )
        blocks.append(_best(scores, COMPANIONS))
    lists = NeighbourLists.joined(blocks)
    return ListModel(
        lists=with_evidence(lists, training.matrix, n_threads=training.n_threads),
        depth=chosen["depth"],
    )


def chosen_weights(training: Training, parameters: Parameters) -> tuple[str, Weights]:
    """Return the content part and the weights: as given, or those that did best on newest orders.

    Parameters
    ----------
    training : Training
        With history where something is to be chosen; without, or with too few orders, the
        values that `FALLBACK` names are taken.
    parameters : mapping
        As in `fit_hybrid`.

    Returns
    -------
    part : str
        Name of the content family.
    weights : Weights
        Of equals the earlier in the grid.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1, 2], baskets=[[0, 1]], at=[0], customers=[0])
    >>> training = Training(matrix=basket_matrix(history, as_of=0, half_life_days=None))
    >>> chosen_weights(training, FAMILY.start)
    ('lifts', Weights(alpha=0.5, kappa=0.3, beta=0.3, voice='rank'))
    """
    given = {name: parameters.get(name) for name in FALLBACK}
    if given["part"] is not None and given["part"] not in _PARTS:
        raise ValueError(f"part must be one of {', '.join(_PARTS)}, not {given['part']!r}.")
    slices = folds(training)
    chosen: Parameters = {
        name: FALLBACK[name] if value is None else value for name, value in given.items()
    }
    if slices:
        names = list(_PARTS) if given["part"] is None else [given["part"]]
        fitted = [(fold, _parts(fold, names, parameters)) for fold in slices]
        chosen = {**chosen, "part": _best_part(fitted, names)}
        for step in (voices_and_shares, evidence_choices, fine_shares):
            tried = [{**chosen, **values} for values in step(given, chosen)]
            chosen = _best_choice(fitted, tried)
    return _part_and_weights(chosen)


def voices_and_shares(given: Parameters, chosen: Parameters) -> list[dict[str, Any]]:
    """Return the voices and the α to be tried, those given fixed.

    Parameters
    ----------
    given : mapping
        "voice", "alpha" and "beta", or None to try those of `SHARES` with `FIRST_BETA`.
    chosen : mapping
        What stands so far, of no matter here.

    Returns
    -------
    list of dict
        With "voice", "alpha" and "beta".

    Examples
    --------
    >>> [tried["beta"] for tried in voices_and_shares({"voice": None, "alpha": 0.5}, {})]
    [0.3, 0.03]
    """
    beta = given.get("beta")
    return [
        {"voice": voice, "alpha": alpha, "beta": FIRST_BETA[voice] if beta is None else beta}
        for voice in (VOICES if given["voice"] is None else [given["voice"]])
        for alpha in (SHARES[voice] if given["alpha"] is None else [given["alpha"]])
    ]


def evidence_choices(given: Parameters, chosen: Parameters) -> list[dict[str, Any]]:
    """Return the β and κ to be tried, those given fixed.

    Parameters
    ----------
    given : mapping
        "beta" and "kappa", or None to try those of `BETAS` and `KAPPAS`.
    chosen : mapping
        What stands so far, of no matter here.

    Returns
    -------
    list of dict
        With "beta" and "kappa".

    Examples
    --------
    >>> evidence_choices({"beta": 0.0, "kappa": 2.0}, {})
    [{'beta': 0.0, 'kappa': 2.0}]
    """
    betas = BETAS if given["beta"] is None else [given["beta"]]
    kappas = KAPPAS if given["kappa"] is None else [given["kappa"]]
    return [{"beta": beta, "kappa": kappa} for beta, kappa in product(betas, kappas)]


def fine_shares(given: Parameters, chosen: Parameters) -> list[dict[str, Any]]:
    """Return the α about the one chosen by ranks; by scores, or where it is given, that alone.

    Parameters
    ----------
    given : mapping
        "alpha", or None.
    chosen : mapping
        "voice" and "alpha".

    Returns
    -------
    list of dict
        With "alpha".

    Examples
    --------
    >>> fine_shares({"alpha": None}, {"voice": "score", "alpha": 0.9})
    [{'alpha': 0.9}]
    """
    if given["alpha"] is not None or chosen["voice"] != "rank":
        return [{"alpha": chosen["alpha"]}]
    return [{"alpha": round(chosen["alpha"] + step, 2)} for step in FINE_STEPS]


def _part_and_weights(chosen: Parameters) -> tuple[str, Weights]:
    weights = {name: value for name, value in chosen.items() if name != "part"}
    return chosen["part"], Weights(**weights)


def _parts(fold: Fold, names: Sequence[str], parameters: Parameters) -> Parts:
    """Return both parts fitted on a fold."""
    rows = np.unique(fold.queries.items)
    return Parts.of(
        fold,
        behaviour=_behaviour(fold.training, rows, parameters),
        models={name: _fitted(name, fold.training) for name in names},
        rows=rows,
        n_companions=COMPANIONS,
    )


def _best_part(fitted: Sequence[tuple[Fold, Parts]], names: Sequence[str]) -> str:
    """Return the content part that finds most new items alone: what content is there for."""
    if len(names) == 1:
        return names[0]
    new = np.mean([[parts.alone[name][0] for name in names] for _, parts in fitted], axis=0)
    return names[int(np.argmax(new))]


def _best_choice(
    fitted: Sequence[tuple[Fold, Parts]], tried: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any]:
    """Return what gains most on whichever of new and old items gains less."""
    if len(tried) == 1:
        return tried[0]
    choices = [_part_and_weights(chosen) for chosen in tried]
    both = np.mean([gains(parts, fold, choices) for fold, parts in fitted], axis=0)
    new, less = both[:, 0], both.min(axis=1)
    if less.max() >= LEAST_GAIN:
        return tried[int(np.argmax(less))]
    # No bargain: what finds most new items of the choices that give up no old ones.
    harmless = both[:, 1] >= min(1.0, both[:, 1].max())
    return tried[int(np.argmax(np.where(harmless, new, -np.inf)))]


def _fitted(name: str, training: Training) -> VectorModel | LiftModel:
    return _PARTS[name](training)


def _behaviour(training: Training, rows: NDArray[np.integer], chosen: Parameters) -> NeighbourLists:
    return neighbours_of(
        training.matrix,
        rows,
        k=COMPANIONS,
        min_customers=training.min_customers,
        item_exponent=chosen["item_exponent"],
        companion_exponent=chosen["companion_exponent"],
        confidence_z=chosen["confidence_z"],
        n_threads=training.n_threads,
    )


def _best(scores: sparse.csr_matrix, k: int) -> NeighbourLists:
    """Return the k best of each row as lists without evidence."""
    columns, values = top_k(scores, k)
    kept = columns >= 0
    nothing = np.zeros(int(kept.sum()), dtype=np.uint32)
    return NeighbourLists(
        indptr=row_bounds(kept.sum(axis=1)),
        items=columns[kept],
        scores=values[kept].astype(np.float32),
        customers=nothing,
        baskets=nothing,
    )


def bytes_needed(size: Size, parameters: Parameters) -> int:
    """Return the peak memory of a fit: that of its content part, the lists, and the folds.

    Parameters
    ----------
    size : Size
        Of the shop.
    parameters : mapping
        As in `fit_hybrid`.

    Returns
    -------
    int
        Bytes.

    Examples
    --------
    >>> bytes_needed(Size(n_rows=1, n_items=1, n_lines=1), {}) > 0
    True
    """
    part = max(COMPLEMENTS.bytes_needed(size, COMPLEMENTS.start), lift_bytes(size))
    return part + 60 * size.n_lines + 20 * COMPANIONS * size.n_items


SHARES: Mapping[str, Sequence[float]] = {
    "rank": (0.5, 0.47, 0.53, 0.44, 0.56, 0.4, 0.6),
    "score": (0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 0.999),
}
"""α tried for each voice, of equals the first.

By scores and with the last α behaviour keeps its order and content fills the places left: no shop
needs to lose by content.
"""

FIRST_BETA: Mapping[str, float] = {"rank": 0.3, "score": 0.03}
"""β of each voice while its α is looked for: by ranks both lists are scaled alike."""

BETAS = (0.3, 0.1, 1.0, 0.03, 0.0)
FINE_STEPS = (0.0, -0.01, 0.01, -0.02, 0.02)
"""From the α chosen by ranks, tried in the end: places change hands where ranks of the two meet."""

KAPPAS = (0.3, 0.01, 3.0)

LEAST_GAIN = 0.9
"""Hit rate of new and of old items, against the better part alone, below which a choice is no
bargain: then no old item is given up.

Folds have fewer orders and items than the shop; what held .93 there was above both parts in it
(seeds 104-107). Where few items are new, and little but orders tells what goes together (Online
Retail II), no choice comes near, and a compromise cost an eighth of the old items.
"""

FALLBACK: Mapping[str, Any] = {
    "part": LIFTS,
    "voice": "rank",
    "alpha": 0.5,
    "beta": 0.3,
    "kappa": 0.3,
}
"""What is taken where nothing is given and too few orders are there to choose by."""

FAMILY = Family(
    name="hybrid",
    fit=fit_hybrid,
    bytes_needed=bytes_needed,
    start={
        **dict.fromkeys(FALLBACK),
        "item_exponent": 0.5,
        "companion_exponent": 0.5,
        "confidence_z": 0.0,
        "depth": 100,
    },
    grid={"depth": (20, 100), "companion_exponent": (0.3, 0.5)},
    needs=frozenset({"content"}),
)
"""New items lean on content, well-known ones on orders; the shop's newest orders weigh the two."""
