"""The shape of answers: what the schema declares and what is sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from recommendations.adapters import Money
from recommendations.selectors.prices import displayed
from recommendations.selectors.slots import LeftOut, Shelf, Slot, TogetherBlock


class MoneySerializer(serializers.Serializer):
    """An exact amount in one currency."""

    amount = serializers.CharField(help_text="Decimal, with the places of the currency: 12.50.")
    currency = serializers.CharField(help_text="Three letters: EUR.")


class ProductSerializer(serializers.Serializer):
    """A product as the shop shows it now."""

    key = serializers.CharField(help_text="The item's key, for further requests.")
    title = serializers.CharField()
    price = MoneySerializer(allow_null=True, help_text="Live price; null where it is hidden.")
    url = serializers.CharField(help_text="Address of the product's page, perhaps relative.")
    image_url = serializers.CharField(help_text="Address of a picture; empty where there is none.")
    available = serializers.BooleanField()
    needs_choice = serializers.BooleanField(
        help_text="A variant has to be chosen on the product's page before it can be bought."
    )


class EvidenceSerializer(serializers.Serializer):
    """What the orders say about a pair."""

    customers = serializers.IntegerField(help_text="Distinct customers with a basket of both.")
    baskets = serializers.IntegerField(help_text="Baskets that hold both.")


class ExplanationSerializer(serializers.Serializer):
    """How a companion got there; only with explain=1."""

    score = serializers.FloatField(allow_null=True)
    evidence = EvidenceSerializer(allow_null=True)
    trace = serializers.DictField()


class CompanionSerializer(ProductSerializer):
    """A product that is bought together with the item."""

    reason = serializers.CharField(help_text="For the shopper, in the language asked for.")
    source = serializers.ChoiceField(  # type: ignore[assignment] # the stubs know the attribute
        choices=["pinned", "model", "fallback"]
    )
    explanation = ExplanationSerializer(required=False)


class LeftOutSerializer(serializers.Serializer):
    """A candidate that is not shown; only with explain=1."""

    key = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment] # the stubs know the attribute
    rule = serializers.CharField()


class TogetherSerializer(serializers.Serializer):
    """An item and what is bought together with it."""

    item = ProductSerializer()
    placement = serializers.CharField()
    title = serializers.CharField(help_text="The merchant's heading; empty for the usual words.")
    companions = CompanionSerializer(many=True)
    total = MoneySerializer(
        allow_null=True,
        help_text="Price of the item and all companions that can be added, where it can be said.",
    )
    build = serializers.IntegerField(required=False, allow_null=True, help_text="With explain=1.")
    left_out = LeftOutSerializer(many=True, required=False, help_text="With explain=1.")


class ShelfSerializer(serializers.Serializer):
    """Products that stand for themselves."""

    placement = serializers.CharField()
    title = serializers.CharField(help_text="The merchant's heading; empty for the usual words.")
    recommendations = CompanionSerializer(many=True)
    left_out = LeftOutSerializer(many=True, required=False, help_text="With explain=1.")


class BasketItemsSerializer(serializers.Serializer):
    """What to put into the basket, one of each."""

    items = serializers.ListField(child=serializers.CharField(max_length=200), min_length=1)


class RefusalSerializer(serializers.Serializer):
    """A product that was not added, and why."""

    key = serializers.CharField()
    reason = serializers.CharField()


class AddedSerializer(serializers.Serializer):
    """What became of a wish to add products."""

    added = serializers.ListField(child=serializers.CharField())
    refused = RefusalSerializer(many=True)


class ProblemErrorSerializer(serializers.Serializer):
    """One thing that is wrong."""

    parameter = serializers.CharField(required=False, help_text="Name in the query or path.")
    pointer = serializers.CharField(required=False, help_text="Place in the body.")
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    """RFC 9457 problem details."""

    type = serializers.CharField(help_text="Stable: tell errors apart by it.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = ProblemErrorSerializer(  # type: ignore[assignment] # the stubs know the property
        many=True, required=False
    )


def together_payload(block: TogetherBlock, *, explain: bool = False) -> dict[str, Any]:
    """Return a block as JSON values; scores and rules only for those who may see them."""
    payload: dict[str, Any] = {
        "item": product_payload(block.viewed),
        "placement": block.placement,
        "title": block.title,
        "companions": [companion_payload(slot, explain=explain) for slot in block.slots],
        "total": money_payload(block.total()),
    }
    if explain:
        payload["build"] = block.build_id
        payload["left_out"] = left_out_payload(block.left_out)
    return payload


def shelf_payload(shelf: Shelf, *, explain: bool = False) -> dict[str, Any]:
    """Return a shelf as JSON values; scores and rules only for those who may see them."""
    payload: dict[str, Any] = {
        "placement": shelf.placement,
        "title": shelf.title,
        "recommendations": [companion_payload(slot, explain=explain) for slot in shelf.slots],
    }
    if explain:
        payload["left_out"] = left_out_payload(shelf.left_out)
    return payload


def left_out_payload(several: Iterable[LeftOut]) -> list[dict[str, str]]:
    """Return what is not shown, and by which rule."""
    return [{"key": left.key, "source": left.source, "rule": left.rule} for left in several]


def companion_payload(slot: Slot, *, explain: bool) -> dict[str, Any]:
    """Return a companion as JSON values."""
    payload = {**product_payload(slot), "reason": slot.reason, "source": slot.source}
    if explain:
        evidence = slot.evidence
        payload["explanation"] = {
            "score": slot.score,
            "evidence": evidence and {"customers": evidence.customers, "baskets": evidence.baskets},
            "trace": dict(slot.trace),
        }
    return payload


def product_payload(slot: Slot) -> dict[str, Any]:
    """Return a product's live face as JSON values."""
    return {
        "key": slot.key,
        "title": slot.title,
        "price": money_payload(slot.price),
        "url": slot.url,
        "image_url": slot.image_url,
        "available": slot.available,
        "needs_choice": slot.needs_choice,
    }


def money_payload(price: Money | None) -> dict[str, str] | None:
    """Return an amount as text, so that no reader makes a float of it."""
    if price is None:
        return None
    price = displayed(price)
    return {"amount": f"{price.amount:f}", "currency": price.currency}
