"""Tables as a shop has them: nothing wide, nothing made for us."""

from django.db import models


class Product(models.Model):
    """Something to buy."""

    name = models.CharField(max_length=200)
    category = models.CharField(max_length=100)
    price = models.DecimalField(max_digits=12, decimal_places=2)
    visible = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Customer(models.Model):
    """Somebody with an account."""

    name = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name


class Order(models.Model):
    """One purchase of a customer, or of a guest who left an address."""

    customer = models.ForeignKey(Customer, null=True, on_delete=models.SET_NULL)
    email = models.EmailField(blank=True, default="")
    status = models.CharField(max_length=10)
    placed_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return str(self.pk)


class OrderLine(models.Model):
    """One product on an order."""

    order = models.ForeignKey(Order, related_name="lines", on_delete=models.CASCADE)
    product = models.ForeignKey(Product, null=True, on_delete=models.SET_NULL)
    quantity = models.PositiveIntegerField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product_id}"
