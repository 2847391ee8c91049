"""The form field of a rule: what is typed, what is refused and where, and what is shown again."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
from django import forms
from django.utils import translation
from hypothesis import given

from recommendations.engine.conditions import AUDIENCE, document, parse
from recommendations.forms import ConditionField
from recommendations.forms.condition_rows import document_of, rows_of
from recommendations.forms.condition_words import condition_words
from tests.recommendations.engine.conditions import strategies

SIMPLE = {
    "version": 1,
    "all": [
        {"field": "item.category", "op": "eq", "value": {"field": "viewed.category"}},
        {
            "field": "item.price",
            "op": "between",
            "value": [
                {"percent": 85, "of": "viewed.price"},
                {"percent": 150, "of": "viewed.price"},
            ],
        },
        {"field": "item.price", "op": "lt", "value": {"amount": "99.90", "currency": "EUR"}},
        {"not": {"field": "item.title", "op": "contains_word", "value": "used"}},
        {"field": "item.attributes.size", "op": "in", "value": [41, 42.5]},
        {"field": "item.attributes.code", "op": "eq", "value": "42"},
        {"field": "customer.known", "op": "eq", "value": True},
        {"not": {"field": "item.margin", "op": "exists"}},
    ],
}
NESTED = {"version": 1, "all": [{"any": [{"field": "item.brand", "op": "exists"}]}]}


class RuleForm(forms.Form):
    rule = ConditionField(required=False)


class CouponForm(forms.Form):
    rule = ConditionField(schema=AUDIENCE)


def rows(*given, match="all"):
    """What a browser sends of rows, each (field, comparison, value[, attribute])."""
    data = {"rule-mode": "rows", "rule-match": match, "rule-json": "ignored"}
    for position, (field, op, value, *attribute) in enumerate(given):
        data |= {
            f"rule-{position}-field": field,
            f"rule-{position}-op": op,
            f"rule-{position}-value": value,
            f"rule-{position}-attribute": attribute[0] if attribute else "",
        }
    return data


class Inputs(HTMLParser):
    """What a browser would send of a page without a script, untouched."""

    def __init__(self, html):
        super().__init__()
        self.data, self.tags, self.select, self.area = {}, [], None, None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        if tag == "select":
            self.select = attrs["name"]
        elif tag == "option" and ("selected" in attrs or self.select not in self.data):
            self.data[self.select] = attrs["value"]
        elif tag == "textarea":
            self.area = attrs["name"]
            self.data[self.area] = ""
        elif tag == "input" and (attrs["type"] != "radio" or "checked" in attrs):
            self.data[attrs["name"]] = attrs.get("value", "")

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.area = None

    def handle_data(self, data):
        if self.area:
            self.data[self.area] += data


def test_rows_become_a_document():
    form = RuleForm(
        rows(
            ("item.category", "same", ""),
            ("item.price", "share", "85 %, 150"),
            ("item.price", "lt", "99.90 EUR"),
            ("", "eq", ""),
            ("item.title", "not_contains_word", " used "),
            ("item.attributes", "in", "41, 42.5", "size"),
            ("item.attributes", "eq", '"42"', "code"),
            ("customer.known", "eq", "true"),
            ("item.margin", "not_exists", ""),
        )
    )
    assert form.is_valid(), form.errors
    assert form.cleaned_data["rule"] == SIMPLE


@pytest.mark.parametrize("rule", [SIMPLE, NESTED, {"version": 1, "all": []}, None])
def test_a_stored_rule_sent_back_untouched_is_the_same_rule(rule):
    html = str(RuleForm(initial={"rule": rule})["rule"])
    form = RuleForm(Inputs(html).data, initial={"rule": rule})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["rule"] == rule
    assert not form.has_changed()


def test_what_fits_into_rows_is_shown_in_rows_and_the_rest_as_json():
    assert Inputs(str(RuleForm(initial={"rule": SIMPLE})["rule"])).data["rule-mode"] == "rows"
    assert Inputs(str(RuleForm(initial={"rule": NESTED})["rule"])).data["rule-mode"] == "json"


@given(condition=strategies.conditions())
def test_rows_say_the_same_as_the_rule(condition):
    found = rows_of(condition)
    if found is not None:
        match, said = found
        again = parse(document_of(said, match))
        wrapped = document(again)
        plain = document(condition)
        assert wrapped in (
            plain,
            {"version": 1, "all": [{k: v for k, v in plain.items() if k != "version"}]},
        )


def test_faults_of_rows_name_the_row_and_nothing_is_lost():
    form = RuleForm(
        rows(
            ("item.brand", "eq", "Ayo"),
            ("", "eq", ""),
            ("item.price", "lt", "cheap"),
            ("", "eq", "orphan"),
        )
    )
    assert not form.is_valid()
    assert form.errors["rule"] == [
        "Condition 2: a price needs an amount, not 'cheap'",
        "Condition 3: there is no field “”",
    ]
    codes = [error.code for error in form.errors.as_data()["rule"][0:]]
    assert codes == ["money", "unknown_field"]
    html = str(form["rule"])
    again = Inputs(html).data
    assert (again["rule-1-value"], again["rule-2-value"]) == ("cheap", "orphan")
    assert "a price needs an amount, not &#x27;cheap&#x27;" in html
    marked = [attrs for _, attrs in Inputs(html).tags if attrs.get("aria-invalid")]
    assert {attrs["aria-describedby"] for attrs in marked} == {"rule-1-fault", "rule-2-fault"}
    assert {"rule-1-fault", "rule-2-fault"} <= {attrs.get("id") for _, attrs in Inputs(html).tags}


def test_marks_of_faults_last_until_the_field_is_cleaned_again():
    form = RuleForm(rows(("item.price", "lt", "cheap")))
    assert not form.is_valid()
    assert form.has_changed()
    assert 'aria-invalid="true"' in str(form["rule"])
    form.data = rows(("item.price", "lt", "9 EUR"))
    form.full_clean()
    assert 'aria-invalid="true"' not in str(form["rule"])


def test_faults_of_json_name_the_place():
    text = json.dumps(
        {
            "version": 1,
            "all": [
                {"field": "item.brand", "op": "exists"},
                {"not": {"field": "item.price", "op": "lt", "value": "cheap"}},
            ],
        }
    )
    form = RuleForm({"rule-mode": "json", "rule-json": text})
    assert form.errors["rule"] == ["all[1].not.value: a price needs an amount, not 'cheap'"]
    assert Inputs(str(form["rule"])).data["rule-json"].strip() == text


def test_broken_json_stays_in_the_form():
    form = RuleForm({"rule-mode": "json", "rule-json": "{oops"})
    assert form.errors.as_data()["rule"][0].code == "not_json"
    assert Inputs(str(form["rule"])).data["rule-json"].strip() == "{oops"


def test_a_fault_with_a_percent_sign_is_shown_as_it_is():
    form = RuleForm(rows(("item.price", "lt", "5%s")))
    assert form.errors["rule"] == ["Condition 1: a price needs an amount, not '5%s'"]


def test_a_rule_that_is_needed_is_asked_for():
    assert not CouponForm(rows(("", "eq", ""))).is_valid()
    assert RuleForm(rows(("", "eq", ""))).is_valid()


def test_fields_of_another_kind_of_rule_are_refused_and_not_offered():
    form = CouponForm(rows(("item.brand", "eq", "Ayo")))
    assert form.errors.as_data()["rule"][0].code == "field_not_here"
    html = str(CouponForm()["rule"])
    assert 'value="customer.orders"' in html
    assert 'value="item.' not in html
    assert 'value="viewed.' not in html


def test_the_rule_is_read_out_in_the_readers_numbers():
    price = parse(
        {
            "version": 1,
            "field": "item.price",
            "op": "lt",
            "value": {"amount": "1234.5", "currency": "EUR"},
        }
    )
    assert condition_words(price) == "The price is less than €1,234.50."
    with translation.override("de"):
        assert "€1.234,50" in condition_words(price)
    html = str(RuleForm(initial={"rule": SIMPLE})["rule"])
    assert "The category is the same as the viewed item&#x27;s" in html


def test_hostile_texts_are_escaped_and_there_is_no_inline_script_or_style():
    attack = "\"><script>alert(1)</script>'); --"
    rule = {"version": 1, "all": [{"field": "item.brand", "op": "eq", "value": attack}]}
    for form in (RuleForm(initial={"rule": rule}), RuleForm(rows(("item.price", "lt", attack)))):
        tags = Inputs(str(form["rule"]) + str(form.media)).tags
        assert [attrs for tag, attrs in tags if tag == "script"] == [
            {"src": "/static/crosssell_admin/condition.js", "type": "module"}
        ]
        for _, attrs in tags:
            assert not [name for name in attrs if name == "style" or name.startswith("on")]


def test_every_control_has_a_name():
    tags = Inputs(str(RuleForm(initial={"rule": SIMPLE})["rule"])).tags
    for tag, attrs in tags:
        wrapped = attrs.get("type") == "radio" or attrs.get("name", "").endswith("-match")
        if tag in {"select", "input", "textarea"} and not wrapped:
            assert attrs["aria-label"], attrs


def test_only_so_many_rows_are_read():
    form = RuleForm(rows(*[("item.brand", "eq", "Ayo")] * 150))
    assert form.is_valid()
    assert len(form.cleaned_data["rule"]["all"]) == 100
