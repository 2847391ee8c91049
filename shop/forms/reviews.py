"""The form under a product."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from shop.models.reviews import FEWEST_STARS, MAX_TEXT, MOST_STARS


def _choices() -> list[tuple[int, str]]:
    """Return the numbers of stars in the reader's language, the best first as shops do."""
    return [
        (n, ngettext("%(n)d star", "%(n)d stars", n) % {"n": n})
        for n in range(MOST_STARS, FEWEST_STARS - 1, -1)
    ]


class ReviewForm(forms.Form):
    """Stars, and words if the customer likes."""

    stars = forms.TypedChoiceField(
        label=_("Your stars"),
        coerce=int,
        choices=_choices,
        error_messages={"required": _("Please give one to five stars.")},
    )
    text = forms.CharField(
        label=_("Your words"),
        max_length=MAX_TEXT,
        required=False,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
