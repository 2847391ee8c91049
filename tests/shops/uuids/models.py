from __future__ import annotations

import uuid

from django.db import models

from tests.shops.models import AbstractLine, AbstractOrder, AbstractProduct


class Product(AbstractProduct):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)


class Order(AbstractOrder):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)


class Line(AbstractLine):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE)
    product = models.ForeignKey(Product, null=True, on_delete=models.SET_NULL)
