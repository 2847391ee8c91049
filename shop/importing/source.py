"""Records of a delimited text file, plain or gzip, one at a time and whatever is wrong with it."""

import csv
import gzip
import io
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from shop.importing.errors import ImportRefusedError
from shop.importing.report import Reason

GZIP_MAGIC = b"\x1f\x8b"
# A longer line is no row of an export; reading it in pieces keeps memory bounded.
MAX_LINE_CHARACTERS = 64 * 1024
# A title may hold line breaks; an unclosed quote must not swallow the rest of the file.
MAX_RECORD_LINES = 10
# The position in the file is asked for now and then: a call per row would cost as much as a row.
ROWS_PER_PROGRESS = 2_000

Progress = Callable[[int, int], None]


class Record(NamedTuple):
    """One record and where it begins; either its fields or what is wrong with it."""

    line_number: int
    fields: list[str]
    fault: Reason | None = None


class _Line(NamedTuple):
    number: int
    text: str
    fault: Reason | None


@dataclass(frozen=True, slots=True)
class OrderFile:
    """A file of order lines. It is read from the beginning each time, never held in memory."""

    path: Path
    encoding: str = "utf-8"

    def check(self) -> None:
        """Refuse what is no readable file, or an encoding that Python does not know."""
        if not self.path.is_file():
            what = "a folder" if self.path.is_dir() else "no file"
            msg = f"{self.path} is {what}; give the path of an order export."
            raise ImportRefusedError(msg)
        try:
            io.TextIOWrapper(io.BytesIO(), encoding=self.encoding)
        except LookupError:
            msg = f"--encoding is {self.encoding!r}, which is no encoding; try utf-8 or cp1252."
            raise ImportRefusedError(msg) from None

    def header(self) -> str:
        """Return the first line."""
        with self._text() as (_raw, text):
            return text.readline(MAX_LINE_CHARACTERS)

    def beginning(self) -> bytes:
        """Return the first bytes as they are on disk."""
        with self._opened() as raw:
            return raw.read(16)

    def records(self, delimiter: str, progress: Progress | None = None) -> Iterator[Record]:
        """Yield every record after the header."""
        with self._text() as (raw, text):
            size = self.path.stat().st_size
            lines = _physical_lines(text)
            next(lines, None)
            for count, record in enumerate(_parsed(lines, delimiter)):
                if progress and count % ROWS_PER_PROGRESS == 0:
                    progress(raw.tell(), size)
                yield record
            if progress:
                progress(size, size)

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        try:
            with self.path.open("rb") as raw:
                yield raw
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            msg = f"{self.path.name} is a damaged or cut-off gzip file ({error})."
            raise ImportRefusedError(msg) from None
        except UnicodeError as error:
            msg = f"{self.path.name} cannot be read as {self.encoding} ({error})."
            raise ImportRefusedError(msg) from None
        except OSError as error:
            msg = f"{self.path} cannot be read ({error.strerror or error})."
            raise ImportRefusedError(msg) from None

    @contextmanager
    def _text(self) -> Iterator[tuple[BinaryIO, io.TextIOWrapper]]:
        with self._opened() as raw:
            # The name does not say what a download really is; its first bytes do.
            is_gzip = raw.read(len(GZIP_MAGIC)) == GZIP_MAGIC
            raw.seek(0)
            binary = cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if is_gzip else raw
            text = io.TextIOWrapper(binary, self.encoding, errors="replace", newline="")
            try:
                yield raw, text
            finally:
                text.detach()


def _physical_lines(text: io.TextIOWrapper) -> Iterator[_Line]:
    number = 0
    while line := text.readline(MAX_LINE_CHARACTERS):
        number += 1
        fault = None
        if len(line) == MAX_LINE_CHARACTERS and not line.endswith(("\n", "\r")):
            fault = Reason.TOO_LONG
            _skip_rest_of_line(text)
        elif "\x00" in line:
            fault = Reason.NUL
        elif "\ufffd" in line:
            fault = Reason.ENCODING
        yield _Line(number, line, fault)


def _skip_rest_of_line(text: io.TextIOWrapper) -> None:
    while (rest := text.readline(MAX_LINE_CHARACTERS)) and not rest.endswith(("\n", "\r")):
        pass


def _parsed(lines: Iterator[_Line], delimiter: str) -> Iterator[Record]:
    waiting: deque[_Line] = deque()
    while line := waiting.popleft() if waiting else next(lines, None):
        text = line.text.rstrip("\r\n")
        if line.fault:
            yield Record(line.number, [], line.fault)
        elif '"' not in text:
            if text:
                yield Record(line.number, text.split(delimiter))
        else:
            yield _quoted_record(line, lines, waiting, delimiter)


def _quoted_record(
    first: _Line, lines: Iterator[_Line], waiting: deque[_Line], delimiter: str
) -> Record:
    """Return the record that begins here; lines it looked at in vain go back to be read again."""
    fields = _fields(first.text, delimiter)
    taken: list[_Line] = []
    text = first.text
    while fields is None and text.count('"') % 2 and len(taken) < MAX_RECORD_LINES:
        line = waiting.popleft() if waiting else next(lines, None)
        if line is None:
            break
        taken.append(line)
        if line.fault:
            break
        text += line.text
        if text.count('"') % 2 == 0:
            fields = _fields(text, delimiter)
    if fields is None:
        waiting.extendleft(reversed(taken))
        return Record(first.number, [], Reason.QUOTES)
    return Record(first.number, fields)


def _fields(text: str, delimiter: str) -> list[str] | None:
    """Return the fields of exactly one record, or None."""
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return records[0] if len(records) == 1 else None
