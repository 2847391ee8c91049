"""Addresses of the API's first version."""

from django.urls import URLPattern, URLResolver, path, re_path, register_converter

from recommendations.api.views import (
    BasketAddView,
    TogetherFragmentView,
    TogetherView,
    UnknownAddressView,
)


class ItemKeyConverter:
    """Any text: keys are the shop's. What cannot be one is refused with a reason by the view."""

    regex = r"[\s\S]+?"

    def to_python(self, value: str) -> str:
        """Return the text as it is."""
        return value

    def to_url(self, value: str) -> str:
        """Return the key as it is; Django quotes it."""
        return value


register_converter(ItemKeyConverter, "crosssell_item_key")

ITEM = "items/<crosssell_item_key:key>/frequently-bought-together/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(ITEM, TogetherView.as_view(), name="together"),
    path(f"{ITEM}fragment/", TogetherFragmentView.as_view(), name="together-fragment"),
    path("basket/add/", BasketAddView.as_view(), name="api-basket-add"),
]
unknown = re_path(r"[\s\S]*", UnknownAddressView.as_view())
