"""What we do when something of ours changes: act on commit."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest

from recommendations.faults import contained
from recommendations.models import (
    Exclusion,
    LadderStep,
    Merchandising,
    ModelChoice,
    Pin,
    Placement,
    PlacementPin,
    PlacementStep,
    SlotShare,
)
from recommendations.selectors.builds import forget_published_builds
from recommendations.selectors.cached import forget
from recommendations.selectors.ladder_rules import WITH_STEPS, ladder_rules_name
from recommendations.selectors.placements import PLACEMENTS, WITH_RULES, rules_name
from recommendations.services.feedback import adopt_feedback

CHANGES = (post_save, post_delete)


@receiver(CHANGES, sender=Placement, dispatch_uid="crosssell.placement")
@receiver(CHANGES, sender=PlacementStep, dispatch_uid="crosssell.placement_step")
@receiver(CHANGES, sender=PlacementPin, dispatch_uid="crosssell.placement_pin")
@receiver(CHANGES, sender=Merchandising, dispatch_uid="crosssell.merchandising")
@receiver(CHANGES, sender=SlotShare, dispatch_uid="crosssell.slot_share")
def forget_placements(using: str | None = None, **kwargs: Any) -> None:
    """Read the placements anew once the change can be read."""
    transaction.on_commit(lambda: forget([PLACEMENTS]), using=using, robust=True)


@receiver(user_logged_in, dispatch_uid="crosssell.login")
def adopt_feedback_at_login(request: HttpRequest | None = None, **kwargs: Any) -> None:
    """Give what a visitor said of products to the customer who has now logged in."""
    if request is not None:
        contained("Feedback at login", lambda: adopt_feedback(request), otherwise=None)


@receiver(CHANGES, sender=ModelChoice, dispatch_uid="crosssell.choice")
def forget_choices(using: str | None = None, **kwargs: Any) -> None:
    """Read which model answers what anew here; other processes look again by themselves."""
    transaction.on_commit(forget_published_builds, using=using, robust=True)


@receiver(CHANGES, sender=Pin, dispatch_uid="crosssell.pin")
@receiver(CHANGES, sender=Exclusion, dispatch_uid="crosssell.exclusion")
def forget_rules(instance: Pin | Exclusion, using: str | None = None, **kwargs: Any) -> None:
    """Read an item's pins and exclusions anew once the change can be read.

    An item that a rule was moved away from keeps it for ``RULES_SECONDS`` at most.
    """
    names = [WITH_RULES, rules_name(instance.item_id)]
    transaction.on_commit(lambda: forget(names), using=using, robust=True)


@receiver(CHANGES, sender=LadderStep, dispatch_uid="crosssell.ladder_step")
def forget_ladder(instance: LadderStep, using: str | None = None, **kwargs: Any) -> None:
    """Read an item's own steps anew once the change can be read, as its pins and exclusions."""
    names = [WITH_STEPS, ladder_rules_name(instance.item_id)]
    transaction.on_commit(lambda: forget(names), using=using, robust=True)
