"""Campaigns: what is offered and when."""

from __future__ import annotations

from django.contrib import admin

from promotions.models import Campaign


@admin.register(Campaign)
class CampaignAdmin(admin.ModelAdmin):
    """What a code of the campaign gives."""

    list_display = ("name", "percent_off", "active", "starts_at", "ends_at")
    list_filter = ("active",)
    search_fields = ("name",)
