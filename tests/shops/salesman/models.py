from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models


class AbstractGear(models.Model):
    name = models.CharField(max_length=100)
    code = models.SlugField()
    price = models.DecimalField(max_digits=10, decimal_places=2)
    visible = models.BooleanField(default=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def get_price(self, request: Any) -> Decimal:
        return self.price


class Phone(AbstractGear):
    pass


class Cover(AbstractGear):
    pass
