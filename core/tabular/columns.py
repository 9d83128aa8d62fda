"""One column specification, from which come the checks, the messages, the template file and the documentation.

A ``Format`` names its columns; ``Format.read`` opens a file, finds the header, reads each cell by its column's kind and
says what is wrong with row, column, value and a sentence. A cell that is blank is None. A column that a file doesn't
have is not in the row at all, so that "not told" is never taken for "empty".
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import IO, Any

from core.tabular.reading import Forbidden, Keep, Limits, RawRow, Reader, TableInfo, Want

MAX_ERRORS = 500  # kept one by one; the rest are counted
REMEMBERED = 5_000  # values of a column that are not read anew


class Kind(StrEnum):
    """What a cell holds, and how the documentation says it."""

    TEXT = "text"
    INTEGER = "whole number"
    DECIMAL = "number"
    PERCENT = "percentage"
    MONEY = "pounds"
    DATE = "date"
    BOOLEAN = "yes or no"
    CHOICE = "one of a list"
    EMAIL = "email address"


class Reason(StrEnum):
    """Why a figure is not there. The values are stored."""

    SUPPRESSED = "suppressed"
    NO_ENTRIES = "no_entries"
    NOT_APPLICABLE = "not_applicable"
    NOT_PUBLISHED = "not_published"
    NEW_SCHOOL = "new_school"
    LOW_COVERAGE = "low_coverage"
    SMALL = "small"
    REDACTED = "redacted"
    NOT_SUPPLIED = "not_supplied"
    NOT_JUDGED = "not_judged"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Code:
    """A published special value: what it means, in the publisher's sense, and the sentence for people."""

    reason: Reason
    meaning: str


# The department's abbreviations (performance tables) and those of its statistics service since 2023/24. Compared
# exactly: "z" is a code, "Z" is not. Source: FORMATS.md §3, which cites the abbreviations file of 2018/19.
DFE_CODES: Mapping[str, Code] = {
    "SUPP": Code(Reason.SUPPRESSED, "suppressed, since so few pupils could be known"),
    "NE": Code(Reason.NO_ENTRIES, "no pupils were entered"),
    "NA": Code(Reason.NOT_APPLICABLE, "not applicable or not available that year"),
    "NP": Code(Reason.NOT_PUBLISHED, "not published"),
    "NEW": Code(Reason.NEW_SCHOOL, "a new school, with no figures yet"),
    "NEWR": Code(Reason.NEW_SCHOOL, "a new school, with no figures yet"),
    "LOWCOV": Code(Reason.LOW_COVERAGE, "fewer than half of the pupils are in the measure"),
    "SP": Code(Reason.SMALL, "above nought and below half a per cent"),
    "RE": Code(Reason.REDACTED, "redacted"),
    "DNS": Code(Reason.NOT_SUPPLIED, "the school did not supply it"),
    "z": Code(Reason.NOT_APPLICABLE, "not applicable"),
    "c": Code(Reason.SUPPRESSED, "suppressed, since so few pupils could be known"),
    "x": Code(Reason.NOT_PUBLISHED, "not available"),
    "low": Code(Reason.SMALL, "rounds to nought"),
    "k": Code(Reason.SMALL, "rounds to nought"),
    "u": Code(Reason.NOT_PUBLISHED, "too unreliable to be published"),
}


@dataclass(frozen=True, slots=True)
class Coded:
    """A figure, or why there is none. Exactly one of ``value`` and ``reason`` is None; ``code`` is as it stood."""

    value: Any
    reason: Reason | None = None
    code: str = ""


class CellError(ValueError):
    """What is wrong with one cell, as a sentence that says what to enter."""


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong, and where. ``row`` counts as a spreadsheet does; 0 means the table or the file as a whole."""

    row: int
    column: str
    value: str
    message: str
    table: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"row": self.row, "column": self.column, "value": self.value[:200], "message": self.message, "table": self.table}


# ---------------------------------------------------------------- cells

# What a spreadsheet takes for a formula when it opens a CSV file. ``core.tabular.writing`` guards them on the way out.
RISKY = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
_GUARDED = re.compile(f"'+[{re.escape(RISKY)}]")


def unguard(cell: str) -> str:
    """Undo the guard of ``core.tabular.writing``: one apostrophe before what a spreadsheet might run."""
    return cell[1:] if cell[:1] == "'" and _GUARDED.match(cell) else cell


def clean(cell: str) -> str:
    """One line of text: no control characters, no half characters, single spaces, none at the ends."""
    if cell[:1] == "'":
        cell = unguard(cell)
    return clean_line(cell)


def clean_line(line: str) -> str:
    if not line.isprintable():
        line = "".join(c if c.isprintable() else " " for c in line)
    return " ".join(line.split())


def lines(cell: str) -> str:
    """Text of several lines, each cleaned; more than one empty line in a row becomes one."""
    if cell[:1] == "'":
        cell = unguard(cell)
    cleaned = [clean_line(line) for line in cell.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(cleaned)).strip("\n")


_DAY_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?", re.ASCII)
_TIGHT = re.compile(r"\d{8}", re.ASCII)
DATE_FORMS = "Write the day as 31/08/2008 (day, month, year)."


def parse_date(cell: str) -> dt.date:
    """Day first always: DD-MM-YYYY, DD/MM/YYYY, DD.MM.YYYY; or YYYYMMDD, or ISO with or without a time (left off).

    Never month first, never a year of two figures.
    """
    try:
        if len(cell) == 10 and cell[2] in "-/" and cell[5] == cell[2] and cell.isascii():
            return dt.date(int(cell[6:]), int(cell[3:5]), int(cell[:2]))
        if match := _DAY_FIRST.fullmatch(cell):
            return dt.date(int(match[3]), int(match[2]), int(match[1]))
        if match := _ISO.fullmatch(cell):
            return dt.date(int(match[1]), int(match[2]), int(match[3]))
        if _TIGHT.fullmatch(cell):
            return dt.date(int(cell[:4]), int(cell[4:6]), int(cell[6:]))
    except ValueError:
        raise CellError(f"{cell} is not a day of the calendar. {DATE_FORMS}") from None
    raise CellError(DATE_FORMS)


_WHOLE = re.compile(r"[+-]?\d{1,15}(?:\.0+)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d{1,15}(?:\.\d{1,30})?|\.\d{1,30})", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)


def parse_integer(cell: str) -> int:
    if cell.isascii() and cell.isdigit() and len(cell) <= 15:
        return int(cell)
    number = cell.replace(",", "") if _THOUSANDS.fullmatch(cell) else cell
    if not _WHOLE.fullmatch(number):
        raise CellError("Enter a whole number.")
    return int(number.partition(".")[0])


def parse_decimal(cell: str) -> Decimal:
    number = cell.replace(",", "") if _THOUSANDS.fullmatch(cell) else cell
    if not _NUMBER.fullmatch(number):
        raise CellError("Enter a number.")
    try:
        return Decimal(number)
    except InvalidOperation:  # pragma: no cover - the pattern lets nothing else through
        raise CellError("Enter a number.") from None


def parse_money(cell: str) -> int:
    """Pounds as written, with or without a pound sign and commas, to integer pence. ``(120)`` is not read as -120."""
    pence = parse_decimal(cell.replace("£", "").strip()) * 100
    if pence != pence.to_integral_value():
        raise CellError("Enter pounds with at most two decimal places.")
    return int(pence)


YES_NO = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}


def parse_boolean(cell: str) -> bool:
    try:
        return YES_NO[cell.casefold()]
    except KeyError:
        raise CellError("Enter yes or no.") from None


_EMAIL = re.compile(r"[^@\s,;<>\"()]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+")


def parse_email(cell: str) -> str:
    if len(cell) > 254 or not _EMAIL.fullmatch(cell):
        raise CellError("Enter an email address, as in name@school.example.")
    return cell


# ---------------------------------------------------------------- columns


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a format.

    ``key`` names it in rows, ``name`` is its header in templates and messages, ``aliases`` are other headers it has had.
    ``required``: the file must have the column. ``filled``: every row must have a value in it.
    ``codes``: special values; the cell then always reads as ``Coded``, a blank one with the reason *blank*.
    ``none``: texts that mean "no value" (``NULL``); for a date also ``01-01-1900`` and the like, compared as written.
    ``scale``: what a percentage is multiplied by: 1 where the file says 65 or 65%, 100 where it says 0.65.
    ``digits``: a number that is really a code, padded with leading zeros that a spreadsheet may have taken away.
    ``parser``: reads the cleaned text in place of the kind's own; raises CellError.
    """

    key: str
    name: str
    kind: Kind = Kind.TEXT
    aliases: tuple[str, ...] = ()
    required: bool = False
    filled: bool = False
    max_length: int = 300
    choices: Mapping[str, Any] | None = None
    codes: Mapping[str, Code] | None = None
    none: tuple[str, ...] = ()
    scale: int = 1
    digits: int = 0
    minimum: int | None = None
    maximum: int | None = None
    multiline: bool = False
    parser: Callable[[str], Any] | None = None
    help: str = ""
    example: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)

    def read(self, cell: str) -> Any:
        """The value of one cell; raises CellError."""
        return self.reader()(cell)

    def reader(self) -> Callable[[str], Any]:
        """A function from a cell's text to its value, with what doesn't change worked out beforehand."""
        parse, tidy = self._parser(), lines if self.multiline else clean
        none = frozenset(self.none)
        codes, filled = self.codes, self.filled

        def value(cell: str) -> Any:
            text = tidy(cell)
            if not text or text in none:
                if filled:
                    raise CellError("Enter a value; it can't be left blank.")
                return Coded(None, Reason.BLANK) if codes is not None else None
            if codes is None:
                return parse(text)
            if (code := codes.get(text)) is not None:
                return Coded(None, code.reason, text)
            return Coded(parse(text))

        return value

    def _parser(self) -> Callable[[str], Any]:
        parse = self.parser or self._kind_parser()
        if self.minimum is None and self.maximum is None:
            return parse
        low, high = self.minimum, self.maximum

        def between(text: str) -> Any:
            number = parse(text)
            if (low is not None and number < low) or (high is not None and number > high):
                raise CellError(f"Enter a number {self._span()}.")
            return number

        return between

    def _kind_parser(self) -> Callable[[str], Any]:
        match self.kind:
            case Kind.INTEGER:
                return parse_integer
            case Kind.DECIMAL:
                return parse_decimal
            case Kind.PERCENT:
                scale = self.scale
                return lambda text: parse_decimal(text.removesuffix("%").rstrip()) * (1 if text.endswith("%") else scale)
            case Kind.MONEY:
                return parse_money
            case Kind.DATE:
                return parse_date
            case Kind.BOOLEAN:
                return parse_boolean
            case Kind.EMAIL:
                return parse_email
            case Kind.CHOICE:
                return self._parse_choice
            case _:
                return self._parse_digits if self.digits else self._parse_text

    def _parse_text(self, text: str) -> str:
        if len(text) > self.max_length:
            raise CellError(f"Enter at most {self.max_length} characters; there are {len(text)}.")
        return text

    def _parse_digits(self, text: str) -> str:
        number = text.removesuffix(".0")
        if not (number.isascii() and number.isdigit()) or len(number.lstrip("0")) > self.digits:
            raise CellError(f"Enter {self.digits} figures.")
        return number.lstrip("0").zfill(self.digits)

    def _parse_choice(self, text: str) -> Any:
        assert self.choices is not None
        wanted = text.casefold()
        for word, value in self.choices.items():
            if word.casefold() == wanted:
                return value
        raise CellError(f"Enter one of: {', '.join(self.choices)}.")

    def _span(self) -> str:
        if self.minimum is None:
            return f"up to {self.maximum}"
        return f"from {self.minimum} to {self.maximum}" if self.maximum is not None else f"of {self.minimum} or more"

    def describe(self) -> str:
        """The column's kind and rules in words, for the documentation and the template."""
        parts = [str(self.kind)]
        if self.kind is Kind.CHOICE and self.choices:
            parts = [f"one of: {', '.join(self.choices)}"]
        if self.digits:
            parts = [f"{self.digits} figures"]
        if self.kind is Kind.DATE:
            parts.append("day first")
        if self.minimum is not None or self.maximum is not None:
            parts.append(self._span())
        parts.append("must be filled in" if self.filled else "the column must be there" if self.required else "may be left out")
        return ", ".join(parts)


# ---------------------------------------------------------------- formats


class _Known(dict[str, Any]):
    """The values of a column's cells that have been read: most columns say the same few things over and over."""

    def __init__(self, read: Callable[[str], Any]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, cell: str) -> Any:
        value = self._read(cell)
        if len(self) < REMEMBERED:
            self[cell] = value
        return value


@dataclass(slots=True)
class Row:
    """One row, read. ``values`` has the keys of the columns that its table has."""

    number: int
    table: TableInfo
    values: dict[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def get(self, key: str, default: Any = None) -> Any:
        return self.values.get(key, default)

    def has(self, key: str) -> bool:
        return key in self.values


@dataclass(slots=True)
class Reading:
    """All that was read from one file: rows, what is wrong, and what was passed over."""

    rows: list[Row] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    error_count: int = 0
    bad_rows: int = 0
    tables: list[TableInfo] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def read(self) -> int:
        """Rows that were not blank, in all tables."""
        return sum(table.read for table in self.tables)

    def tally(self, key: str) -> dict[str, int]:
        """How often each value of a tallied column stands in the file, all tables together, kept rows or not."""
        together: dict[str, int] = {}
        for table in self.tables:
            for value, count in table.tally.get(key, {}).items():
                together[value] = together.get(value, 0) + count
        return together

    def add_error(self, error: RowError) -> None:
        self.error_count += 1
        if len(self.errors) < MAX_ERRORS:
            self.errors.append(error)


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of table: its columns and how files of it look.

    ``title`` stands after "It is not …" in messages, so it begins with an article. ``overflow`` is the key under which the
    cells past the header's end are joined with commas (GIAS exports: "Linked establishments"); where there is none, such a
    row is an error, since an unquoted comma has probably moved its cells. ``sheets`` are tried first in a workbook. ``instead``
    are keys of columns that, all of them there, stand in for the required ones: another shape of the same figures.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    description: str = ""
    source: str = ""
    sheets: tuple[str, ...] = ()
    overflow: str = ""
    header_rows: int = 5
    limits: Limits = field(default_factory=Limits)
    forbidden: tuple[Forbidden, ...] = ()
    instead: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        keys = [column.key for column in self.columns]
        names = [name.casefold() for column in self.columns for name in column.names]
        if len(set(keys)) != len(keys) or len(set(names)) != len(names):
            raise ValueError(f"Format {self.key!r} has a key or a column name twice.")
        if not any(column.required for column in self.columns):
            raise ValueError(f"Format {self.key!r} has no required column, so its header could not be told from a title.")

    def column(self, key: str) -> Column:
        return next(column for column in self.columns if column.key == key)

    def read(
        self,
        file: IO[bytes],
        *,
        name: str,
        keep: Sequence[Keep] = (),
        tally: Sequence[str] = (),
        progress: Callable[[float], None] | None = None,
    ) -> Reading:
        """Read a file of this format. Raises Unreadable where the file as a whole can't be used."""
        reader = Reader(
            file,
            name=name,
            title=self.title,
            want=[Want(column.key, column.name, column.names, column.required) for column in self.columns],
            sheets=self.sheets,
            header_rows=self.header_rows,
            keep=keep,
            tally=tally,
            forbidden=self.forbidden,
            instead=self.instead,
            limits=self.limits,
            progress=progress,
        )
        reading = Reading(tables=reader.tables, notes=reader.notes)
        by_key = {column.key: column for column in self.columns}
        table: TableInfo | None = None
        columns: list[tuple[str, _Known]] = []
        for raw in reader:
            if raw.table is not table:
                table = raw.table
                columns = [(key, _Known(by_key[key].reader())) for key in table.keys]
            self._read_row(reading, raw, columns, by_key)
        return reading

    def _read_row(self, reading: Reading, raw: RawRow, columns: list[tuple[str, _Known]], by_key: Mapping[str, Column]) -> None:
        good = True
        try:
            values = {key: known[cell] for (key, known), cell in zip(columns, raw.cells, strict=True)}
        except CellError:
            good, values = False, {}
            for (key, known), cell in zip(columns, raw.cells, strict=True):
                try:
                    known[cell]
                except CellError as error:
                    reading.add_error(RowError(raw.number, by_key[key].name, clean_line(cell), str(error), raw.table.name))
        if raw.extra:
            if self.overflow:
                values[self.overflow] = ", ".join(text for cell in raw.extra if (text := clean(cell)))
            else:
                good = False
                message = (
                    f"This row has {len(raw.extra)} more cells than there are column names. A comma inside a cell that stands in no quotation "
                    "marks may have moved its values. Correct the row and send the file again."
                )
                reading.add_error(RowError(raw.number, "", ", ".join(raw.extra), message, raw.table.name))
        if good:
            reading.rows.append(Row(raw.number, raw.table, values))
        else:
            reading.bad_rows += 1

    # ------------------------------------------------------------ what people get to see of it

    def template(self, kind: str = "csv") -> bytes:
        """An empty file of this format: the header row; as a workbook with a second sheet that explains each column."""
        from core.tabular.writing import Sheet, write_csv, write_workbook

        header = [column.name for column in self.columns]
        if kind == "csv":
            return write_csv(header, ())
        explained = [[column.name, column.describe(), column.help, column.example] for column in self.columns]
        return write_workbook(
            [
                Sheet((self.sheets or ("Data",))[0], header, ()),
                Sheet("How to fill it in", ["Column", "What it holds", "Meaning", "Example"], explained),
            ]
        )

    def export(self, rows: Iterable[Mapping[str, Any]], kind: str = "csv") -> bytes:
        """Rows by column key as a file that this format reads back to the same values."""
        from core.tabular.writing import Sheet, write_csv, write_workbook

        header = [column.name for column in self.columns]
        table = ([self._written(column, row.get(column.key)) for column in self.columns] for row in rows)
        return write_csv(header, table) if kind == "csv" else write_workbook([Sheet((self.sheets or ("Data",))[0], header, table)])

    @staticmethod
    def _written(column: Column, value: Any) -> Any:
        if isinstance(value, Coded):
            if value.value is None:
                return value.code
            value = value.value
        if value is None:
            return None
        if column.kind is Kind.MONEY:
            return Decimal(value).scaleb(-2)
        if column.kind is Kind.PERCENT:
            return Decimal(value) / column.scale
        if column.kind is Kind.CHOICE and column.choices:
            return next((word for word, stored in column.choices.items() if stored == value), value)
        return value

    def documentation(self) -> str:
        """The format in Markdown: what it is, and a table of its columns."""
        parts = [f"# {self.title[:1].upper()}{self.title[1:]}", ""]
        if self.description:
            parts += [self.description, ""]
        if self.source:
            parts += [f"Source: {self.source}", ""]
        parts += ["| Column | Also called | What it holds | Meaning |", "|---|---|---|---|"]
        parts += [f"| {c.name} | {', '.join(c.aliases)} | {c.describe()} | {c.help} |" for c in self.columns]
        codes = {text: code for column in self.columns for text, code in (column.codes or {}).items()}
        if codes:
            parts += ["", "Special values, kept as a reason and never as a figure:", ""]
            parts += [f"- `{text}`: {code.meaning}" for text, code in codes.items()]
        return "\n".join(parts) + "\n"
