"""Opens a table file in a process of its own and hands on its rows as text (assurance.md, "Imports").

The process (``child``) limits its own memory and time and is killed when it takes too long. It gets an open file, a
request and nothing else: no environment, no database, no secret. What comes back is text in named columns; what the
text means is for ``core.tabular.columns`` to say.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

CHILD = Path(__file__).with_name("child.py")


class Unreadable(ValueError):
    """The file is refused. The message is a sentence for the person who sent it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read. A format may declare tighter ones. Bytes, rows, columns, cells, seconds.

    ``cpu_seconds`` is the process's own time; ``wall_seconds`` the time after which it is killed even if it only waits.
    """

    upload_bytes: int = 32 << 20
    members: int = 20
    workbook_members: int = 200
    unpacked_bytes: int = 256 << 20
    ratio: int = 100
    csv_rows: int = 250_000
    columns: int = 1_000
    xlsx_rows: int = 100_000
    cells: int = 5_000_000
    cell_characters: int = 131_072
    memory_bytes: int = 512 << 20
    cpu_seconds: int = 20
    wall_seconds: int = 40

    @property
    def in_words(self) -> str:
        """For the page where a file is chosen."""
        return (
            f"CSV, gzipped CSV, a zip of CSV files, or an Excel workbook; at most {self.upload_bytes >> 20} MB, "
            f"{self.csv_rows:,} rows of CSV or {self.xlsx_rows:,} of a workbook."
        )


@dataclass(frozen=True, slots=True)
class Want:
    """A column to be picked: ``key`` in the rows, ``name`` in messages, ``names`` (compared without case) in files."""

    key: str
    name: str
    names: tuple[str, ...]
    required: bool


@dataclass(frozen=True, slots=True)
class Keep:
    """Hand on the rows whose column ``key`` has one of ``values``. Of several, one is enough."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Columns whose presence refuses a file before a row of it is handed on. ``words`` are whole names, or words of a name
    ("name" also forbids "Pupil name"), compared without case; ``message`` may hold ``{column}``."""

    words: tuple[str, ...]
    message: str


@dataclass(slots=True)
class TableInfo:
    """What one table was: where it stood, how it was decoded, which columns it had, how many rows.

    ``read`` rows were not blank; ``short`` of them were padded; ``left`` were not kept. ``tally`` counts the values of
    the columns asked for over all the rows, kept or not.
    """

    name: str
    encoding: str
    header_row: int
    keys: tuple[str, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    read: int = 0
    blank: int = 0
    short: int = 0
    left: int = 0
    tally: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def decoded(self) -> str:
        """The encoding in words: ``UTF-8``, ``Windows-1252 (cp1252)`` or ``workbook``."""
        return {"utf-8": "UTF-8", "utf-8-sig": "UTF-8 with a byte order mark", "cp1252": "Windows-1252 (cp1252)"}.get(
            self.encoding, self.encoding
        )


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as text. ``number`` counts from 1 as a spreadsheet does; ``extra`` are cells past the header's end."""

    table: TableInfo
    number: int
    cells: list[str]
    extra: list[str]


class Reader:
    """Iterate it once for the rows. ``tables`` and ``notes`` are complete when the rows have ended.

    ``file`` is an open binary file of the operating system (it has ``fileno``); its position doesn't matter.
    Raises Unreadable, also half way through.
    """

    def __init__(
        self,
        file: IO[bytes],
        *,
        name: str,
        title: str,
        want: Sequence[Want],
        sheets: Sequence[str] = (),
        header_rows: int = 5,
        keep: Sequence[Keep] = (),
        tally: Sequence[str] = (),
        forbidden: Sequence[Forbidden] = (),
        instead: Sequence[str] = (),
        limits: Limits | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> None:
        self.file = file
        self.tables: list[TableInfo] = []
        self.notes: list[str] = []
        self.limits = limits or Limits()
        self._progress = progress
        self._request = {
            "fd": file.fileno(),
            "name": name,
            "title": title,
            "want": [{"key": w.key, "name": w.name, "names": [header_name(n) for n in w.names], "required": w.required} for w in want],
            "sheets": list(sheets),
            "header_rows": header_rows,
            "keep": [dataclasses.asdict(one) for one in keep],
            "tally": list(tally),
            "forbidden": [dataclasses.asdict(one) for one in forbidden],
            "instead": list(instead),
            "limits": dataclasses.asdict(self.limits),
        }

    def __iter__(self) -> Iterator[RawRow]:
        for answer in answers(self.file, self._request, self.limits, advice="Split it, or save it as CSV, and send it again."):
            yield from self._take(answer["t"], answer)

    def _take(self, kind: str, answer: dict[str, Any]) -> Iterator[RawRow]:
        if kind == "rows":
            table = self.tables[-1]
            if self._progress:
                self._progress(answer["p"])
            extra = answer["x"]
            for place, (number, cells) in enumerate(zip(answer["n"], answer["v"], strict=True)):
                yield RawRow(table, number, cells, extra[str(place)] if extra and str(place) in extra else [])
        elif kind == "table":
            self.tables.append(
                TableInfo(
                    answer["name"],
                    answer["encoding"],
                    answer["header_row"],
                    tuple(answer["keys"]),
                    tuple(answer["missing"]),
                    tuple(answer["unknown"]),
                )
            )
        elif kind == "end":
            table = self.tables[-1]
            table.read, table.blank, table.short, table.left = answer["read"], answer["blank"], answer["short"], answer["left"]
            table.tally = answer["tally"]
        elif kind == "note":
            self.notes.append(str(answer["m"]))


def answers(file: IO[bytes], request: dict[str, Any], limits: Limits, *, advice: str) -> Iterator[dict[str, Any]]:
    """What the process says of a file, line by line. It is killed when it takes too long, and when the reader stops early.

    Raises Unreadable, with ``advice`` where it met a limit.
    """
    process = subprocess.Popen(
        [sys.executable, "-I", str(CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=[file.fileno()],
        env={"LC_ALL": "C.UTF-8"},
        cwd="/",
    )
    assert process.stdin is not None
    assert process.stdout is not None
    overdue = threading.Event()

    def end() -> None:
        overdue.set()
        process.kill()

    timer = threading.Timer(limits.wall_seconds, end)
    timer.daemon = True
    timer.start()
    finished = False
    try:
        try:
            process.stdin.write(json.dumps(request).encode())
            process.stdin.close()
        except BrokenPipeError:
            pass  # it died at once; the missing answer says so below
        for line in process.stdout:
            answer = _parse(line)
            if answer is None:
                break
            if answer["t"] == "done":
                finished = True
                break
            if answer["t"] == "error":
                raise Unreadable(str(answer["m"]))
            yield answer
    finally:
        timer.cancel()
        process.kill()
        process.stdout.close()
        code = process.wait()
    if not finished:
        if overdue.is_set() or code == -24:  # SIGXCPU
            raise Unreadable(f"It takes longer than {limits.cpu_seconds} seconds to read. {advice}")
        raise Unreadable(f"It can't be read within the memory allowed for a file. {advice}")


@dataclass(frozen=True, slots=True)
class WordText:
    """A Word document: its lines with whether each is a heading, and what stood in notes, headers and footers."""

    lines: Sequence[tuple[str, bool]]
    beside: Sequence[str]


DOCUMENT_LIMITS = Limits(upload_bytes=10 << 20, members=400, unpacked_bytes=64 << 20, cpu_seconds=10, wall_seconds=20)


def read_word(file: IO[bytes], *, name: str) -> WordText:
    """The text of a .docx, opened as a table is: in a process of its own, within limits. Raises Unreadable."""
    request = {"fd": file.fileno(), "name": name, "what": "document", "advice": "", "as": "", "limits": dataclasses.asdict(DOCUMENT_LIMITS)}
    advice = "Copy the text and paste it instead."
    found = [answer for answer in answers(file, request, DOCUMENT_LIMITS, advice=advice) if answer["t"] == "text"]
    return WordText([(str(text), bool(heading)) for text, heading in found[0]["lines"]], [str(text) for text in found[0]["beside"]])


@contextlib.contextmanager
def on_disk(sent: Any) -> Iterator[IO[bytes]]:
    """An upload as an open file of the operating system, which the reading process needs."""
    with tempfile.TemporaryFile() as file:
        for chunk in sent.chunks():
            file.write(chunk)
        file.flush()
        yield file


def header_name(name: str) -> str:
    """A column's name as it is compared: outer and double spaces and case do not matter."""
    return " ".join(name.split()).casefold()


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(line)
    except ValueError:  # the last line of a process that was killed
        return None
    return answer if isinstance(answer, dict) else None
