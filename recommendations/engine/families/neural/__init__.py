"""A small neural network that ranks candidates again: a challenger, for the tuning to judge.

`FAMILY` asks what is new to a customer, `COMPLETION` what completes a basket.
"""

from recommendations.engine.families.neural.model import COMPLETION, FAMILY, NeuralModel

__all__ = ["COMPLETION", "FAMILY", "NeuralModel"]
