"""What titles and descriptions have in common: TF-IDF, reduced by truncated SVD."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.item_features.blocks import unit_rows
from recommendations.engine.words import TOKEN, folded

# Of a description what stands in front says what the product is; the rest costs time and memory.
_DESCRIPTION_LETTERS = 600

# Terms kept of each text, the most frequent; beyond these the SVD grows and hardly changes.
_MAX_TERMS = 50_000

TITLE_SHARE = 0.7
"""Weight of the title beside the description: its few words are chosen to name the product."""

_POWER_ITERATIONS = 4


def text_vectors(
    titles: Sequence[str], descriptions: Sequence[str], *, n_components: int, seed: int
) -> sparse.csr_matrix:
    """Return vectors in which items with like words lie close together.

    TF-IDF of words, and of pairs of words in titles, that at least two items have (Salton and
    Buckley 1988), then latent semantic analysis: the first components of the
    singular value decomposition (Deerwester et al. 1990), found at random from the seed (Halko,
    Martinsson and Tropp 2011). Words are not looked up in any language.

    Parameters
    ----------
    titles, descriptions : sequence of str, length n_items
        Plain text, "" where unknown. Of a description the first 600 letters are read.
    n_components : int
        Length of the vectors, at least 1. Where there are no more terms than that, the terms
        themselves are returned.
    seed : int
        The same seed and texts give the same vectors.

    Returns
    -------
    csr_matrix of shape (n_items, at most n_components), float64
        Rows of length 1; empty for an item that shares no word with another. The component of
        largest size of each singular vector is positive.

    Raises
    ------
    ValueError
        If `n_components` is below 1.

    Examples
    --------
    >>> vectors = text_vectors(["red mug", "blue mug", "rug"], [""] * 3, n_components=8, seed=0)
    >>> (vectors @ vectors.T).toarray().round(3).tolist()
    [[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    if n_components < 1:
        raise ValueError(f"n_components must be at least 1, not {n_components}.")
    short = [text[:_DESCRIPTION_LETTERS] for text in descriptions]
    terms = unit_rows(
        sparse.hstack(
            [  # pairs of words name a product in its title; in prose they cost most and say least
                np.sqrt(TITLE_SHARE) * tf_idf(titles, pairs=True),
                np.sqrt(1 - TITLE_SHARE) * tf_idf(short, pairs=False),
            ],
            format="csr",
        )
    )
    if min(terms.shape) <= n_components:
        return terms
    return unit_rows(sparse.csr_matrix(reduced(terms, n_components=n_components, seed=seed)))


def tf_idf(texts: Sequence[str], *, pairs: bool) -> sparse.csr_matrix:
    """Return the TF-IDF of words that at least two texts have.

    Parameters
    ----------
    texts : sequence of str, length n_texts
        Plain text in any language.
    pairs : bool
        Take pairs of neighbouring words as terms too.

    Returns
    -------
    csr_matrix of shape (n_texts, n_terms), float32
        Rows of length 1, or empty. No columns where texts share nothing.

    Examples
    --------
    >>> tf_idf(["Tea, green", "green tea", ""], pairs=True).shape
    (3, 2)
    """
    from sklearn.feature_extraction.text import (
        TfidfVectorizer,
    )  # slow to load; builds alone need it

    vectoriser = TfidfVectorizer(
        preprocessor=folded,
        token_pattern=TOKEN,
        ngram_range=(1, 2 if pairs else 1),
        min_df=2,
        max_features=_MAX_TERMS,
        sublinear_tf=True,
        dtype=np.float32,
    )
    try:
        return sparse.csr_matrix(vectoriser.fit_transform(texts))
    except ValueError:
        # With these parameters it refuses one thing only: that no term is left.
        return sparse.csr_matrix((len(texts), 0), dtype=np.float32)


def reduced(matrix: sparse.csr_matrix, *, n_components: int, seed: int) -> NDArray[np.float32]:
    """Return the rows in the first components of the truncated SVD.

    Parameters
    ----------
    matrix : csr_matrix of shape (n_rows, n_columns)
        Not centred, so it stays sparse.
    n_components : int
        1 to n_columns.
    seed : int
        Of the random projection that starts the search.

    Returns
    -------
    ndarray of shape (n_rows, n_components), float32
        U · Σ. Of each right singular vector the entry of largest size is positive, so that no
        library's choice of sign shows.

    Examples
    --------
    >>> reduced(sparse.csr_matrix([[0.0, -2.0], [0.0, -1.0]]), n_components=1, seed=0).tolist()
    [[-2.0], [-1.0]]
    """
    from sklearn.decomposition import TruncatedSVD  # slow to load; builds alone need it
    from threadpoolctl import threadpool_limits

    svd = TruncatedSVD(n_components, n_iter=_POWER_ITERATIONS, random_state=seed)
    # BLAS adds up in another order on another number of threads; one gives the same bits anywhere.
    with threadpool_limits(limits=1, user_api="blas"):
        rows = svd.fit_transform(matrix.astype(np.float32))
    axes = svd.components_
    largest = axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)]
    signed: NDArray[np.float32] = (rows * np.where(largest < 0, -1, 1)).astype(np.float32)
    return signed
