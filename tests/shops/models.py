"""Abstract models that most example shops are made of."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class AbstractProduct(models.Model):
    name = models.CharField(max_length=100)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    visible = models.BooleanField(default=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class AbstractOrder(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    email = models.EmailField(blank=True)
    status = models.CharField(max_length=20, default="new")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"order {self.pk}"


class AbstractLine(models.Model):
    quantity = models.PositiveIntegerField(default=1)
    paid_net = models.DecimalField(max_digits=10, decimal_places=2)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"line {self.pk}"
