"""The checkout form."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shop.services.orders import Destination


class CheckoutForm(forms.Form):
    """Who gets the order, and what the shopper agreed to."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("For the confirmation of your order, and for nothing else."),
    )
    name = forms.CharField(
        label=_("Full name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"})
    )
    street = forms.CharField(
        label=_("Street and number"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "street-address"}),
    )
    postcode = forms.CharField(
        label=_("Postcode"), max_length=20, widget=forms.TextInput({"autocomplete": "postal-code"})
    )
    city = forms.CharField(
        label=_("City"), max_length=120, widget=forms.TextInput({"autocomplete": "address-level2"})
    )
    country = forms.CharField(
        label=_("Country"), max_length=80, widget=forms.TextInput({"autocomplete": "country-name"})
    )
    token = forms.UUIDField(widget=forms.HiddenInput)
    agreed_total = forms.DecimalField(max_digits=16, decimal_places=2, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs["aria-describedby"] = f"id_{name}_hint"

    def destination(self) -> Destination:
        """Return the address of a valid form."""
        data = self.cleaned_data
        return Destination(
            email=data["email"],
            name=data["name"],
            street=data["street"],
            postcode=data["postcode"],
            city=data["city"],
            country=data["country"],
        )
