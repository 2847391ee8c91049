"""What the demo needs beside a filled shop: people who can log in, and a schedule."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import Q
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

# Name and what it may do. The password is the name: for a demo on one's own machine only.
LOGINS = (
    ("admin", "everything"),
    ("merchant", "sees the shop and its builds in the admin, and may start a rebuild"),
    ("customer", "buys"),
)
OUR_LABELS = ("shop", "crosssell_recommendations", "crosssell_bundles", "crosssell_promotions")
MERCHANT_ACTIONS = ("rebuild", "change_placement")


@transaction.atomic
def create_demo_logins() -> list[str]:
    """Create the demo's users where they do not exist, and return the names of new ones."""
    if not settings.DEBUG:
        raise ImproperlyConfigured(
            "Demo logins have their name as password; they are made only where DEBUG is on."
        )
    users = get_user_model()._default_manager
    created = []
    for name, _ in LOGINS:
        user, is_new = users.get_or_create(
            username=name,
            defaults={
                "email": f"{name}@example.com",
                "is_staff": name != "customer",
                "is_superuser": name == "admin",
            },
        )
        if not is_new:
            continue
        user.set_password(name)
        user.save()
        if name == "merchant":
            user.user_permissions.set(_merchant_permissions())
        created.append(name)
    return created


def _merchant_permissions() -> list[Permission]:
    return list(
        Permission.objects.filter(content_type__app_label__in=OUR_LABELS).filter(
            Q(codename__startswith="view_") | Q(codename__in=MERCHANT_ACTIONS)
        )
    )


@transaction.atomic
def create_default_schedule() -> list[str]:
    """Create the periodic tasks where they do not exist; what the admin changed stays as it is."""
    hourly, _ = IntervalSchedule.objects.get_or_create(every=1, period=IntervalSchedule.HOURS)
    nightly, _ = CrontabSchedule.objects.get_or_create(
        minute="20", hour="3", day_of_week="*", day_of_month="*", month_of_year="*", timezone="UTC"
    )
    created = []
    for name, task, schedule, description in (
        (
            "crosssell: sync items",
            "crosssell.sync_items",
            {"interval": hourly},
            "Brings titles, prices and visibility of the shop's products to the item table.",
        ),
        (
            "crosssell: rebuild frequently bought together",
            "crosssell.rebuild",
            {"crontab": nightly},
            "Makes, judges and publishes a build from the orders so far.",
        ),
    ):
        _, is_new = PeriodicTask.objects.get_or_create(
            name=name, defaults={"task": task, "description": description, **schedule}
        )
        if is_new:
            created.append(name)
    return created
