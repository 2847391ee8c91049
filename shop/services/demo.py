"""What the demo needs beside a filled shop: people who can log in, a schedule, first models."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import Count, Max, Q
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from recommendations.models import Placement, Question
from recommendations.tasks import rebuild_needed, tune
from shop.models import Order

# Name and what it may do. The password is the name: for a demo on one's own machine only.
LOGINS = (
    ("admin", "everything"),
    ("merchant", "sees the shop in the admin, decides what blocks show, and may start a rebuild"),
    ("customer", "buys, and has bought before"),
)
REGULAR_ORDERS = (6, 40)
"""Orders of somebody who comes back and is no bot."""

COMPARISON_SECONDS = 15.0
"""Time for each question when the demo first compares models, in the background."""

PLACEMENTS = (
    ("upgrades", Placement.Page.PRODUCT, 3),
    ("similar", Placement.Page.PRODUCT, 6),
    ("also-viewed", Placement.Page.PRODUCT, 6),
    ("basket", Placement.Page.BASKET, 6),
    ("checkout", Placement.Page.CHECKOUT, 6),
    ("confirmation", Placement.Page.CONFIRMATION, 3),
    ("category", Placement.Page.CATEGORY, 6),
    ("search", Placement.Page.SEARCH, 6),
    ("buy-again", Placement.Page.ACCOUNT, 6),
    ("customer", Placement.Page.ACCOUNT, 6),
    ("home", Placement.Page.HOME, 6),
    ("recently-viewed", Placement.Page.HOME, 6),
    ("trending", Placement.Page.HOME, 6),
    ("new-arrivals", Placement.Page.HOME, 6),
    ("email", Placement.Page.EMAIL, 3),
)
"""Name, page and number of products of each block of the shop's pages: as many as fill a row."""

OUR_LABELS = ("shop", "crosssell_recommendations", "crosssell_bundles", "crosssell_promotions")
MERCHANT_ACTIONS = ("rebuild", "change_placement", "change_item")
MERCHANT_DECIDES = (
    "exclusion", "ladderstep", "merchandising", "pin", "placementpin", "placementstep", "slotshare",
)  # fmt: skip
"""Tables whose rows the demo's merchant makes, changes and deletes."""


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


@transaction.atomic
def give_customer_a_past() -> bool:
    """Let the demo's customer have been a regular all along, so that there is a taste to know.

    The orders of one of the shop's customers become theirs: nobody's orders are made up anew.
    """
    users = get_user_model()._default_manager
    customer = users.filter(username="customer").first()
    if customer is None or Order.objects.filter(user=customer).exists():
        return False
    regulars = (
        users.filter(is_staff=False, is_active=True, orders__status=Order.Status.PAID)
        .annotate(n_orders=Count("orders"), last=Max("orders__placed_at"))
        .filter(n_orders__gte=REGULAR_ORDERS[0], n_orders__lte=REGULAR_ORDERS[1])
    )
    regular = regulars.order_by("-last", "pk").first()
    if regular is None:
        return False
    Order.objects.filter(user=regular).update(user=customer, email=customer.email)
    return True


def ask_for_comparison() -> None:
    """Queue a short comparison of the models for each question, and builds of those chosen.

    One message for each, so that what is asked for in the admin meanwhile comes between them.
    """
    for question in Question.values:
        tune.delay(question, budget_seconds=COMPARISON_SECONDS)
    rebuild_needed.delay(by="demo")


def _merchant_permissions() -> list[Permission]:
    return list(
        Permission.objects.filter(content_type__app_label__in=OUR_LABELS).filter(
            Q(codename__startswith="view_")
            | Q(codename__in=MERCHANT_ACTIONS)
            | Q(
                content_type__app_label="crosssell_recommendations",
                content_type__model__in=MERCHANT_DECIDES,
            )
        )
    )


@transaction.atomic
def create_default_placements() -> list[str]:
    """Create the placements of the shop's pages where they do not exist; return those made."""
    made = []
    for slug, page, count in PLACEMENTS:
        _, is_new = Placement.objects.get_or_create(
            slug=slug, defaults={"page": page, "count": count}
        )
        if is_new:
            made.append(slug)
    return made


@transaction.atomic
def create_default_schedule() -> list[str]:
    """Create the periodic tasks where they do not exist; what the admin changed stays as it is."""
    hourly, _ = IntervalSchedule.objects.get_or_create(every=1, period=IntervalSchedule.HOURS)
    nightly, _ = CrontabSchedule.objects.get_or_create(
        minute="20", hour="3", day_of_week="*", day_of_month="*", month_of_year="*", timezone="UTC"
    )
    weekly, _ = CrontabSchedule.objects.get_or_create(
        minute="20", hour="2", day_of_week="0", day_of_month="*", month_of_year="*", timezone="UTC"
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
            "crosssell: rebuild what pages read",
            "crosssell.rebuild_needed",
            {"crontab": nightly},
            "Makes, judges and publishes a build of each model that pages read.",
        ),
        (
            "crosssell: compare models",
            "crosssell.tune",
            {"crontab": weekly},
            "Tries every model on the newest orders and keeps the best one for each question.",
        ),
    ):
        _, is_new = PeriodicTask.objects.get_or_create(
            name=name, defaults={"task": task, "description": description, **schedule}
        )
        if is_new:
            created.append(name)
    return created
