from __future__ import annotations

from django.conf import settings
from django.db import models

from tests.shops.models import AbstractLine, AbstractOrder, AbstractProduct


class Product(AbstractProduct):
    pass


class Order(AbstractOrder):
    pass


class Line(AbstractLine):
    order = models.ForeignKey(Order, on_delete=models.CASCADE)
    product = models.ForeignKey(Product, null=True, on_delete=models.SET_NULL)


class PageView(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE)
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
    looked_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.user} looked at {self.product}"


class Stars(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
    n = models.DecimalField(max_digits=3, decimal_places=1)
    given_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.user} gives {self.product} {self.n}"


class Favourite(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    item = models.ForeignKey("crosssell_recommendations.Item", on_delete=models.CASCADE)

    def __str__(self) -> str:
        return f"{self.user} likes {self.item}"
