"""The lists that are made for a customer: one row per customer and build, packed."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from recommendations.models.build import Build


class CustomerList(models.Model):
    """What one customer may want, in one build.

    ``customer`` is the key that ``ShopAdapter.customer`` or ``guest_key`` gives: the shop's user
    key or a keyed hash, never an address. ``packed`` is read and written by ``engine.packing``
    only; each entry's counts are the item's own customers and orders.
    """

    pk = models.CompositePrimaryKey("build_id", "customer")
    build = models.ForeignKey(
        Build, on_delete=models.CASCADE, related_name="customer_lists", db_index=False
    )
    # The index serves erasure: all that builds hold of one customer.
    customer = models.CharField(_("customer"), max_length=200, db_index=True)
    n_baskets = models.PositiveIntegerField(_("orders of the customer"))
    packed = models.BinaryField(_("items"))

    class Meta:
        """Names for the admin."""

        verbose_name = _("customer list")
        verbose_name_plural = _("customer lists")

    def __str__(self) -> str:
        """Return build and customer."""
        return f"build {self.build_id}, customer {self.customer}"
