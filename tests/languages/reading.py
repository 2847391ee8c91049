"""What people read on a page, and which words of it are left in English."""

from __future__ import annotations

import re
from html.parser import HTMLParser

READ_ATTRIBUTES = ("title", "placeholder", "aria-label", "aria-description", "alt", "label")
KEYS = frozenset({"data-operators", "data-cs-styles"})
"""Data attributes that hold several keys or addresses."""

UNREAD = frozenset({"script", "style", "textarea"})
"""A text area holds what somebody wrote, such as a rule in JSON."""

BUTTONS = frozenset({"submit", "button", "reset"})

NAMES = frozenset(
    {"ALS", "API", "Celery", "Cookie", "Django", "EASE", "EUR", "GET", "JSON", "MiB", "NDCG"}
    # English is what its readers look for in the list of languages.
    | {"RMSE", "Tandem", "English"}
)
"""Names that are the same in every language."""

OF_DJANGO = frozenset({"Add link", "Change or view list link", "Model name", "Search", "True"})
"""What Django itself leaves in English in its admin: captions and icons for screen readers."""

NO_WORDS = (
    r"https?://\S+",
    r"\S+@\S+",
    r"manage\.py \w+( [a-z_]+)?",
    r"\bShopAdapter\.\w+",
    r"\b[A-Z]+_[A-Z_]+\b",  # settings
    r"\b[0-9a-f]{8}(-[0-9a-f]{4,12}){4}\b",
)
WORD = re.compile(r"[A-Za-z]{3,}")


class Reader(HTMLParser):
    """Collects the texts of a page, with those of attributes that are read out or shown."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._unread: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the attributes that people read."""
        given = {name: value or "" for name, value in attrs}
        for name, value in given.items():
            if name in READ_ATTRIBUTES or (
                name.startswith("data-") and name not in KEYS and _is_prose(value)
            ):
                self.texts.append(value)
        if tag == "input" and given.get("type") in BUTTONS:
            self.texts.append(given.get("value", ""))
        if tag in UNREAD:
            self._unread.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Leave what is not read."""
        if self._unread and self._unread[-1] == tag:
            self._unread.pop()

    def handle_data(self, data: str) -> None:
        """Take a text."""
        if not self._unread and data.strip():
            self.texts.append(" ".join(data.split()))


def _is_prose(value: str) -> bool:
    """Tell a sentence or a heading from keys, addresses, numbers and JSON."""
    return bool(re.match(r"[A-Z][a-z]+\b(?!/)", value)) or bool(re.search(r"[a-z] [a-z]", value))


def read(page: str) -> list[str]:
    """Return the texts of a page, in its order."""
    reader = Reader()
    reader.feed(page)
    return reader.texts


def left_in_english(texts: list[str], names: frozenset[str] = frozenset()) -> list[str]:
    """Return the texts that hold a word of three Latin letters or more that is no name."""
    return [text for text in texts if text not in OF_DJANGO and _words(text) - NAMES - names]


def _words(text: str) -> set[str]:
    for pattern in NO_WORDS:
        text = re.sub(pattern, " ", text)
    return set(WORD.findall(text))
