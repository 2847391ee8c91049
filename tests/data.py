"""Where the real order files are: `CROSSSELL_DATA`, else `../shared/data` beside the checkout."""

from __future__ import annotations

import os
from pathlib import Path

ONLINE_RETAIL = "online-retail-2009-2010.csv.gz"


def data_folder() -> Path:
    """Return the folder that holds the real order files, present or not."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("CROSSSELL_DATA") or beside)
