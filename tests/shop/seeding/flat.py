"""All orders of a seeded shop in one piece, for small shops."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from shop.seeding.orders import SeedShop, Status


def flat(shop: SeedShop) -> SimpleNamespace:
    chunks = list(shop.chunks())
    orders = {
        name: np.concatenate([getattr(chunk, name) for chunk in chunks])
        for name in ("placed_at", "customer", "status")
    }
    lines = {
        name: np.concatenate([getattr(chunk, name) for chunk in chunks])
        for name in ("line_page", "line_sellable", "line_price", "line_quantity", "line_refunded")
    }
    line_order = np.concatenate([chunk.line_order + chunk.first_order for chunk in chunks])
    return SimpleNamespace(**orders, **lines, line_order=line_order, chunks=chunks)


def counted(found: SimpleNamespace) -> np.ndarray:
    """Return which lines are sales that stay: paid, and not given back as a whole."""
    is_paid = found.status[found.line_order] == Status.PAID
    return is_paid & (found.line_refunded < found.line_quantity)
