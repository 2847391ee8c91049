"""Orders: lines are read-only, money goes back by actions that need their own permission."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from shop.models import Order, OrderAddress, OrderLine
from shop.money import format_money
from shop.selectors.orders import with_totals
from shop.services.errors import Refused
from shop.services.orders import cancel_order, refund_lines, refund_order, ship_order


class ReadOnly(admin.options.BaseModelAdmin):
    """What the shop wrote itself is looked at and never edited."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LineInline(ReadOnly, admin.TabularInline):
    """The lines of an order."""

    model = OrderLine
    fields = ("product_name", "sku", "quantity", "refunded_quantity", "unit_price", "amount")
    show_change_link = True


class AddressInline(ReadOnly, admin.StackedInline):
    """Where the order goes."""

    model = OrderAddress


class MayRefund:
    """Names the permission that actions ask for."""

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        """Say whether the user may cancel orders."""
        return request.user.has_perm("shop.cancel_order")

    def has_refund_permission(self, request: HttpRequest) -> bool:
        """Say whether the user may give money back."""
        return request.user.has_perm("shop.refund_order")


@admin.register(Order)
class OrderAdmin(MayRefund, ReadOnly, admin.ModelAdmin):
    """Orders with their totals."""

    list_display = (
        "number",
        "placed_at",
        "buyer",
        "status",
        "n_pieces",
        "total",
        "refunded",
        "shipped_at",
    )
    list_filter = ("status", "source", "placed_at", "currency")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("number", "email", "user__username", "external_key")
    search_help_text = _("Number, e-mail, user name or external key.")
    date_hierarchy = "placed_at"
    inlines = (LineInline, AddressInline)
    actions = ("ship", "cancel", "refund")
    fields = (
        ("number", "status", "source"),
        ("user", "email"),
        ("total", "refunded"),
        ("placed_at", "paid_at"),
        ("shipped_at", "cancelled_at"),
        "external_key",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return with_totals(super().get_queryset(request).select_related("user"))

    def has_ship_permission(self, request: HttpRequest) -> bool:
        """Say whether the user may note that orders left the shop."""
        return request.user.has_perm("shop.change_order")

    @admin.display(description=_("customer"), ordering="email")
    def buyer(self, order: Order) -> str:
        """Show who bought: the user name, else the guest's e-mail."""
        return order.user.get_username() if order.user else order.email

    @admin.display(description=_("pieces"))
    def n_pieces(self, order: Any) -> int:
        """Show how many pieces were bought."""
        return int(order.n_pieces)

    @admin.display(description=_("total"))
    def total(self, order: Any) -> str:
        """Show what the order cost."""
        return format_money(order.total, order.currency)

    @admin.display(description=_("refunded"))
    def refunded(self, order: Any) -> str:
        """Show what was given back."""
        return format_money(order.refunded_total, order.currency) if order.refunded_total else ""

    @admin.action(description=_("Note as shipped"), permissions=["ship"])
    def ship(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        """Note that orders left the shop."""
        self._each(request, queryset, ship_order)

    @admin.action(description=_("Cancel, and return the stock"), permissions=["cancel"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        """Cancel orders that were not shipped."""
        self._each(request, queryset, cancel_order)

    @admin.action(description=_("Refund all that is left"), permissions=["refund"])
    def refund(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        """Refund whole orders."""
        self._each(request, queryset, refund_order)

    def _each(
        self, request: HttpRequest, queryset: QuerySet[Order], service: Callable[[Order], None]
    ) -> None:
        done = 0
        for order in queryset:
            try:
                service(order)
            except Refused as refusal:
                self.message_user(request, str(refusal), messages.WARNING)
            else:
                done += 1
        if done:
            text = ngettext("%(count)d order was changed.", "%(count)d orders were changed.", done)
            self.message_user(request, text % {"count": done})


@admin.register(OrderLine)
class OrderLineAdmin(MayRefund, ReadOnly, admin.ModelAdmin):
    """Single lines, to refund a part of an order."""

    list_display = ("order", "product_name", "sku", "quantity", "refunded_quantity", "shown_amount")
    list_filter = ("order__status", "order__source")
    list_select_related = ("order",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("order__number", "sku", "product_name")
    search_help_text = _("Order number, stock code or product name.")
    actions = ("refund_one", "refund_all")

    @admin.display(description=_("amount"), ordering="amount")
    def shown_amount(self, line: OrderLine) -> str:
        """Show the amount with its currency."""
        return format_money(line.amount, line.order.currency)

    @admin.action(description=_("Refund one piece"), permissions=["refund"])
    def refund_one(self, request: HttpRequest, queryset: QuerySet[OrderLine]) -> None:
        """Refund one piece of each line."""
        self._refund(request, queryset, lambda _line: 1)

    @admin.action(description=_("Refund all pieces that are left"), permissions=["refund"])
    def refund_all(self, request: HttpRequest, queryset: QuerySet[OrderLine]) -> None:
        """Refund whole lines."""
        left = queryset.filter(refunded_quantity__lt=F("quantity"))
        self._refund(request, left, lambda line: line.kept_quantity)

    def _refund(
        self,
        request: HttpRequest,
        queryset: QuerySet[OrderLine],
        pieces: Callable[[OrderLine], int],
    ) -> None:
        done = 0
        for line in queryset.select_related("order"):
            try:
                refund_lines(line.order, {line.pk: pieces(line)})
            except Refused as refusal:
                self.message_user(request, str(refusal), messages.WARNING)
            else:
                done += 1
        if done:
            text = ngettext("%(count)d line was refunded.", "%(count)d lines were refunded.", done)
            self.message_user(request, text % {"count": done})
