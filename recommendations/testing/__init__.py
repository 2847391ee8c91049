"""What a shop needs to test its adapter."""

from recommendations.testing.contract import ShopAdapterContract

__all__ = ["ShopAdapterContract"]
