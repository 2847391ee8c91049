"""The table of models above the builds, for shops of every age."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from recommendations import model_wording, tasks
from recommendations.admin import figures
from recommendations.models import BuildLease, Kind, ModelChoice, Question
from recommendations.selectors.builds import forget_published_builds
from recommendations.selectors.overview import CUSTOMER_KINDS, GROUP_KINDS
from recommendations.services.kinds.table import KINDS, SPECS
from tests.recommendations.admin.makers import make_build, make_staff
from tests.recommendations.factories import make_products


@pytest.fixture
def page(admin_client, url):
    """The page of builds as text without line breaks."""
    return lambda query="": " ".join(admin_client.get(url("build_changelist") + query).text.split())


@pytest.fixture
def sent(monkeypatch):
    """What was put on the queue of comparisons."""
    calls = []
    monkeypatch.setattr(tasks.tune, "apply_async", lambda **options: calls.append(options))
    return calls


def row_of(text, kind):
    """Return a kind's line of the table."""
    start = text.index(f'href="?kind__exact={kind}#cs-kind"')
    return text[start : text.index("</tr>", start)]


def test_every_kind_has_words():
    assert set(model_wording.SENTENCES) == set(Kind)
    assert set(model_wording.PLACES) == set(Question)


def test_kinds_are_told_apart_as_services_make_them():
    assert {kind for kind, spec in SPECS.items() if not spec.items} == CUSTOMER_KINDS
    assert not GROUP_KINDS & SPECS.keys()


def test_an_empty_shop_is_told_what_to_do(page):
    text = page()
    assert "No products are known yet. Run “manage.py crosssell_sync”" in text
    for kind in Kind.values:
        row = row_of(text, kind)
        assert "never built" in row or kind in {"viewed_bought", "ratings"}
        assert "Ready." not in row
    assert "cannot be built yet" in row_of(text, "viewed_bought")
    assert "Needs page views, and the shop declares none" in row_of(text, "viewed_bought")


@pytest.mark.parametrize("kind", Kind.values)
def test_every_kind_has_an_overview_before_anything(admin_client, url, kind):
    response = admin_client.get(url("build_changelist"), {"kind__exact": kind})
    assert response.status_code == 200
    assert response.context["shown_kind"] == kind
    assert "What it lacks" in response.text


def test_an_unknown_kind_in_the_address_breaks_nothing(admin_client, url):
    response = admin_client.get(url("build_changelist"), {"kind__exact": "<b>astrology"})
    assert response.status_code == 200
    assert response.context["shown_kind"] == "together"
    assert "<b>astrology" not in response.text


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"viewed_bought", "ratings"}))
def test_the_first_order(admin_client, url, page, kind):
    """One order, nothing measured: figures are absent, not nought."""
    make_products(2)
    build = make_build(
        "published",
        kind=kind,
        input_counts={"lines": 2, "orders": 1, "customers": 1, "items": 2, "sold_items": 2},
        metrics={
            "coverage": 0.0,
            "hit_rate": 0.0,
            "ndcg": 0.0,
            "facts": {"queries": 0, "overlap": None},
            "fallback": {
                "serves": "new_arrivals",
                "why": "few_customers",
                "orders": 1,
                "needed_customers": 5,
            },
        },
    )
    text = page(f"?kind__exact={kind}")
    assert "0.0 %</td>" not in row_of(text, kind)
    assert "Hit rate" not in row_of(text, kind)
    if kind not in {"content", "upgrades", "new_arrivals"}:  # these need no orders
        assert "has 1 of" in row_of(text, kind)
        assert "new arrivals, since no item has 5 customers yet" in text
    one = admin_client.get(url("build_change", build.pk)).text
    assert "Ranking quality" not in one


def test_a_small_shop_sees_figures_of_its_own(page):
    make_build("published", kind="ease")
    make_build("published", kind="trending", metrics={"coverage": 1.0, "own_items": 37})
    text = page()
    assert "31.2 %" in row_of(text, "ease")
    assert "37" in row_of(text, "trending")
    assert "Items that qualify" in row_of(text, "trending")


def test_figures_that_a_kind_cannot_have_are_absent(admin_client, url):
    metrics = {"coverage": 0.5, "hit_rate": 0.0, "own_items": 4, "facts": {"queries": 0}}
    build = make_build("published", kind="trending", metrics=metrics)
    assert figures.first_of(figures.HIT_RATES, build) is None
    text = admin_client.get(url("build_change", build.pk)).text
    assert "Categories with a list" in text
    assert "Hit rate" not in text
    assert "Items with companions" not in text


def judged_by(question, hit_rate, status="published", **values):
    facts = {"queries": 2_000}
    metrics = {"coverage": 0.7, "hit_rate": hit_rate, "ndcg": 0.2, "facts": facts}
    return make_build(status, metrics={**metrics, "question": question}, **values)


def test_a_hit_rate_names_what_was_asked(page):
    judged_by("item", 0.566, kind="ease")
    judged_by("basket", 0.716, kind="together")
    judged_by("next_basket", 0.3, kind="next_basket")
    text = page()
    assert "56.6 %<" in row_of(text, "ease")
    assert "Hit rate: product pages" in row_of(text, "ease")
    assert "71.6 %<" in row_of(text, "together")
    assert "Hit rate: baskets" in row_of(text, "together")
    assert "Hit rate: a customer&#x27;s next basket" in row_of(text, "next_basket")


def test_builds_that_were_asked_otherwise_are_not_compared(admin_client, url):
    judged_by("basket", 0.716, kind="ease")
    other = judged_by("item", 0.566, "candidate", kind="ease")
    same = judged_by("basket", 0.616, "candidate", kind="ease")
    text = admin_client.get(url("build_change", other.pk)).text
    assert "71.6" not in text
    assert "15.0 points" not in text
    assert "−10.0 points" in admin_client.get(url("build_change", same.pk)).text
    changes = {row.figure.name: row.change for row in figures.comparisons(other, same)}
    assert changes["hit_rate"] == changes["ndcg"] == ""
    assert changes["coverage"] == "±0"


def test_the_list_of_builds_names_what_was_asked(page):
    judged_by("item", 0.566, kind="ease")
    assert "56.6 % (product pages)" in page("?kind__exact=ease")


def test_who_chose_what_pages_read_is_said(page):
    make_build("published", kind="together")
    make_build("published", kind="ease")
    make_build("published", kind="als")
    ModelChoice.objects.create(question="item", kind="ease", chosen_by="auto")
    ModelChoice.objects.create(question="basket", kind="als", chosen_by="merchant")
    ModelChoice.objects.create(question="customer", kind="neural", chosen_by="auto")
    text = page()
    assert "product pages (chosen by comparison)" in row_of(text, "ease")
    assert "baskets (chosen by you)" in row_of(text, "als")
    assert "cs-read" not in row_of(text, "together")
    assert "cs-read" not in row_of(text, "neural")  # chosen, but not published


def test_the_model_of_product_pages_is_shown_first(admin_client, url):
    make_build("published", kind="together")
    make_build("published", kind="ease")
    assert admin_client.get(url("build_changelist")).context["shown_kind"] == "together"
    ModelChoice.objects.create(question="item", kind="ease", chosen_by="auto")
    assert admin_client.get(url("build_changelist")).context["shown_kind"] == "ease"


def test_refused_and_running_builds_are_in_the_table(page):
    make_build("published", kind="ease")
    refused = make_build("rejected", kind="ease")
    make_build("running", kind="als", done_items=1, total_items=4)
    BuildLease.objects.create(kind="als", fence=1, expires_at=timezone.now() + timedelta(minutes=2))
    text = page()
    assert f"#{refused.pk}</a> rejected" in row_of(text, "ease")
    assert 'value="25"' in row_of(text, "als")
    assert "Rebuild" not in row_of(text, "als")
    assert "Rebuild" in row_of(text, "ease")


def test_the_table_costs_the_same_for_one_kind_and_for_all(
    admin_client, url, django_assert_max_num_queries
):
    def queries():
        with django_assert_max_num_queries(50) as captured:
            assert admin_client.get(url("build_changelist")).status_code == 200
        return len(captured)

    make_build("retired")
    make_build("published")
    make_build("running")
    queries()  # the first request also makes what is cached
    few = queries()
    for kind in KINDS:
        make_build("published", kind=kind)
        make_build("rejected", kind=kind)
        if kind != "together":
            make_build("running", kind=kind)
    forget_published_builds()
    assert queries() == few


class TestCompare:
    def test_it_is_enqueued(self, client, url, sent, django_capture_on_commit_callbacks):
        client.force_login(make_staff("view_build", "rebuild"))
        assert "Compare models" in client.get(url("build_changelist")).text
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(url("build_compare"))
        assert response.status_code == 302
        assert len(sent) == 1
        (message,) = get_messages(response.wsgi_request)
        assert "A comparison was asked for" in str(message)

    def test_not_without_the_permission(self, client, url, sent):
        client.force_login(make_staff("view_build", "publish_build"))
        assert "Compare models" not in client.get(url("build_changelist")).text
        assert client.post(url("build_compare")).status_code == 403
        assert sent == []

    def test_a_get_does_nothing(self, admin_client, url, sent, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            assert admin_client.get(url("build_compare")).status_code == 405
        assert sent == []


def test_what_cannot_be_built_has_no_button(admin_client, url, page):
    assert "Rebuild" not in row_of(page(), "viewed_bought")
    assert admin_client.post(url("build_rebuild", "viewed_bought")).status_code == 404
