"""The form under a product."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from shop.models.reviews import FEWEST_STARS, MAX_TEXT, MOST_STARS


class ReviewForm(forms.Form):
    """Stars, and words if the customer likes."""

    stars = forms.TypedChoiceField(
        label=_("Your stars"),
        coerce=int,
        # The best first: the order in which shops show them.
        choices=[
            (n, ngettext_lazy("%(n)d star", "%(n)d stars", "n") % {"n": n})
            for n in range(MOST_STARS, FEWEST_STARS - 1, -1)
        ],
        error_messages={"required": _("Please give one to five stars.")},
    )
    text = forms.CharField(
        label=_("Your words"),
        max_length=MAX_TEXT,
        required=False,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
