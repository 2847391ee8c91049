"""Finds the one adapter that ``CROSSSELL_SHOP`` names."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from recommendations.adapters.base import ShopAdapter

SETTING = "CROSSSELL_SHOP"


@lru_cache(maxsize=1)
def get_adapter() -> ShopAdapter:
    """Return the project's adapter; it is made once and must hold no state of a request."""
    dotted = getattr(settings, SETTING, None)
    if not isinstance(dotted, str) or "." not in dotted:
        msg = (
            f"{SETTING} must be the dotted path of a ShopAdapter "
            f'("myshop.crosssell.MyShop"), not {dotted!r}.'
        )
        raise ImproperlyConfigured(msg)
    try:
        adapter_class = import_string(dotted)
    except ImportError as error:
        msg = f"{SETTING} = {dotted!r} cannot be imported: {error}"
        raise ImproperlyConfigured(msg) from error
    if not (isinstance(adapter_class, type) and issubclass(adapter_class, ShopAdapter)):
        msg = f"{SETTING} = {dotted!r} is no subclass of recommendations.adapters.ShopAdapter."
        raise ImproperlyConfigured(msg)
    return adapter_class()


def _forget(*, setting: str, **kwargs: object) -> None:
    if setting == SETTING:
        get_adapter.cache_clear()


setting_changed.connect(_forget)
