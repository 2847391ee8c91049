"""``crosssell_publish``: by number, by force, and back."""

import pytest

from recommendations.selectors.builds import published_build
from tests.recommendations.admin.makers import make_build


@pytest.fixture
def builds(db):
    return [make_build("retired"), make_build("published"), make_build("rejected")]


def test_by_number(run, builds):
    result = run("crosssell_publish", str(builds[0].pk))
    assert result.status == 0
    assert published_build("together") == builds[0]


def test_a_refused_build_needs_force(run, builds):
    result = run("crosssell_publish", str(builds[2].pk))
    assert result.status == 1
    assert "rejected and cannot be published" in result.message
    assert published_build("together") == builds[1]
    assert run("crosssell_publish", str(builds[2].pk), "--force").status == 0
    assert published_build("together") == builds[2]


def test_roll_back(run, builds):
    assert run("crosssell_publish", "--roll-back", "together").status == 0
    assert published_build("together") == builds[0]
    assert "nothing to roll back to" in run("crosssell_publish", "--roll-back", "together").message


def test_unknown_kind_and_number(run, builds):
    assert "there are: together" in run("crosssell_publish", "--roll-back", "astrology").message
    newest = ", ".join(str(build.pk) for build in reversed(builds))
    assert f"the newest are: {newest}." in run("crosssell_publish", "999999").message
