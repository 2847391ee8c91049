"""The adapter for django-salesman 1.3: subclass ``SalesmanShop`` and name its currency."""

from recommendations.contrib.salesman.adapter import SalesmanShop

__all__ = ["SalesmanShop"]
