"""The page on plugging in a shop, followed to the letter in a project that Django has just made."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "plugging-in-a-shop.md"

CATALOG = """
from django.db import models


class Category(models.Model):
    name = models.CharField(max_length=50)


class Product(models.Model):
    name = models.CharField(max_length=50)
    price = models.DecimalField(max_digits=9, decimal_places=2)
    visible = models.BooleanField(default=True)
    category = models.ForeignKey(Category, null=True, on_delete=models.SET_NULL)

    def get_absolute_url(self):
        return f"/products/{self.pk}/"
"""

ORDERS = """
from django.conf import settings
from django.db import models


class Order(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    email = models.EmailField(blank=True)
    status = models.CharField(max_length=9)
    currency = models.CharField(max_length=3, default="EUR")
    created = models.DateTimeField(auto_now_add=True)


class OrderLine(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE)
    product = models.ForeignKey("catalog.Product", null=True, on_delete=models.SET_NULL)
    quantity = models.IntegerField(default=1)
    paid_net = models.DecimalField(max_digits=9, decimal_places=2)
"""

VIEW = """
from django.shortcuts import get_object_or_404, render
from django.urls import include
from catalog.models import Product


def product_page(request, pk):
    return render(request, "product.html", {"product": get_object_or_404(Product, pk=pk)})


urlpatterns += [path("products/<int:pk>/", product_page)]
"""

FILL = """
from django.core.management import call_command

call_command("makemigrations", "catalog", "orders")
call_command("migrate", "orders")

from catalog.models import Category, Product
from orders.models import Order, OrderLine

lamps = Category.objects.create(name="Lamps")
lamp, bulb, tent, peg = (
    Product.objects.create(name=name, price=3, category=lamps)
    for name in ("lamp", "bulb", "tent", "peg")
)
for number in range(9):
    for pair in ((lamp, bulb), (tent, peg)):
        order = Order.objects.create(status="paid", email=f"guest{number}@example.com")
        for product in pair:
            OrderLine.objects.create(order=order, product=product, paid_net=3)
"""

LOOK = """
from django.test import Client

page = Client(SERVER_NAME="localhost").get("/products/1/")
assert page.status_code == 200
print(page.content.decode())
"""


def blocks(language: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    return [text for name, text in found if name == language]


def test_followed_to_the_letter_it_works(tmp_path):
    environment = {
        **{name: v for name, v in os.environ.items() if not name.startswith("DJANGO_")},
        "PYTHONPATH": str(ROOT),
    }

    def manage(*words: str, code: str | None = None) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=tmp_path, env=environment, input=code, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    subprocess.run(
        [sys.executable, "-m", "django", "startproject", "myshop", "."], cwd=tmp_path, check=True
    )
    for app, models in (("catalog", CATALOG), ("orders", ORDERS)):
        (tmp_path / app).mkdir()
        (tmp_path / app / "__init__.py").touch()
        (tmp_path / app / "models.py").write_text(models)
    settings, urls, adapter = blocks("python")[:3]
    with (tmp_path / "myshop/settings.py").open("a") as file:
        file.write(f'\nINSTALLED_APPS += ["catalog", "orders"]\n{settings}')
    with (tmp_path / "myshop/urls.py").open("a") as file:
        file.write(VIEW + urls)
    (tmp_path / "myshop/crosssell.py").write_text(adapter)
    (tmp_path / "catalog/templates").mkdir()
    (tmp_path / "catalog/templates/product.html").write_text(blocks("html")[0])

    # The shop was there before we came: its tables and rows first.
    manage("shell", "--no-imports", code=FILL)
    for command in blocks("")[1].splitlines() + blocks("")[2].splitlines():
        python, script, *words = command.split()
        assert (python, script) == ("python", "manage.py")
        manage(*words)
    page = manage("shell", "--no-imports", code=LOOK)
    assert "Frequently bought together" in page
    assert "bulb" in page
    assert "Bought together by 9 customers" in page
    together, *shelves = page.split("</section>")
    assert "tent" not in together
    # An empty basket and an unknown visitor are told nothing about themselves.
    assert "Popular in this shop" in shelves[0]
    assert "tent" in shelves[0]
