"""Reviews, to hide what should not be read."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from shop.models import Review


@admin.register(Review)
class ReviewAdmin(admin.ModelAdmin):
    """Only whether a review is shown can be changed: the words are the customer's."""

    list_display = ("product", "stars", "user", "text", "visible", "written_at")
    list_editable = ("visible",)
    list_filter = ("visible", "stars", "written_at")
    list_select_related = ("product", "user")
    list_per_page = 50
    search_fields = ("product__name", "user__username", "text")
    search_help_text = _("Product, user name or words.")
    readonly_fields = ("product", "user", "stars", "text", "written_at")

    def has_add_permission(self, request: object) -> bool:
        return False
