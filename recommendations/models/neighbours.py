"""The lists that a page reads: one row per item and build, packed."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from recommendations.models.build import Build
from recommendations.models.item import Item


class NeighbourList(models.Model):
    """An item's companions in one build: one row by primary key is all that a page needs.

    ``packed`` is read and written by ``engine.packing`` only.
    """

    pk = models.CompositePrimaryKey("build_id", "item_id")
    build = models.ForeignKey(Build, on_delete=models.CASCADE, related_name="lists", db_index=False)
    # Items are never deleted by us, so an index for the reverse way would only slow every build.
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+", db_index=False)
    n_customers = models.PositiveIntegerField(_("customers who bought the item"))
    n_baskets = models.PositiveIntegerField(_("orders that hold the item"))
    packed = models.BinaryField(_("companions"))

    class Meta:
        """Names for the admin."""

        verbose_name = _("neighbour list")
        verbose_name_plural = _("neighbour lists")

    def __str__(self) -> str:
        """Return build and item."""
        return f"build {self.build_id}, item {self.item_id}"


class PopularList(models.Model):
    """The items that stand for a category in one build; the empty category holds all.

    In most kinds these are best sellers. An entry without customers claims nothing about sales:
    it is a new arrival, put where too few customers have bought anything.
    """

    pk = models.CompositePrimaryKey("build_id", "category")
    build = models.ForeignKey(
        Build, on_delete=models.CASCADE, related_name="popular_lists", db_index=False
    )
    category = models.CharField(_("category"), max_length=300, blank=True)
    packed = models.BinaryField(_("items"))

    class Meta:
        """Names for the admin."""

        verbose_name = _("popular list")
        verbose_name_plural = _("popular lists")

    def __str__(self) -> str:
        """Return build and category."""
        return f"build {self.build_id}, {self.category or 'all'}"
