"""What customers said of items, as matrices for the models that make lists for them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.models import Feedback


def dismissed(customers: Sequence[str], item_ids: NDArray[np.int64]) -> sparse.csr_matrix:
    """Read, in one query, what these customers are not interested in.

    Parameters
    ----------
    customers : sequence of str, length n_customers
        Their keys, each once.
    item_ids : ndarray of shape (n_items,), int64
        Primary keys of the items, ascending.

    Returns
    -------
    csr_matrix of shape (n_customers, n_items), float64
        1 where the customer has dismissed the item; items that are not asked about are left out.
    """
    return _said(customers, item_ids, Feedback.Kind.NOT_INTERESTED)


def liked(customers: Sequence[str], item_ids: NDArray[np.int64]) -> sparse.csr_matrix:
    """Read, in one query, what these customers want more of.

    Parameters
    ----------
    customers : sequence of str, length n_customers
        Their keys, each once.
    item_ids : ndarray of shape (n_items,), int64
        Primary keys of the items, ascending.

    Returns
    -------
    csr_matrix of shape (n_customers, n_items), float64
        1 where the customer has asked for more like the item; other items are left out.
    """
    return _said(customers, item_ids, Feedback.Kind.MORE_LIKE_THIS)


def _said(
    customers: Sequence[str], item_ids: NDArray[np.int64], kind: Feedback.Kind
) -> sparse.csr_matrix:
    shape = (len(customers), len(item_ids))
    place = {customer: row for row, customer in enumerate(customers)}
    said = Feedback.objects.filter(kind=kind, customer__in=customers)
    pairs = [(place[customer], pk) for customer, pk in said.values_list("customer", "item_id")]
    if not pairs or not len(item_ids):
        return sparse.csr_matrix(shape)
    rows, ids = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    at = np.minimum(np.searchsorted(item_ids, ids), len(item_ids) - 1)
    known = item_ids[at] == ids
    marks = np.ones(int(known.sum()))
    return sparse.csr_matrix((marks, (rows[known], at[known])), shape=shape)
