"""The controls above a list of products."""

from django import forms
from django.utils.translation import gettext_lazy as _

from shop.selectors.catalogue import DEFAULT_SORT, SORTS

SORT_LABELS = {
    "newest": _("Newest first"),
    "price": _("Price, low to high"),
    "price-desc": _("Price, high to low"),
    "name": _("Name"),
}


class ShelfForm(forms.Form):
    """Search text and order, read from the page's address."""

    q = forms.CharField(max_length=100, required=False, label=_("Search"))
    sort = forms.ChoiceField(
        choices=[(name, SORT_LABELS[name]) for name in SORTS], required=False, label=_("Sort by")
    )

    def answer(self, name: str, default: str) -> str:
        """Return a field's value, or the default where the address holds nothing or nonsense."""
        self.full_clean()
        return self.cleaned_data.get(name) or default

    @property
    def text(self) -> str:
        """The words to search for."""
        return self.answer("q", "")

    @property
    def sort_name(self) -> str:
        """The chosen order."""
        return self.answer("sort", DEFAULT_SORT)
