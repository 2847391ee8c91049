from __future__ import annotations

from django.db import models

from tests.shops.models import AbstractLine, AbstractOrder, AbstractProduct


class Order(AbstractOrder):
    pass


class Product(AbstractProduct):
    pass


class Line(AbstractLine):
    order = models.ForeignKey(Order, on_delete=models.CASCADE)
    product = models.ForeignKey(Product, null=True, on_delete=models.SET_NULL)
