"""The compiled loops over baskets and lists. Import only through `neighbours`: it loads numba.

Plain nogil loops, run on Python threads: numba's own threading layers do not survive a fork
(OpenMP) or a second caller (workqueue), and Celery workers do both.

Numba keeps machine code by the date of the file that a function stands in, and does not notice a
change in another file that it calls. `compiling` therefore puts what all files say into each key.
"""

from recommendations.engine._kernel.compiling import compiled
from recommendations.engine._kernel.completion import complete_rows
from recommendations.engine._kernel.counters import COUNTERS, empty_scratch
from recommendations.engine._kernel.discounting import wilson_share
from recommendations.engine._kernel.heap import is_worse, rise, sink
from recommendations.engine._kernel.listed import count_listed
from recommendations.engine._kernel.measures import (
    JACCARD,
    LOG_LIKELIHOOD,
    PRODUCT,
    fill_counted,
)
from recommendations.engine._kernel.similar import fill_rows

__all__ = [
    "COUNTERS",
    "JACCARD",
    "LOG_LIKELIHOOD",
    "PRODUCT",
    "compiled",
    "complete_rows",
    "count_listed",
    "empty_scratch",
    "fill_counted",
    "fill_rows",
    "is_worse",
    "rise",
    "sink",
    "wilson_share",
]
