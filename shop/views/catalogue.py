"""Home, shelves, search, product pages and their pictures."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from shop.forms.catalogue import ShelfForm
from shop.forms.reviews import ReviewForm
from shop.models import Category, Product
from shop.pictures import category_svg, category_url, picture_svg, picture_url
from shop.selectors import catalogue
from shop.selectors import reviews as review_selectors
from shop.selectors.catalogue import SORTS

PRODUCTS_PER_PAGE = 24
PRODUCTS_PER_SECTION = 10
# Brands beyond these are found by searching; a longer list hides the products.
MAX_BRANDS = 30
PICTURE_SECONDS = 365 * 24 * 3600


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the categories, what is popular and what is new."""
    tree = catalogue.category_tree()
    popular = catalogue.popular_products(PRODUCTS_PER_SECTION)
    new = catalogue.new_products(PRODUCTS_PER_SECTION)
    review_selectors.with_stars([*popular, *new])
    context = {"categories": tree, "popular": popular, "new": new}
    return render(request, "shop/home.html", context)


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a category with everything inside it."""
    tree = catalogue.category_tree()
    path = catalogue.find_path(tree, slug)
    if not path:
        raise Http404(_("There is no such category."))
    shelf = path[-1]
    context = {"categories": tree, "path": path, "shelf": shelf, "title": shelf.category.name}
    return _shelf_page(request, catalogue.products_on(shelf), context)


@require_safe
def all_products(request: HttpRequest) -> HttpResponse:
    """Show the whole shop, also what stands in no category."""
    return _shelf_page(request, catalogue.products_on(None), {"title": _("All products")})


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what a shopper's words find."""
    text = ShelfForm(request.GET).text
    title = _("Results for “%(text)s”") % {"text": text} if text else _("Search")
    context = {"title": title, "is_search": True, "text": text}
    return _shelf_page(request, catalogue.search_products(text), context)


@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one product with its variants."""
    found = catalogue.product_page(slug)
    if found is None:
        raise Http404(_("There is no such product."))
    variants: list[Product] = getattr(found, "shown_variants", [])
    review_selectors.with_stars([found])
    context = {
        "product": found,
        "variants": variants,
        "chosen": _chosen_variant(request, variants),
        "attributes": catalogue.listed_attributes(found),
        "reviews": review_selectors.newest_reviews(found),
        "review_form": _review_form(request, found),
    }
    return render(request, "shop/product.html", context)


def _review_form(request: HttpRequest, product: Product) -> ReviewForm | None:
    """Return the form with what the customer wrote before; None for who did not buy it."""
    if not review_selectors.has_bought(product, request.user):
        return None
    own = review_selectors.own_review(product, request.user)
    return ReviewForm(initial={"stars": own.stars, "text": own.text} if own else None)


@require_safe
def picture(request: HttpRequest, pk: int, version: str) -> HttpResponse:
    """Serve a product's picture; its address changes with it, so it may be kept for a year."""
    shown = get_object_or_404(Product.objects.select_related("brand", "category"), pk=pk)
    return _kept_picture(request, picture_svg(shown), picture_url(shown))


@require_safe
def category_picture(request: HttpRequest, pk: int, version: str) -> HttpResponse:
    """Serve the picture of a category."""
    shown = get_object_or_404(Category, pk=pk)
    return _kept_picture(request, category_svg(shown), category_url(shown))


def _kept_picture(request: HttpRequest, svg: str, address: str) -> HttpResponse:
    """Answer with a picture; an old version's address still works but is not kept."""
    response = HttpResponse(svg, content_type="image/svg+xml")
    if address == request.path:
        patch_cache_control(response, public=True, max_age=PICTURE_SECONDS, immutable=True)
    else:
        patch_cache_control(response, no_cache=True)
    return response


def _shelf_page(
    request: HttpRequest, products: QuerySet[Product], context: dict[str, Any]
) -> HttpResponse:
    form = ShelfForm(request.GET)
    brands = list(catalogue.brands_of(products)[:MAX_BRANDS])
    wanted = set(request.GET.getlist("brand"))
    chosen = [brand for brand in brands if brand.slug in wanted]
    if chosen:
        products = products.filter(brand__in=chosen)
    cards = catalogue.product_cards(products).order_by(*SORTS[form.sort_name])
    page = Paginator(cards, PRODUCTS_PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = review_selectors.with_stars(page.object_list)
    context |= {
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "form": form,
        "sort": form.sort_name,
        "sorts": form.fields["sort"].choices,  # type: ignore[attr-defined]
        "brands": brands,
        "chosen_brands": chosen,
    }
    return render(request, "shop/shelf.html", context)


def _chosen_variant(request: HttpRequest, variants: list[Product]) -> Product | None:
    """Return the variant the address asks for, else the first that can be had."""
    wanted = request.GET.get("variant")
    for variant in variants:
        if str(variant.pk) == wanted:
            return variant
    return next((variant for variant in variants if variant.in_stock()), None)


def icon(request: HttpRequest) -> HttpResponse:
    """Send browsers that look for an icon at the old address to the shop's."""
    return redirect(static("shop/logo.svg"))
