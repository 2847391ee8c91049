"""The shape of upgrades: what the schema declares and what is sent."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from recommendations.api.payloads import (
    CompanionSerializer,
    LeftOutSerializer,
    MoneySerializer,
    ProductSerializer,
    companion_payload,
    left_out_payload,
    money_payload,
    product_payload,
)
from recommendations.comparison import attributes_of
from recommendations.selectors.upgrades import UpgradesBlock

_TOLD = "What the shop tells of it, name to value, in the order of its page."


class ComparedSerializer(ProductSerializer):
    """The product that upgrades are compared with."""

    attributes = serializers.DictField(child=serializers.CharField(), help_text=_TOLD)


class UpgradeSerializer(CompanionSerializer):
    """A dearer product that meets the same need."""

    more = MoneySerializer(help_text="What it costs more, as both prices are shown.")
    attributes = serializers.DictField(child=serializers.CharField(), help_text=_TOLD)


class UpgradesSerializer(serializers.Serializer):
    """An item and its upgrades."""

    item = ComparedSerializer()
    placement = serializers.CharField()
    title = serializers.CharField(help_text="The merchant's heading; empty for the usual words.")
    upgrades = UpgradeSerializer(many=True)
    build = serializers.IntegerField(required=False, allow_null=True, help_text="With explain=1.")
    left_out = LeftOutSerializer(many=True, required=False, help_text="With explain=1.")


def upgrades_payload(block: UpgradesBlock, *, explain: bool = False) -> dict[str, Any]:
    """Return upgrades as JSON values; scores and rules only for those who may see them."""
    payload: dict[str, Any] = {
        "item": {**product_payload(block.viewed), "attributes": attributes_of(block.viewed)},
        "placement": block.placement,
        "title": block.title,
        "upgrades": [
            {
                **companion_payload(slot, explain=explain),
                "more": money_payload(block.more(slot)),
                "attributes": attributes_of(slot),
            }
            for slot in block.slots
        ],
    }
    if explain:
        payload["build"] = block.build_id
        payload["left_out"] = left_out_payload(block.left_out)
    return payload
