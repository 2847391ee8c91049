"""What every adapter has to fulfil, as tests that a shop inherits."""

# ruff: noqa: PT009, PT027 - runs under any test runner, where a bare assert would say nothing

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from unittest import SkipTest

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.core.checks import Error
from django.db import connection, transaction
from django.db.models import Model
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from recommendations.adapters import BasketLine, Money, ShopAdapter, get_adapter
from recommendations.checks import check_adapter
from recommendations.datasets.orders import ReadOrders, read_order_history, read_orders
from recommendations.datasets.ratings import read_ratings
from recommendations.datasets.views import read_views
from recommendations.engine.history import OrderHistory
from recommendations.models import Item
from recommendations.selectors.builds import forget_published_builds
from recommendations.selectors.together import frequently_bought_together
from recommendations.services.builds import rebuild
from recommendations.services.sync import sync_items

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.test import TestCase as _Base
else:
    _Base = object

BAD_KEYS = (
    "", " ", "0", "-1", "1e3", "9" * 40, "x" * 5000, "None", "no:such", "a:b:c", ":", "\0", "1\0",
    "\ud800", "🛒", "1 OR 1=1", "' ; --", "%s", "00000000-0000-0000-0000-000000000000",
)  # fmt: skip
"""Keys that no product has, as a form or an API caller could send them."""

PAIRS_OF_CUSTOMERS = 8
"""More than the five customers that a pair needs before it may be shown."""


class ShopAdapterContract(_Base):
    """Mix into a Django ``TestCase`` and supply the hooks; ``CROSSSELL_SHOP`` names the adapter.

    A shop of variants overrides ``make_variant`` too, one whose basket needs middleware
    ``make_request``.
    """

    live_queries: int | None = None
    """Queries that ``live_products`` may take; default: one per sellable model."""

    def setUp(self) -> None:
        """Forget what this process remembers of another test's builds."""
        super().setUp()
        forget_published_builds()

    # -- hooks -------------------------------------------------------------------------------

    def make_product(self, number: int) -> Model:
        """Return a new product that shoppers see and can buy; ``number`` differs at each call."""
        raise NotImplementedError

    def hide_product(self, product: Any) -> None:
        """Take a product off the shop's pages."""
        raise NotImplementedError

    def make_order(
        self, products: list[Any], *, customer: Any = None, guest: str = "", counted: bool = True
    ) -> Any:
        """Return a new order of a user, of a guest or of nobody, with one line per product.

        ``counted=False`` asks for an order that is no sale: unpaid, cancelled or refunded.
        """
        raise NotImplementedError

    def make_variant(self, parent: Any, number: int) -> Model:
        """Return a new variant of a product."""
        raise NotImplementedError

    def make_parent(self, number: int) -> Model:
        """Return a new product that has variants; the same as any other, unless overridden."""
        return self.make_product(number)

    def make_customer(self, number: int) -> Any:
        """Return a new user."""
        users: Any = get_user_model()._default_manager
        return users.create_user(f"customer{number}")

    def make_rating(self, product: Any, customer: Any, value: float) -> Any:
        """Let a user rate a product; only needed where the adapter declares ratings."""
        raise NotImplementedError

    def make_view(self, product: Any, customer: Any) -> Any:
        """Let a user look at a product; only needed where the adapter declares views."""
        raise NotImplementedError

    def make_request(self, user: Any = None) -> HttpRequest:
        """Return a request as the shop's views get it."""
        request = RequestFactory().get("/")
        request.user = user or AnonymousUser()
        request.session = SessionStore()
        return request

    # -- helpers -----------------------------------------------------------------------------

    @property
    def adapter(self) -> ShopAdapter:
        """The project's adapter."""
        return get_adapter()

    def make_products(self, count: int, start: int = 0) -> list[Any]:
        """Return several new products."""
        return [self.make_product(number) for number in range(start, start + count)]

    def history(self) -> OrderHistory:
        """Return the orders so far as the engine gets them."""
        sync_items()
        return read_order_history(as_of=datetime.now(UTC))

    def sold(self) -> Counter[str]:
        """Return how many orders hold each item, by key."""
        history = self.history()
        keys = dict(Item.objects.values_list("pk", "key"))
        return Counter(keys[int(pk)] for pk in history.item_ids[history.line_item])

    def _queries_of(self, products: list[Any]) -> tuple[int, int]:
        """Return queries of looking products up, and of displaying them."""
        keys = [self.adapter.key(product) for product in products]
        request = self.make_request()
        self.adapter.live_products(keys, request=request)  # whatever is cached is cached now
        with CaptureQueriesContext(connection) as looking:
            live = self.adapter.live_products(keys, request=request)
        with CaptureQueriesContext(connection) as displaying:
            for product in live.values():
                self.adapter.title(product)
                self.adapter.attributes(product)
                self.adapter.price(product, request=request)
                self.adapter.available(product, request=request)
                self.adapter.needs_choice(product, request=request)
                self.adapter.url(product, request=request)
                self.adapter.image_url(product, request=request)
        self.assertEqual(set(live), set(keys))
        return len(looking), len(displaying)

    # -- declarations ------------------------------------------------------------------------

    def test_every_declared_path_can_be_read(self) -> None:
        """The system checks find no error."""
        errors = [message for message in check_adapter() if isinstance(message, Error)]
        self.assertEqual(errors, [])

    # -- keys --------------------------------------------------------------------------------

    def test_keys_lead_back_to_their_products(self) -> None:
        """Each product has one key, and the key finds that product and no other."""
        products = self.make_products(6)
        by_key = {self.adapter.key(product): product for product in products}
        self.assertEqual(len(by_key), len(products))
        self.assertEqual(self.adapter.live_products(by_key), by_key)
        for key, product in by_key.items():
            self.assertIsInstance(key, str)
            self.assertLessEqual(len(key), 200)
            label, pk = self.adapter.split_key(key) or ("", "")
            self.assertEqual(label, self.adapter.source_of(product).model.lower())
            self.assertEqual(pk, str(product.pk))

    def test_keys_of_no_product_do_no_harm(self) -> None:
        """Whatever a form or an API caller sends, nothing is found and nothing breaks."""
        product = self.make_product(1)
        key = self.adapter.key(product)
        labels = list(self.adapter.sources())
        bad = [bad for bad in BAD_KEYS if bad != key]
        bad += [f"{label}:{bad}" for label in labels for bad in BAD_KEYS]
        self.assertEqual(self.adapter.live_products(b for b in bad if b != key), {})
        self.assertEqual(self.adapter.live_products([*bad, key]), {key: product})
        self.assertEqual(self.adapter.live_products([]), {})

    # -- live values -------------------------------------------------------------------------

    def test_looking_up_and_displaying_take_no_query_per_product(self) -> None:
        """Ten products cost as many queries as two per model do."""
        models = len(self.adapter.sources())
        few = self._queries_of(self.make_products(2 * models))
        many = self._queries_of(self.make_products(10, start=100))
        self.assertEqual(few, many)
        allowed = models if self.live_queries is None else self.live_queries
        self.assertLessEqual(many[0], allowed)

    def test_a_hidden_product_is_never_shown(self) -> None:
        """It is not live, and a synchronisation makes its item inactive."""
        shown, hidden = self.make_products(2)
        sync_items()
        self.hide_product(hidden)
        keys = [self.adapter.key(shown), self.adapter.key(hidden)]
        self.assertEqual(list(self.adapter.live_products(keys)), keys[:1])
        sync_items()
        active = dict(Item.objects.filter(key__in=keys).values_list("key", "active"))
        self.assertEqual(active, {keys[0]: True, keys[1]: False})

    def test_a_price_is_exact_and_has_a_currency(self) -> None:
        """Money or nothing; never a float, never without a currency."""
        product = self.make_product(1)
        live = self.adapter.live_products([self.adapter.key(product)])
        for one in (product, *live.values()):
            price = self.adapter.price(one, request=self.make_request())
            if price is not None:
                self.assertIsInstance(price, Money)
                self.assertIsInstance(price.amount, Decimal)
                self.assertRegex(price.currency, r"\A[A-Z]{3}\Z")

    def test_a_product_has_a_title_and_addresses_are_texts(self) -> None:
        """A block can be written out."""
        product = self.make_product(1)
        self.assertTrue(self.adapter.title(product))
        self.assertIsInstance(self.adapter.url(product), str)
        self.assertIsInstance(self.adapter.image_url(product), str)

    def test_search_finds_a_product_by_its_title(self) -> None:
        """Pickers of the admin rely on it."""
        product = self.make_product(1)
        self.assertIn(product, self.adapter.search(self.adapter.title(product)))
        self.assertEqual(self.adapter.search("no product is called this"), [])

    # -- items -------------------------------------------------------------------------------

    def test_items_follow_the_shop(self) -> None:
        """Every product becomes an active item with a title; a second run writes nothing."""
        products = self.make_products(5)
        sync_items()
        for product in products:
            item = Item.objects.get(key=self.adapter.key(product))
            self.assertTrue(item.active)
            self.assertTrue(item.title)
        again = sync_items()
        self.assertEqual(again.unchanged, again.total)
        self.assertGreaterEqual(again.total, len(products))

    # -- orders ------------------------------------------------------------------------------

    def test_orders_are_read(self) -> None:
        """Each counted line is a sale of its product."""
        one, two, three = self.make_products(3)
        customer = self.make_customer(1)
        self.make_order([one, two], customer=customer)
        self.make_order([two], customer=customer)
        key = self.adapter.key
        self.assertEqual(self.sold(), Counter({key(one): 1, key(two): 2}))
        self.assertNotIn(key(three), self.sold())

    def test_lines_that_are_no_sale_are_left_out(self) -> None:
        """What was not paid, or was cancelled, says nothing about what goes together."""
        one, two = self.make_products(2)
        self.make_order([one], customer=self.make_customer(1))
        self.make_order([one, two], customer=self.make_customer(2), counted=False)
        self.assertEqual(self.sold(), Counter({self.adapter.key(one): 1}))

    def test_a_customer_is_one_and_nobody_is_never_the_same(self) -> None:
        """Users count by themselves, guests by their address, anonymous orders each by itself."""
        (product,) = self.make_products(1)
        user = self.make_customer(1)
        self.make_order([product], customer=user)
        self.make_order([product], customer=user)
        self.assertEqual(self.history().n_customers, 1)
        self.make_order([product], guest="ann@example.com")
        self.make_order([product], guest=" Ann@Example.com".strip())
        self.assertEqual(self.history().n_customers, 2)
        self.make_order([product], guest="bob@example.com")
        self.assertEqual(self.history().n_customers, 3)
        self.make_order([product])
        self.make_order([product])
        self.assertEqual(self.history().n_customers, 5)

    def test_a_variant_counts_for_its_parent(self) -> None:
        """The variant is sold, the parent is what is recommended."""
        if all(source.parent is None for source in self.adapter.sources().values()):
            raise SkipTest("The shop declares no variants.")
        parent = self.make_parent(1)
        one, two = self.make_variant(parent, 2), self.make_variant(parent, 3)
        self.make_order([one], customer=self.make_customer(1))
        self.make_order([two], customer=self.make_customer(2))
        self.assertEqual(self.sold(), Counter({self.adapter.key(parent): 2}))
        key = self.adapter.key(parent)
        item = Item.objects.get(key=self.adapter.key(one))
        self.assertEqual(item.parent, Item.objects.get(key=key))
        self.assertIn(key, self.adapter.live_products([key]))

    # -- ratings and views -------------------------------------------------------------------

    def read_orders(self) -> ReadOrders:
        """Return the orders so far, with whom their customers are."""
        sync_items()
        now = datetime.now(UTC)
        return read_orders(as_of=now, path="auto", progress=None, adapter=self.adapter, using=None)

    def test_ratings_are_read(self) -> None:
        """A user's rating has their key and the product's item; a later one stands for it."""
        if not self.adapter.rating_sources():
            raise SkipTest("The shop declares no ratings.")
        one, two = self.make_products(2)
        buyer, other = self.make_customer(1), self.make_customer(2)
        self.make_order([one], customer=buyer)
        source = self.adapter.rating_sources()[0]
        self.make_rating(one, buyer, source.lowest)
        self.make_rating(two, other, source.highest)
        read = read_ratings(self.read_orders(), as_of=datetime.now(UTC), adapter=self.adapter)
        self.assertEqual(read.left_out, {})
        items = list(Item.objects.order_by("pk").values_list("key", flat=True))
        keys = dict(zip(read.keys.positions.tolist(), read.keys.keys, strict=True))
        given = read.ratings
        found = {
            (keys[customer], items[item], value)
            for customer, item, value in zip(
                given.customer.tolist(), given.item.tolist(), given.value.tolist(), strict=True
            )
        }
        key = self.adapter.key
        self.assertEqual(
            found,
            {
                (str(buyer.pk), key(one), float(source.lowest)),
                (str(other.pk), key(two), float(source.highest)),
            },
        )
        # Customers who ordered come first: both are told of by one position.
        self.assertEqual(given.customer.tolist(), [0, 1])

    def test_views_are_read(self) -> None:
        """A user's looks at a product are one, under the position of their orders."""
        if not self.adapter.view_sources():
            raise SkipTest("The shop declares no views.")
        one, two = self.make_products(2)
        buyer = self.make_customer(1)
        self.make_order([one], customer=buyer)
        for product in (two, two, one):
            self.make_view(product, buyer)
        read = read_views(self.read_orders(), as_of=datetime.now(UTC), adapter=self.adapter)
        self.assertEqual(read.left_out, {"looked at before": 1})
        items = list(Item.objects.order_by("pk").values_list("key", flat=True))
        seen = {items[item] for item in read.views.item.tolist()}
        self.assertEqual(seen, {self.adapter.key(one), self.adapter.key(two)})
        self.assertEqual(read.views.customer.tolist(), [0, 0])

    # -- the shopper -------------------------------------------------------------------------

    def test_the_shopper_is_known_by_the_same_key_as_the_customer(self) -> None:
        """An anonymous visitor has no key; a user's key is the one that orders carry."""
        user = self.make_customer(1)
        self.assertIsNone(self.adapter.customer(self.make_request()))
        self.assertEqual(self.adapter.customer(self.make_request(user)), str(user.pk))

    def test_what_is_added_is_in_the_basket(self) -> None:
        """*Add all to basket* does what it says."""
        if not self.adapter.can_add_to_basket():
            raise SkipTest("The adapter adds nothing to baskets.")
        one, two = self.make_products(2)
        request = self.make_request()
        self.adapter.add_to_basket(request, one)
        self.adapter.add_to_basket(request, two, 2)
        self.assertEqual(self.held(request), {self.adapter.key(one): 1, self.adapter.key(two): 2})
        self.assertTrue(all(isinstance(x, BasketLine) for x in self.adapter.basket(request)))

    def held(self, request: HttpRequest) -> dict[str, int]:
        """Return what the basket holds, by key."""
        return {line.key: line.quantity for line in self.adapter.basket(request)}

    def test_what_is_replaced_keeps_its_quantity(self) -> None:
        """The upgrade stands in the place of the line, and no other line is touched."""
        if not self.adapter.can_replace_in_basket():
            raise SkipTest("The adapter replaces nothing in baskets.")
        one, two, other = self.make_products(3)
        request = self.make_request()
        self.adapter.add_to_basket(request, one, 3)
        self.adapter.add_to_basket(request, other)
        key = self.adapter.key
        with transaction.atomic():
            self.adapter.replace_in_basket(request, key(one), two, 2)
        self.assertEqual(self.held(request), {key(one): 1, key(two): 2, key(other): 1})
        with transaction.atomic():
            self.adapter.replace_in_basket(request, key(one), two, 1)
        self.assertEqual(self.held(request), {key(two): 3, key(other): 1})

    def test_what_the_basket_does_not_hold_is_not_replaced(self) -> None:
        """A second press of the button, or another shopper's line: refused, nothing is changed."""
        if not self.adapter.can_replace_in_basket():
            raise SkipTest("The adapter replaces nothing in baskets.")
        one, two = self.make_products(2)
        request, stranger = self.make_request(), self.make_request(self.make_customer(1))
        self.adapter.add_to_basket(request, one)
        key = self.adapter.key
        for asking, quantity in ((request, 2), (stranger, 1)):
            with self.assertRaises(ValueError), transaction.atomic():
                self.adapter.replace_in_basket(asking, key(one), two, quantity)
        self.assertEqual(self.held(request), {key(one): 1})
        self.assertEqual(self.held(stranger), {})

    # -- the whole way -----------------------------------------------------------------------

    def test_from_orders_to_recommendations(self) -> None:
        """What customers buy together is recommended, what they do not is not."""
        lamp, bulb, tent, peg, lone = self.make_products(5)
        for number in range(PAIRS_OF_CUSTOMERS):
            self.make_order([lamp, bulb], customer=self.make_customer(number))
            self.make_order([tent, peg], guest=f"guest{number}@example.com")
            self.make_order([lamp, lone], counted=False)
        outcome = rebuild("together")
        self.assertEqual(outcome.status, "published", outcome.build and outcome.build.verdict)
        for product, companion in ((lamp, bulb), (bulb, lamp), (tent, peg), (peg, tent)):
            slots = frequently_bought_together(product)
            self.assertEqual([slot.product for slot in slots], [companion])
        slots = frequently_bought_together(lone)
        self.assertEqual([slot for slot in slots if slot.source == "model"], [])
        self.hide_product(bulb)
        self.assertEqual(frequently_bought_together(lamp), [])
