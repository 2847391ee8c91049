"""The build pages: read-only, in words, with charts, and cheap."""

from datetime import timedelta

import pytest
from django.utils import timezone

from recommendations.models import BuildLease
from tests.recommendations.admin.makers import make_build, make_staff
from tests.recommendations.factories import companions, make_products, packed, publish


@pytest.fixture
def lease():
    """A builder at work."""
    return BuildLease.objects.create(
        kind="together", fence=1, holder="m:1", expires_at=timezone.now() + timedelta(minutes=2)
    )


def test_nobody_adds_changes_or_deletes(admin_client, url):
    build = make_build("published")
    assert admin_client.get(url("build_add")).status_code == 403
    assert admin_client.post(url("build_delete", build.pk), {"post": "yes"}).status_code == 403
    assert admin_client.post(url("build_change", build.pk), {"status": "failed"}).status_code == 403
    build.refresh_from_db()
    assert build.status == "published"


def test_staff_without_the_view_permission_see_nothing(client, url):
    build = make_build("published")
    client.force_login(make_staff("view_item"))
    for page in (url("build_changelist"), url("build_change", build.pk)):
        assert client.get(page).status_code == 403
    assert client.get(url("build_progress", build.pk)).status_code == 403


def test_viewers_see_no_buttons(client, url):
    make_build("retired")
    build = make_build("published")
    client.force_login(make_staff("view_build"))
    for page in (url("build_changelist"), url("build_change", build.pk)):
        text = client.get(page).text
        assert "Rebuild now" not in text
        assert "Roll back" not in text


@pytest.mark.parametrize(
    ("status", "button"),
    [("candidate", "Publish…"), ("rejected", "Publish despite the check…")],
)
def test_each_status_has_its_button(admin_client, url, status, button):
    build = make_build(status)
    assert button in admin_client.get(url("build_change", build.pk)).text


def test_roll_back_is_offered_where_there_is_something_to_go_back_to(admin_client, url):
    build = make_build("published")
    assert "Roll back…" not in admin_client.get(url("build_change", build.pk)).text
    earlier = make_build("retired")
    later = make_build("published")
    assert earlier.pk < later.pk
    assert "Roll back…" in admin_client.get(url("build_change", later.pk)).text


def test_the_verdict_is_worded(admin_client, url):
    reasons = [
        {
            "code": "fewer_lines",
            "parameters": {"given": 301_000, "published": 509_152, "share": 0.5912, "limit": 0.7},
        },
        {"code": "of_a_later_release", "parameters": {"given": 3}},
    ]
    build = make_build("rejected", verdict={"accepted": False, "reasons": reasons})
    text = admin_client.get(url("build_change", build.pk)).text
    assert "Only 301,000 order lines were read" in text
    assert "had 509,152 (59.1 %; at least 70.0 % are expected)" in text
    assert "of_a_later_release: given 3" in text


def test_figures_stand_beside_the_published_ones(admin_client, url):
    make_build("published", metrics={"coverage": 0.71})
    build = make_build("rejected", metrics={"coverage": 0.41})
    text = admin_client.get(url("build_change", build.pk)).text
    assert "41.0 %" in text
    assert "71.0 %" in text
    assert "−30.0 points" in text


def test_the_published_build_stands_beside_the_one_it_replaced(admin_client, url):
    make_build("retired", metrics={"coverage": 0.5})
    build = make_build("published", metrics={"coverage": 0.71})
    text = admin_client.get(url("build_change", build.pk)).text
    assert "which was live before" in text
    assert "+21.0 points" in text


def test_lines_left_out_are_shown_by_reason(admin_client, url):
    build = make_build("published")
    text = admin_client.get(url("build_change", build.pk)).text
    assert "Not a sale: unpaid, cancelled or refunded" in text
    assert "9,120" in text


def test_the_reason_of_a_failure_is_shown_escaped(admin_client, url):
    build = make_build("failed", error="ValueError: <b>no</b>")
    text = admin_client.get(url("build_change", build.pk)).text
    assert "ValueError: &lt;b&gt;no&lt;/b&gt;" in text


def test_charts_have_names_and_tables(admin_client, url):
    make_build("retired", metrics={"coverage": 0.5, "hit_rate": 0.2})
    make_build("published")
    text = admin_client.get(url("build_changelist")).text
    assert text.count("<svg viewBox") == 2
    assert 'role="img"' in text
    assert "Coverage and hit rate" in text
    assert "<td>50.0 %</td><td>20.0 %</td>" in text


def test_a_page_holds_no_inline_script_or_style(admin_client, url):
    build = make_build("published")
    for page in (url("build_changelist"), url("build_change", build.pk)):
        text = admin_client.get(page).text
        content = text[text.index('id="content-start"') :]
        assert " style=" not in content
        assert "<style" not in content
        assert " onclick=" not in content


class TestProgress:
    def test_a_running_build(self, admin_client, url, lease):
        build = make_build(
            "running", phase="product", done_items=1_000, total_items=4_000, lines_per_second=2_000
        )
        state = admin_client.get(url("build_progress", build.pk)).json()
        assert state["running"]
        assert state["percent"] == 25
        assert not state["silent"]
        # 509,152 lines at 2,000 a second, a quarter done: 190.9 s are left.
        assert "3 min 10 s left" in state["text"]
        assert "1,000 of 4,000 items" in state["text"]

    def test_before_anything_is_counted_no_figure_is_made_up(self, admin_client, url, lease):
        build = make_build("running", phase="read", done_items=0, total_items=0)
        state = admin_client.get(url("build_progress", build.pk)).json()
        assert state["percent"] is None
        assert "left" not in state["text"]
        assert "reading orders" in state["text"]

    def test_a_dead_builder_is_told(self, admin_client, url, lease):
        BuildLease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        build = make_build("running", heartbeat_at=timezone.now() - timedelta(minutes=30))
        state = admin_client.get(url("build_progress", build.pk)).json()
        assert state["silent"]
        assert "no sign of life for 30 minutes" in state["text"]
        assert "goes on where that one stopped" in admin_client.get(url("build_changelist")).text

    def test_rebuild_is_not_offered_while_a_builder_is_at_work(self, admin_client, url, lease):
        make_build("running")
        assert "Rebuild now" not in admin_client.get(url("build_changelist")).text
        lease.delete()
        assert "Rebuild now" in admin_client.get(url("build_changelist")).text

    def test_it_is_on_the_page_without_script(self, admin_client, url, lease):
        build = make_build("running", done_items=1_000, total_items=4_000)
        for page in (url("build_changelist"), url("build_change", build.pk)):
            assert '<progress max="100" value="25"' in admin_client.get(page).text

    def test_a_finished_build(self, admin_client, url):
        build = make_build("published")
        response = admin_client.get(url("build_progress", build.pk))
        assert response.json()["running"] is False
        assert "no-store" in response["Cache-Control"]


class TestOverview:
    def test_before_anything(self, admin_client, url):
        text = admin_client.get(url("build_changelist")).text
        assert "No products are known yet. Run “manage.py crosssell_sync”" in text
        assert "No orders have been read yet" in text
        assert "Nothing yet" in text

    def test_on_the_apps_own_page(self, admin_client):
        make_build("published")
        text = admin_client.get("/admin/crosssell_recommendations/").text
        assert "What shoppers see" in text

    def test_not_for_those_who_may_not_see_builds(self, client):
        make_build("published")
        client.force_login(make_staff("view_item"))
        assert "What shoppers see" not in client.get("/admin/crosssell_recommendations/").text

    def test_items_with_companions_are_counted_without_empty_lists(self, admin_client, url):
        (_, a), (_, b), _ = make_products(3)
        publish({a: companions(b), b: []})
        text = " ".join(admin_client.get(url("build_changelist")).text.split())
        assert '1 <span class="cs-quiet">of 3</span>' in text

    @pytest.mark.parametrize(
        ("status", "words"),
        [
            ("failed", "The newest build failed"),
            ("rejected", "The newest build was refused"),
            ("candidate", "The newest build is good and waits"),
        ],
    )
    def test_the_next_step_follows_the_newest_build(self, admin_client, url, status, words):
        make_build("published")
        make_build(status)
        assert words in admin_client.get(url("build_changelist")).text

    def test_old_lists_ask_for_a_rebuild(self, admin_client, url):
        make_build("published", published_at=timezone.now() - timedelta(days=15))
        assert "older than two weeks" in admin_client.get(url("build_changelist")).text


def test_the_list_of_builds_costs_the_same_for_two_and_for_twenty(
    admin_client, url, django_assert_num_queries, django_assert_max_num_queries
):
    def queries():
        with django_assert_max_num_queries(60) as captured:
            assert admin_client.get(url("build_changelist")).status_code == 200
        return len(captured)

    make_build("published")
    make_build("rejected")
    queries()  # the first request also makes what is cached
    few = queries()
    for _ in range(18):
        make_build("retired")
    assert queries() == few


def test_damaged_packed_lists_do_not_break_the_list(admin_client, url):
    ((_, item),) = make_products(1)
    build = publish({item: []})
    build.lists.update(packed=packed([]) + b"junk")
    assert admin_client.get(url("build_changelist")).status_code == 200
