"""``manage.py crosssell_recommend``: what is suggested for an item or a customer, and why."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations.models import Item, Kind
from recommendations.selectors.builds import published_build_id
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.slots import LeftOut, Shelf, Slot, TogetherBlock
from recommendations.selectors.suggestions import (
    kind_for_customers,
    suggestions_for_customer,
    suggestions_for_item,
)
from recommendations.selectors.together import together_block
from recommendations.services.builds import KINDS

EXAMPLES = 5


class Command(BaseCommand):
    help = (
        "Show what is frequently bought together with an item, as an anonymous shopper sees it; "
        "what another kind suggests beside it (--kind), or what a customer is suggested "
        "(--customer)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "key", nargs="?", metavar="KEY", help="the item's key: see the admin's items"
        )
        parser.add_argument("--kind", help=f"whose lists to read: {', '.join(KINDS)}")
        parser.add_argument(
            "--customer", metavar="C", help="the customer's key instead of an item's"
        )
        parser.add_argument("--count", type=int, help="how many (default: as the placement says)")
        parser.add_argument(
            "--placement", help="whose settings to use (default: product, or customer)"
        )
        parser.add_argument(
            "--explain", action="store_true", help="also show scores, and who was left out and why"
        )
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object as the last line"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if (options["key"] is None) == (options["customer"] is None):
            raise CommandError("Name either an item's KEY or a --customer.")
        if options["kind"] not in {None, *KINDS}:
            msg = f"There is no build kind {options['kind']!r}; there are: {', '.join(KINDS)}."
            raise CommandError(msg)
        try:
            if options["customer"] is not None:
                self._for_customer(options)
            elif options["kind"] in {None, Kind.TOGETHER}:
                self._together(options)
            else:
                self._for_item(options)
        except ValueError as error:
            raise CommandError(str(error)) from error

    def _for_customer(self, options: dict[str, Any]) -> None:
        kind = options["kind"] or kind_for_customers()
        if kind is None:
            raise CommandError(
                "No kind with lists for customers answers yet; crosssell_rebuild next_basket "
                "makes one, and --kind names any other."
            )
        customer = options["customer"]
        shelf = suggestions_for_customer(kind, customer, _shelf_options(options, "customer"))
        self._answer({"customer": customer, "kind": kind}, shelf, options)

    def _for_item(self, options: dict[str, Any]) -> None:
        kind, key = options["kind"], options["key"]
        shelf = suggestions_for_item(kind, key, _shelf_options(options, "product"))
        if shelf is None:
            raise CommandError(_unknown(key))
        self._answer({"key": key, "kind": kind}, shelf, options)

    def _answer(self, asked: dict[str, Any], shelf: Shelf, options: dict[str, Any]) -> None:
        explain = options["explain"]
        if not options["json"]:
            self._print(shelf.slots, shelf.left_out, explain=explain)
            return
        answer = {
            **asked,
            "build": published_build_id(asked["kind"]),
            "suggestions": [_slot(slot, explain=explain) for slot in shelf.slots],
        }
        if explain:
            answer["left_out"] = _left_out(shelf.left_out)
        self.stdout.write(json.dumps(answer, ensure_ascii=False))

    def _together(self, options: dict[str, Any]) -> None:
        key = options["key"]
        item = Item.objects.filter(key=key).first()
        if item is None:
            raise CommandError(_unknown(key))
        placement = options["placement"] or "product"
        block = together_block(key, placement=placement, count=options["count"])
        if options["json"]:
            answer = _as_json(item, block, explain=options["explain"])
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        elif block is None:
            self.stdout.write(f"The shop does not show {item} ({item.key}) now.")
        else:
            self.stdout.write(self.style.MIGRATE_HEADING(f"{block.viewed.title} ({item.key})"))
            self._print(block.slots, block.left_out, explain=options["explain"])

    def _print(self, slots: Sequence[Slot], left_out: Sequence[LeftOut], *, explain: bool) -> None:
        if not slots:
            self.stdout.write("Nothing to recommend.")
        for number, slot in enumerate(slots, start=1):
            price = f"  {slot.price.amount} {slot.price.currency}" if slot.price else ""
            self.stdout.write(f"{number:>3}. {slot.title} ({slot.key}){price}  {slot.reason}")
            if explain:
                self.stdout.write(f"     {_explanation(slot)}")
        for one in left_out if explain else ():
            self.stdout.write(f"  -  {one.key} ({one.source}): {one.rule}")


def _shelf_options(options: dict[str, Any], placement: str) -> ShelfOptions:
    return ShelfOptions(placement=options["placement"] or placement, count=options["count"])


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
        answer["left_out"] = _left_out(block.left_out)
    return answer


def _left_out(several: Sequence[LeftOut]) -> list[dict[str, Any]]:
    return [{"key": one.key, "source": one.source, "rule": one.rule} for one in several]


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
