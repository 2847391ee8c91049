"""Addresses that are remembered are those that would be resolved anew."""

import pytest
from django.test import override_settings
from django.urls import (
    NoReverseMatch,
    clear_script_prefix,
    include,
    path,
    reverse,
    set_script_prefix,
)

from shop.addresses import address
from shop.urls import shop_patterns


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("shop:home", ()),
        ("shop:product", ("red-shoe",)),
        ("shop:product", ("blue-shoe",)),
        ("shop:picture", (7, "00ff00ff")),
    ],
)
def test_the_same_as_resolved(name, parts):
    for _ in range(2):
        assert address(name, *parts) == reverse(name, args=parts)


def test_another_prefix_or_other_routes_are_other_addresses():
    assert address("shop:product", "a") == "/product/a/"
    set_script_prefix("/sub/")
    try:
        assert address("shop:product", "a") == "/sub/product/a/"
    finally:
        clear_script_prefix()
    with override_settings(ROOT_URLCONF=(path("s/", include((shop_patterns, "shop"))),)):
        assert address("shop:product", "a") == "/s/product/a/"
    assert address("shop:product", "a") == "/product/a/"


def test_what_has_no_address_is_told_each_time():
    for _ in range(2):
        with pytest.raises(NoReverseMatch):
            address("shop:product", "no slug")
