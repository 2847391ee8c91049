"""What the shop does when somebody logs in."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from shop.selectors.baskets import SESSION_KEY
from shop.services.baskets import merge_guest_basket


@receiver(user_logged_in, dispatch_uid="shop.keep_guest_basket")
def keep_guest_basket(request: HttpRequest | None, user: AbstractBaseUser, **_kwargs: Any) -> None:
    """Carry what the guest had chosen over into the customer's basket."""
    session = getattr(request, "session", None)
    token = session.pop(SESSION_KEY, None) if session is not None else None
    if token:
        merge_guest_basket(token, user)
