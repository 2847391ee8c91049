"""The identified customers of a file, as users of the shop."""

from collections.abc import Mapping
from datetime import datetime

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password


def customer_username(customer: str) -> str:
    """Return the user name of a customer of the file."""
    return f"customer-{customer}"


def customer_ids(first_orders: Mapping[str, datetime]) -> tuple[dict[str, int], int]:
    """Return the user of each customer, added where missing, and how many were added.

    Added users cannot log in: nobody ever gave them a password.
    """
    user_model = get_user_model()
    names = {customer_username(customer): customer for customer in first_orders}
    known = user_model._default_manager.filter(username__in=names)
    found = {names[name]: pk for name, pk in known.values_list("username", "pk")}
    new = user_model._default_manager.bulk_create(
        user_model(
            username=customer_username(customer),
            password=make_password(None),
            date_joined=joined_at,
        )
        for customer, joined_at in first_orders.items()
        if customer not in found
    )
    found.update({names[user.get_username()]: user.pk for user in new})
    return found, len(new)
