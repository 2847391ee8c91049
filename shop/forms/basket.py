"""Forms around the basket."""

from django import forms
from django.utils.translation import gettext_lazy as _

from shop.models.baskets import MAX_QUANTITY

# The largest primary key a database holds; beyond it SQLite raises instead of finding nothing.
MAX_KEY = 2**63 - 1


class AddToBasketForm(forms.Form):
    """One product or variant, and how many."""

    product = forms.IntegerField(
        min_value=1,
        max_value=MAX_KEY,
        error_messages={"required": _("Please choose a variant first.")},
    )
    quantity = forms.IntegerField(min_value=1, max_value=MAX_QUANTITY, required=False)


class QuantityForm(forms.Form):
    """How many of a line the basket shall hold; zero removes it."""

    product = forms.IntegerField(min_value=1, max_value=MAX_KEY)
    quantity = forms.IntegerField(
        min_value=0, max_value=MAX_QUANTITY, label=_("Quantity"), required=True
    )
