from __future__ import annotations

import json
from datetime import date

import pytest

from shop.seeding.plan import Parameters, Plan, load_plan, save_plan

PARAMETERS = Parameters(products=10, until=date(2026, 3, 1))


def test_a_plan_comes_back_from_its_file(tmp_path):
    plan = Plan(
        parameters=PARAMETERS,
        complements={"A-1": ["B-1", "B-2"]},
        strengths={"A-1": [0.5, 0.25]},
        ladders=[["A-1", "A-2"]],
        rhythms={"C-1": 30},
        seasons={"Garden": [1.0] * 12},
        bots=["bot-1"],
    )
    path = tmp_path / "new" / "plan.json"
    save_plan(plan, path)
    assert load_plan(path) == plan
    assert load_plan(str(path)).as_finished().finished
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 99}, "version 99; this seeder reads version 1"),
        ({"ladders": None, "more": 1}, "holds .*'more'"),
        ({"parameters": {"products": 3}}, "is no plan of seed_shop"),
        ({"parameters": 3}, "is no plan of seed_shop"),
    ],
)
def test_a_file_that_is_no_plan(tmp_path, change, message):
    path = tmp_path / "plan.json"
    save_plan(Plan(parameters=PARAMETERS), path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ValueError, match=message):
        load_plan(path)


@pytest.mark.parametrize("text", ["", "[]", "{}", "12"])
def test_a_file_that_is_something_else(tmp_path, text):
    path = tmp_path / "plan.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"plan|Expecting value"):
        load_plan(path)


@pytest.mark.parametrize(
    ("name", "value"),
    [("products", 0), ("customers", 0), ("orders", -1), ("seed", -1), ("months", 0)],
)
def test_parameters_out_of_range_say_the_range(name, value):
    with pytest.raises(ValueError, match=rf"{name} is {value}; give \d"):
        Parameters(until=date(2026, 3, 1), **{name: value})


def test_the_fingerprint_is_that_of_all_parameters():
    others = [
        Parameters(products=10, until=date(2026, 3, 2)),
        Parameters(products=11, until=date(2026, 3, 1)),
        Parameters(products=10, until=date(2026, 3, 1), seed=8),
    ]
    prints = {parameters.fingerprint() for parameters in [PARAMETERS, *others]}
    assert len(prints) == 4
    again = Parameters(products=10, until=date(2026, 3, 1))
    assert again.fingerprint() == PARAMETERS.fingerprint()
