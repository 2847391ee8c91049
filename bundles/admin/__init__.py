"""The merchant's pages for bundles."""

from bundles.admin.bundle import BundleAdmin

__all__ = ["BundleAdmin"]
