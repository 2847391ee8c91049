"""Charts as numbers: where things stand, what is said, and nothing to draw."""

import pytest
from django.utils import translation

from recommendations.admin.charts import BOTTOM, HEIGHT, LEFT, TOP, bars, column_chart, line_chart


def lines(values, **options):
    labels = [f"#{number}" for number in range(1, len(values) + 1)]
    return line_chart(
        slug="s",
        title="T",
        axis="Build",
        labels=labels,
        values={"Coverage": values},
        top=1.0,
        share=True,
        **options,
    )


def columns(values, labels=None):
    labels = labels or [str(number) for number in range(len(values))]
    return column_chart(slug="s", title="T", axis="A", name="N", labels=labels, values=values)


def test_heights_are_shares_of_the_room_between_the_axes():
    chart = lines([0.0, 0.5, 1.0])
    heights = [float(mark.y) for mark in chart.series[0].marks]
    floor = HEIGHT - BOTTOM
    assert heights == [floor, (floor + TOP) / 2, TOP]


def test_columns_stand_on_the_baseline_and_none_leaves_the_picture():
    chart = columns([3, 0, 7])
    for mark in chart.series[0].marks:
        assert float(mark.y) + float(mark.height) == pytest.approx(HEIGHT - BOTTOM, abs=0.11)
        assert float(mark.x) >= LEFT
    assert [float(mark.height) for mark in chart.series[0].marks] == [40.2, 0.0, 93.8]


def test_missing_values_leave_a_gap_and_an_empty_cell():
    chart = lines([0.2, None, 0.4])
    assert len(chart.series[0].marks) == 2
    assert chart.rows == (("#1", "20.0 %"), ("#2", ""), ("#3", "40.0 %"))


@pytest.mark.parametrize("values", [[], [None, None]])
def test_nothing_to_draw_is_no_chart(values):
    assert lines(values) is None


@pytest.mark.parametrize("values", [[], [0, 0]])
def test_no_columns_are_no_chart(values):
    assert columns(values) is None


def test_figures_are_rounded_not_cut_off():
    assert lines([0.20999999]).rows == (("#1", "21.0 %"),)


def test_the_summary_tells_the_newest():
    assert lines([0.2, 0.4]).summary == "Build #2, Coverage 40.0 %"


@pytest.mark.parametrize(
    ("largest", "label"), [(7, "10"), (38, "40"), (509_152, "1M"), (1_900, "2k"), (12_000, "20k")]
)
def test_the_axis_ends_at_a_round_figure(largest, label):
    assert columns([largest]).y_ticks[-1].label == label


def test_many_labels_are_thinned_out_from_the_newest():
    labels = [tick.label for tick in columns([1] * 24).x_ticks]
    assert len(labels) == 6
    assert labels[-1] == "23"


def test_coordinates_have_points_in_every_language():
    with translation.override("de"):
        chart = lines([0.25])
    assert "," not in chart.series[0].marks[0].x
    assert chart.rows == (("#1", "25,0 %"),)


def test_bars_are_longest_first_and_of_the_longest():
    found = bars({"a": 1, "b": 3, "none": 0})
    assert [(bar.label, bar.figure, bar.share, bar.length) for bar in found] == [
        ("b", "3", "75.0 %", "100.0"),
        ("a", "1", "25.0 %", "33.3"),
    ]


def test_no_counts_are_no_bars():
    assert bars({}) == []
