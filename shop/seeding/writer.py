"""A seeded shop, written in bulk. What is there already is not written twice.

Orders go in batches that each stand or fall as a whole, under external keys made of the parameters'
fingerprint: a seeder that was killed goes on where it stopped.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.text import slugify

from shop.bulk import insert_lines
from shop.models import Brand, Category, Order, Product, Review
from shop.seeding.orders import OrderChunk, SeedShop, make_shop
from shop.seeding.plan import Parameters, Plan, load_plan, save_plan
from shop.seeding.reviews import Tastes, reviews_of
from shop.seeding.rows import (
    line_rows,
    order_row,
    page_row,
    review_row,
    user_fields,
    variant_row,
)

# Rows a statement and a transaction; larger ones were no faster.
BATCH = 2_000
# SQLite takes at most 999 parameters a statement in its older versions.
KEYS_PER_QUERY = 900

Progress = Callable[[int, int], None]


class SeedRefusedError(ValueError):
    """The shop holds what the seeder would spoil. The message is one sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedReport:
    """What a shop has after seeding, and how many orders of it are new."""

    pages: int
    sellables: int
    orders: int
    new_orders: int


def seed_shop(
    parameters: Parameters, plan_file: Path, *, progress: Progress | None = None
) -> SeedReport:
    """Fill the shop and keep the plan of it in the file."""
    shop = make_shop(parameters)
    plan = shop.plan()
    _check(shop, plan_file)
    save_plan(plan, plan_file)
    report = _Writer(shop, progress).write()
    save_plan(plan.as_finished(), plan_file)
    return report


def begun_parameters(plan_file: Path) -> Parameters | None:
    """Return the parameters of a seeder that was stopped in this shop, if there was one."""
    plan = _plan(plan_file)
    if plan is None or plan.finished:
        return None
    first = make_shop(plan.parameters).catalogue.pages[0].sku
    return plan.parameters if Product.objects.filter(sku=first).exists() else None


def _plan(plan_file: Path) -> Plan | None:
    try:
        return load_plan(plan_file)
    except (FileNotFoundError, ValueError):
        return None


def _key(parameters: Parameters, order: int | str) -> str:
    return f"seed-{parameters.fingerprint()}-{order}"


def _check(shop: SeedShop, plan_file: Path) -> None:
    seeded = Order.objects.filter(source=Order.Source.SEED)
    own = seeded.filter(external_key__startswith=_key(shop.parameters, ""))
    if seeded.exclude(external_key__startswith=_key(shop.parameters, "")).exists():
        msg = (
            "This shop was seeded with other parameters (another day in --until is one); "
            "seed an empty database, or leave it as it is with --if-empty."
        )
        raise SeedRefusedError(msg)
    plan = _plan(plan_file)
    is_own = own.exists() or (plan is not None and plan.parameters == shop.parameters)
    skus = [page.sku for page in shop.catalogue.pages[:KEYS_PER_QUERY]]
    if not is_own and (found := Product.objects.filter(sku__in=skus).first()):
        msg = f"This shop already has a product {found.sku}, which the seeder would make."
        raise SeedRefusedError(msg)


class _Writer:
    def __init__(self, shop: SeedShop, progress: Progress | None) -> None:
        self.shop = shop
        self.progress = progress
        self.tastes = Tastes.of(shop)
        self.page_ids: list[int] = []
        self.done = 0
        self.total = (
            len(shop.catalogue.pages) + shop.customers.n_registered + shop.parameters.orders
        )

    def write(self) -> SeedReport:
        sold = self._products()
        user_ids = self._users()
        new_orders = 0
        keys = f"seed-{self.shop.parameters.fingerprint()}-"
        for chunk in self.shop.chunks():
            for first in range(0, len(chunk.placed_at), BATCH):
                new_orders += self._orders(chunk, first, sold, user_ids, keys)
        return SeedReport(
            pages=len(self.shop.catalogue.pages),
            sellables=len(sold),
            orders=self.shop.parameters.orders,
            new_orders=new_orders,
        )

    def _advance(self, n: int) -> None:
        self.done += n
        if self.progress:
            self.progress(self.done, self.total)

    def _products(self) -> list[tuple[int, str, str]]:
        """Return primary key, SKU and name of every sellable."""
        categories, brands = _categories(self.shop), _brands(self.shop)
        pages = self.shop.catalogue.pages
        sold: list[tuple[int, str, str]] = []
        for positions in _batches(range(len(pages))):
            with transaction.atomic():
                rows = _missing_products(
                    page_row(self.shop, i, categories[pages[i].category], brands[pages[i].brand])
                    for i in positions
                )
                variants = _missing_products(
                    variant_row(rows[pages[i].sku], pages[i], variant)
                    for i in positions
                    for variant in pages[i].variants
                )
            for i in positions:
                page = pages[i]
                self.page_ids.append(rows[page.sku].pk)
                parts = [variants[v.sku] for v in page.variants] or [rows[page.sku]]
                sold += [(row.pk, row.sku, row.full_name) for row in parts]
            self._advance(len(positions))
        return sold

    def _users(self) -> list[int]:
        """Return the user's primary key by customer; 0 for guests."""
        customers = self.shop.customers
        user_model = get_user_model()
        ids = [0] * (customers.n_people + customers.n_bots)
        registered = [*range(customers.n_registered), *range(customers.n_people, len(ids))]
        for some in _batches(registered):
            names = {customers.username(customer): customer for customer in some}
            found = _user_ids(list(names))
            missing = [
                user_model(**user_fields(self.shop, names[name]))
                for name in names
                if name not in found
            ]
            new = user_model._default_manager.bulk_create(missing, batch_size=BATCH)
            found.update({user.get_username(): user.pk for user in new})
            for name, customer in names.items():
                ids[customer] = found[name]
            self._advance(sum(customer < customers.n_registered for customer in some))
        return ids

    def _orders(
        self,
        chunk: OrderChunk,
        first: int,
        sold: list[tuple[int, str, str]],
        user_ids: list[int],
        keys: str,
    ) -> int:
        stop = min(first + BATCH, len(chunk.placed_at))
        # A batch is there as a whole or not at all.
        is_new = not Order.objects.filter(
            external_key=f"{keys}{chunk.first_order + first}"
        ).exists()
        if is_new:
            with transaction.atomic():
                orders = Order.objects.bulk_create(
                    order_row(
                        self.shop,
                        f"{keys}{chunk.first_order + i}",
                        chunk,
                        i,
                        user_ids[int(chunk.customer[i])],
                    )
                    for i in range(first, stop)
                )
                order_ids = [order.pk for order in orders]
                insert_lines(list(line_rows(chunk, order_ids, first, sold)))
                self._reviews(chunk, first, stop, user_ids)
        self._advance(stop - first)
        return stop - first if is_new else 0

    def _reviews(self, chunk: OrderChunk, first: int, stop: int, user_ids: list[int]) -> None:
        """Write what customers think of what they bought; the first word on a product stands."""
        Review.objects.bulk_create(
            (
                review_row(one, self.page_ids[one.page], user_ids[one.customer])
                for one in reviews_of(self.shop, self.tastes, chunk, first, stop)
            ),
            batch_size=BATCH,
            ignore_conflicts=True,
        )


def _categories(shop: SeedShop) -> list[int]:
    """Return the category's primary key by position, under its department."""
    ids = []
    for words in shop.catalogue.categories:
        department, _ = Category.objects.get_or_create(
            slug=slugify(words.department), defaults={"name": words.department}
        )
        category, _ = Category.objects.get_or_create(
            slug=slugify(words.name), defaults={"name": words.name, "parent": department}
        )
        ids.append(category.pk)
    return ids


def _brands(shop: SeedShop) -> dict[str, int]:
    names = sorted({brand for words in shop.catalogue.categories for brand in words.brands})
    return {
        name: Brand.objects.get_or_create(slug=slugify(name), defaults={"name": name})[0].pk
        for name in names
    }


def _user_ids(names: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(names), KEYS_PER_QUERY):
        users = get_user_model()._default_manager.filter(
            username__in=names[start : start + KEYS_PER_QUERY]
        )
        found.update(users.values_list("username", "pk"))
    return found


def _missing_products(rows: Iterable[Product]) -> dict[str, Product]:
    """Return the products by SKU, those created that were not there."""
    wanted = {row.sku: row for row in rows}
    found: dict[str, Product] = {}
    skus = list(wanted)
    for start in range(0, len(skus), KEYS_PER_QUERY):
        some = skus[start : start + KEYS_PER_QUERY]
        found.update({row.sku: row for row in Product.objects.filter(sku__in=some)})
    new = [row for sku, row in wanted.items() if sku not in found]
    Product.objects.bulk_create(new, batch_size=BATCH)
    return wanted | found


def _batches(positions: Sequence[int]) -> Iterator[list[int]]:
    remaining = iter(positions)
    while some := list(islice(remaining, BATCH)):
        yield some
