"""Tests that run on the suite's own database and on a PostgreSQL server beside it."""

from __future__ import annotations

import pytest

ON_BOTH = [
    "here",
    pytest.param(
        "postgres",
        marks=[
            pytest.mark.postgres,
            pytest.mark.django_db(transaction=True, databases=["default", "postgres"]),
        ],
    ),
]
"""Parameters of a fixture that asks for ``on_postgres`` when its parameter is ``"postgres"``."""
