from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from django.core.exceptions import ImproperlyConfigured

from recommendations.contrib.embeddings import SentenceEmbeddings


class Shop(SentenceEmbeddings):
    """The two methods of an adapter that the mixin uses."""

    shown = {"1": "Red mug", "2": "  ", "3": "Tea"}

    def live_products(self, keys):
        return {key: self.shown[key] for key in keys if key in self.shown}

    def title(self, product):
        return product


@pytest.fixture
def library(monkeypatch):
    """A stand-in that says what it was asked and loads once."""
    asked = SimpleNamespace(models=[], texts=[])

    class SentenceTransformer:
        def __init__(self, name):
            asked.models.append(name)

        def encode(self, texts, *, show_progress_bar):
            asked.texts.append(texts)
            return np.array([[len(text), 1.0] for text in texts])

    module = SimpleNamespace(SentenceTransformer=SentenceTransformer)
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)
    return asked


def test_vectors_of_titles_that_have_words(library):
    found = Shop().embeddings(["3", "1", "2", "9"])
    assert {key: list(vector) for key, vector in found.items()} == {"1": [7, 1], "3": [3, 1]}
    assert library.texts == [["Red mug", "Tea"]]


def test_the_model_is_loaded_once_and_only_when_asked(library):
    shop = Shop()
    assert shop.embeddings(["2"]) == {}
    assert library.models == []
    shop.embeddings(["1"])
    shop.embeddings(["3"])
    assert library.models == [Shop.embedding_model]


def test_without_the_library_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ImproperlyConfigured, match=r"pip install .django-crosssell\[embeddings\]"):
        Shop().embeddings(["1"])
