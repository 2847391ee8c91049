from __future__ import annotations

from django.test import TestCase

from recommendations.models import Item
from recommendations.services.sync import sync_items
from tests.shops.favourites.models import Favourite
from tests.shops.suite import SmallShopContract


class FavouriteTests(SmallShopContract, TestCase):
    product_label = "favourites.Product"
    order_label = "favourites.Order"
    line_label = "favourites.Line"

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
