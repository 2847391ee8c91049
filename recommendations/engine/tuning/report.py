"""What was tried, what each model found, which one was chosen and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from recommendations.engine.metrics import RankingReport


@dataclass(frozen=True, kw_only=True, slots=True)
class Remark:
    """Something to be said, as a code with its figures; whoever shows it has the words.

    Parameters
    ----------
    code : str
        Why a family was not started: "needs" ("need"), "memory" ("needed_bytes", "limit_bytes"
        and what there is) or "time". Why its search ended early: "dropped" ("found", "best"),
        "clock" or "budget".
    figures : mapping
        By name.

    Examples
    --------
    >>> Remark(code="needs", figures={"need": "content"}).as_json()
    {'code': 'needs', 'figures': {'need': 'content'}}
    """

    code: str
    figures: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        told = ", ".join(f"{name} {value}" for name, value in self.figures.items())
        return f"{self.code} ({told})" if told else self.code

    def as_json(self) -> dict[str, Any]:
        """Return it for storing.

        Returns
        -------
        dict
            Plain texts and numbers.

        Examples
        --------
        >>> Remark(code="time").as_json()
        {'code': 'time', 'figures': {}}
        """
        return {"code": self.code, "figures": dict(self.figures)}


@dataclass(frozen=True, kw_only=True, slots=True)
class TunedModel:
    """A family at the best parameters that were tried.

    Parameters
    ----------
    name : str
        Of the family.
    parameters : mapping
        As `fitted_model` takes them.
    report : RankingReport
        All metrics on the slice.
    seconds : float
        Of the fit with these parameters.
    bytes_needed : int
        Peak memory of that fit as the family foretells it.
    fits : int
        Fits that were tried.
    behind : float
        Mean distance to the best model in the metric that decides, question by question.
    behind_error : float
        Standard error of that distance, by paired bootstrap.
    within_noise : bool
        Whether the distance is at most one standard error.
    storable : bool
        Whether it has a list per item that pages can read.
    note : Remark, optional
        Why its search ended early; None if it did not.

    Examples
    --------
    >>> from recommendations.engine.metrics import ranking_report, relevant_items
    >>> report = ranking_report([[0]], relevant_items([[0]], n_items=1))
    >>> TunedModel(name="cosine", parameters={}, report=report).as_json()["name"]
    'cosine'
    """

    name: str
    parameters: Mapping[str, Any]
    report: RankingReport
    seconds: float = 0.0
    bytes_needed: int = 0
    fits: int = 0
    behind: float = 0.0
    behind_error: float = 0.0
    within_noise: bool = True
    storable: bool = False
    note: Remark | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the model and its metrics by name.

        Returns
        -------
        dict
            Plain numbers and texts.

        Examples
        --------
        >>> from recommendations.engine.metrics import ranking_report, relevant_items
        >>> report = ranking_report([[0]], relevant_items([[0]], n_items=1))
        >>> TunedModel(name="cosine", parameters={}, report=report).as_json()["metrics"]["recall"]
        1.0
        """
        plain = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        plain.pop("report")
        return {
            **plain,
            "parameters": dict(self.parameters),
            "metrics": self.report.as_json(),
            "note": self.note.as_json() if self.note else None,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Skipped:
    """A family that was never started, and why.

    Examples
    --------
    >>> Skipped(name="content", why=Remark(code="time")).name
    'content'
    """

    name: str
    why: Remark


@dataclass(frozen=True, kw_only=True, slots=True)
class TuningReport:
    """The models side by side.

    Parameters
    ----------
    metric : str
        The metric that decided: "recall" or "ndcg".
    k : int
        Recommendations looked at.
    n_questions : int
        Questions of the slice.
    models : tuple of TunedModel
        Best first.
    skipped : tuple of Skipped
        Families that were not started.
    chosen : str
        Name of the chosen model; empty if there is none.
    why : str
        The reason: "best", "within_noise", "no_questions" or "no_models".

    Examples
    --------
    >>> TuningReport(
    ...     metric="recall", k=10, n_questions=0, models=(), skipped=(), chosen="", why="no_models"
    ... ).as_json()["chosen"]
    ''
    """

    metric: str
    k: int
    n_questions: int
    models: tuple[TunedModel, ...]
    skipped: tuple[Skipped, ...]
    chosen: str
    why: str

    def model(self, name: str) -> TunedModel:
        """Return the model of that name.

        Parameters
        ----------
        name : str
            One of those that were tried.

        Returns
        -------
        TunedModel
            With its best parameters.

        Raises
        ------
        KeyError
            If no such model was tried.

        Examples
        --------
        >>> nothing = TuningReport(
        ...     metric="recall", k=1, n_questions=0, models=(), skipped=(), chosen="", why=""
        ... )
        >>> nothing.model("cosine")
        Traceback (most recent call last):
        ...
        KeyError: 'cosine'
        """
        for tuned in self.models:
            if tuned.name == name:
                return tuned
        raise KeyError(name)

    def as_json(self) -> dict[str, Any]:
        """Return the report by name, for storing.

        Returns
        -------
        dict
            Plain numbers, texts, lists and dictionaries.

        Examples
        --------
        >>> TuningReport(
        ...     metric="recall", k=1, n_questions=0, models=(), skipped=(), chosen="", why=""
        ... ).as_json()["models"]
        []
        """
        return {
            "metric": self.metric,
            "k": self.k,
            "n_questions": self.n_questions,
            "chosen": self.chosen,
            "why": self.why,
            "models": [tuned.as_json() for tuned in self.models],
            "skipped": [
                {"name": family.name, "why": family.why.as_json()} for family in self.skipped
            ],
        }
