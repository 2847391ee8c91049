"""The reference shop: an ordinary Django shop, and the project that manage.py runs."""

from shop.celery import app as celery_app

__all__ = ["celery_app"]
