from __future__ import annotations

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models

from tests.shops.models import AbstractLine, AbstractOrder, AbstractProduct


class Book(AbstractProduct):
    pass


class Record(AbstractProduct):
    artist = models.CharField(max_length=100)


class Order(AbstractOrder):
    pass


class Line(AbstractLine):
    order = models.ForeignKey(Order, on_delete=models.CASCADE)
    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT)
    object_id = models.PositiveBigIntegerField()
    product = GenericForeignKey("content_type", "object_id")
