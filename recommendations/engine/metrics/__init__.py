"""How good recommendations are: what is found, how varied it is, what it is worth."""

from recommendations.engine.metrics.ranking import (
    NOTHING,
    f1,
    hit_rate,
    hits,
    mean_average_precision,
    mean_reciprocal_rank,
    ndcg,
    ndcg_by_user,
    precision,
    recall,
    recall_by_user,
    relevant_items,
)
from recommendations.engine.metrics.ratings import mean_absolute_error, root_mean_squared_error
from recommendations.engine.metrics.report import RankingReport, ranking_report
from recommendations.engine.metrics.revenue import Revenue, revenue
from recommendations.engine.metrics.shown import coverage, diversity, novelty

__all__ = [
    "NOTHING",
    "RankingReport",
    "Revenue",
    "coverage",
    "diversity",
    "f1",
    "hit_rate",
    "hits",
    "mean_absolute_error",
    "mean_average_precision",
    "mean_reciprocal_rank",
    "ndcg",
    "ndcg_by_user",
    "novelty",
    "precision",
    "ranking_report",
    "recall",
    "recall_by_user",
    "relevant_items",
    "revenue",
    "root_mean_squared_error",
]
