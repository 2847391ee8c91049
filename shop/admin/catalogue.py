"""Categories, brands and products."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from shop.models import Brand, Category, Product
from shop.money import format_money
from shop.pictures import picture_url


class StockFilter(admin.SimpleListFilter):
    """Products by what is left of them."""

    title = _("stock")
    parameter_name = "stock"
    CONDITIONS = {
        "out": (_("sold out"), Q(stock=0)),
        "few": (_("five or fewer left"), Q(stock__gt=0, stock__lte=5)),
        "more": (_("more than five"), Q(stock__gt=5)),
        "untracked": (_("not tracked"), Q(stock__isnull=True)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the choices."""
        return [(name, label) for name, (label, _condition) in self.CONDITIONS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the products of the chosen kind."""
        found = self.CONDITIONS.get(self.value() or "")
        return queryset.filter(found[1]) if found else queryset


class KindFilter(admin.SimpleListFilter):
    """Tell pages of the shop from their variants."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the choices."""
        return [("page", _("product")), ("variant", _("variant"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the products of the chosen kind."""
        if self.value() not in {"page", "variant"}:
            return queryset
        return queryset.filter(parent__isnull=self.value() == "page")


class VariantInline(admin.TabularInline):
    """The variants on the page of their product."""

    model = Product
    fk_name = "parent"
    fields = ("sku", "variant_name", "name", "slug", "price", "currency", "stock", "visible")
    extra = 0
    verbose_name = _("variant")
    verbose_name_plural = _("variants")
    show_change_link = True


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    """Categories and how much is in them."""

    list_display = ("name", "parent", "slug", "n_products")
    list_filter = (("parent", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("parent",)
    search_fields = ("name", "slug")
    autocomplete_fields = ("parent",)
    prepopulated_fields = {"slug": ("name",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        rows: QuerySet[Category] = super().get_queryset(request)
        return rows.annotate(_n_products=Count("products"))

    @admin.display(description=_("products"), ordering="_n_products")
    def n_products(self, category: Any) -> int:
        """Show how many products stand directly in the category."""
        return int(category._n_products)


@admin.register(Brand)
class BrandAdmin(admin.ModelAdmin):
    """Brands and how much there is of them."""

    list_display = ("name", "slug", "n_products")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Brand]:
        rows: QuerySet[Brand] = super().get_queryset(request)
        return rows.annotate(_n_products=Count("products"))

    @admin.display(description=_("products"), ordering="_n_products")
    def n_products(self, brand: Any) -> int:
        """Show how many products the brand has here."""
        return int(brand._n_products)


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    """Products with their variants, prices and stock."""

    list_display = (
        "picture",
        "full_name",
        "sku",
        "category",
        "brand",
        "shown_price",
        "stock",
        "visible",
    )
    list_display_links = ("picture", "full_name")
    list_filter = (
        "visible",
        KindFilter,
        StockFilter,
        ("category", admin.RelatedOnlyFieldListFilter),
        ("brand", admin.RelatedOnlyFieldListFilter),
        "currency",
    )
    list_select_related = ("category", "brand")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("name", "sku", "brand__name")
    search_help_text = _("Name, stock code or brand.")
    date_hierarchy = "created_at"
    autocomplete_fields = ("category", "brand", "parent")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (VariantInline,)
    actions = ("show", "hide")
    fieldsets = (
        (None, {"fields": ("name", "slug", "sku", "category", "brand", "visible")}),
        (_("Price and stock"), {"fields": (("price", "currency"), "cost", "stock")}),
        (_("Page"), {"fields": ("description", "attributes", "created_at")}),
        (_("Variant"), {"classes": ("collapse",), "fields": ("parent", "variant_name")}),
    )

    def get_inlines(self, request: HttpRequest, obj: Product | None) -> list[Any]:
        """Offer variants on products only: a variant has none of its own."""
        return [] if obj is not None and obj.parent_id is not None else list(self.inlines)

    @admin.display(description="")
    def picture(self, product: Product) -> str:
        """Show a small picture."""
        return format_html('<img src="{}" alt="" width="40" height="40">', picture_url(product))

    @admin.display(description=_("product"), ordering="name")
    def full_name(self, product: Product) -> str:
        """Show the name with the variant."""
        return product.full_name

    @admin.display(description=_("price"), ordering="price")
    def shown_price(self, product: Product) -> str:
        """Show the price with its currency."""
        return format_money(product.price, product.currency)

    @admin.action(description=_("Show in the shop"), permissions=["change"])
    def show(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Make products visible."""
        self._set_visible(request, queryset, visible=True)

    @admin.action(description=_("Hide from the shop"), permissions=["change"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Make products invisible."""
        self._set_visible(request, queryset, visible=False)

    def _set_visible(
        self, request: HttpRequest, queryset: QuerySet[Product], *, visible: bool
    ) -> None:
        count = queryset.update(visible=visible)
        text = ngettext("%(count)d product was changed.", "%(count)d products were changed.", count)
        self.message_user(request, text % {"count": count})
