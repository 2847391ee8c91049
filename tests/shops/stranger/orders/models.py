from __future__ import annotations

from django.db import models

from tests.shops.models import AbstractLine, AbstractOrder


class Order(AbstractOrder):
    currency = models.CharField(max_length=3, default="EUR")


class OrderLine(AbstractLine):
    order = models.ForeignKey(Order, related_name="lines", on_delete=models.CASCADE)
    product = models.ForeignKey("catalog.Product", null=True, on_delete=models.SET_NULL)
