"""What a model may know when it is asked about the newest orders."""

from __future__ import annotations

import numpy as np

from recommendations.datasets.shelves import Shelves
from recommendations.datasets.views import ReadViews
from recommendations.engine.events import views
from recommendations.engine.history import order_history
from recommendations.services.kinds.quality import held_out
from recommendations.services.kinds.reading import Reading

DAY = 86_400


def test_looks_of_the_days_asked_about_are_not_learnt_from():
    history = order_history(
        item_ids=[1, 2, 3], baskets=[[0, 1], [1, 2], [0, 2]], at=[0, DAY, 90 * DAY],
        customers=[0, 1, 0],
    )  # fmt: skip
    nothing = np.zeros(3, dtype=np.int64)
    reading = Reading(
        history=history,
        shown=history,
        shelves=Shelves(
            active=np.ones(3, dtype=bool),
            category=nothing.astype(np.int32),
            category_names=[""],
            variant=np.zeros(3, dtype=bool),
            first_seen=nothing,
        ),
        viewed=ReadViews(
            views=views([0, 1, 0], [0, 1, 2], [0, DAY, 89 * DAY], n_customers=2, n_items=3),
            left_out={},
        ),
    )
    slice_ = held_out(reading, "item", holdout_days=28, max_questions=None)
    assert len(slice_.questions) == 1
    assert slice_.training.views is not None
    assert slice_.training.views.at.tolist() == [0, DAY]
