"""What stored lists would find if what a known customer had bought before came forward.

Measured only: no page does it. A list that everybody reads knows nobody; the customer's own orders,
read when the page is asked for, could put some of that back.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.families.whole_basket import WholeBasketModel, votes_of
from recommendations.engine.history import OrderHistory
from recommendations.engine.metrics import ranking_report
from recommendations.engine.topk import top_k
from recommendations.engine.tuning import HeldOut

BOOSTS = (0.0, 0.5, 1.0, 2.0, 4.0)
"""A score is multiplied by 1 + boost where the customer has bought the item before."""


def best_boost(model: WholeBasketModel, slice_: HeldOut, k: int) -> float:
    """Return the boost that finds most on a slice; of equals the smallest."""
    wanted = slice_.questions.wanted
    found = [ranking_report(boosted(model, slice_, k, b), wanted).recall for b in BOOSTS]
    return BOOSTS[int(np.argmax(found))]


def boosted(model: WholeBasketModel, held_out: HeldOut, k: int, boost: float) -> NDArray[np.int32]:
    """Return what lists recommend where the customer's own purchases come forward."""
    query, history = held_out.questions.query, held_out.training.history
    assert history is not None, "a shop's slice has its orders"
    lists = model.lists
    shape = (len(lists), len(lists))
    # Without the overlap, which changes nothing that could be told from noise.
    votes = sparse.csr_matrix((votes_of(lists, model.rule), lists.items, lists.indptr), shape=shape)
    scores = (query.held @ votes).tocsr()
    scores = (scores - scores.multiply(query.without != 0)).tocsr()
    customers = [-1] * len(query) if query.customers is None else query.customers.tolist()
    own = _bought(history, customers)
    scores = (scores + boost * scores.multiply(own)).tocsr()
    scores.eliminate_zeros()
    return top_k(scores, k)[0]


def _bought(history: OrderHistory, customers: Sequence[int]) -> sparse.csr_matrix:
    """Return queries × items, 1 where the query's customer has bought the item."""
    pairs = history.basket_customer[history.line_basket], history.line_item
    shape = (history.n_customers, history.n_items)
    bought = sparse.csr_matrix((np.ones(history.n_lines), pairs), shape=shape)
    bought.data[:] = 1.0
    who = np.asarray(customers)
    known = sparse.diags((who >= 0).astype(float), format="csr")
    return (known @ bought[np.maximum(who, 0)]).tocsr()
