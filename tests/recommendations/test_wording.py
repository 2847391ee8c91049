"""Codes and figures in words: every code that the parts below can give has words of ours."""

from datetime import timedelta

import pytest

from recommendations import wording
from recommendations.datasets.lines import REASONS as READ_REASONS
from recommendations.engine import gate
from recommendations.models import Build
from recommendations.selectors.overview import Step


def test_every_reason_of_the_gate_has_a_sentence():
    assert set(wording.REASONS) == set(gate.REASONS)


@pytest.mark.parametrize("code", gate.REASONS)
def test_every_sentence_takes_the_gates_figures(code):
    """The gate's own description names the parameters after the colon."""
    _, _, described = gate.REASONS[code].rstrip(".").partition(": ")
    names = [name.split(" (")[0].strip() for name in described.split(",") if described]
    sentence = wording.reason_sentence(code, dict.fromkeys(names, 0.5))
    assert not sentence.startswith(code)
    assert "%(" not in sentence


def test_an_unknown_code_is_shown_with_its_figures():
    assert wording.reason_sentence("of_later", {"given": 1_500}) == "of_later: given 1,500"
    assert wording.reason_sentence("of_later", {}) == "of_later"


def test_a_code_without_its_figures_is_no_error():
    assert wording.reason_sentence("fewer_lines", {"given": 3}) == "fewer_lines: given 3"


def test_every_status_has_a_tone_and_a_meaning():
    assert set(wording.TONES) == set(wording.MEANINGS) == set(Build.Status)


def test_every_step_has_words():
    assert set(wording.STEPS) == set(Step)


def test_reasons_of_the_read_have_words():
    known = {reason for group in READ_REASONS.values() for reason in group.values()}
    assert known <= set(wording.LEFT_OUT)


def test_orders_left_out_are_not_added_to_lines():
    counts = {"baskets too large": 153, "lines in baskets too large": 52_278}
    assert wording.left_out(counts) == {"In an order of unusually many products": 52_278}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 seconds"),
        (1, "1 second"),
        (59.9, "59 seconds"),
        (61, "1 min 1 s"),
        (600, "10 minutes"),
        (3_600, "1 h 0 min"),
        (90_000, "25 h 0 min"),
    ],
)
def test_durations(seconds, words):
    assert wording.duration(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("value", "words"), [(0.28799999, "28.8 %"), (0.0, "0.0 %"), (1.0, "100.0 %"), (None, "–")]
)
def test_shares_are_rounded(value, words):
    assert wording.share(value) == words


def test_a_sentence_of_evidence():
    assert wording.bought_by(1, 2) == "Bought by 1 customer in 2 orders."
    assert wording.bought_by(1_412, 1) == "Bought by 1,412 customers in 1 order."


def test_rules_that_are_not_known_are_shown_as_they_are():
    assert wording.left_out_rule("a later rule", 3) == "3 × a later rule"
    assert wording.left_out_rule("excluded", 2) == "2 candidates are excluded by you."
