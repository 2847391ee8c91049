"""``manage.py crosssell_recommend KEY``: what a shopper sees beside an item, and why."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations.models import Item
from recommendations.selectors.slots import Slot, TogetherBlock
from recommendations.selectors.together import together_block

EXAMPLES = 5


class Command(BaseCommand):
    help = "Show what is frequently bought together with an item, as an anonymous shopper sees it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key", metavar="KEY", help="the item's key: see the admin's items")
        parser.add_argument("--count", type=int, help="how many (default: as the placement says)")
        parser.add_argument("--placement", default="product", help="whose settings to use")
        parser.add_argument(
            "--explain", action="store_true", help="also show scores, and who was left out and why"
        )
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object as the last line"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        key = options["key"]
        item = Item.objects.filter(key=key).first()
        if item is None:
            raise CommandError(_unknown(key))
        try:
            block = together_block(key, placement=options["placement"], count=options["count"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            answer = _as_json(item, block, explain=options["explain"])
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        else:
            self._print(item, block, explain=options["explain"])

    def _print(self, item: Item, block: TogetherBlock | None, *, explain: bool) -> None:
        if block is None:
            self.stdout.write(f"The shop does not show {item} ({item.key}) now.")
            return
        self.stdout.write(self.style.MIGRATE_HEADING(f"{block.viewed.title} ({item.key})"))
        if not block.slots:
            self.stdout.write("Nothing to recommend.")
        for number, slot in enumerate(block.slots, start=1):
            price = f"  {slot.price.amount} {slot.price.currency}" if slot.price else ""
            self.stdout.write(f"{number:>3}. {slot.title} ({slot.key}){price}  {slot.reason}")
            if explain:
                self.stdout.write(f"     {_explanation(slot)}")
        if explain:
            for left_out in block.left_out:
                self.stdout.write(f"  -  {left_out.key} ({left_out.source}): {left_out.rule}")


def _unknown(key: str) -> str:
    known = list(Item.objects.filter(active=True).order_by("pk")[:EXAMPLES])
    if not known:
        return f"There is no item {key!r}: none is known yet. Run crosssell_sync first."
    near = list(Item.objects.filter(title__icontains=key).order_by("title", "pk")[:EXAMPLES])
    listed = ", ".join(f"{item.key!r} ({item})" for item in near or known)
    lead = "did you mean" if near else "there are, for example"
    return f"There is no item {key!r}; {lead}: {listed}."


def _explanation(slot: Slot) -> str:
    parts = [f"source {slot.source}"]
    if slot.score is not None:
        parts.append(f"score {slot.score:.5f}")
    if slot.evidence is not None:
        parts.append(f"{slot.evidence.customers} customers, {slot.evidence.baskets} orders")
    parts.extend(f"{name} {value}" for name, value in slot.trace.items())
    return ", ".join(parts)


def _as_json(item: Item, block: TogetherBlock | None, *, explain: bool) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "key": item.key,
        "title": str(item),
        "shown": block is not None,
        "build": block.build_id if block else None,
        "companions": [_slot(slot, explain=explain) for slot in block.slots] if block else [],
    }
    if explain and block:
        answer["left_out"] = [
            {"key": one.key, "source": one.source, "rule": one.rule} for one in block.left_out
        ]
    return answer


def _slot(slot: Slot, *, explain: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "key": slot.key,
        "title": slot.title,
        "price": str(slot.price.amount) if slot.price else None,
        "currency": slot.price.currency if slot.price else None,
        "customers": slot.evidence.customers if slot.evidence else None,
        "orders": slot.evidence.baskets if slot.evidence else None,
        "score": slot.score,
        "reason": slot.reason,
        "source": slot.source,
    }
    return {**entry, "trace": dict(slot.trace)} if explain else entry
