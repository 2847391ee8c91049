"""Rules with two items on the left: one row per pair and build, packed."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from recommendations.models.build import Build
from recommendations.models.item import Item


class PairRules(models.Model):
    """What follows from two items in one basket; what follows from one is a ``NeighbourList``.

    ``packed`` is read and written by ``engine.packing`` only; scores are lower bounds of the share
    of the pair's customers who bought the third as well.
    """

    pk = models.CompositePrimaryKey("build_id", "first_id", "second_id")
    build = models.ForeignKey(
        Build, on_delete=models.CASCADE, related_name="pair_rules", db_index=False
    )
    first = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+", db_index=False)
    second = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+", db_index=False)
    n_customers = models.PositiveIntegerField(_("customers whose baskets hold both"))
    n_baskets = models.PositiveIntegerField(_("orders that hold both"))
    packed = models.BinaryField(_("what follows"))

    class Meta:
        """Each pair once: the smaller item first."""

        verbose_name = _("rules of a pair")
        verbose_name_plural = _("rules of pairs")
        constraints = (
            models.CheckConstraint(
                condition=Q(first_id__lt=F("second_id")), name="crosssell_pair_rules_ascend"
            ),
        )

    def __str__(self) -> str:
        """Return build and pair."""
        return f"build {self.build_id}, items {self.first_id} and {self.second_id}"
