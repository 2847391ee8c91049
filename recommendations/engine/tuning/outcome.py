"""What a search found: its racers as a report, with the choice."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from recommendations.engine.families.base import Size
from recommendations.engine.tuning.asking import Asking
from recommendations.engine.tuning.choice import choose, paired_error
from recommendations.engine.tuning.floors import GIVES_UP, given_up
from recommendations.engine.tuning.racing import Racer, mean_of
from recommendations.engine.tuning.report import Remark, Skipped, TunedModel, TuningReport


def report_of(
    ranked: Sequence[Racer],
    skipped: Sequence[Skipped],
    asking: Asking,
    *,
    yardsticks: Collection[str],
    floor: str,
) -> TuningReport:
    """Return all that was found, best first, with the choice.

    Parameters
    ----------
    ranked : sequence of Racer
        Best first; those that give up what the floor finds are told so.
    skipped : sequence of Skipped
        Families that were not tried.
    asking : Asking
        What they were asked.
    yardsticks : collection of str
        Families that are not chosen.
    floor : str
        As in `tune`.

    Returns
    -------
    TuningReport
        In the order of `ranked`.

    Examples
    --------
    >>> report_of.__name__
    'report_of'
    """
    models = []
    unfit = {*yardsticks, *_below(ranked, asking, floor)}
    size = Size.of(asking.training)
    for racer in ranked:
        distance = ranked[0].scores - racer.scores
        error = paired_error(distance, seed=asking.training.seed)
        behind = mean_of(distance)
        models.append(
            TunedModel(
                name=racer.family.name,
                parameters=racer.parameters,
                report=asking.metrics(racer.shown),
                seconds=racer.seconds,
                bytes_needed=racer.family.bytes_needed(size, racer.parameters),
                fits=len(racer.tried),
                behind=behind,
                behind_error=error,
                within_noise=behind <= error,
                storable=racer.storable,
                note=racer.note,
            )
        )
    chosen, why = choose([model for model in models if model.name not in unfit])
    return TuningReport(
        metric=asking.metric,
        k=asking.k,
        n_questions=len(asking.questions),
        models=tuple(models),
        skipped=tuple(skipped),
        chosen=chosen,
        why=why,
    )


def _below(racers: Sequence[Racer], asking: Asking, floor: str) -> Iterator[str]:
    """Yield who gives up what the baseline finds, and note it on them."""
    baseline = next((racer for racer in racers if racer.family.name == floor), None)
    if baseline is None or not len(asking.questions):
        return
    for racer in racers:
        lost = given_up(asking, racer.shown, baseline.shown, seed=asking.training.seed)
        if lost:
            racer.note = Remark(code=GIVES_UP, figures=dict(lost))
            yield racer.family.name
