"""Writes of the reference shop: each function is one thing a shopper or clerk does."""
