"""Coupons and everything else that changes a price outside a bundle."""
