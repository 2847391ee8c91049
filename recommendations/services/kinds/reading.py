"""What models learn from: the shop's orders, its items' shelves, and who its customers are."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Collection
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.adapters import get_adapter
from recommendations.conf import recommendation_settings
from recommendations.datasets.content import item_facts
from recommendations.datasets.customer_keys import CustomerKeys, customer_keys
from recommendations.datasets.orders import read_orders
from recommendations.datasets.ratings import ReadRatings, read_ratings
from recommendations.datasets.shelves import Shelves, shelves
from recommendations.datasets.views import ReadViews, read_views
from recommendations.engine.families.base import Training
from recommendations.engine.history import OrderHistory
from recommendations.engine.item_features import item_features
from recommendations.engine.matrices import BasketMatrix, basket_matrix
from recommendations.engine.tuning import customer_matrix
from recommendations.services.recipes import Progress


@dataclasses.dataclass(frozen=True)
class Reading:
    """The orders of one moment, and all that models ask about them."""

    history: OrderHistory
    """Everything that was read."""
    shown: OrderHistory
    """Without items that the shop hides: they would only crowd lists."""
    shelves: Shelves
    customers: CustomerKeys | None = None
    """Only where lists are made for customers."""
    content: sparse.csr_matrix | None = None
    rated: ReadRatings | None = None
    """Of items that are shown; only where the shop declares ratings and a model needs them."""
    viewed: ReadViews | None = None
    """The same of page views."""

    @cached_property
    def fingerprint(self) -> str:
        """A checksum of everything that lists are computed from."""
        digest = hashlib.blake2b(self.shown.fingerprint().encode(), digest_size=16)
        if self.customers is not None:
            digest.update(self.customers.positions.tobytes())
            digest.update("\n".join(self.customers.keys).encode())
        if self.content is not None:
            for part in (self.content.indptr, self.content.indices, self.content.data):
                digest.update(np.ascontiguousarray(part).data)
        if self.rated is not None:
            digest.update(self.rated.ratings.fingerprint().encode())
            digest.update("\n".join(self.rated.keys.keys).encode())
        if self.viewed is not None:
            digest.update(self.viewed.views.fingerprint().encode())
        return digest.hexdigest()

    @cached_property
    def baskets(self) -> BasketMatrix:
        """Baskets × items by the settings in force: rows of models that complete baskets."""
        return order_matrix(self.shown)

    def training(self, *, by_customer: bool) -> Training:
        """Return what a model learns from: rows are customers, or baskets."""
        conf = recommendation_settings()
        return Training(
            matrix=customer_rows(self.shown) if by_customer else self.baskets,
            history=self.shown,
            content=self.content,
            ratings=None if self.rated is None else self.rated.ratings,
            views=None if self.viewed is None else self.viewed.views,
            min_customers=conf.minimum_customers,
            seed=conf.model_seed,
            n_threads=conf.threads,
        )


def read(*, as_of: datetime, progress: Progress, needs: Collection[str] = ()) -> Reading:
    """Read the orders placed until ``as_of``, and what else a model needs.

    That is "customers" for lists of their own, "content" to compare what items are, "ratings" and
    "views" where the shop declares them.
    """
    adapter = get_adapter()
    orders = read_orders(as_of=as_of, path="auto", progress=progress, adapter=adapter, using=None)
    history, customers = orders.history, None
    if "customers" in needs:
        customers = customer_keys(history, orders.baskets, orders.customers, adapter)
    how: dict[str, Any] = {"as_of": as_of, "progress": progress, "adapter": adapter}
    rated = read_ratings(orders, **how) if "ratings" in needs and adapter.rating_sources() else None
    viewed = read_views(orders, **how) if "views" in needs and adapter.view_sources() else None
    progress("matrix", 0, 0)
    faces = shelves(history.item_ids)
    return Reading(
        history=history,
        shown=shown_only(history, faces),
        shelves=faces,
        customers=customers,
        content=shown_content(history, faces) if "content" in needs else None,
        rated=None if rated is None else _shown_ratings(rated, faces),
        viewed=None if viewed is None else _shown_views(viewed, faces),
    )


def _shown_ratings(rated: ReadRatings, faces: Shelves) -> ReadRatings:
    shown = rated.ratings.picked(faces.active[rated.ratings.item])
    return dataclasses.replace(rated, ratings=shown)


def _shown_views(viewed: ReadViews, faces: Shelves) -> ReadViews:
    shown = viewed.views.picked(faces.active[viewed.views.item])
    return dataclasses.replace(viewed, views=shown)


def shown_only(history: OrderHistory, faces: Shelves) -> OrderHistory:
    """Return the history without items that the shop does not show: they would only crowd lists."""
    keep = faces.active[history.line_item]
    if keep.all():
        return history
    return dataclasses.replace(
        history, line_basket=history.line_basket[keep], line_item=history.line_item[keep]
    )


def shown_content(history: OrderHistory, faces: Shelves) -> sparse.csr_matrix:
    """Return what each item is, in numbers; one that is never shown by itself is like nothing."""
    seed = recommendation_settings().model_seed
    features = item_features(item_facts(history.item_ids), seed=seed).matrix
    shown = sparse.diags((faces.active & ~faces.variant).astype(features.dtype), format="csr")
    content = (shown @ features).tocsr()
    content.eliminate_zeros()
    return content


def order_matrix(history: OrderHistory, *, size_exponent: float | None = None) -> BasketMatrix:
    """Return the weighted baskets × items matrix by the settings in force.

    Ages are counted to the newest order, not to the clock, so that the same orders give the same
    lists to the last bit.
    """
    conf = recommendation_settings()
    return basket_matrix(
        history,
        as_of=newest(history),
        half_life_days=conf.half_life_days,
        max_basket_items=conf.max_basket_items,
        max_customer_baskets=conf.max_customer_baskets,
        size_exponent=conf.size_exponent if size_exponent is None else size_exponent,
    )


def customer_rows(history: OrderHistory) -> BasketMatrix:
    """Return customers × items by the settings in force."""
    return customer_matrix(
        history, as_of=newest(history), half_life_days=recommendation_settings().half_life_days
    )


def newest(history: OrderHistory) -> int:
    """Return the time of the newest order: the moment to which ages are counted."""
    return int(history.basket_at.max(initial=0))


def counts(reading: Reading, left_out: dict[str, int]) -> dict[str, Any]:
    """Return what was read and what was left out, as the admin shows it."""
    history = reading.history
    n_orders = orders_of(history)
    hidden = history.n_lines - reading.shown.n_lines
    all_left_out = {**history.left_out, **left_out}
    return {
        "lines": history.n_lines,
        "orders": int(n_orders.sum()),
        "items": history.n_items,
        "sold_items": int(np.count_nonzero(np.bincount(history.line_item))),
        "customers": history.n_customers,
        # An order of nobody is a customer of its own, who never comes again.
        "repeat_customers": int(np.count_nonzero(n_orders > 1)),
        "left_out": {
            **{reason: int(count) for reason, count in all_left_out.items() if count},
            **({"lines of items not shown": hidden} if hidden else {}),
            **_left_out("ratings", reading.rated),
            **_left_out("views", reading.viewed),
        },
        **({} if reading.rated is None else {"ratings": len(reading.rated.ratings)}),
        **({} if reading.viewed is None else {"views": len(reading.viewed.views)}),
    }


def _left_out(what: str, read: ReadRatings | ReadViews | None) -> dict[str, int]:
    """Return what was left out of ratings or views, by reason."""
    counted = {} if read is None else read.left_out
    return {f"{what}: {reason}": count for reason, count in counted.items()}


def orders_of(history: OrderHistory) -> NDArray[np.int64]:
    """Return how many orders with a counted line each customer has."""
    filled = np.bincount(history.line_basket, minlength=history.n_baskets) > 0
    return np.bincount(history.basket_customer[filled], minlength=history.n_customers)
