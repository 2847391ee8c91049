from __future__ import annotations

from django.db import models

from tests.shops.models import AbstractLine, AbstractOrder, AbstractProduct


class Product(AbstractProduct):
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE)
    sku = models.CharField(max_length=20, null=True, unique=True)


class Order(AbstractOrder):
    pass


class Line(AbstractLine):
    order = models.ForeignKey(Order, on_delete=models.CASCADE)
    product = models.ForeignKey(Product, null=True, on_delete=models.SET_NULL)
