"""The adapter for django-oscar 4.2: ``CROSSSELL_SHOP = "recommendations.contrib.oscar.OscarShop"``.

Import it only where Oscar is installed: its models are looked up at once, so that forks count.
"""

from recommendations.contrib.oscar.adapter import OscarShop

__all__ = ["OscarShop"]
