"""Upgrades: dearer items that meet the same need, by the chance of the step and what it earns.

Accessories share baskets with an item; what meets the same need shares a need and rarely a basket.
"""
