"""The catalogue: product pages with their variants, as many as asked, from a vocabulary."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, count, islice, zip_longest

import numpy as np
from numpy.typing import NDArray

from shop.seeding import prices
from shop.seeding.vocabulary import CategoryWords, Family, Vocabulary, vocabulary

STREAM = 1
SOLD_OUT_SHARE = 0.04
# Products that came to the shop after the first order, and when they did, as shares of the time.
NEW_SHARE = 0.3
NEW_BETWEEN = (0.1, 0.8)
WARRANTIES = ("2 years", "3 years", "5 years")
LESS_IS_BETTER = {"Weight"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Variant:
    """One choice on a page; what is sold where a page has choices."""

    sku: str
    name: str
    price: int
    cost: int
    stock: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One product as a shopper sees it. Prices are in cents."""

    sku: str
    name: str
    category: int
    brand: str
    family: Family
    # The how-many-eth of its family, and the step of its ladder.
    edition: int
    tier: int
    description: str
    attributes: dict[str, str]
    price: int
    cost: int
    stock: int
    launched_share: float
    variants: tuple[Variant, ...]

    @property
    def n_sold(self) -> int:
        """Number of rows that can be sold: the variants, or the page itself."""
        return len(self.variants) or 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalogue:
    """Pages, and the arrays by which orders refer to them.

    A *sellable* is a page without variants or one variant; sellables are counted in page order.
    """

    categories: tuple[CategoryWords, ...]
    pages: tuple[Page, ...]
    page_category: NDArray[np.int32] = field(repr=False)
    page_first_sellable: NDArray[np.int64] = field(repr=False)
    page_n_sellables: NDArray[np.int64] = field(repr=False)
    sellable_price: NDArray[np.int64] = field(repr=False)

    def sellables(self) -> Iterator[tuple[Page, Variant | None]]:
        """Yield what can be sold, in order."""
        for page in self.pages:
            if page.variants:
                yield from ((page, variant) for variant in page.variants)
            else:
                yield page, None


def make_catalogue(n_products: int, seed: int) -> Catalogue:
    """Return a catalogue of so many product pages."""
    words = vocabulary()
    rng = np.random.default_rng([seed, STREAM])
    pages = tuple(islice(_pages(words, rng), n_products))
    n_sellables = np.array([page.n_sold for page in pages], dtype=np.int64)
    return Catalogue(
        categories=words.categories,
        pages=pages,
        page_category=np.array([page.category for page in pages], dtype=np.int32),
        page_first_sellable=np.concatenate(([0], np.cumsum(n_sellables)[:-1])),
        page_n_sellables=n_sellables,
        sellable_price=np.array(
            [row.price for page in pages for row in (page.variants or (page,))],
            dtype=np.int64,
        ),
    )


def _family_order(words: Vocabulary) -> list[tuple[int, Family]]:
    """Return all families so that a small catalogue has whole groups from many categories."""
    by_category = [
        [[(position, family) for family in group] for group in category.groups()]
        for position, category in enumerate(words.categories)
    ]
    rounds = zip_longest(*by_category, fillvalue=[])
    return list(chain.from_iterable(chain.from_iterable(rounds)))


def _pages(words: Vocabulary, rng: np.random.Generator) -> Iterator[Page]:
    order = _family_order(words)
    in_groups = {family.key for _, family in order if family.companions}
    in_groups.update(key for _, family in order for key in family.companions)
    numbers: Counter[int] = Counter()
    for edition in count():
        for position, (category, family) in enumerate(order):
            series = words.series[(position * 7 + edition) % len(words.series)]
            if generation := edition // len(words.series):
                series += f" {generation + 1}"
            # What is planted must be there from the first day on.
            is_old = family.key in in_groups or family.rhythm is not None
            yield from _ladder(
                words.categories[category],
                category,
                family,
                edition,
                series,
                rng,
                numbers,
                is_old=is_old,
            )


def _ladder(
    words: CategoryWords,
    category: int,
    family: Family,
    edition: int,
    series: str,
    rng: np.random.Generator,
    numbers: Counter[int],
    *,
    is_old: bool,
) -> Iterator[Page]:
    """Yield one product, or the two or three of an upgrade ladder."""
    brand = words.brands[(edition + len(family.key)) % len(words.brands)]
    attributes = {name: str(rng.choice(values)) for name, values in family.attributes.items()}
    closing = str(rng.choice(words.closing))
    is_new = not is_old and rng.random() < NEW_SHARE
    launched = float(rng.uniform(*NEW_BETWEEN)) if is_new else 0.0
    for tier, price in enumerate(prices.ladder(rng, family.low, family.high, len(family.tiers))):
        numbers[category] += 1
        sku = f"{words.code}-{numbers[category]:05d}"
        suffix = family.tiers[tier]
        stock = _stock(rng)
        improved = attributes | (_step(family, tier) if family.gains else {})
        yield Page(
            sku=sku,
            name=" ".join(filter(None, (brand, series, family.noun, suffix))),
            category=category,
            brand=brand,
            family=family,
            edition=edition,
            tier=tier,
            description=_description(family, series, tier, improved, closing),
            attributes=improved,
            price=price,
            cost=prices.cost(rng, price),
            stock=stock,
            launched_share=launched,
            variants=_variants(family, sku, price, rng),
        )


def _step(family: Family, tier: int) -> dict[str, str]:
    """Return what a step of a ladder has better than the one below."""
    better = {
        name: values[min(tier, len(values) - 1)]
        for name, values in family.attributes.items()
        if values[0][0].isdigit() and name not in LESS_IS_BETTER
    }
    return better | {"Warranty": WARRANTIES[tier]}


def _variants(
    family: Family, sku: str, price: int, rng: np.random.Generator
) -> tuple[Variant, ...]:
    axis = family.variants
    if axis is None:
        return ()
    variants = []
    for value, step in zip(axis.values, axis.steps, strict=True):
        variant_price = price if step == 1 else prices.ending(price / 100 * step)
        variants.append(
            Variant(
                sku=f"{sku}-{_code(value)}",
                name=value,
                price=variant_price,
                cost=prices.cost(rng, variant_price),
                stock=_stock(rng),
            )
        )
    return tuple(variants)


def _description(
    family: Family, series: str, tier: int, attributes: dict[str, str], closing: str
) -> str:
    facts = ", ".join(f"{name.lower()} {value}" for name, value in attributes.items())
    sentences = [family.about, *family.gains[:tier], f"The {series} in short: {facts}.", closing]
    return " ".join(sentences)


def _stock(rng: np.random.Generator) -> int:
    return 0 if rng.random() < SOLD_OUT_SHARE else int(rng.lognormal(3.6, 0.8)) + 1


def _code(value: str) -> str:
    return "".join(letter for letter in value.upper() if letter.isascii() and letter.isalnum())
