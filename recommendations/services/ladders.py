"""Writes to ladders: the merchant's word about one step."""

from __future__ import annotations

from django.db import transaction

from recommendations.models import Item, LadderStep

OFFER, FORBID, MODEL = LadderStep.Rule.OFFER.value, LadderStep.Rule.FORBID.value, "model"
"""What can be said of a step: the last leaves it to the model again."""

WORDS = (OFFER, FORBID, MODEL)


@transaction.atomic
def set_step(item: Item, upgrade: Item, word: str) -> None:
    """Offer a step before all others of the item, forbid it, or leave it to the model."""
    if word not in WORDS:
        msg = f"word is {word!r}; allowed are {', '.join(WORDS)}."
        raise ValueError(msg)
    steps = LadderStep.objects.filter(item=item)
    if word == MODEL:
        for step in steps.filter(upgrade=upgrade):  # one by one: caches listen to each
            step.delete()
        return
    if word == OFFER:
        for step in steps.filter(rule=OFFER).exclude(upgrade=upgrade):
            step.position += 1
            step.save(update_fields=["position"])
    steps.update_or_create(upgrade=upgrade, defaults={"item": item, "rule": word, "position": 1})
