"""The reference project with chunks and leases so small that a builder can be caught at work."""

from shop.settings import *  # noqa: F403

RECOMMENDATIONS = {"BLOCK_ITEMS": 4, "LEASE_SECONDS": 0.6, "THREADS": 1}
