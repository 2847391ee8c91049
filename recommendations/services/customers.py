"""What we hold of a customer, and its erasure."""

from __future__ import annotations

from django.db import transaction

from recommendations.models import CustomerList, Feedback


def erase_customer(customer: str) -> int:
    """Delete all that we hold of a customer's key; return how many rows that were.

    Builds read orders, ratings and views anew: what the shop has erased there is in no later one.
    """
    with transaction.atomic():
        lists, _ = CustomerList.objects.filter(customer=customer).delete()
        said, _ = Feedback.objects.filter(customer=customer).delete()
    return lists + said
