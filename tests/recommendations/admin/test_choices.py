"""Which model answers what: both choices side by side, the merchant's buttons, the comparison."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from recommendations import model_wording
from recommendations.admin.tuning_table import tuning_table, tuning_tables
from recommendations.models import BuildLease, Comparison, ModelChoice, Question
from recommendations.selectors.serving import serving
from recommendations.services.lease import acquire_lease
from tests.recommendations.admin.makers import make_build, make_staff

HOSTILE = "<script>alert(1)</script>"


def tuned(name, recall, *, behind=0.0, error=0.0, **values):
    return {
        "name": name,
        "parameters": {"neighbours": 50},
        "seconds": 0.25,
        "bytes_needed": 3 * 1024**2,
        "fits": 4,
        "behind": behind,
        "behind_error": error,
        "within_noise": behind <= error,
        "storable": True,
        "note": "",
        "metrics": {"recall": recall, "ndcg": recall / 2, "novelty": None},
        **values,
    }


MODELS = [
    tuned("ease", 0.5),
    tuned("kernel", 0.44, behind=0.06, error=0.02),
    tuned("popular", 0.1, behind=0.4, error=0.03),
]

TABLE = {
    "metric": "recall",
    "k": 10,
    "n_questions": 156,
    "chosen": "ease",
    "why": "ease has the best recall@10.",
    "models": MODELS,
    "skipped": [{"name": "als", "why": f"als needs 9 GiB {HOSTILE}"}],
}


@pytest.fixture
def auto():
    """EASE is what tuning chose for product pages."""
    return ModelChoice.objects.create(
        question="item", kind="ease", chosen_by="auto", table=TABLE, parameters={"family": "ease"}
    )


@pytest.fixture
def page(admin_client, url):
    return lambda: " ".join(admin_client.get(url("modelchoice_changelist")).text.split())


def choose(client, url, question, kind):
    return client.post(url("modelchoice_choose", question), {"kind": kind})


class TestPage:
    def test_before_any_comparison(self, page):
        text = page()
        # Nobody rates in this shop, so nothing is asked about it.
        for question in set(Question) - {Question.RATING}:
            assert str(question.label).replace("'", "&#x27;") in text
        assert text.count("No comparison has been made for it") == 4
        assert text.count("Nothing is published that could answer it.") == 4
        assert "Nobody has chosen a model by hand yet." in text

    def test_the_choice_and_why(self, page, auto):
        text = page()
        assert "No model finds more: 50.0 % of what was really bought, in 10 places" in text
        assert "(EASE) is not published yet" in text

    def test_options_say_how_they_measured(self, page, auto):
        text = page()
        assert "Frequently bought together (−12 %)" in text
        assert "Linear model of all items (EASE) (as much)" in text
        assert "Association rules (not compared)" in text

    def test_hostile_words_are_escaped(self, page, auto):
        assert HOSTILE not in page()
        assert "als needs 9 GiB &lt;script&gt;" in page()

    def test_no_inline_script_or_style(self, page, auto):
        content = page().partition('id="content-start"')[2]
        for forbidden in (" style=", "<style", "<script", " onclick="):
            assert forbidden not in content

    def test_it_costs_the_same_with_choices(self, admin_client, url, django_assert_max_num_queries):
        for question in Question.values:
            for by in ("auto", "merchant"):
                ModelChoice.objects.create(
                    question=question, kind="together", chosen_by=by, table=TABLE
                )
        admin_client.get(url("modelchoice_changelist"))
        with django_assert_max_num_queries(8):
            admin_client.get(url("modelchoice_changelist"))

    def test_a_model_that_was_built_otherwise_asks_for_a_rebuild(self, page, auto):
        models = [{"family": "ease", "question": "item", "parameters": {"depth": 5}}]
        build = make_build("published", kind="ease", parameters={"models": models})
        assert "Rebuild it." not in page()
        auto.parameters = {"family": "ease", "depth": 20}
        auto.save()
        assert "built with other parameters than chosen. Rebuild it." in page()
        build.parameters = {"models": [{**models[0], "question": "customer"}]}
        build.save()
        assert "built before it was chosen for this. Rebuild it." in page()


class TestChoosing:
    def test_a_merchant_overrides_and_takes_it_back(self, client, url, auto):
        client.force_login(make_staff("view_modelchoice", "change_modelchoice"))
        assert choose(client, url, "item", "together").status_code == 302
        own = ModelChoice.objects.get(chosen_by="merchant")
        assert (own.kind, own.parameters["family"]) == ("together", "kernel")
        text = " ".join(client.get(url("modelchoice_changelist")).text.split())
        assert "By the last comparison it finds 12 % less." in text
        client.post(url("modelchoice_auto", "item"))
        assert not ModelChoice.objects.filter(chosen_by="merchant").exists()
        assert ModelChoice.objects.get().pk == auto.pk

    def test_a_better_choice_is_no_reason_to_warn(self, admin_client, url, page, auto):
        choose(admin_client, url, "item", "ease")
        assert "measured worse" not in page()

    def test_the_history_is_kept(self, admin_client, url, page, auto):
        choose(admin_client, url, "item", "together")
        admin_client.post(url("modelchoice_auto", "item"))
        assert LogEntry.objects.count() == 2
        text = page()
        assert "admin: What goes with this item? – Chosen: Frequently bought together" in text
        assert "Back to automatic; it was: Frequently bought together" in text

    def test_pages_follow_on_commit(
        self, admin_client, url, auto, django_capture_on_commit_callbacks
    ):
        make_build("published", kind="together")
        make_build("published", kind="ease")
        assert serving("item")[0].kind == "ease"
        with django_capture_on_commit_callbacks(execute=True):
            choose(admin_client, url, "item", "together")
        assert serving("item")[0].kind == "together"
        with django_capture_on_commit_callbacks(execute=True):
            admin_client.post(url("modelchoice_auto", "item"))
        assert serving("item")[0].kind == "ease"

    @pytest.mark.parametrize("kind", ["user_based", "trending", "astrology", ""])
    def test_what_cannot_answer_is_refused(self, admin_client, url, kind):
        choose(admin_client, url, "item", kind)
        assert not ModelChoice.objects.exists()

    def test_an_unknown_question_is_not_found(self, admin_client, url):
        assert choose(admin_client, url, "weather", "ease").status_code == 404

    @pytest.mark.parametrize("name", ["modelchoice_choose", "modelchoice_auto"])
    def test_a_get_does_nothing(self, admin_client, url, name):
        assert admin_client.get(url(name, "item"), {"kind": "ease"}).status_code == 405

    def test_back_to_automatic_twice_is_no_fault(self, admin_client, url):
        assert admin_client.post(url("modelchoice_auto", "item")).status_code == 302
        assert not LogEntry.objects.exists()


class TestPermissions:
    def test_viewers_have_no_buttons(self, client, url, auto):
        client.force_login(make_staff("view_modelchoice"))
        text = client.get(url("modelchoice_changelist")).text
        assert "Choose this" not in text
        assert "Compare models" not in text
        assert choose(client, url, "item", "together").status_code == 403
        assert client.post(url("modelchoice_auto", "item")).status_code == 403
        assert ModelChoice.objects.get().pk == auto.pk

    def test_others_see_nothing(self, client, url):
        client.force_login(make_staff("view_build"))
        assert client.get(url("modelchoice_changelist")).status_code == 403
        assert "Which model answers what" not in client.get(url("build_changelist")).text

    def test_rows_have_no_form(self, admin_client, url, auto):
        response = admin_client.get(url("modelchoice_change", auto.pk))
        assert response.status_code == 302
        assert response["Location"].endswith("#item")
        assert admin_client.get(url("modelchoice_add")).status_code == 403


class TestTuningTable:
    def test_bars_noise_and_baseline(self):
        table = tuning_table("item", TABLE)
        ease, kernel, popular = table.rows
        assert (ease.length, ease.chosen, ease.noise) == ("100.0", True, "")
        # 0.44, 0.42 and 0.46 of 0.5.
        assert (kernel.length, kernel.low, kernel.high) == ("88.0", "84.0", "92.0")
        assert popular.baseline
        assert table.baseline_at == popular.length == "20.0"
        assert [head.name for head in table.heads] == ["recall", "ndcg"]
        assert kernel.cells == ("44.0 %", "22.0 %", "0.25", "3.0", "4")

    def test_without_best_sellers_there_is_no_baseline(self):
        assert tuning_table("item", {**TABLE, "models": MODELS[:2]}).baseline_at == ""

    def test_a_simpler_model_within_the_noise(self):
        models = [tuned("ease", 0.5), tuned("kernel", 0.49, behind=0.01, error=0.02)]
        table = tuning_table("item", {**TABLE, "models": models, "chosen": "kernel"})
        assert "no worse than the best, ease, within the noise (1.0 ± 2.0 points" in table.why

    @pytest.mark.parametrize("stored", [None, {}, {"item": {}}, {"item": {"models": []}}, []])
    def test_what_is_no_comparison_is_left_out(self, stored):
        assert tuning_tables(stored) == []

    def test_nothing_found_is_no_division_by_nought(self):
        table = tuning_table("item", {**TABLE, "models": [tuned("ease", 0.0)]})
        assert table.rows[0].length == "0.0"

    def test_it_is_on_the_build(self, admin_client, url):
        build = make_build("published", kind="ease", metrics={"tuning": {"item": TABLE}})
        text = admin_client.get(url("build_change", build.pk)).text
        assert "Compared for: What goes with this item?" in text
        assert 'class="cs-bar__base" x1="20.0"' in text
        assert HOSTILE not in text


class TestProgress:
    @pytest.fixture
    def running(self):
        now = timezone.now()
        acquire_lease(Comparison.LEASE, holder="somebody")
        return Comparison.objects.create(
            fence=1, question="basket", trying="rp3beta", percent=37,
            started_at=now, heartbeat_at=now,
        )  # fmt: skip

    def test_the_page_shows_how_far_it_is_instead_of_the_button(self, page, running):
        text = page()
        assert '<progress max="100" value="37"' in text
        assert "Comparing models · baskets · Random walks" in text
        assert "Compare models</button>" not in text

    def test_the_script_asks_the_same(self, admin_client, url, running):
        address = url("modelchoice_progress")
        assert (
            f'data-cs-progress="{address}"' in admin_client.get(url("modelchoice_changelist")).text
        )
        found = admin_client.get(address).json()
        assert (found["running"], found["percent"]) == (True, 37)
        Comparison.objects.update(finished_at=timezone.now())
        assert admin_client.get(address).json()["running"] is False

    def test_it_is_not_for_everybody(self, client, url, running):
        client.force_login(make_staff("view_item"))
        assert client.get(url("modelchoice_progress")).status_code == 403

    def test_pressed_again_it_starts_no_second(
        self, admin_client, url, running, monkeypatch, django_capture_on_commit_callbacks
    ):
        sent = []
        monkeypatch.setattr("recommendations.tasks.tune.apply_async", lambda **g: sent.append(g))
        with django_capture_on_commit_callbacks(execute=True):
            response = admin_client.post(url("build_compare"), follow=True)
        assert sent == []
        assert "A comparison is running already" in response.text
        BuildLease.objects.update(expires_at=None)
        with django_capture_on_commit_callbacks(execute=True):
            admin_client.post(url("build_compare"))
        assert len(sent) == 1, "one that died blocks nobody"
        assert datetime.fromisoformat(sent[0]["kwargs"]["requested_at"]) <= timezone.now()

    def test_one_that_broke_off_is_told(self, page, running):
        BuildLease.objects.update(expires_at=None)
        text = page()
        assert "The last comparison broke off: no sign of life" in text
        assert "Compare models</button>" in text
        Comparison.objects.update(finished_at=timezone.now(), error=f"Trouble {HOSTILE}")
        assert "The last comparison failed: Trouble &lt;script&gt;" in page()


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ({"code": "needs", "figures": {"need": "content"}}, "It needs a description of items"),
        (
            {"code": "memory", "figures": {"needed_bytes": 2**31, "limit_bytes": 2**30}},
            "It needs about 2,048 MiB; 1,024 MiB are allowed",
        ),
        ({"code": "memory", "figures": {}}, "It needs about – MiB"),
        ({"code": "time", "figures": {}}, "The time for choosing was over"),
        ("als needs 9 GiB", "als needs 9 GiB"),
        ({"code": "new"}, "new"),
        (None, "–"),
    ],
)
def test_why_a_model_was_not_tried(why, words):
    assert words in model_wording.why_skipped({"name": "als", "why": why})


@pytest.mark.parametrize(
    ("note", "words"),
    [
        (None, ""),
        ("dropped: .1 against .2", "dropped: .1 against .2"),
        ({"code": "dropped", "figures": {"found": 0.1, "best": 0.25}}, "it found 10.0 % where"),
        (
            {"code": "gives_up", "figures": {"ndcg": 0.01, "hit_rate": 0.02}},
            "it gives up how far up it stands, how often anything is found against",
        ),
        ({"code": "clock"}, "ended by the clock"),
        ({"code": "shared", "figures": {"question": "item"}}, "chosen for product pages"),
    ],
)
def test_what_is_noted_of_a_search(note, words):
    assert words in model_wording.noted(note)


def test_parameters_of_a_blend_are_told_part_by_part():
    models = {"ease": {"l2": 5.0}, "rp3beta": {"beta": 0.3}}
    blend = tuned("blend", 0.6, parameters={"by": "lists", "models": models})
    table = tuning_table("basket", {**TABLE, "chosen": "blend", "models": [blend, *MODELS]})
    assert table.rows[0].label == "Blend of several models"
    assert table.rows[0].parameters == "by lists, models: ease: l2 5.0, models: rp3beta: beta 0.3"


def test_a_choice_that_shares_its_lists_says_so():
    other = tuned("kernel", 0.44, behind=0.06)
    table = tuning_table("item", {**TABLE, "chosen": "kernel", "why": "shared",
                                  "models": [tuned("ease", 0.5), other]})  # fmt: skip
    assert "each model has one list" in table.why
