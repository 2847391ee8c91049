"""Baskets, to help a customer on the telephone."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from shop.admin.orders import ReadOnly
from shop.models import Basket, BasketLine


class BasketLineInline(ReadOnly, admin.TabularInline):
    """What is in a basket."""

    model = BasketLine
    fields = ("product", "quantity")


@admin.register(Basket)
class BasketAdmin(ReadOnly, admin.ModelAdmin):
    """Baskets of customers and guests."""

    list_display = ("token", "user", "n_pieces", "created_at", "updated_at")
    list_filter = (("user", admin.EmptyFieldListFilter), "updated_at")
    list_select_related = ("user",)
    list_per_page = 50
    search_fields = ("user__username", "user__email")
    search_help_text = _("User name or e-mail.")
    date_hierarchy = "updated_at"
    inlines = (BasketLineInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Basket]:
        pieces = Sum("lines__quantity", default=0)
        rows: QuerySet[Basket] = super().get_queryset(request)
        return rows.annotate(_n_pieces=pieces)

    @admin.display(description=_("pieces"), ordering="_n_pieces")
    def n_pieces(self, basket: Any) -> int:
        """Show how many pieces are in the basket."""
        return int(basket._n_pieces)
