"""Shops in miniature: integer, UUID and text keys, lines without orders, several sellable models.

Foreign keys are not enforced, so that tests can make what must not be.
"""

import uuid

from django.contrib.contenttypes.models import ContentType
from django.db import models


def loose(to, **options):
    return models.ForeignKey(
        to, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+", **options
    )


class Row(models.Model):
    class Meta:
        abstract = True
        app_label = "dataset_shop"  # imported before the app is installed


class Product(Row):
    name = models.CharField(max_length=50, default="")


class Account(Row):
    name = models.CharField(max_length=50, default="")


class Order(Row):
    account = loose(Account)
    email = models.CharField(max_length=100, null=True, default="")
    status = models.CharField(max_length=20, default="paid")
    placed_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)


class Line(Row):
    order = loose(Order)
    product = loose(Product)
    quantity = models.IntegerField(default=1)
    refunded = models.IntegerField(default=0)
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, default=1)
    weight = models.FloatField(null=True, default=1.0)


class UuidProduct(Row):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)


class UuidOrder(Row):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    customer = models.UUIDField(null=True)
    placed_at = models.DateTimeField()


class UuidLine(Row):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    order = loose(UuidOrder)
    product = loose(UuidProduct)
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, default=1)


class TextProduct(Row):
    sku = models.CharField(max_length=50, primary_key=True)


class TextOrder(Row):
    number = models.CharField(max_length=50, primary_key=True)
    customer = models.CharField(max_length=50, default="")
    email = models.EmailField(default="")
    day = models.DateField()


class TextLine(Row):
    order = loose(TextOrder)
    product = loose(TextProduct)
    amount = models.FloatField(null=True, default=1.0)


class Till(Row):
    """A line that knows all about its order, which has no table."""

    receipt = models.IntegerField(null=True)
    article = models.CharField(max_length=50)
    customer = models.IntegerField(null=True)
    email = models.CharField(max_length=100, default="")
    at = models.DateTimeField(null=True)


class Ticket(Row):
    name = models.CharField(max_length=50, default="")


class AnyLine(Row):
    """Sells products and tickets, whose keys overlap."""

    order = loose(Order)
    content_type = loose(ContentType)
    label = models.CharField(max_length=50, default="")
    object_id = models.PositiveBigIntegerField(null=True)


class TicketLine(Row):
    order = loose(Order)
    ticket = loose(Ticket)


class Review(Row):
    account = loose(Account)
    email = models.CharField(max_length=100, default="")
    product = loose(Product)
    stars = models.FloatField(null=True)
    mark = models.DecimalField(max_digits=30, decimal_places=3, null=True)
    at = models.DateTimeField(null=True)
    approved = models.BooleanField(default=True)


class Look(Row):
    account = loose(Account)
    email = models.CharField(max_length=100, default="")
    product = loose(Product)
    at = models.DateTimeField(null=True)
