"""Two ways to order candidates: a blend with weights that can be read, and one that is learnt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

from recommendations.engine.families.base import Parameters, Training
from recommendations.engine.families.next_basket.candidates import COLUMNS, Candidates, candidates
from recommendations.engine.families.next_basket.sources import Sources, fit_sources
from recommendations.engine.history import OrderHistory
from recommendations.engine.splits import only_baskets

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

# Rows that a learnt ranker sees. Online Retail II: recall@10 is the same from 100,000 rows on.
MAX_ROWS = 300_000

# Newest baskets of each customer that are learnt from, one after the other, while there is room.
# Online Retail II, slice of train: recall@10 .184, .185 with two; never-bought items .069, .071.
ROUNDS = 2

# Customers whose candidates are made at once.
BLOCK = 1_000


class Ranker(Protocol):
    """Gives each candidate a score, the higher the better."""

    @property
    def own_only(self) -> bool:
        """Whether it reads nothing that others say."""
        ...

    def scores(self, some: Candidates) -> NDArray[np.float64]:
        """Return the score of each candidate."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Blend:
    """alpha · own frequency + (1 − alpha) · what others suggest + popularity.

    What others suggest is (1 − s) · mean of similar customers + s · companions, where s is
    `companion_share`, and companions are scaled, query by query, to the highest of the former.
    With s = 0 and no popularity this is the prediction of TIFU-KNN (Hu et al. 2020), with
    neighbours by cosine and weighted by it. With alpha = 1 it is own frequency, then popularity.

    Parameters
    ----------
    alpha : float
        0 to 1.
    companion_share : float
        0 to 1.
    popularity : float
        Weight of popularity, 0 or more. However small, it breaks the ties that are left.

    Examples
    --------
    >>> Blend(alpha=1.0).alpha
    1.0
    """

    alpha: float = 0.5
    companion_share: float = 0.3
    popularity: float = 0.0

    def __post_init__(self) -> None:
        for name in ("alpha", "companion_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be 0 to 1, not {getattr(self, name)}.")
        if not 0 <= self.popularity < float("inf"):
            raise ValueError(f"popularity must be at least 0, not {self.popularity}.")

    @property
    def own_only(self) -> bool:
        """Whether nothing is read but own frequency and popularity."""
        return self.alpha == 1.0

    def scores(self, some: Candidates) -> NDArray[np.float64]:
        """Return the blended score of each candidate.

        Parameters
        ----------
        some : Candidates
            The candidates.

        Returns
        -------
        ndarray of shape (n_candidates,), float64
            0 or more.

        Examples
        --------
        >>> import numpy as np
        >>> from recommendations.engine.families.next_basket.candidates import COLUMNS
        >>> one = np.zeros((1, len(COLUMNS)), dtype=np.float32)
        >>> one[0, COLUMNS.index("frequency")] = 0.5
        >>> some = Candidates(n_rows=1, row=np.array([0]), item=np.array([7]), columns=one)
        >>> Blend(alpha=0.5).scores(some).tolist()
        [0.25]
        """
        near = some.column("neighbours")
        companions = some.column("with_baskets") + some.column("with_customers")
        scale = _row_maximum(some, near) / np.maximum(_row_maximum(some, companions), 1e-300)
        share = self.companion_share
        others = (1 - share) * near + share * companions * scale[some.row]
        own = self.alpha * some.column("frequency")
        # Popularity is at most 1, and frequencies differ by far more than this.
        tie = max(self.popularity, 1e-9) * some.column("popularity")
        blended: NDArray[np.float64] = own + (1 - self.alpha) * others + tie
        return blended


@dataclass(frozen=True, kw_only=True, slots=True)
class Learnt:
    """The probability that the candidate is in the next basket, by gradient-boosted trees.

    Parameters
    ----------
    trees : HistGradientBoostingClassifier or None
        None where there was nothing to learn from: `otherwise` ranks.
    otherwise : Blend
        What ranks then.

    Examples
    --------
    >>> Learnt(trees=None, otherwise=Blend()).trees is None
    True
    """

    trees: HistGradientBoostingClassifier | None
    otherwise: Blend

    @property
    def own_only(self) -> bool:
        """Whether it reads nothing that others say."""
        return self.trees is None and self.otherwise.own_only

    def scores(self, some: Candidates) -> NDArray[np.float64]:
        """Return the probability of each candidate.

        Parameters
        ----------
        some : Candidates
            The candidates.

        Returns
        -------
        ndarray of shape (n_candidates,), float64
            Above 0 to 1; the blend's scores where no trees were learnt.

        Examples
        --------
        >>> import numpy as np
        >>> from recommendations.engine.families.next_basket.candidates import COLUMNS
        >>> zeros = np.zeros((1, len(COLUMNS)), dtype=np.float32)
        >>> some = Candidates(n_rows=1, row=np.array([0]), item=np.array([7]), columns=zeros)
        >>> Learnt(trees=None, otherwise=Blend()).scores(some).tolist()
        [0.0]
        """
        if self.trees is None or not len(some.row):
            return self.otherwise.scores(some)
        # Blocks run on threads already, and OpenMP's would wait for each other.
        with threadpool_limits(1, "openmp"):
            probability: NDArray[np.float64] = self.trees.predict_proba(some.columns)[:, 1]
        return probability


def newest_of_each(history: OrderHistory) -> NDArray[np.bool_]:
    """Return which baskets are the newest of a customer who has two or more.

    Parameters
    ----------
    history : OrderHistory
        The orders; baskets without a line are no baskets here.

    Returns
    -------
    ndarray of shape (n_baskets,), bool
        At most one per customer; of two at one second the later position.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(
    ...     item_ids=[1], baskets=[[0], [0], [0]], at=[5, 9, 7], customers=[0, 0, 1]
    ... )
    >>> newest_of_each(history).tolist()
    [False, True, False]
    """
    filled = np.flatnonzero(np.bincount(history.line_basket, minlength=history.n_baskets))
    customers = history.basket_customer[filled]
    order = np.lexsort((filled, history.basket_at[filled], customers))
    ordered = customers[order]
    last = np.ones(len(ordered), dtype=bool)
    last[:-1] = ordered[1:] != ordered[:-1]
    again = np.bincount(customers, minlength=history.n_customers)[ordered] > 1
    result = np.zeros(history.n_baskets, dtype=bool)
    result[filled[order[last & again]]] = True
    return result


def fit_learnt(training: Training, chosen: Parameters, otherwise: Blend) -> Learnt:
    """Return trees that tell what was in each customer's newest baskets from all that was before.

    Sources are made anew without the baskets to be told, so that no column knows the answer. The
    idea to learn a ranking over the output of simpler models: Burges (2010), From RankNet to
    LambdaRank to LambdaMART; the trees: Ke et al. (2017), LightGBM.

    Parameters
    ----------
    training : Training
        With its history and seed.
    chosen : mapping
        As for `fit_sources`, and `n_trees`, `learning_rate`, `max_rows`.
    otherwise : Blend
        What ranks where nobody bought twice.

    Returns
    -------
    Learnt
        The same training and seed give the same trees.

    Raises
    ------
    ValueError
        If there is no history, or a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1], baskets=[[0]], at=[0], customers=[0])
    >>> training = Training(
    ...     matrix=basket_matrix(history, as_of=0, half_life_days=None), history=history
    ... )
    >>> fit_learnt(training, {}, Blend()).trees is None
    True
    """
    if training.history is None:
        raise ValueError("The next basket is learnt from a history; training.history is None.")
    columns, labels = _examples(training, chosen)
    if len(np.unique(labels)) < 2:
        return Learnt(trees=None, otherwise=otherwise)
    # Slow to load; builds alone need it.
    from sklearn.ensemble import HistGradientBoostingClassifier

    trees = HistGradientBoostingClassifier(
        max_iter=chosen.get("n_trees", 80),
        learning_rate=chosen.get("learning_rate", 0.1),
        min_samples_leaf=100,
        early_stopping=False,
        random_state=training.seed,
    )
    # OpenMP's threads wait for each other in a spin: 100,000 rows took 3 s on one thread and 27 s
    # on two where other work had the cores.
    with threadpool_limits(1, "openmp"):
        return Learnt(trees=trees.fit(columns, labels), otherwise=otherwise)


def _examples(
    training: Training, chosen: Parameters
) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Return candidates for the newest baskets, and for those before if there is room for more."""
    assert training.history is not None, "looked at before"  # noqa: S101
    before, room = training.history, int(chosen.get("max_rows", MAX_ROWS))
    columns = [np.zeros((0, len(COLUMNS)), dtype=np.float32)]
    labels = [np.zeros(0, dtype=np.int8)]
    for _ in range(ROUNDS):
        newest = newest_of_each(before)
        if room <= 0 or not newest.any():
            break
        answers, before = only_baskets(before, newest), only_baskets(before, ~newest)
        sources = fit_sources(replace(training, history=before), chosen)
        for some, bought in _asked(sources, answers, seed=training.seed):
            columns.append(some.columns)
            labels.append(bought)
            room -= len(bought)
            if room <= 0:
                break
    return np.concatenate(columns), np.concatenate(labels)


def _asked(
    sources: Sources, answers: OrderHistory, *, seed: int
) -> Iterator[tuple[Candidates, NDArray[np.int8]]]:
    """Return candidates of customers in a random order, and which of them were then bought."""
    wanted = sparse.csr_matrix(
        (
            np.ones(answers.n_lines, dtype=np.int8),
            (answers.basket_customer[answers.line_basket], answers.line_item),
        ),
        shape=(answers.n_customers, answers.n_items),
    )
    drawn = np.random.default_rng(seed).permutation(np.unique(answers.basket_customer))
    for start in range(0, len(drawn), BLOCK):
        truth = wanted[drawn[start : start + BLOCK]]
        some = candidates(sources, drawn[start : start + BLOCK], truth)
        row = np.repeat(np.arange(truth.shape[0]), np.diff(truth.indptr))
        keys = some.row * answers.n_items + some.item
        bought = np.isin(keys, row * answers.n_items + truth.indices)
        yield some, bought.astype(np.int8)


def _row_maximum(some: Candidates, values: NDArray[np.float64]) -> NDArray[np.float64]:
    result = np.zeros(some.n_rows)
    np.maximum.at(result, some.row, values)
    return result
