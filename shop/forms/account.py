"""Signing up and logging in."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import AuthenticationForm, BaseUserCreationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class LoginForm(AuthenticationForm):
    """Log in with the e-mail given at sign-up; people who run the shop have user names."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("E-mail or user name")

    def clean_username(self) -> str:
        """Compare e-mail addresses in small letters, as they are stored."""
        name: str = self.cleaned_data["username"]
        return name.lower() if "@" in name else name


class SignUpForm(BaseUserCreationForm):
    """A new customer: an e-mail address and a password."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=150,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
    )

    class Meta:
        model = get_user_model()
        fields = ("email",)

    def clean_email(self) -> str:
        """Refuse an address that already has an account."""
        email: str = self.cleaned_data["email"].lower()
        if get_user_model()._default_manager.filter(username=email).exists():
            raise ValidationError(_("There is already an account with this e-mail address."))
        return email

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """Make the customer; the e-mail address is the user name."""
        user = super().save(commit=False)
        user.username = user.email
        if commit:
            user.save()
        return user
