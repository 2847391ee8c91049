"""Which model a shop should use: chosen by what it finds in a slice held out of its own orders."""

from recommendations.engine.filling import filled
from recommendations.engine.tuning.blend import Blend, blended
from recommendations.engine.tuning.blend_family import BLEND, BlendFamily
from recommendations.engine.tuning.fitting import best_sellers, fitted_model
from recommendations.engine.tuning.materialised import materialised_lists
from recommendations.engine.tuning.questions import (
    HeldOut,
    Questions,
    basket_questions,
    customer_matrix,
    customer_questions,
    next_basket_questions,
    shop_slice,
)
from recommendations.engine.tuning.racing import Budget
from recommendations.engine.tuning.reading import PLAIN_RULE, READ, rule_from
from recommendations.engine.tuning.report import Remark, Skipped, TunedModel, TuningReport
from recommendations.engine.tuning.search import tune
from recommendations.engine.tuning.serving import ListServing, chosen_model

__all__ = [
    "BLEND",
    "PLAIN_RULE",
    "READ",
    "Blend",
    "BlendFamily",
    "Budget",
    "HeldOut",
    "ListServing",
    "Questions",
    "Remark",
    "Skipped",
    "TunedModel",
    "TuningReport",
    "basket_questions",
    "best_sellers",
    "blended",
    "chosen_model",
    "customer_matrix",
    "customer_questions",
    "filled",
    "fitted_model",
    "materialised_lists",
    "next_basket_questions",
    "rule_from",
    "shop_slice",
    "tune",
]
