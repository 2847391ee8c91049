from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.test import TestCase
from django.utils import timezone

from recommendations.engine.packing import unpack
from recommendations.models import Build, Item, NeighbourList
from recommendations.selectors.together import frequently_bought_together
from recommendations.services.builds import rebuild
from recommendations.services.choosing import choose_model
from recommendations.services.sync import sync_items
from tests.shops.favourites.models import Favourite, Order, PageView, Stars
from tests.shops.suite import SmallShopContract


class FavouriteTests(SmallShopContract, TestCase):
    product_label = "favourites.Product"
    order_label = "favourites.Order"
    line_label = "favourites.Line"

    def make_rating(self, product: Any, customer: Any, value: float) -> Stars:
        return Stars.objects.create(product=product, user=customer, n=Decimal(str(value)))

    def make_view(self, product: Any, customer: Any) -> PageView:
        return PageView.objects.create(product=product, user=customer)

    def looked_then_bought(self, looks: int, buys: int) -> tuple[Any, Any, Build]:
        """Let some customers look at a lamp; the first of them then buy a bulb, all some salt."""
        cache.clear()  # rows are rolled back between tests, and so numbers come again
        lamp, bulb, salt = self.make_products(3)
        for number in range(looks):
            customer = self.make_customer(number)
            self.make_view(lamp, customer)
            self.make_order([bulb if number < buys else salt], customer=customer)
        PageView.objects.update(looked_at=timezone.now() - timedelta(days=1))
        outcome = rebuild("viewed_bought")
        assert outcome.build is not None
        return lamp, bulb, outcome.build

    def test_what_lookers_bought_is_shown_in_true_words(self) -> None:
        lamp, bulb, build = self.looked_then_bought(looks=9, buys=6)
        self.assertEqual(build.status, "published", build.verdict)
        self.assertEqual(build.input_counts["views"], 9)
        choose_model("item", "viewed_bought")
        slots = frequently_bought_together(lamp)
        model = [slot for slot in slots if slot.source == "model"]
        self.assertEqual([slot.product for slot in model], [bulb])
        self.assertEqual(str(model[0].reason), "Bought by 6 customers who looked at this")

    def test_four_customers_are_too_few_to_tell(self) -> None:
        *_products, build = self.looked_then_bought(looks=6, buys=4)
        self.assertFalse(
            any(len(unpack(row.packed).items) for row in NeighbourList.objects.filter(build=build))
        )

    def test_looks_after_the_last_order_led_to_nothing(self) -> None:
        lamp, bulb = self.make_products(2)
        for number in range(9):
            customer = self.make_customer(number)
            self.make_order([bulb], customer=customer)
            self.make_view(lamp, customer)
        PageView.objects.update(looked_at=timezone.now() - timedelta(hours=1))
        Order.objects.update(created=timezone.now() - timedelta(days=1))
        build = rebuild("viewed_bought").build
        assert build is not None
        self.assertEqual(build.input_counts["views"], 9)
        lists = NeighbourList.objects.filter(build=build)
        self.assertFalse(any(len(unpack(row.packed).items) for row in lists))

    def test_a_crawler_counts_for_nothing(self) -> None:
        settings = {"MINIMUM_CUSTOMERS": 1}
        with self.settings(RECOMMENDATIONS=settings):
            products = self.make_products(1005)
            robot = self.make_customer(1)
            PageView.objects.bulk_create(
                PageView(product=product, user=robot) for product in products
            )
            PageView.objects.update(looked_at=timezone.now() - timedelta(days=1))
            self.make_order(products[:1], customer=robot)
            build = rebuild("viewed_bought").build
            assert build is not None
            lists = NeighbourList.objects.filter(build=build)
            self.assertFalse(any(len(unpack(row.packed).items) for row in lists))

    def test_a_row_of_the_shop_keeps_its_item_when_the_product_goes(self) -> None:
        product, _ = self.make_products(2)
        sync_items()
        item = Item.objects.get(key=self.adapter.key(product))
        favourite = Favourite.objects.create(user=self.make_customer(1), item=item)
        product.delete()
        sync_items()
        favourite.refresh_from_db()
        self.assertEqual(favourite.item, item)
        self.assertFalse(favourite.item.active)
