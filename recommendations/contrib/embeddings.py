"""Sentence embeddings of products' texts, for shops that install sentence-transformers.

``class MyShop(SentenceEmbeddings, ShopAdapter)`` is all; without the mixin nothing is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib import import_module
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured


class SentenceEmbeddings:
    """Brings a vector for the text of each product that may be shown.

    The model is loaded once per process, when a build first asks. Put the mixin before
    ``ShopAdapter``.
    """

    embedding_model: ClassVar[str] = "paraphrase-multilingual-MiniLM-L12-v2"
    """A name that sentence-transformers knows, or the path of a model on disk."""

    def embedding_text(self, product: Any) -> str:
        """Return what the vector is made of: the title. Override to add a description."""
        return str(self.title(product))  # type: ignore[attr-defined]

    def embeddings(self, keys: Sequence[str]) -> Mapping[str, Sequence[float]]:
        """Return a vector per key; products without text or not shown now have none."""
        products = self.live_products(keys)  # type: ignore[attr-defined]
        texts = {key: self.embedding_text(products[key]).strip() for key in sorted(products)}
        texts = {key: text for key, text in texts.items() if text}
        if not texts:
            return {}
        vectors = self._encoder.encode(list(texts.values()), show_progress_bar=False)
        return dict(zip(texts, vectors, strict=True))

    @cached_property
    def _encoder(self) -> Any:
        try:
            library = import_module("sentence_transformers")
        except ImportError as error:
            msg = (
                f"{type(self).__name__} brings embeddings, which need sentence-transformers: "
                'pip install "django-crosssell[embeddings]".'
            )
            raise ImproperlyConfigured(msg) from error
        return library.SentenceTransformer(self.embedding_model)
