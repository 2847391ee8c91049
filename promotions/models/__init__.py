"""Tables, constraints and ``clean()``; no logic that needs another table."""

from promotions.models.campaign import Campaign
from promotions.models.coupon import Coupon

__all__ = ["Campaign", "Coupon"]
