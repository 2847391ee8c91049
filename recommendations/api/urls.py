"""Addresses of the API's first version."""

from django.urls import URLPattern, URLResolver, path, re_path, register_converter

from recommendations.api.basket_upgrade_views import (
    BasketReplaceView,
    BasketUpgradesFragmentView,
    BasketUpgradesView,
)
from recommendations.api.shelf_fragments import (
    AlsoViewedFragmentView,
    BasketRecommendationsFragmentView,
    BuyAgainFragmentView,
    CustomerRecommendationsFragmentView,
    NewArrivalsFragmentView,
    RecentlyViewedFragmentView,
    ShelfFragmentView,
    SimilarItemsFragmentView,
    TrendingFragmentView,
    VisitRecommendationsFragmentView,
)
from recommendations.api.shelf_views import (
    AlsoViewedView,
    BasketRecommendationsView,
    BuyAgainView,
    CustomerRecommendationsView,
    NewArrivalsView,
    RecentlyViewedView,
    ShelfView,
    SimilarItemsView,
    TrendingView,
    VisitRecommendationsView,
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
ALSO_VIEWED = "items/<crosssell_item_key:key>/also-viewed/"
SIMILAR = "items/<crosssell_item_key:key>/similar/"

SHELVES: dict[str, type[ShelfView]] = {
    ALSO_VIEWED: AlsoViewedView,
    SIMILAR: SimilarItemsView,
    "baskets/recommendations/": BasketRecommendationsView,
    "me/recommendations/": CustomerRecommendationsView,
    "me/buy-again/": BuyAgainView,
    "me/recently-viewed/": RecentlyViewedView,
    "me/visit/": VisitRecommendationsView,
    "trending/": TrendingView,
    "new-arrivals/": NewArrivalsView,
}
FRAGMENTS: dict[str, type[ShelfFragmentView]] = {
    ALSO_VIEWED: AlsoViewedFragmentView,
    SIMILAR: SimilarItemsFragmentView,
    "baskets/recommendations/": BasketRecommendationsFragmentView,
    "me/recommendations/": CustomerRecommendationsFragmentView,
    "me/buy-again/": BuyAgainFragmentView,
    "me/recently-viewed/": RecentlyViewedFragmentView,
    "me/visit/": VisitRecommendationsFragmentView,
    "trending/": TrendingFragmentView,
    "new-arrivals/": NewArrivalsFragmentView,
}
"""Each shelf's HTML has an address of its own below that of its JSON."""

urlpatterns: list[URLPattern | URLResolver] = [
    path(ITEM, TogetherView.as_view(), name="together"),
    path(f"{ITEM}fragment/", TogetherFragmentView.as_view(), name="together-fragment"),
    path(UPGRADES, UpgradesView.as_view(), name="upgrades"),
    path(f"{UPGRADES}fragment/", UpgradesFragmentView.as_view(), name="upgrades-fragment"),
    path("basket/add/", BasketAddView.as_view(), name="api-basket-add"),
    path("basket/replace/", BasketReplaceView.as_view(), name="api-basket-replace"),
    path("baskets/upgrades/", BasketUpgradesView.as_view(), name="basket-upgrades"),
    path(
        "baskets/upgrades/fragment/",
        BasketUpgradesFragmentView.as_view(),
        name="basket-upgrades-fragment",
    ),
    *(path(address, view.as_view(), name=view.block.address) for address, view in SHELVES.items()),
    *(
        path(f"{address}fragment/", view.as_view(), name=f"{view.block.address}-fragment")
        for address, view in FRAGMENTS.items()
    ),
]
unknown = re_path(r"[\s\S]*", UnknownAddressView.as_view())
