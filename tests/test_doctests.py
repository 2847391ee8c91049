"""Every example in an engine's docstrings runs."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

ENGINES = ("recommendations.engine", "bundles.engine", "promotions.engine")


def _modules() -> list[str]:
    names = []
    for engine in ENGINES:
        package = importlib.import_module(engine)
        names.append(engine)
        names += [found.name for found in pkgutil.walk_packages(package.__path__, f"{engine}.")]
    return names


@pytest.mark.parametrize("name", _modules())
def test_examples_hold(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0, f"{result.failed} of {result.attempted} examples of {name} fail"


def test_the_examples_are_found():
    module = importlib.import_module("recommendations.engine.money")
    assert doctest.testmod(module).attempted >= 4
