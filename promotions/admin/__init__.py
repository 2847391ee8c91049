"""The merchant's pages for campaigns and codes."""

from promotions.admin.campaign import CampaignAdmin
from promotions.admin.coupon import CouponAdmin

__all__ = ["CampaignAdmin", "CouponAdmin"]
