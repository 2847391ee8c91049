"""How the loops of this package, and those built on it, are compiled."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import njit


def sources_digest(folder: Path) -> str:
    """Return a checksum of all Python files of a folder.

    Parameters
    ----------
    folder : Path
        Not looked at below its first level.

    Returns
    -------
    str
        12 hexadecimal digits.

    Examples
    --------
    >>> len(sources_digest(Path(__file__).parent))
    12
    """
    digest = hashlib.blake2b(digest_size=6)
    for path in sorted(folder.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


_DIGEST = sources_digest(Path(__file__).parent)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile, keeping the machine code on disk where a place can be written to.

    Numba finds kept code by the function's name and the date of its own file, and would not notice
    a change in another file that it calls: so all files of this package are part of the name.

    Parameters
    ----------
    function : callable
        A function at the top of a module.

    Returns
    -------
    callable
        The same, compiled when it is first called.

    Examples
    --------
    >>> compiled(lambda: 1)()
    1
    """
    function.__qualname__ = f"{function.__qualname__}.{_DIGEST}"
    try:
        return njit(nogil=True, error_model="numpy", cache=True)(function)
    except RuntimeError:
        # A read-only file system has no place for the cache: compile in every process.
        return njit(nogil=True, error_model="numpy")(function)
