from __future__ import annotations

from django.db import models

from tests.shops.models import AbstractProduct


class Category(models.Model):
    name = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name


class Product(AbstractProduct):
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.SET_NULL)
