"""Features of plain facts: words that items share, and bands of prices."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

# Between the steps of a category path. A slash or dash inside a name has no spaces around it.
_SEPARATOR = re.compile(r"\s*(?:>|»|::|\|)\s*|\s+/\s+")

PRICE_STEP = 1.5
"""Half as dear again is the next band of prices."""

NUMBER_BINS = 8
"""Bands of a number that takes more than so many values; each holds as many items."""


def unit_rows(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return the matrix with rows of length 1; empty rows stay empty.

    Parameters
    ----------
    matrix : sparse matrix of shape (n_rows, n_columns)
        Any values.

    Returns
    -------
    csr_matrix of shape (n_rows, n_columns), float64
        Zeros are not stored, columns ascend.

    Examples
    --------
    >>> unit_rows(sparse.csr_matrix([[3.0, 4.0], [0.0, 0.0]])).toarray().tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    result = sparse.csr_matrix(matrix, dtype=np.float64, copy=True)
    result.eliminate_zeros()
    result.sort_indices()
    length = np.sqrt(result.multiply(result).sum(axis=1)).A1
    result.data /= np.repeat(np.where(length > 0, length, 1.0), np.diff(result.indptr))
    return result


def shared_words(words: Iterable[Iterable[str]]) -> sparse.csr_matrix:
    """Return one column for each word that at least two items have, the rarer the heavier.

    A word counts ln((1 + n) / (1 + items that have it)) + 1, the smoothed inverse document
    frequency of scikit-learn; n are the items. A word of one item alone likens it to nothing.

    Parameters
    ----------
    words : iterable of iterable of str, length n_items
        What each item has; repeats count once.

    Returns
    -------
    csr_matrix of shape (n_items, n_words), float64
        Rows of length 1, or empty. Columns by word, ascending.

    Examples
    --------
    >>> shared_words([["red", "tin"], ["red"], ["blue"]]).toarray().tolist()
    [[1.0], [1.0], [0.0]]
    """
    having = [sorted(set(some)) for some in words]
    counts = Counter(chain.from_iterable(having))
    kept = sorted(word for word, count in counts.items() if count > 1)
    column = {word: position for position, word in enumerate(kept)}
    rarity = np.log((1 + len(having)) / (1 + np.array([counts[word] for word in kept]))) + 1
    columns = [[column[word] for word in some if word in column] for some in having]
    indices = np.array(list(chain.from_iterable(columns)), dtype=np.int64)
    indptr = np.zeros(len(having) + 1, dtype=np.int64)
    np.cumsum([len(some) for some in columns], out=indptr[1:])
    shape = (len(having), len(kept))
    return unit_rows(sparse.csr_matrix((rarity[indices], indices, indptr), shape=shape))


def category_words(category: str) -> list[str]:
    """Return a category and all that it lies in, so that neighbours in the tree are alike too.

    Parameters
    ----------
    category : str
        A name or a path; steps are parted by ``>``, ``»``, ``|``, ``::`` or a slash between spaces.

    Returns
    -------
    list of str
        The path to each step, lower-case, from the top. Empty for an empty category.

    Examples
    --------
    >>> category_words("Home > Mugs")
    ['home', 'home > mugs']
    """
    steps = [step for step in _SEPARATOR.split(category.strip().casefold()) if step]
    return [" > ".join(steps[: depth + 1]) for depth in range(len(steps))]


def price_bands(price: NDArray[np.floating], currency: Sequence[str]) -> sparse.csr_matrix:
    """Return where each price lies among the bands of its own currency.

    Bands are equally wide in the logarithm. A price belongs to the two bands whose middles it
    lies between, to each by how near it is, so that no edge parts prices that are close.

    Parameters
    ----------
    price : ndarray of shape (n_items,), float64
        NaN where unknown; prices that are not above 0 count as unknown.
    currency : sequence of str, length n_items
        Prices of two currencies share no band.

    Returns
    -------
    csr_matrix of shape (n_items, n_bands), float64
        Rows of length 1, or empty where the price is unknown. Bands by currency, then upwards.

    Examples
    --------
    >>> bands = price_bands(np.array([1.0, 1.5, 1.0, np.nan]), ["EUR", "EUR", "USD", "EUR"])
    >>> bands.toarray().tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]
    """
    known = np.flatnonzero(np.isfinite(price) & (np.nan_to_num(price) > 0))
    steps = np.round(np.log(price[known]) / np.log(PRICE_STEP), 9)
    lower = np.floor(steps).astype(np.int64)
    share = steps - lower
    names, money = np.unique([currency[n] for n in known.tolist()], return_inverse=True)
    row = np.tile(known, 2)
    pairs = np.column_stack([np.tile(money, 2), np.concatenate([lower, lower + 1])])
    values = np.concatenate([1 - share, share])
    used = values > 0
    bands, column = np.unique(pairs[used], axis=0, return_inverse=True)
    shape = (len(price), len(bands) if len(names) else 0)
    entries = (values[used], (row[used], column.reshape(-1)))
    return unit_rows(sparse.csr_matrix(entries, shape=shape))


def attribute_words(attributes: Sequence[Mapping[str, object]]) -> list[list[str]]:
    """Return each item's attributes as words, ``name=value``.

    Numbers that take more than `NUMBER_BINS` values are parted into so many bands of equally many
    items.

    Parameters
    ----------
    attributes : sequence of mapping, length n_items
        Name to a text, number, yes/no, a list of such, or a further mapping.

    Returns
    -------
    list of list of str, length n_items
        Lower-case. None and empty text are left out.

    Examples
    --------
    >>> attribute_words([{"colour": "Red", "sizes": [1, 2], "box": {"lid": True}}])
    [['colour=red', 'sizes=1', 'sizes=2', 'box.lid=true']]
    """
    plain = [list(_plain(some)) for some in attributes]
    numbers: dict[str, list[float]] = {}
    for name, value in chain.from_iterable(plain):
        if isinstance(value, float):
            numbers.setdefault(name, []).append(value)
    edges = {
        name: np.quantile(values, np.arange(1, NUMBER_BINS) / NUMBER_BINS)
        for name, values in numbers.items()
        if len(set(values)) > NUMBER_BINS
    }
    return [[_word(name, value, edges) for name, value in some] for some in plain]


def _plain(attributes: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, float | str]]:
    """Yield every single value with its name; numbers as float, all else as text."""
    for name, value in attributes.items():
        path = f"{prefix}{name}".casefold()
        if isinstance(value, Mapping):
            yield from _plain(value, f"{path}.")
            continue
        several = value if isinstance(value, list | tuple | set | frozenset) else [value]
        for one in several:
            if isinstance(one, int | float) and not isinstance(one, bool):
                if np.isfinite(one):
                    yield path, float(one)
            elif one is not None and (text := str(one).strip().casefold()):
                yield path, text


def _word(name: str, value: float | str, edges: Mapping[str, NDArray[np.float64]]) -> str:
    if isinstance(value, str):
        return f"{name}={value}"
    if name in edges:
        return f"{name}=band {int(np.searchsorted(edges[name], value, side='right'))}"
    return f"{name}={value:g}"
