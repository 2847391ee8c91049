"""Codes: found by any spelling, chosen by hand one at a time."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from promotions.engine.codes import normal_form
from promotions.models import Coupon


@admin.register(Coupon)
class CouponAdmin(admin.ModelAdmin):
    """One code and its campaign."""

    list_display = ("code", "campaign", "created_at")
    list_select_related = ("campaign",)
    search_fields = ("normal_form", "campaign__name")
    raw_id_fields = ("campaign",)
    readonly_fields = ("created_at",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Coupon], search_term: str
    ) -> tuple[QuerySet[Coupon], bool]:
        """Find a code in whatever spelling the customer gave it, else search by words."""
        try:
            exact = queryset.filter(normal_form=normal_form(search_term))
        except ValueError:
            exact = queryset.none()
        if exact:
            return exact, False
        return super().get_search_results(request, queryset, search_term)
