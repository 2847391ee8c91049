"""Computed versions of a model, who may write them, and which one is read."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What a build computes."""

    TOGETHER = "together", _("Frequently bought together")
    ITEM_BASED = "item_based", _("Item-based filtering")
    WALKS = "walks", _("Random walks between customers and items")
    GRAPH_FILTER = "graph_filter", _("Filter on the graph of items")
    EASE = "ease", _("Linear model of all items (EASE)")
    ALS = "als", _("Matrix factorisation (ALS)")
    CONTENT = "content", _("Similar by description")
    HYBRID = "hybrid", _("Behaviour and description together")
    RULES = "rules", _("Association rules")
    USER_BASED = "user_based", _("Customers with the same taste")
    NEXT_BASKET = "next_basket", _("Next basket")
    BUY_AGAIN = "buy_again", _("Buy again")
    NEURAL = "neural", _("Neural scorer")
    NEURAL_COMPLETION = "neural_completion", _("Neural scorer of what belongs together")
    BLEND = "blend", _("Blend of several models")
    UPGRADES = "upgrades", _("Upgrades")
    TRENDING = "trending", _("Trending")
    NEW_ARRIVALS = "new_arrivals", _("New arrivals")
    VIEWED_BOUGHT = "viewed_bought", _("Viewed this, bought that")
    RATINGS = "ratings", _("Rated alike")


class Question(models.TextChoices):
    """What is asked of a model; which kind answers best differs from shop to shop."""

    ITEM = "item", _("What goes with this item?")
    BASKET = "basket", _("What completes this basket?")
    CUSTOMER = "customer", _("What new thing will this customer buy?")
    NEXT_BASKET = "next_basket", _("What is in this customer's next basket?")
    RATING = "rating", _("How will this customer rate an item?")


class Build(models.Model):
    """One computed version: made aside, judged, then read by its id until the next one."""

    class Status(models.TextChoices):
        """Life of a build, in order."""

        RUNNING = "running", _("running")
        CANDIDATE = "candidate", _("candidate")
        PUBLISHED = "published", _("published")
        REJECTED = "rejected", _("rejected")
        RETIRED = "retired", _("retired")
        FAILED = "failed", _("failed")

    kind = models.CharField(_("kind"), max_length=40, choices=Kind.choices)
    status = models.CharField(
        _("status"), max_length=20, choices=Status.choices, default=Status.RUNNING
    )
    parameters = models.JSONField(_("parameters"), default=dict)
    as_of = models.DateTimeField(
        _("as of"), help_text=_("Orders placed later are not read: the build's view of time.")
    )
    input_counts = models.JSONField(
        _("input"),
        default=dict,
        help_text=_("Lines, orders, items, customers, and lines left out by reason."),
    )
    input_fingerprint = models.CharField(_("input fingerprint"), max_length=64, blank=True)
    code_version = models.CharField(
        _("code version"),
        max_length=64,
        blank=True,
        help_text=_("Checksum of the code that computed it."),
    )
    fence = models.PositiveBigIntegerField(
        _("fence"),
        help_text=_("Number of the lease that may write. An older holder writes nothing."),
    )
    phase = models.CharField(_("phase"), max_length=40, blank=True)
    done_items = models.PositiveIntegerField(_("items done"), default=0)
    total_items = models.PositiveIntegerField(_("items in all"), default=0)
    lines_per_second = models.FloatField(_("lines per second"), null=True)
    resumed = models.PositiveIntegerField(_("times resumed"), default=0)
    digest = models.CharField(
        _("digest"),
        max_length=64,
        blank=True,
        help_text=_("Checksum of all its lists, chunk by chunk."),
    )
    metrics = models.JSONField(_("metrics"), default=dict)
    verdict = models.JSONField(
        _("verdict of the gate"),
        default=dict,
        help_text=_("Whether it was accepted, and each reason."),
    )
    lists_kept = models.BooleanField(
        _("lists kept"),
        default=True,
        help_text=_("Whether its lists are still stored, so that it can be published."),
    )
    error = models.TextField(_("error"), blank=True)
    requested_by = models.CharField(_("requested by"), max_length=200, blank=True)
    started_at = models.DateTimeField(_("started at"))
    heartbeat_at = models.DateTimeField(_("last sign of life"))
    finished_at = models.DateTimeField(_("finished at"), null=True)
    published_at = models.DateTimeField(_("published at"), null=True)

    class Meta:
        """One build of a kind runs at a time: the lease sees to it, a constraint stands behind."""

        verbose_name = _("build")
        verbose_name_plural = _("builds")
        ordering = ("-pk",)
        get_latest_by = "pk"
        constraints = (
            models.UniqueConstraint(
                fields=("kind",),
                condition=Q(status="running"),
                name="crosssell_one_running_build",
            ),
            models.CheckConstraint(
                condition=Q(done_items__lte=models.F("total_items")),
                name="crosssell_build_done_within_total",
            ),
        )
        indexes = (models.Index(fields=("kind", "status"), name="crosssell_build_kind_status"),)
        permissions = (
            ("rebuild", _("Can start a rebuild")),
            ("publish_build", _("Can publish a build and roll back")),
            ("force_publish_build", _("Can publish a build that the gate refused")),
        )

    def __str__(self) -> str:
        """Return kind and number."""
        return f"{self.get_kind_display()} #{self.pk}"


class BuildLease(models.Model):
    """Who may build a kind now. ``fence`` only ever grows; each write of a builder carries it."""

    kind = models.CharField(_("kind"), max_length=40, primary_key=True)
    fence = models.PositiveBigIntegerField(_("fence"), default=0)
    holder = models.CharField(_("holder"), max_length=200, blank=True)
    expires_at = models.DateTimeField(_("expires at"), null=True)

    class Meta:
        """Names for the admin."""

        verbose_name = _("lease")
        verbose_name_plural = _("leases")

    def __str__(self) -> str:
        """Return kind and fence."""
        return f"{self.kind} (fence {self.fence})"


class Publication(models.Model):
    """The one row that says which build of a kind is read. Publishing changes it, nothing else."""

    kind = models.CharField(_("kind"), max_length=40, primary_key=True)
    build = models.ForeignKey(
        Build, verbose_name=_("build"), on_delete=models.PROTECT, related_name="publications"
    )
    published_at = models.DateTimeField(_("published at"))
    published_by = models.CharField(_("published by"), max_length=200, blank=True)

    class Meta:
        """Names for the admin."""

        verbose_name = _("publication")
        verbose_name_plural = _("publications")

    def __str__(self) -> str:
        """Return kind and build."""
        return f"{self.kind}: build {self.build_id}"
