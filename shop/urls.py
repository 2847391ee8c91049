"""Addresses of the reference project."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, include, path

from shop.views import account, basket, catalogue, checkout, reviews

shop_patterns = [
    path("", catalogue.home, name="home"),
    path("products/", catalogue.all_products, name="products"),
    path("category/<slug:slug>/", catalogue.category, name="category"),
    path("search/", catalogue.search, name="search"),
    path("product/<slug:slug>/", catalogue.product, name="product"),
    path("product/<slug:slug>/review/", reviews.write, name="review"),
    path("picture/<int:pk>/<slug:version>.svg", catalogue.picture, name="picture"),
    path(
        "picture/category/<int:pk>/<slug:version>.svg",
        catalogue.category_picture,
        name="category_picture",
    ),
    path("basket/", basket.basket, name="basket"),
    path("basket/add/", basket.add, name="basket_add"),
    path("basket/change/", basket.change, name="basket_change"),
    path("checkout/", checkout.checkout, name="checkout"),
    path("checkout/thanks/<str:number>/", checkout.confirmation, name="confirmation"),
    path("account/", account.account, name="account"),
    path("account/login/", account.LoginView.as_view(), name="login"),
    path("account/logout/", LogoutView.as_view(), name="logout"),
    path("account/sign-up/", account.sign_up, name="sign_up"),
    path("account/orders/<str:number>/", account.order, name="order"),
    path("account/orders/<str:number>/cancel/", account.cancel, name="cancel"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((shop_patterns, "shop"))),
    # Browsers ask for it on pages that name no icon, such as the admin's.
    path("favicon.ico", catalogue.icon),
    path("language/", include("django.conf.urls.i18n")),
    path("crosssell/", include("recommendations.urls")),
    path("admin/", admin.site.urls),
]
