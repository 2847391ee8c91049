"""How near each family comes to ratings not seen, and which one should foretell them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.events import Ratings
from recommendations.engine.families.base import Family, NotEnoughMemoryError, Training
from recommendations.engine.families.rating_models import RatedModel, rating_size
from recommendations.engine.metrics import mean_absolute_error, root_mean_squared_error
from recommendations.engine.tuning.report import Remark, Skipped

HELD_OUT_SHARE = 0.1
"""Newest ratings that are held out: of 1,000 a hundred, whose RMSE is known to about 7 %."""

Progress = Callable[[str, float], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class RatingSlice:
    """Ratings to learn from, and newer ones to foretell.

    Parameters
    ----------
    training : Training
        With the older ratings alone.
    held_out : Ratings
        The newer ones, over the same positions.

    Examples
    --------
    >>> from recommendations.engine.families.rating_models import _example
    >>> len(rating_slice(_example(), share=0.5).held_out)
    1
    """

    training: Training
    held_out: Ratings


def rating_slice(training: Training, *, share: float = HELD_OUT_SHARE) -> RatingSlice:
    """Return the newest ratings apart from the others.

    Parameters
    ----------
    training : Training
        With its ratings.
    share : float
        Of the ratings, above 0 and below 1; those of one second stay together, with the older.

    Returns
    -------
    RatingSlice
        Nothing is held out where all ratings are of one second, or there is but one.

    Raises
    ------
    ValueError
        If the share is out of its range, or there are no ratings.

    Examples
    --------
    >>> from recommendations.engine.families.rating_models import _example
    >>> rating_slice(_example(), share=0.5).training.ratings.value.tolist()
    [5.0]
    """
    if not 0 < share < 1:
        raise ValueError(f"share must be above 0 and below 1, not {share}.")
    if training.ratings is None:
        raise ValueError("A slice of ratings needs ratings, and none were given.")
    given = training.ratings
    if len(given) < 2:
        return RatingSlice(training=training, held_out=given.after(int(given.at.max(initial=0))))
    at = np.sort(given.at)
    # The oldest that is held out comes after this moment.
    cut = int(at[len(at) - max(round(share * len(at)), 1) - 1])
    return RatingSlice(
        training=replace(training, ratings=given.until(cut)), held_out=given.after(cut)
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class TunedRatings:
    """A family at the best parameters that were tried.

    Parameters
    ----------
    name : str
        Of the family.
    parameters : mapping
        Of the best fit.
    rmse, mae : float
        On the ratings held out, in their unit.
    seconds : float
        Of that fit.
    bytes_needed : int
        Peak memory of that fit as the family foretells it.
    fits : int
        Fits that were tried.
    behind, behind_error : float
        RMSE above the best, and the standard error of that distance.
    within_noise : bool
        Whether the distance is at most one standard error.
    note : Remark, optional
        Why its search ended early, if it did.

    Examples
    --------
    >>> TunedRatings(name="rating_biases", parameters={}, rmse=1.0, mae=0.5).as_json()["metrics"]
    {'rmse': 1.0, 'mae': 0.5}
    """

    name: str
    parameters: Mapping[str, Any]
    rmse: float
    mae: float
    seconds: float = 0.0
    bytes_needed: int = 0
    fits: int = 0
    behind: float = 0.0
    behind_error: float = 0.0
    within_noise: bool = True
    note: Remark | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the family as `TunedModel.as_json` does, with its own metrics.

        Returns
        -------
        dict
            Plain numbers and texts.

        Examples
        --------
        >>> TunedRatings(name="x", parameters={"l2": 1.0}, rmse=1.0, mae=0.5).as_json()["storable"]
        True
        """
        plain = asdict(self)
        metrics = {"rmse": plain.pop("rmse"), "mae": plain.pop("mae")}
        return {**plain, "storable": True, "metrics": metrics}


@dataclass(frozen=True, kw_only=True, slots=True)
class RatingReport:
    """The families side by side.

    Parameters
    ----------
    n_questions : int
        Ratings held out.
    models : tuple of TunedRatings
        Best first.
    skipped : tuple of Skipped
        Families that were not started.
    chosen : str
        The family that should serve; empty if there is none.

    Examples
    --------
    >>> RatingReport(n_questions=0, models=(), skipped=(), chosen="").as_json()["metric"]
    'rmse'
    """

    n_questions: int
    models: tuple[TunedRatings, ...]
    skipped: tuple[Skipped, ...]
    chosen: str

    def model(self, name: str) -> TunedRatings:
        """Return the family of that name.

        Parameters
        ----------
        name : str
            One of those that were tried.

        Returns
        -------
        TunedRatings
            With its best parameters.

        Raises
        ------
        KeyError
            If no such family was tried.

        Examples
        --------
        >>> RatingReport(n_questions=0, models=(), skipped=(), chosen="").model("rating_factors")
        Traceback (most recent call last):
        ...
        KeyError: 'rating_factors'
        """
        for tuned in self.models:
            if tuned.name == name:
                return tuned
        raise KeyError(name)

    def as_json(self) -> dict[str, Any]:
        """Return the report as `TuningReport.as_json` does.

        Returns
        -------
        dict
            Plain numbers, texts, lists and dictionaries.

        Examples
        --------
        >>> RatingReport(n_questions=0, models=(), skipped=(), chosen="").as_json()["models"]
        []
        """
        return {
            "metric": "rmse",
            "k": 0,
            "n_questions": self.n_questions,
            "chosen": self.chosen,
            "models": [tuned.as_json() for tuned in self.models],
            "skipped": [asdict(family) for family in self.skipped],
        }


def tune_ratings(
    slice_: RatingSlice,
    families: Iterable[Family],
    *,
    seconds: float | None = None,
    fits: int | None = None,
    limit_bytes: int | None = None,
    on_progress: Progress | None = None,
) -> RatingReport:
    """Return how near each family comes to the ratings held out, by root mean squared error.

    Each family is fitted at its start, then one parameter after the other at its other values,
    keeping what is best. Chosen is, of the families within one standard error of the best, the
    first: name the cheaper ones first.

    Parameters
    ----------
    slice_ : RatingSlice
        What is learnt from, and what is to be foretold.
    families : iterable of Family
        Those of `RATING_FAMILIES`.
    seconds : float, optional
        On the clock, for all that goes beyond the starts; a fit that has begun is not broken off.
    fits : int, optional
        The same as a number of fits in all.
    limit_bytes : int, optional
        Memory that one fit may need.
    on_progress : callable, optional
        Told what is tried, and which share of the clock is spent, before each fit.

    Returns
    -------
    RatingReport
        Without models where nothing is held out.

    Examples
    --------
    >>> from recommendations.engine.families.rating_models import BIASES, _example
    >>> tune_ratings(rating_slice(_example(), share=0.5), [BIASES]).models[0].fits
    4
    """
    if not len(slice_.held_out):
        return RatingReport(n_questions=0, models=(), skipped=(), chosen="")
    search = _Search(slice_, seconds, fits, limit_bytes, on_progress or (lambda text, share: None))
    racers: list[_Racer] = []
    skipped: list[Skipped] = []
    for family in families:
        why = search.obstacle(family, family.start)
        if why:
            skipped.append(Skipped(name=family.name, why=why))
            continue
        racers.append(_Racer(family))
        search.attempt(racers[-1], dict(family.start))
    for racer in racers:
        search.climb(racer)
    return search.report(racers, skipped)


@dataclass(slots=True)
class _Racer:
    family: Family
    parameters: dict[str, Any] = field(default_factory=dict)
    predicted: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    rmse: float = np.inf
    seconds: float = 0.0
    fits: int = 0
    note: Remark | None = None


@dataclass(slots=True)
class _Search:
    slice_: RatingSlice
    seconds: float | None
    fits: int | None
    limit_bytes: int | None
    on_progress: Progress
    n_fits: int = 0
    began: float = field(default_factory=time.perf_counter)

    def obstacle(self, family: Family, parameters: Mapping[str, Any]) -> Remark | None:
        """Return why a fit cannot be started, or None if it can."""
        if self.limit_bytes is None:
            return None
        size = rating_size(self.slice_.training)
        try:
            family.check_memory(size, parameters, limit_bytes=self.limit_bytes)
        except NotEnoughMemoryError as error:
            return Remark(code="memory", figures=error.figures)
        return None

    def climb(self, racer: _Racer) -> None:
        """Try the values of one parameter after the other, and keep what is best."""
        for parameter, values in racer.family.grid.items():
            before = dict(racer.parameters)
            for value in values:
                if value == before.get(parameter):
                    continue
                racer.note = self.over(racer)
                if racer.note is not None:
                    return
                self.attempt(racer, {**before, parameter: value})

    def over(self, racer: _Racer) -> Remark | None:
        """Return why the search may not go on, or None if it may."""
        if self.fits is not None and self.n_fits >= self.fits:
            return Remark(code="budget")
        if self.seconds is None:
            return None
        spent = time.perf_counter() - self.began
        return Remark(code="clock") if spent + racer.seconds > self.seconds else None

    def attempt(self, racer: _Racer, parameters: dict[str, Any]) -> None:
        """Fit and foretell; keep it if it is the best of its family."""
        if racer.fits and self.obstacle(racer.family, parameters):
            return
        words = ", ".join(f"{name} {value}" for name, value in parameters.items())
        spent = (time.perf_counter() - self.began) / self.seconds if self.seconds else 0.0
        self.on_progress(f"{racer.family.name}: {words}", min(spent, 1.0))
        began = time.perf_counter()
        model = cast("RatedModel", racer.family.fit(self.slice_.training, parameters))
        elapsed = time.perf_counter() - began
        held_out = self.slice_.held_out
        predicted = model.predicted(held_out.customer, held_out.item)
        rmse = root_mean_squared_error(predicted, held_out.value)
        racer.fits += 1
        self.n_fits += 1
        if rmse < racer.rmse:
            racer.parameters, racer.predicted = parameters, predicted
            racer.rmse, racer.seconds = rmse, elapsed

    def report(self, racers: Sequence[_Racer], skipped: Sequence[Skipped]) -> RatingReport:
        """Return all that was found, best first, with the choice."""
        if not racers:
            return RatingReport(
                n_questions=len(self.slice_.held_out), models=(), skipped=tuple(skipped), chosen=""
            )
        best = min(racers, key=lambda racer: racer.rmse)
        models = [self.tuned(racer, best) for racer in racers]
        return RatingReport(
            n_questions=len(self.slice_.held_out),
            models=tuple(sorted(models, key=lambda model: model.rmse)),
            skipped=tuple(skipped),
            chosen=next(model.name for model in models if model.within_noise),
        )

    def tuned(self, racer: _Racer, best: _Racer) -> TunedRatings:
        """Return a family with its distance to the best one."""
        given = self.slice_.held_out.value
        size = rating_size(self.slice_.training)
        behind = racer.rmse - best.rmse
        error = rmse_error(racer.predicted, best.predicted, given)
        return TunedRatings(
            name=racer.family.name,
            parameters=racer.parameters,
            rmse=racer.rmse,
            mae=mean_absolute_error(racer.predicted, given),
            seconds=racer.seconds,
            bytes_needed=racer.family.bytes_needed(size, racer.parameters),
            fits=racer.fits,
            behind=behind,
            behind_error=error,
            within_noise=behind <= error,
            note=racer.note,
        )


def rmse_error(
    one: NDArray[np.float64], other: NDArray[np.float64], given: NDArray[np.float64]
) -> float:
    """Return the standard error of the distance between the RMSE of two models, rating by rating.

    By the delta method: of the mean of the differences of squared errors, over the sum of the two
    RMSE. Oehlert (1992), A note on the delta method.

    Parameters
    ----------
    one, other, given : ndarray of shape (n_questions,), float64
        Predictions of both models, and the ratings.

    Returns
    -------
    float
        0 or more; 0 for fewer than two ratings, and for two models that err alike.

    Examples
    --------
    >>> rmse_error(np.array([1.0, 2.0]), np.array([1.0, 2.0]), np.array([1.0, 3.0]))
    0.0
    >>> round(rmse_error(np.array([2.0, 3.0]), np.array([1.0, 3.0]), np.array([1.0, 1.0])), 3)
    0.167
    """
    total = root_mean_squared_error(one, given) + root_mean_squared_error(other, given)
    if len(given) < 2 or not total:
        return 0.0
    distance = (one - given) ** 2 - (other - given) ** 2
    return float(distance.std(ddof=1) / np.sqrt(len(distance)) / total)
