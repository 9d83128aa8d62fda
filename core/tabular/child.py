"""The process that opens a file somebody sent. Run by path, by ``core.tabular.reading``; never imported by the portal.

It knows nothing of the portal: no settings, no database, no environment. It limits its own memory, time, files and
core dumps before it looks at the first byte, and answers on standard output in lines of JSON. Whatever a hostile file
does to it, it does to this process alone (assurance.md, "Imports").

Standard input holds one JSON object, the request (``core.tabular.reading.Reader`` makes it). The answer's lines:

``{"t": "table", ...}``    a table was found: its name, encoding, header row, columns found, missing and unknown
``{"t": "rows", "n": [row numbers], "v": [[cells]], "x": {index: [cells past the header's end]}, "p": share read}``
``{"t": "end", ...}``      that table's counts
``{"t": "text", ...}``     of a Word document: its lines, each with whether it is a heading, and what stands beside them
``{"t": "note", "m": …}``  something left aside, in words
``{"t": "error", "m": …}`` the file is refused, in words; nothing follows
``{"t": "done"}``          all was read
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import gzip
import io
import json
import os
import resource
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import partial
from itertools import chain, islice
from operator import itemgetter
from typing import Any, BinaryIO, NamedTuple

CHUNK = 1 << 18
BATCH = 2_000
RATIO_FLOOR = 1 << 20  # what unpacks to less than this is no bomb, whatever its ratio
TALLY = 500  # how many different values of a tallied column are counted

ZIP, GZIP, OLD_EXCEL = b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Refused(Exception):
    """The file is not read; the argument is the sentence that says why."""


class NoHeader(Refused):
    """This table has no header row with the required names. In an archive another table may."""


def say(**line: Any) -> None:
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")


# ---------------------------------------------------------------- bytes


class Budget:
    """How much may be unpacked from a file of ``packed`` bytes. Counts what is really unpacked: a header may lie."""

    def __init__(self, packed: int, limits: dict[str, int]) -> None:
        self.packed = max(packed, 1)
        self.limits = limits
        self.spent = 0

    def spend(self, count: int) -> None:
        self.spent += count
        self.check(self.spent)

    def check(self, total: int) -> None:
        if total > self.limits["unpacked_bytes"]:
            raise Refused(f"It unpacks to more than {self.limits['unpacked_bytes'] >> 20} MB.")
        if total > RATIO_FLOOR and total > self.limits["ratio"] * self.packed:
            raise Refused(f"It unpacks to more than {self.limits['ratio']} times its size, which no table of schools does.")


class Metered(io.RawIOBase):
    """A stream that spends the budget as it is read."""

    def __init__(self, raw: Any, budget: Budget) -> None:
        self._raw = raw
        self._budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._raw.read(len(buffer))
        self._budget.spend(len(data))
        buffer[: len(data)] = data
        return len(data)


def find_encoding(stream: Any) -> str:
    """utf-8-sig where there is a byte order mark, utf-8 where every byte fits it, else cp1252."""
    chunk = stream.read(CHUNK)
    if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Refused("It is saved as Unicode (UTF-16) text. Save it as CSV UTF-8 and send it again.")
    if b"\0" in chunk:
        raise Refused("It is not text. Send a CSV file or an Excel workbook (.xlsx).")
    marked = chunk.startswith(codecs.BOM_UTF8)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk:
            decoder.decode(chunk)
            chunk = stream.read(CHUNK)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        if marked:
            raise Refused("It begins as UTF-8 text but is not all UTF-8. Save it as CSV UTF-8 and send it again.") from None
        return "cp1252"
    return "utf-8-sig" if marked else "utf-8"


# ---------------------------------------------------------------- one table


def tidy(name: str) -> str:
    """A name as it is shown and (without case) compared: printable, single spaces, none at the ends."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())


class Table:
    """One table: finds its header, picks the wanted columns, counts the rest."""

    def __init__(self, request: dict[str, Any], name: str, encoding: str) -> None:
        self.request = request
        self.limits = request["limits"]
        self.name = name
        self.encoding = encoding

    def answer(self, records: Iterable[list[str]], *, max_rows: int, progress: Callable[[], float]) -> None:
        """Say the table. NoHeader comes before the first word; the other refusals end the whole answer."""
        records = iter(records)
        top = list(islice(records, self.request["header_rows"]))
        self._forbid(top)
        at = self._find_header(top)
        titles = [tidy(cell) for cell in top[at]]
        while titles and not titles[-1]:
            titles.pop()
        keys, picks = self._match(titles, at + 1)
        self._rows(chain(top[at + 1 :], records), at + 1, len(titles), keys, picks, max_rows=max_rows, progress=progress)

    def _forbid(self, top: list[list[str]]) -> None:
        """Refuse the file for what its first rows name, whichever of them is the header."""
        for cell in chain.from_iterable(top):
            title = tidy(cell)
            words = {title.casefold(), *title.casefold().replace("_", " ").replace("-", " ").split()}
            for forbidden in self.request.get("forbidden", ()):
                if not words.isdisjoint(forbidden["words"]):
                    raise Refused(forbidden["message"].format(column=title))

    def _find_header(self, top: list[list[str]]) -> int:
        best: tuple[int, int, list[str]] | None = None
        for at, row in enumerate(top):
            self._check_width(row)
            have = {tidy(cell).casefold() for cell in row}
            lacking = [want["name"] for want in self.request["want"] if want["required"] and have.isdisjoint(want["names"])]
            other = [want for want in self.request["want"] if want["key"] in self.request.get("instead", ())]
            if not lacking or (other and not any(have.isdisjoint(want["names"]) for want in other)):
                return at
            matched = sum(1 for want in self.request["want"] if not have.isdisjoint(want["names"]))
            if matched and (best is None or matched > best[0]):
                best = (matched, at, lacking)
        title = self.request["title"]
        if best is not None:
            raise NoHeader(f"It is not {title}: the column names in row {best[1] + 1} lack {', '.join(map(repr, best[2]))}.")
        if top and all(len(row) < 2 for row in top):
            text = "".join(chain.from_iterable(top))
            for mark, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
                if text.count(mark) > 3:
                    raise NoHeader(f"Its cells are separated by {word}. Save it with commas (CSV) and send it again.")
        raise NoHeader(f"It is not {title}: none of its first {self.request['header_rows']} rows holds the column names.")

    def _check_width(self, row: list[str]) -> None:
        if len(row) > self.limits["columns"]:
            raise Refused(f"It has more than {self.limits['columns']:,} columns.")

    def _match(self, titles: list[str], header_row: int) -> tuple[list[str], list[int]]:
        places: dict[str, int] = {}
        for place, title in enumerate(titles):
            name = title.casefold()
            if name and name in places:
                raise Refused(f"The column {title!r} is there twice. Keep one of the two and send the file again.")
            places[name] = place
        keys: list[str] = []
        picks: list[int] = []
        missing: list[str] = []
        known: set[str] = {""}
        for want in self.request["want"]:
            known.update(want["names"])
            matches = [name for name in want["names"] if name in places]
            if len(matches) > 1:
                both = " and ".join(repr(titles[places[name]]) for name in matches)
                raise Refused(f"The columns {both} are two names of one column. Keep one of them and send the file again.")
            if matches:
                keys.append(want["key"])
                picks.append(places[matches[0]])
            else:
                missing.append(want["name"])
        unknown = [titles[place] for name, place in places.items() if name not in known]
        say(t="table", name=self.name, encoding=self.encoding, header_row=header_row, keys=keys, missing=missing, unknown=unknown)
        return keys, picks

    def _rows(
        self,
        records: Iterable[list[str]],
        number: int,
        width: int,
        keys: list[str],
        picks: list[int],
        *,
        max_rows: int,
        progress: Callable[[], float],
    ) -> None:
        pick: Callable[[list[str]], Any] = itemgetter(*picks) if len(picks) > 1 else lambda row: (row[picks[0]],)
        at = dict(zip(keys, picks, strict=True))
        keeps = [(at[keep["key"]], frozenset(keep["values"])) for keep in self.request["keep"] if keep["key"] in at]
        tallies: dict[str, dict[str, int]] = {key: {} for key in self.request["tally"] if key in at}
        counted = [(at[key], tally) for key, tally in tallies.items()]
        count = blank = short = left = 0
        numbers: list[int] = []
        values: list[Any] = []
        extra: dict[int, list[str]] = {}
        for row in records:
            number += 1
            if not any(map(str.strip, row)):
                blank += 1
                if blank > max_rows:
                    raise Refused(f"It has more than {max_rows:,} empty rows. Delete them and send it again.")
                continue
            count += 1
            if count > max_rows:
                raise Refused(f"It has more than {max_rows:,} rows.")
            tail: list[str] = []
            if len(row) != width:
                self._check_width(row)
                if len(row) < width:
                    short += 1
                    row.extend([""] * (width - len(row)))
                else:
                    tail = row[width:]
            for place, tally in counted:
                value = row[place].strip()
                if value in tally:
                    tally[value] += 1
                elif len(tally) < TALLY and len(value) <= 100:
                    tally[value] = 1
            if keeps and not any(row[place].strip() in kept for place, kept in keeps):
                left += 1
                continue
            if any(map(str.strip, tail)):
                extra[len(numbers)] = tail
            numbers.append(number)
            values.append(pick(row))
            if len(numbers) == BATCH:
                say(t="rows", n=numbers, v=values, x=extra, p=round(progress(), 3))
                numbers, values, extra = [], [], {}
        if numbers:
            say(t="rows", n=numbers, v=values, x=extra, p=round(progress(), 3))
        say(t="end", read=count, blank=blank, short=short, left=left, tally=tallies)


# ---------------------------------------------------------------- text


def csv_records(stream: Any, encoding: str) -> Iterator[list[str]]:
    """The rows of a CSV file. A quotation mark out of place is refused: it would swallow or shift cells in silence."""
    number = 0
    try:
        for row in csv.reader(io.TextIOWrapper(stream, encoding=encoding, newline=""), strict=True):
            number += 1
            yield row
    except csv.Error as error:
        if "field larger" in str(error):
            raise Refused(f"A cell in row {number + 1} is longer than {csv.field_size_limit():,} characters.") from None
        raise Refused(f"The quotation marks in row {number + 1} do not match, so its cells can't be told apart.") from None
    except UnicodeDecodeError:
        raise Refused("Its text is neither UTF-8 nor Windows-1252. Save it as CSV UTF-8 and send it again.") from None


def again(stream: BinaryIO) -> BinaryIO:
    """The same open file from its beginning; closing the result leaves the file open."""
    os.lseek(stream.fileno(), 0, os.SEEK_SET)
    return io.BufferedReader(io.FileIO(stream.fileno(), closefd=False), CHUNK)


def read_text(
    request: dict[str, Any], name: str, reopen: Callable[[], Any], packed: int, budget: Budget, done: Callable[[], float]
) -> None:
    """One CSV table. It is opened twice, first for its encoding; only the second reading spends the archive's budget."""
    first = Budget(packed, request["limits"])
    first.spent = budget.spent
    with reopen() as raw:
        encoding = find_encoding(Metered(raw, first))
    with reopen() as raw:
        records = csv_records(io.BufferedReader(Metered(raw, budget), CHUNK), encoding)
        Table(request, name, encoding).answer(records, max_rows=request["limits"]["csv_rows"], progress=done)


# ---------------------------------------------------------------- workbooks


def cell_text(value: Any) -> str:
    """A workbook's cell as text: whole numbers without a point, days as ISO dates, times of day after a space."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else format(Decimal(format(value, ".15g")), "f")
    if isinstance(value, dt.datetime):
        moment = value.replace(microsecond=0)
        return moment.date().isoformat() if moment.time() == dt.time() else moment.isoformat(sep=" ")
    return str(value)


class Sheet(NamedTuple):
    name: str
    height: int
    rows: Callable[[], Iterable[Iterable[Any]]]


class Walk:
    """Holds a sheet to its limits: first what it claims, then, as it is read, what it has."""

    def __init__(self, limits: dict[str, int]) -> None:
        self.limits = limits
        self.rows = 0
        self.cells = 0

    def check(self, rows: int, columns: int, cells: int) -> None:
        limits = self.limits
        if rows > limits["xlsx_rows"] or columns > limits["columns"] or cells > limits["cells"]:
            raise Refused(
                f"A sheet reaches over {rows:,} rows and {columns:,} columns; at most {limits['xlsx_rows']:,} rows, {limits['columns']:,} columns "
                f"and {limits['cells']:,} cells are read. Delete its empty rows and columns, save it and send it again."
            )

    def records(self, rows: Iterable[Iterable[Any]]) -> Iterator[list[str]]:
        for row in rows:
            record = [cell_text(value) for value in row]
            self.rows += 1
            self.cells += len(record)
            self.check(self.rows, len(record), self.cells)
            yield record


def read_workbook(request: dict[str, Any], stream: BinaryIO) -> None:
    import openpyxl

    if not openpyxl.DEFUSEDXML:
        raise Refused("Workbooks can't be read safely on this machine: defusedxml is missing.")
    book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
    sheets = []
    for sheet in book.worksheets:
        rows, columns = sheet.max_row or 0, sheet.max_column or 0
        Walk(request["limits"]).check(rows, columns, rows * columns)
        sheet.reset_dimensions()  # else cells outside the claimed range would be cut off unseen
        sheets.append(Sheet(tidy(sheet.title), rows, partial(sheet.iter_rows, values_only=True)))
    read_sheets(request, sheets)


def read_old_workbook(request: dict[str, Any], stream: BinaryIO) -> None:
    """Excel 97–2003. Its cells can't be walked before they are loaded: the process's memory limit is the guard."""
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_filelike(stream)
    sheets = []
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        Walk(request["limits"]).check(sheet.total_height, sheet.total_width, sheet.total_height * sheet.total_width)
        sheets.append(Sheet(tidy(name), sheet.total_height, partial(sheet.to_python, skip_empty_area=False)))
    read_sheets(request, sheets)


def read_sheets(request: dict[str, Any], sheets: list[Sheet]) -> None:
    """The first sheet with the header; those that the format names come first."""
    named = {name.casefold(): rank for rank, name in enumerate(request["sheets"])}
    complaints: list[tuple[str, str]] = []
    for sheet in sorted(sheets, key=lambda sheet: named.get(sheet.name.casefold(), len(named))):
        walk = Walk(request["limits"])
        table = Table(request, sheet.name, "workbook")
        try:
            table.answer(
                walk.records(sheet.rows()), max_rows=request["limits"]["xlsx_rows"], progress=partial(share, walk, "rows", sheet.height)
            )
            return
        except NoHeader as complaint:
            complaints.append((sheet.name, str(complaint)))
    explain(complaints, "sheet")


def share(counter: Any, name: str, total: int) -> float:
    """How much of ``total`` the counter has reached, from 0 to 1."""
    return min(float(getattr(counter, name)) / max(total, 1), 1.0)


# ---------------------------------------------------------------- documents

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def read_document(request: dict[str, Any], stream: BinaryIO) -> None:
    """A Word document as lines of text, headings marked; what stands in notes, headers and footers comes apart.

    The text is walked over, not asked of ``paragraph.text``, which leaves out insertions, text boxes and fields.
    """
    limits = request["limits"]
    with zipfile.ZipFile(stream) as archive:
        names = {member.filename for member in inspect_archive(archive, Budget(os.fstat(stream.fileno()).st_size, limits))}
        if any(name.endswith("vbaProject.bin") for name in names) or b"macroEnabled" in archive.read("[Content_Types].xml"):
            raise Refused("It holds macros. Save it as a Word document (.docx) without them and send it again.")
        if "word/document.xml" not in names:
            raise Refused("It is not a Word document. Save it in Word as .docx and send it again.")
    stream.seek(0)
    import docx
    from docx.oxml import parse_xml

    document = docx.Document(stream)
    styles = {style.style_id: (style.name or "").lower() for style in document.styles}
    lines = list(document_lines(document.element.body, styles))
    beside: list[tuple[str, bool]] = []
    for part in document.part.package.iter_parts():
        if os.path.basename(part.partname).startswith(("footnotes", "endnotes", "header", "footer", "comments.")):
            beside += [line for line in document_lines(parse_xml(part.blob), styles) if line[0].strip() and line not in beside]
    total = sum(len(text) for text, _ in (*lines, *beside))
    if total > limits["cell_characters"] * 2:
        raise Refused(f"It holds {total:,} characters, more than any note. Take out what is not the note and send it again.")
    if not any(text.strip() for text, _ in lines):
        raise Refused("It holds no text. If the pages are pictures, the text must be typed or pasted.")
    say(t="text", lines=lines, beside=[text for text, _ in beside])


def document_lines(parent: Any, styles: dict[str, str]) -> Iterator[tuple[str, bool]]:
    """Each paragraph and each row of a table under ``parent``, with whether its style is a heading's."""
    for element in parent:
        if element.tag == f"{WORD}p":
            style = element.find(f"{WORD}pPr/{WORD}pStyle")
            name = styles.get(style.get(f"{WORD}val"), "") if style is not None else ""
            yield paragraph_text(element), name.startswith("heading") or name == "title"
            for box in element.iter(f"{WORD}txbxContent"):
                if next(box.iterancestors(FALLBACK), None) is None:
                    yield from document_lines(box, styles)
        elif element.tag == f"{WORD}tr":
            cells = (" ".join(text for text, _ in document_lines(cell, styles) if text.strip()) for cell in element.iter(f"{WORD}tc"))
            yield " | ".join(cells), False
        elif element.tag != f"{WORD}sectPr" and isinstance(element.tag, str):
            yield from document_lines(element, styles)


def paragraph_text(paragraph: Any) -> str:
    found = []
    for element in paragraph.iter(f"{WORD}t", f"{WORD}tab", f"{WORD}br", f"{WORD}cr"):
        if next(element.iterancestors(f"{WORD}p")) is paragraph:
            found.append(element.text or "" if element.tag == f"{WORD}t" else "\t" if element.tag == f"{WORD}tab" else "\n")
    return "".join(found)


# ---------------------------------------------------------------- files


def explain(complaints: list[tuple[str, str]], what: str) -> None:
    if not complaints:
        raise Refused(f"It holds no {what}.")
    if len(complaints) == 1:
        raise Refused(complaints[0][1])
    raise Refused(" ".join([f"None of its {len(complaints)} {what}s can be used."] + [f"{name}: {why}" for name, why in complaints[:5]]))


def read_archive(request: dict[str, Any], stream: BinaryIO, size: int) -> None:
    """A zip with one CSV or several. What it claims is judged before a byte is unpacked, what it holds while it is."""
    limits = request["limits"]
    budget = Budget(size, limits)
    with zipfile.ZipFile(stream) as archive:
        members = inspect_archive(archive, budget)
        names = {member.filename for member in members}
        if "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names):
            raise Refused("It is named .zip but is an Excel workbook. Name it .xlsx and send it again.")
        total = sum(member.file_size for member in members)
        complaints: list[tuple[str, str]] = []
        found = 0
        for member in members:
            name = tidy(os.path.basename(member.filename))[:100]
            if member.is_dir() or member.filename.startswith("__MACOSX/") or name.startswith("."):
                continue
            if not name.lower().endswith(".csv"):
                say(t="note", m=f"{name} in the archive is not a CSV file and was left aside.")
                continue
            try:
                read_text(request, name, partial(archive.open, member), size, budget, partial(share, budget, "spent", total))
                found += 1
            except NoHeader as complaint:
                complaints.append((name, str(complaint)))
        if not found:
            explain(complaints, "CSV file")
        for name, why in complaints:
            say(t="note", m=f"{name} in the archive was left aside. {why}")


def inspect_archive(archive: zipfile.ZipFile, budget: Budget) -> list[zipfile.ZipInfo]:
    members = archive.infolist()
    limit = budget.limits["members"]
    if len(members) > limit:
        raise Refused(f"The archive holds {len(members):,} files; at most {limit} are read.")
    if any(member.flag_bits & 1 for member in members):
        raise Refused("The archive is locked with a password. Send it without one.")
    budget.check(sum(member.file_size for member in members))
    return members


def read(request: dict[str, Any], stream: BinaryIO) -> None:
    limits = request["limits"]
    csv.field_size_limit(limits["cell_characters"])
    name = request["name"].lower()
    size = os.fstat(stream.fileno()).st_size
    if size > limits["upload_bytes"]:
        raise Refused(f"It is larger than {limits['upload_bytes'] >> 20} MB.")
    if size == 0:
        raise Refused("It is empty.")
    stream.seek(0)  # the position is its sender's
    start = stream.read(8)
    stream.seek(0)
    if request.get("what") == "document":
        if not name.endswith(".docx"):
            raise Refused("Send a Word document whose name ends in .docx; save an older one as .docx first.")
        if not start.startswith(ZIP):
            raise Refused(
                "Its name ends in .docx but it is not one, or it is locked with a password. Save it again, without one, and send it."
            )
        return read_document(request, stream)
    ending = next((ending for ending in (".csv.gz", ".csv", ".zip", ".xlsx", ".xls") if name.endswith(ending)), None)
    if ending is None:
        raise Refused("Send a file whose name ends in .csv, .csv.gz, .zip (of CSV files), .xlsx or .xls.")
    is_really = ".zip" if start.startswith(ZIP) else ".csv.gz" if start.startswith(GZIP) else ".xls" if start == OLD_EXCEL else ".csv"
    if is_really != {".xlsx": ".zip"}.get(ending, ending):
        kinds = {
            ".zip": "an archive or a new Excel workbook",
            ".csv.gz": "a gzip file",
            ".xls": "an old or a locked Excel workbook",
            ".csv": "plain text or something else",
        }
        raise Refused(f"Its name ends in {ending} but it is {kinds[is_really]}. Give it the right name, or save it again, and send it.")

    if ending == ".csv":
        budget = Budget(size, limits)
        read_text(request, request["name"], partial(again, stream), size, budget, partial(share, budget, "spent", size))
    elif ending == ".csv.gz":
        budget = Budget(size, limits)
        read_text(
            request,
            request["name"],
            lambda: gzip.GzipFile(fileobj=again(stream)),
            size,
            budget,
            lambda: min(os.lseek(stream.fileno(), 0, os.SEEK_CUR) / size, 1.0),
        )
    elif ending == ".zip":
        read_archive(request, stream, size)
    elif ending == ".xlsx":
        with zipfile.ZipFile(stream) as archive:
            limits = {**limits, "members": limits["workbook_members"]}
            inspect_archive(archive, Budget(size, limits))
        stream.seek(0)
        read_workbook(request, stream)
    else:
        read_old_workbook(request, stream)


def main() -> int:
    request = json.loads(sys.stdin.buffer.read())
    limits = request["limits"]
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory_bytes"], limits["memory_bytes"]))
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu_seconds"], limits["cpu_seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        with os.fdopen(request["fd"], "rb") as stream:
            read(request, stream)
        say(t="done")
    except Refused as refusal:
        say(t="error", m=str(refusal))
    except MemoryError:
        say(t="error", m="It needs too much memory to be read. Split it, save it again and send it.")
    except (zipfile.BadZipFile, zlib.error, gzip.BadGzipFile, EOFError):
        say(t="error", m="The file is damaged: it can't be unpacked. Fetch or save it again.")
    except Exception as error:  # a parser's own failure, of any kind: the file can't be read
        say(
            t="error",
            m=f"The file can't be read{request.get('as', ' as a table')} ({type(error).__name__}). Save it again{request.get('advice', ', or as CSV,')} and send it.",
        )
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
