"""The department's wide files: Key Stage 2 and 4 performance tables, absence, the school census and pupil premium.

One format a kind, whose columns are those of ``targets.published`` with the names that they had by year; a file of another year
lacks some and that is no error. Only rows of schools become results. Total rows become comparators, and the same record type
means another thing by key stage: 3 is the authority and 4 England in Key Stage 2, 4 the authority in Key Stage 4; 5 is England
with independent schools in Key Stage 4 and state-funded schools alone in Key Stage 2, where 4 counts all (FORMATS.md §3).

The newer tidy files have a row for each period, place and group of pupils: of those the asked year's rows of England, the authority
and its schools are taken, for all pupils, girls and boys. Their meta file may stand beside the table in one archive.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any, Final

from core.calendar import AcademicYear
from core.tabular.columns import DFE_CODES, CellError, Coded, Column, Format, Kind, Reading, Row, RowError, parse_integer
from core.tabular.imports import Action, Change, ImportKind, Option, Plan, Request, Selection, date_in_name
from core.tabular.reading import Keep, Limits
from people.roles import Permission
from schools.imports import gias
from targets.choices import Level, Release
from targets.published import FILES, Columns, Published

from .figures import LICENCE, Book, Books, Told, apply, integers
from .schools import Register, match

RELEASE: Final = Option(
    "release", (Release.FINAL.value, Release.REVISED.value, Release.PROVISIONAL.value), "how finished the figures are; by default final"
)

ALL_SCHOOLS: Final = "all schools"

TOTALS: Final[dict[str, dict[str, tuple[str, str, str]]]] = {
    "ks2": {"3": (Level.AUTHORITY, "", ""), "4": (Level.NATIONAL, "", ALL_SCHOOLS), "5": (Level.NATIONAL, "", "")},
    "ks4": {"4": (Level.AUTHORITY, "", ""), "5": (Level.NATIONAL, "", ALL_SCHOOLS), "7": (Level.NATIONAL, "", "")},
    "absence": {"PRI": (Level.NATIONAL, "primary", ""), "SEC": (Level.NATIONAL, "secondary", ""), "SPE": (Level.NATIONAL, "special", "")},
    "census": {"PRI": (Level.NATIONAL, "primary", ""), "SEC": (Level.NATIONAL, "secondary", ""), "SPE": (Level.NATIONAL, "special", "")},
}
"""By kind and record type: level, group of phases, basis."""

TIDY_TOTALS: Final = {"local authority": (Level.AUTHORITY, "", ""), "national": (Level.NATIONAL, "", "")}
EVERYBODY: Final = ("", "total", "all", "all pupils", "all schools", "state-funded", "all state-funded", "state-funded schools")
TIDY_GROUPS: Final = {"boys": "boys", "girls": "girls", "male": "boys", "female": "girls"}
NATION: Final = "NAT"
NO_SCHOOL: Final = ("z", "x")
"""In the place of a URN, in a tidy file's row of England or an authority."""
NOT_SERVED: Final = ("IND", "INDSPEC", "INDSS", "NMSS", "FESI")
"""Types of establishment, as these files shorten them, that no SIP serves; the register's own list is in ``schools.imports.gias``."""


def _urn(text: str) -> int | None:
    if text in (NATION, *NO_SCHOOL):
        return None
    number = parse_integer(text)
    if not 0 < number <= 9_999_999:
        raise CellError("Enter a URN of at most seven figures.")
    return number


def _la(text: str) -> str:
    return text.zfill(3) if text.isdigit() else text


def _number(text: str) -> int | str:
    """An establishment number, or which schools a footer is of."""
    return text if text in ("PRI", "SEC", "SPE") else parse_integer(text)


def _columns(kind: str) -> Iterator[Column]:
    yield Column("urn", "URN", required=True, aliases=("school_urn",), parser=_urn, help="The key of the school.", example="999123")
    yield Column(
        "la", "LEA", aliases=("LA", "old_la_code"), parser=_la, help="The authority; rows of others are passed over.", example="999"
    )
    yield Column("number", "ESTAB", parser=_number, help="With the authority's code, the DfE number.", example="2147")
    yield Column("laestab", "LAESTAB", aliases=("school_laestab",), help="Both in one.")
    yield Column("name", "SCHNAME", aliases=("school_name", "School Name"), max_length=200)
    yield Column("type", "NFTYPE", aliases=("SCHOOLTYPE", "establishment_type_group", "School Type"), max_length=100)
    yield Column("rectype", "RECTYPE", max_length=2, help="1 and 2 are schools; the others are totals.")
    if kind in ("ks2", "ks4"):
        yield Column("period", "time_period", help="Of a tidy file: 202223 is 2022/23. Other years are passed over.")
        yield Column("level", "geographic_level", help="Of a tidy file: National, Local authority or School.")
        yield Column("sex", "gender", aliases=("sex",), help="Of a tidy file: Total, Boys or Girls.")
        yield Column(
            "breakdown", "characteristic", aliases=("breakdown",), help="Of a tidy file: rows other than the total are passed over."
        )
        yield Column("schools", "school_type", help="Of a tidy file: which schools a total is of.")
    yielded = set()
    for published in FILES[kind]:
        for columns in (*published.columns.values(), *filter(None, [published.tidy])):
            for name in columns.names:
                if name in yielded:
                    continue
                yielded.add(name)
                is_value = name == columns.value
                share = is_value and published.measure.unit == "%"
                yield Column(
                    name,
                    name,
                    Kind.PERCENT if share else Kind.DECIMAL,
                    aliases=columns.aliases if is_value else (),
                    codes=DFE_CODES,
                    scale=columns.scale if share else 1,
                    help=published.measure.label if is_value else "",
                )


def _format(kind: str, title: str, description: str) -> Format:
    return Format(
        key=kind,
        title=title,
        description=description,
        source=f"Department for Education, {LICENCE}",
        limits=Limits(csv_rows=120_000, columns=700),
        columns=tuple(_columns(kind)),
        instead=("period", "level", "la") if kind in ("ks2", "ks4") else (),
    )


# ---------------------------------------------------------------- plan


def select(kind: str, request: Request) -> Selection:
    """The authority's rows, those of its schools and of what they descend from, and the totals."""
    urns = tuple(map(str, Register.load(request.authority).urns))
    keep = [Keep("la", (request.authority, request.authority.lstrip("0"), NATION)), Keep("urn", (*urns, NATION))]
    if kind in ("ks2", "ks4"):
        keep.append(Keep("level", ("National",)))
        keep.append(Keep("rectype", tuple(code for code, total in TOTALS[kind].items() if total[0] == Level.NATIONAL)))
    return Selection(tuple(keep), tally=("la",))


def plan(kind: str, title: str, reading: Reading, request: Request) -> Plan:
    result = Plan(dated=date_in_name([request.file_name, *(table.name for table in reading.tables)]))
    authority, register = gias.tenant(request.authority), Register.load(request.authority)
    if authority is None or not register.by_urn:
        result.errors.append(
            RowError(0, "", request.authority, f"No schools of {request.authority} are held here. Import the register first (gias).")
        )
        return result
    assert request.year is not None
    year, release = request.year, request.options["release"]
    result.authority_name = authority.name
    measures = [published.code for published in FILES[kind]]
    books = Books(
        code=request.authority,
        kind=kind,
        title=f"{title}, {AcademicYear(year)}, {release}",
        file_name=request.file_name,
        release=release,
        dated=result.dated or request.on,
        year=year,
        licence=LICENCE,
    )
    results, comparators = books.results([year], measures), books.comparators([year], measures)
    result.payload = books
    if left := sum(table.left for table in reading.tables):
        result.skipped["of another authority"] = left
    rows, totals = _sort(kind, reading, request, register, result)
    good, held = match(register, rows)
    result.held += held
    told: list[tuple[tuple[Any, ...], Published, Told]]
    for one in good:
        told = [
            ((one.place.pk, published.code, group, year), published, figure)
            for published, group, figure in _figures(kind, one.row)
            if one.place.phase in published.measure.phases
        ]
        _note(result, results, told, str(one.place.urn), one.place.name, "school" if one.how == "URN" else f"school, by {one.how}")
    for row, (level, phase, basis) in totals:
        told = [
            ((level, "", phase, published.code, group, year, basis), published, figure) for published, group, figure in _figures(kind, row)
        ]
        key = "-".join(part for part in (level, phase, basis) if part)
        _note(result, comparators, told, key, _named(level, phase, basis, authority.name), "comparator")
    ways = Counter(one.how for one in good if one.how != "URN")
    result.notes += [f"{count} rows matched by {how}." for how, count in sorted(ways.items())]
    result.notes.append(books.note)
    return result


def _named(level: str, phase: str, basis: str, authority: str) -> str:
    words = [authority if level == Level.AUTHORITY else "England", phase, basis]
    return ", ".join(word for word in words if word)


def _sort(
    kind: str, reading: Reading, request: Request, register: Register, result: Plan
) -> tuple[list[tuple[Row, int | None, str, int | None, str]], list[tuple[Row, tuple[str, str, str]]]]:
    """Rows of schools, with what they are known by; and totals, each with what it is of."""
    schools, totals = [], []
    for row in reading.rows:
        if (period := row.get("period")) and (why := _left_out(row, period, request)):
            result.skipped[why] += 1
            continue
        la, number = row.get("la") or "", row.get("number")
        if (laestab := row.get("laestab")) and laestab.isdigit() and len(laestab) == 7:
            la, number = laestab[:3], int(laestab[3:])
        rectype = row.get("rectype") or ""
        code = number if isinstance(number, str) else rectype
        total = TIDY_TOTALS.get((row.get("level") or "").casefold()) if period else TOTALS[kind].get(code or "")
        if total is not None:
            if total[0] == Level.AUTHORITY and la != request.authority:
                result.skipped["of another authority"] += 1
            else:
                totals.append((row, total))
            continue
        urn = row.get("urn")
        if urn not in register.by_urn and la and la != request.authority:
            result.skipped["of another authority"] += 1
            continue
        type_ = row.get("type") or ""
        if urn not in register.by_urn and (type_ in NOT_SERVED or type_.startswith(("Independent", "Non-maintained", "FE "))):
            result.skipped[f"not a state-funded school: {type_}"] += 1
            continue
        schools.append((row, urn, la, number if isinstance(number, int) else None, f"{urn or ''} {row.get('name') or ''}".strip()))
    return schools, totals


def _left_out(row: Row, period: str, request: Request) -> str:
    """Why a row of a tidy file is not taken; "" for one that is."""
    assert request.year is not None
    if period != f"{request.year}{(request.year + 1) % 100:02d}":
        return "of another year"
    if (row.get("level") or "").casefold() not in (*TIDY_TOTALS, "school"):
        return "of a region"
    plain = (row.get("breakdown") or "").casefold() in EVERYBODY and (row.get("schools") or "").casefold() in EVERYBODY
    sex = (row.get("sex") or "").casefold()
    return "" if plain and (sex in EVERYBODY or sex in TIDY_GROUPS) else "of a group that is not kept"


def _figures(kind: str, row: Row) -> Iterator[tuple[Published, str, Told]]:
    is_tidy = bool(row.get("period"))
    for published in FILES[kind]:
        if is_tidy and published.tidy is not None:
            group = TIDY_GROUPS.get((row.get("sex") or "").casefold(), "all")
            told = _told(published, published.tidy, row) if group in published.columns else None
            if told is not None:
                yield published, group, told
            continue
        for group, columns in published.columns.items():
            told = _told(published, columns, row)
            if told is not None:
                yield published, group, told


def _told(published: Published, columns: Columns, row: Row) -> Told | None:
    cell: Coded | None = row.get(columns.value)
    if cell is None or cell.value is None:
        return Told.coded(cell, cohort=_count(row, columns.cohort))
    cohort, numerator = _count(row, columns.cohort), _count(row, columns.numerator)
    if published.measure.unit == "%":
        numerator, cohort = integers(cell.value, cohort, numerator)
    lower, upper = _bound(row, columns.lower), _bound(row, columns.upper)
    if lower is None or upper is None:
        lower = upper = None
    return Told.coded(cell, numerator=numerator, cohort=cohort, lower=lower, upper=upper)


def _count(row: Row, column: str) -> int | None:
    cell: Coded | None = row.get(column) if column else None
    return int(cell.value) if cell is not None and cell.value is not None and cell.value == int(cell.value) else None


def _bound(row: Row, column: str) -> Decimal | None:
    cell: Coded | None = row.get(column) if column else None
    return cell.value if cell is not None else None


def _note(result: Plan, book: Book, told: list[tuple[tuple[Any, ...], Published, Told]], key: str, label: str, group: str) -> None:
    """One row of the file: created where it brings a figure that is not held, else changed, else the same."""
    if not told:
        result.skipped["without a figure that its pupils are old enough for"] += 1
        return
    fresh, fields = 0, {}
    for at, published, figure in told:
        change = book.tell(at, figure)
        if change is None:
            continue
        if change[0] is None:
            fresh += 1
        else:
            fields[f"{published.code} {at[2] if len(at) == 4 else at[4]}"] = change
    if fresh:
        fields["figures"] = [None, fresh]
    if not fields:
        result.unchanged += 1
        return
    action = Action.CREATED if fresh == len(told) else Action.UPDATED
    result.changes.append(Change(action, key, label, group, fields))


def _kind(key: str, title: str, format_title: str, description: str) -> ImportKind:
    return ImportKind(
        key=key,
        title=title,
        description=description,
        format=_format(key, format_title, description),
        select=partial(select, key),
        plan=partial(plan, key, title),
        apply=apply,
        tenant=gias.tenant,
        permission=Permission.RESULT_IMPORT,
        event="results.imported",
        after=("gias", "gias-links"),
        needs_year=True,
        options=(RELEASE,),
    )


KINDS: Final = (
    _kind(
        "ks2",
        "Key Stage 2 performance tables",
        "a Key Stage 2 performance table",
        "Key Stage 2 as the department publishes it; totals become comparators.",
    ),
    _kind(
        "ks4",
        "Key Stage 4 performance tables",
        "a Key Stage 4 performance table",
        "Key Stage 4 as the department publishes it, provisional or final; totals become comparators.",
    ),
    _kind("absence", "Absence", "a table of absence", "Overall and persistent absence as the department publishes them."),
    _kind(
        "census",
        "School census and pupil premium",
        "a table of the school census or of pupil premium",
        "Who the pupils are: roll, needs, language, free meals.",
    ),
)
