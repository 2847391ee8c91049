"""A shop whose every title, name and key is Chinese or a number, so words are the pages' own."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from bundles.models import Bundle
from promotions.models import Campaign, Coupon
from recommendations.models import (
    Build,
    Comparison,
    Exclusion,
    Item,
    Kind,
    LadderStep,
    Merchandising,
    ModelChoice,
    Pin,
    Placement,
    PlacementPin,
    PlacementStep,
    Publication,
    Question,
    SlotShare,
    Strategy,
)
from recommendations.services.sync import sync_items
from shop.models import Order, OrderAddress, Product
from shop.services.demo import create_default_placements
from tests.recommendations.admin.makers import make_build
from tests.recommendations.factories import companions, publish
from tests.shop.factories import make_basket, make_brand, make_category, make_order, make_review

NAMES = ("水壶", "茶杯", "平底锅", "汤碗", "托盘", "罐子", "茶壶", "盘子", "勺子", "烤箱")
RULE = {
    "version": 1,
    "all": [
        {"field": "item.brand", "op": "eq", "value": "布朗"},
        {"field": "item.price", "op": "lt", "value": {"amount": "500", "currency": "EUR"}},
        {"field": "item.category", "op": "eq", "value": {"field": "viewed.category"}},
    ],
}
REASONS = [
    {
        "code": "fewer_lines",
        "parameters": {"given": 301_000, "published": 509_152, "share": 0.5912, "limit": 0.7},
    }
]


@dataclass(frozen=True, slots=True)
class Shop:
    """What the pages are asked about."""

    customer: Any
    owner: Any
    viewed: Product
    order: Order


def open_shop() -> Shop:
    """Make a shop in use: orders, lists of every kind, rules of the merchant, a comparison."""
    users = get_user_model()._default_manager
    customer = users.create_user("顾客", email="1@example.com", first_name="王")
    owner = users.create_superuser("店主")
    products = _products()
    orders = [
        make_order(
            (products[0], 2), (products[1], 1), user=customer, number=f"1000{number}",
            status=status, email="1@example.com",
        )
        for number, status in enumerate(Order.Status.values)
    ]  # fmt: skip
    for order in orders:
        OrderAddress.objects.create(
            order=order, name="王", street="长街", postcode="100", city="北京", country="中国"
        )
    make_basket((products[0], 1), (products[3], 2), user=customer)
    for stars in (1, 5):
        make_review(products[0], stars, user=users.create_user(f"评论者{stars}"), text="很好")
    sync_items()
    items = [Item.objects.get(key=str(product.pk)) for product in products]
    _publish(items, customer)
    _builds()
    create_default_placements()
    _rules(items)
    _choices()
    return Shop(customer, owner, products[0], orders[0])


def _products() -> list[Product]:
    shelf, brand = make_category("厨房"), make_brand("布朗")
    shelf.slug = brand.slug = "1"
    shelf.save()
    brand.save()
    return [
        Product.objects.create(
            name=name, sku=f"0{number}", slug=f"{number}", price=Decimal(20 + 10 * number),
            cost=Decimal(10), category=shelf, brand=brand, stock=number,
            attributes={"功率": f"{number}"},
        )
        for number, name in enumerate(NAMES)
    ]  # fmt: skip


def _publish(items: list[Item], customer: Any) -> None:
    """Publish every kind; the gaps in some lists let others stand in."""
    first, *others = items
    every = companions(*others)
    several = {
        first: [(others[0], 9.0, 41, 50), (others[1], 0.5, 2, 2), (first, 0.4, 9, 9)],
        others[0]: [],
    }
    for kind in Kind:
        publish(
            {first: every} if kind != Kind.TOGETHER else several,
            {"": every, "厨房": every},
            kind=kind.value,
            customers={str(customer.pk): every},
        )


def _builds() -> None:
    """Leave a build of every status, one with the figures of a refused one."""
    figures: dict[str, Any] = {"metrics": make_build("published", kind=Kind.TOGETHER).metrics}
    for status in Build.Status.values:
        verdict = {"accepted": False, "reasons": REASONS} if status == "rejected" else {}
        make_build(status, kind=Kind.CONTENT, **({"verdict": verdict} if verdict else {}))
    for kind in Kind:
        build = Publication.objects.get(kind=kind).build
        build.metrics = {**figures["metrics"], **build.metrics}
        build.input_counts = {"lines": 9_000, "orders": 900, "customers": 90, "items": 9}
        build.save()


def _rules(items: list[Item]) -> None:
    placement = Placement.objects.get(slug="similar")
    Placement.objects.filter(pk=placement.pk).update(
        condition=RULE, rotation=Placement.Rotation.DAILY, diversity=30, per_category=2
    )
    for position, strategy in enumerate(Strategy.values, start=1):
        PlacementStep.objects.create(placement=placement, position=position, strategy=strategy)
    PlacementPin.objects.create(placement=placement, item=items[5], position=1)
    for kind in Merchandising.Kind.values:
        Merchandising.objects.create(placement=placement, name="清仓", kind=kind, condition=RULE)
    SlotShare.objects.create(placement=placement, name="新品", condition=RULE, percent=10)
    Pin.objects.create(item=items[0], companion=items[4], position=1)
    Exclusion.objects.create(item=items[0], companion=items[6])
    Exclusion.objects.create(companion=items[7])
    for position, rule in enumerate(LadderStep.Rule.values, start=1):
        LadderStep.objects.create(
            item=items[0], upgrade=items[position], rule=rule, position=position
        )
    campaign = Campaign.objects.create(name="秋季", percent_off=10)
    Coupon.objects.create(campaign=campaign, code="10")
    Bundle.objects.create(name="套装")


def _choices() -> None:
    """Compare models for every question, with one that did not fit; another comparison runs."""
    for question in Question.values:
        ModelChoice.objects.create(
            question=question, kind="ease", chosen_by="auto", parameters={"family": "ease"},
            table={
                "metric": "recall", "k": 10, "n_questions": 156, "chosen": "ease", "why": "",
                "models": [_tuned("ease", 0.5, 0.0), _tuned("popular", 0.1, 0.4)],
                "skipped": [{"name": "als", "why": ""}],
            },
        )  # fmt: skip
    now = timezone.now()
    Comparison.objects.create(
        fence=1, question="basket", trying="rp3beta", percent=37, started_at=now, heartbeat_at=now,
    )  # fmt: skip


def _tuned(name: str, recall: float, behind: float) -> dict[str, Any]:
    return {
        "name": name, "parameters": {"neighbours": 50}, "seconds": 0.25, "bytes_needed": 3_000_000,
        "fits": 4, "behind": behind, "behind_error": 0.02, "within_noise": behind <= 0.02,
        "storable": True, "note": "", "metrics": {"recall": recall, "ndcg": 0.2, "novelty": None},
    }  # fmt: skip
