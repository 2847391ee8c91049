"""Why a product is in a block or not, in a merchant's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations import wording
from recommendations.forms.condition_words import condition_words
from recommendations.models import Kind, Strategy
from recommendations.selectors.explaining import Answer, AskedList, Considered, Explanation
from recommendations.selectors.placements import condition_of
from recommendations.selectors.slots import Slot

LISTS = {
    "pin": gettext_lazy("Pinned by you"),
    "step": gettext_lazy("A step up that you chose"),
    "popular": gettext_lazy("Best sellers"),
    "newest": gettext_lazy("Newest in the shop, without a build"),
    "recently_viewed": gettext_lazy("What the shopper looked at last"),
}
"""Lists that are of no kind of build; the others are called as their kind."""

STAGES = {
    "pinned": gettext_lazy("pinned"),
    "boosted": gettext_lazy("lifted"),
    "model": gettext_lazy("model"),
    "fallback": gettext_lazy("stands in"),
}

CAUSES = {
    "pinned": gettext_lazy("You pinned it to this position."),
    "score": gettext_lazy("By its score: no better product was left for this place."),
    "share": gettext_lazy("So that the group “%(share)s” has its share of the places."),
    "diversity": gettext_lazy("For variety: it is less like those above it than better ones are."),
    "rotation": gettext_lazy("It is its turn: this placement changes places of like ranks."),
    "category cap": gettext_lazy(
        "Better ones are of a category that has as many places as it may have."
    ),
}
"""Why a product stands where it does."""

RULES = {
    "itself": gettext_lazy("It is the product of the page, or a variant of it."),
    "repeated": gettext_lazy("It, or a variant of it, was considered already."),
    "excluded": gettext_lazy("You excluded it: it is never to be shown here."),
    "minimum support": gettext_lazy(
        "Fewer customers bought both than the placement's minimum support asks for."
    ),
    "in basket": gettext_lazy("It is in the basket already."),
    "left out by the caller": gettext_lazy("The page asks to leave it out."),
    "not shown by the shop": gettext_lazy("The shop does not show it now: it is hidden there."),
    "not available": gettext_lazy("It is not available now, for example sold out."),
    "other currency": gettext_lazy("It is priced in another currency."),
    "not dearer": gettext_lazy("It is not dearer now, so it is no step up."),
    "forbidden step": gettext_lazy("You forbade this step up on the page of the item."),
    "beyond the price band": gettext_lazy("Its price is outside the placement's price band."),
    "owned": gettext_lazy("The customer has bought it already."),
    "already on this page": gettext_lazy("Another block of the page shows it."),
    "not interested": gettext_lazy("The shopper is not interested in it."),
    "filtered": gettext_lazy("The placement's own rule is not true for it."),
    "hidden": gettext_lazy("Your rule “%(name)s” hides it."),
    "category cap": gettext_lazy(
        "Its category has as many places as this placement lets one category have."
    ),
    "share": gettext_lazy(
        "It made room for the group “%(name)s”, which has a share of the places."
    ),
    "diversity": gettext_lazy("It is too much like something that is shown (variety)."),
    "rotation": gettext_lazy("It is not its turn: this placement changes places of like ranks."),
}
"""Why one product is not shown."""

READINGS = {
    "filtered": gettext_lazy("Only products for which: %(reading)s"),
    "hidden": gettext_lazy("The rule hides products for which: %(reading)s"),
    "share": gettext_lazy("The group holds products for which: %(reading)s"),
}
"""What a rule says, beside its name."""

STANDS_IN = {
    "no build is published yet": gettext_lazy("No build is published yet, so this stands in."),
    "no order holds this item yet": gettext_lazy(
        "No order holds the product of the page yet, so this stands in."
    ),
    "too few customers share it": gettext_lazy(
        "Nothing was bought with it by enough customers, so this stands in."
    ),
    "the list is short": gettext_lazy("The list before it is too short, so this fills up."),
    "the basket is empty": gettext_lazy("The basket is empty, so this stands in."),
    "no order holds the basket's items yet": gettext_lazy(
        "No order holds what is in the basket yet, so this stands in."
    ),
    "the customer is not known": gettext_lazy("The customer is not known, so this stands in."),
    "the customer has no list yet": gettext_lazy(
        "There is no list of this customer, so this stands in."
    ),
    "nothing trends now": gettext_lazy("Nothing trends now, so this stands in."),
    "nothing is new now": gettext_lazy("Nothing is new now, so this stands in."),
}
"""Why something stands in for the list; rarer reasons are told as they are."""


class Told(NamedTuple):
    """A fact with its name."""

    label: str
    text: str


def slot_facts(slot: Slot) -> list[Told]:
    """Return the whole trace of a slot, one fact after another."""
    trace = slot.trace
    facts = [
        Told(_("Where it comes from"), list_words(trace, place=trace.get("position"))),
        Told(_("Why it stands here"), _standing(trace)),
        Told(_("Score of the model"), _score(trace)),
        Told(_("Your rules"), _rules(trace)),
        Told(_("Stands in because"), _stands_in(trace)),
        Told(_("What the orders say"), _evidence(slot)),
        Told(_("What shoppers read"), slot.reason),
    ]
    return [fact for fact in facts if fact.text]


def stage_words(slot: Slot) -> str:
    """Return which part of the precedence put a slot there."""
    stage = slot.trace.get("stage", slot.source)
    if stage == "boosted" and slot.trace["score"]["factor"] < 1:
        return _("buried")
    return str(STAGES.get(stage, stage))


def list_words(told: Mapping[str, Any], *, place: int | None = None) -> str:
    """Return the name of a list, with its build, and the place in it."""
    strategy = told.get("strategy", "")
    if strategy in {"pin", "step"}:
        return str(LISTS[strategy])
    name = str(LISTS.get(strategy) or dict(Kind.choices).get(strategy, strategy))
    if told.get("category"):
        name = _("%(list)s in “%(category)s”") % {"list": name, "category": told["category"]}
    if told.get("build"):
        name = _("%(list)s, build %(build)s") % {"list": name, "build": f"#{told['build']}"}
    step = told.get("step")
    if step in Strategy.values:
        name = _("%(source)s (%(list)s)") % {"source": Strategy(step).label, "list": name}
    if place is None:
        return name
    return _("%(list)s: place %(place)s") % {"list": name, "place": wording.number(place)}


def asked_words(asked: AskedList) -> str:
    """Return the name of a list with how many products it named."""
    count = ngettext("%(n)s product", "%(n)s products", asked.entries)
    return f"{list_words(asked.told)}: {count % {'n': wording.number(asked.entries)}}"


def left_out_words(left: Considered | Answer) -> list[str]:
    """Return why one product is not shown, and what the rule that says so says."""
    if left.rule is None:
        return []
    sentences = [str(RULES[left.rule]) % {"name": left.by}]
    if left.condition and left.rule in READINGS:
        reading = condition_words(condition_of(left.condition))
        sentences.append(str(READINGS[left.rule]) % {"reading": reading})
    return sentences


def answer_words(found: Explanation) -> list[str]:
    """Return whether and why the product that was asked about is shown, in sentences."""
    answer = found.answer
    if answer is None:
        return []
    if answer.verdict == "left out":
        sentences = [_("It is not shown."), *left_out_words(answer)]
        return [*sentences, *_in_list(answer)]
    told = {"place": wording.number(answer.place), "n": wording.number(len(found.slots))}
    if answer.verdict == "shown":
        return [_("It is shown, at place %(place)s.") % told]
    if answer.verdict == "behind":
        shown = ngettext(
            "It stands at place %(place)s of what may be shown; %(n)s is shown.",
            "It stands at place %(place)s of what may be shown; %(n)s are shown.",
            len(found.slots),
        )
        hint = _("To bring it forward, pin it or lift it by a rule; or show more.")
        return [shown % told, *_in_list(answer), hint]
    if answer.verdict == "in no list":
        none = _("It is in none of the lists that this placement asks here.")
        hint = _("To show it nevertheless, pin it; or add a source that has it.")
        return [none, hint]
    if answer.verdict == "no page":
        return [_("The shop does not show the product of the page, so there is no block.")]
    return [_("No such product is known.")]


def _in_list(answer: Answer) -> list[str]:
    """Return where a product stands that is not shown."""
    if answer.told is None:
        return []
    where = list_words(answer.told, place=answer.told.get("position"))
    return [_("Where it comes from: %(list)s.") % {"list": where}]


def _standing(trace: Mapping[str, Any]) -> str:
    arrangement = trace.get("arrangement", {})
    cause = arrangement.get("cause", "score")
    share = arrangement.get("share", {}).get("name", "")
    return str(CAUSES.get(cause, cause)) % {"share": share}


def _score(trace: Mapping[str, Any]) -> str:
    score = trace.get("score", {})
    if score.get("model") is None:
        return ""
    text = wording.decimal(score["model"], 4)
    if score.get("factor", 1) == 1:
        return text
    told = {
        "model": text,
        "level": wording.decimal(score["level"], 4),
        "factor": _times(score["factor"]),
        "final": wording.decimal(score["final"], 4),
    }
    if told["level"] == text:
        return _("%(model)s, × %(factor)s by your rules: %(final)s") % told
    return (
        _("%(model)s; made comparable with other lists %(level)s, × %(factor)s: %(final)s") % told
    )


def _times(factor: float) -> str:
    """Return a factor with no more places than it needs."""
    return wording.decimal(factor, 0 if factor == round(factor) else 2)


def _rules(trace: Mapping[str, Any]) -> str:
    hits = []
    for rule in trace.get("rules", ()):
        told = {"name": rule["name"], "factor": _times(rule["factor"])}
        bury = rule["kind"] == "bury"
        text = (
            _("“%(name)s” buries it: × %(factor)s")
            if bury
            else _("“%(name)s” lifts it: × %(factor)s")
        )
        hits.append(text % told)
    return "; ".join(hits)


def _stands_in(trace: Mapping[str, Any]) -> str:
    why = trace.get("why", "")
    return str(STANDS_IN.get(why, why))


def _evidence(slot: Slot) -> str:
    if slot.evidence is None:
        return ""
    customers, orders = slot.evidence.customers, slot.evidence.baskets
    by = ngettext("%(n)s customer", "%(n)s customers", customers)
    in_orders = ngettext("%(n)s order", "%(n)s orders", orders)
    return _("%(customers)s in %(orders)s") % {
        "customers": by % {"n": wording.number(customers)},
        "orders": in_orders % {"n": wording.number(orders)},
    }
