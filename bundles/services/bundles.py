"""Making and changing bundles."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bundles.conf import bundle_settings
from bundles.models import Bundle, BundlePart


@transaction.atomic
def create_bundle(
    name: str, quantities: Mapping[int, int], *, percent_off: Decimal = Decimal(0)
) -> Bundle:
    """Make a bundle of items, given by their ids with a quantity each, in the order given."""
    highest = bundle_settings().max_parts
    if not 2 <= len(quantities) <= highest:
        raise ValidationError(
            _("A bundle has 2 to %(highest)s items, not %(given)s.")
            % {"highest": highest, "given": len(quantities)}
        )
    bundle = Bundle(name=name, percent_off=percent_off)
    bundle.full_clean()
    bundle.save()
    parts = [
        BundlePart(bundle=bundle, item_id=item_id, quantity=quantity, position=position)
        for position, (item_id, quantity) in enumerate(quantities.items())
    ]
    for part in parts:
        part.full_clean()
    BundlePart.objects.bulk_create(parts)
    return bundle
