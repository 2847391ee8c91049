"""Addresses of the API's first version."""

from django.urls import URLPattern, URLResolver, path, re_path, register_converter

from recommendations.api.shelf_views import (
    BasketRecommendationsView,
    CustomerRecommendationsView,
    NewArrivalsView,
    TrendingView,
)
from recommendations.api.upgrade_views import UpgradesFragmentView, UpgradesView
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
UPGRADES = "items/<crosssell_item_key:key>/upgrades/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(ITEM, TogetherView.as_view(), name="together"),
    path(f"{ITEM}fragment/", TogetherFragmentView.as_view(), name="together-fragment"),
    path(UPGRADES, UpgradesView.as_view(), name="upgrades"),
    path(f"{UPGRADES}fragment/", UpgradesFragmentView.as_view(), name="upgrades-fragment"),
    path("basket/add/", BasketAddView.as_view(), name="api-basket-add"),
    path(
        "baskets/recommendations/",
        BasketRecommendationsView.as_view(),
        name="basket-recommendations",
    ),
    path("me/recommendations/", CustomerRecommendationsView.as_view(), name="my-recommendations"),
    path("trending/", TrendingView.as_view(), name="trending"),
    path("new-arrivals/", NewArrivalsView.as_view(), name="new-arrivals"),
]
unknown = re_path(r"[\s\S]*", UnknownAddressView.as_view())
