"""Bundles with their parts on one page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from bundles.conf import bundle_settings
from bundles.models import Bundle, BundlePart


class BundlePartInline(admin.TabularInline):
    """Parts of the bundle, edited in place."""

    model = BundlePart
    extra = 2
    min_num = 2
    validate_min = True
    raw_id_fields = ("item",)

    def get_max_num(
        self, request: HttpRequest, obj: models.Model | None = None, **kwargs: Any
    ) -> int:
        """Return the most parts a bundle may have."""
        return bundle_settings().max_parts


@admin.register(Bundle)
class BundleAdmin(admin.ModelAdmin):
    """What is sold together, for how much less, and when."""

    list_display = ("name", "percent_off", "active", "starts_at", "ends_at")
    list_filter = ("active",)
    search_fields = ("name", "items__title")
    inlines = (BundlePartInline,)
