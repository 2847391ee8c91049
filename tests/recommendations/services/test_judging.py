"""What the gate compares: only what was asked alike."""

import pytest

from recommendations.engine.gate import BuildFacts
from recommendations.models import Build, Kind
from recommendations.services.judging import verdict_on


def facts(hits):
    return BuildFacts(
        lines=9_000,
        baskets=3_000,
        sold_items=100,
        listed_items=90,
        damaged_lines=0,
        queries=2_000,
        hits=hits,
        overlap=0.9,
    )


@pytest.mark.parametrize(
    ("published", "accepted"),
    [
        ({"question": "item"}, False),
        ({"question": "basket"}, True),
        # A build of before questions were kept was asked what is asked now.
        ({}, False),
    ],
)
def test_a_hit_rate_is_compared_with_that_of_the_same_question(published, accepted):
    before = Build(kind=Kind.EASE, metrics={**published, "facts": facts(1_400).as_json()})
    verdict = verdict_on(facts(700), Build(kind=Kind.EASE), before, "item")
    assert verdict.accepted == accepted
    wanted = [] if accepted else ["lower_hit_rate"]
    assert [reason.code for reason in verdict.reasons] == wanted


def test_volumes_are_compared_whatever_was_asked():
    before = Build(kind=Kind.EASE, metrics={"question": "basket", "facts": facts(1_400).as_json()})
    few = BuildFacts(**{**facts(700).as_json(), "lines": 90})
    verdict = verdict_on(few, Build(kind=Kind.EASE), before, "item")
    assert [reason.code for reason in verdict.reasons] == ["fewer_lines"]
