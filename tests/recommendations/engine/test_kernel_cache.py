"""Machine code kept on disk is that of the sources as they are, whichever file changed."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("numba")

from recommendations.engine import _kernel
from recommendations.engine._kernel.compiling import sources_digest
from recommendations.engine.families.user_based import _kernel as user_based


def test_a_change_in_any_file_gives_another_name(tmp_path):
    (tmp_path / "heap.py").write_text("one = 1\n")
    (tmp_path / "rows.py").write_text("two = 2\n")
    before = sources_digest(tmp_path)
    assert sources_digest(tmp_path) == before
    (tmp_path / "heap.py").write_text("one = 3\n")
    assert sources_digest(tmp_path) != before


@pytest.mark.parametrize(
    "function", [_kernel.fill_rows, _kernel.sink, _kernel.complete_rows, user_based.nearest]
)
def test_kept_code_is_named_after_all_sources(function):
    digest = sources_digest(Path(_kernel.__file__).parent)
    assert function.py_func.__qualname__.endswith(f".{digest}")
    assert digest in function._cache._impl.filename_base
