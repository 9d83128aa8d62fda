"""The register from the department's files (GIAS, before 2017 EduBase): the kind ``gias``.

It takes what the department publishes, in CSV or as a workbook: the state-funded file, the academies and free schools
file, both in one archive, the file of all establishments, and the full-field export of a search. Columns go by their
names, so a column that a file lacks leaves what is held as it is.

What it decides (FORMATS.md §§2, 9):

- *Whose schools.* By LA code alone. The county is a postal field, and the LA's name is no key.
- *What is a school here.* State-funded establishments; children's centres, independent schools, colleges and
  universities in an export are passed over and counted. One that closed before it was ever held here, too.
- *Two files with one URN* are one school; the second fills what the first lacks.
- *A later file closes schools and deletes none.* One marked closed gets the file's own closing date. One that is held as
  open and isn't in the file is closed on the file's date, since the department's files list open schools; but a file of
  academies alone says nothing of maintained schools (nor the other way round), and a file with fewer open schools than
  are held, by more than a tenth and more than ten, is a part of the register: then they are held for a person instead.
- *A school that the file shows under another LA* has moved, not closed: held for a person.
- *An earlier file* than the last one imported (by the date in its name) is refused: it would undo what has happened since.
- *Re-opened*: a school held as closed that the file shows as open is open again.
- Heads' names are in these files. They are not columns of this format, so they are never even read.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any

from core.tabular import bulk
from core.tabular.columns import CellError, Column, Format, Kind, Reading, Row, RowError
from core.tabular.imports import Action, Change, Held, ImportKind, Plan, Request, Selection, date_in_name, plain
from core.tabular.models import ImportBatch, ImportState
from core.tabular.reading import Keep, Limits
from people.models import Authority
from people.roles import Permission
from people.services import create_authority
from schools.choices import Phase, SchoolStatus
from schools.indexing import index_schools
from schools.models import School

KEY = "gias"
NOTHING = ("Not applicable", "Not recorded", "Not Recorded", "Does not apply")
UNKNOWN_DAYS = ("01-01-1900", "01/01/1900", "1900-01-01", "19000101")

STATUSES = {
    "Open": SchoolStatus.OPEN,
    "Open, but proposed to close": SchoolStatus.CLOSING,
    "Proposed to open": SchoolStatus.PROPOSED,
    "Closed": SchoolStatus.CLOSED,
}

# Establishments of the register that no School Improvement Partner serves: not state-funded, or not a school.
NOT_SERVED = frozenset(
    {
        "british schools overseas",
        "children's centre",
        "children's centre linked site",
        "ey setting",
        "further education",
        "higher education institutions",
        "institution funded by other government department",
        "miscellaneous",
        "non-maintained special school",
        "offshore schools",
        "online provider",
        "other independent school",
        "other independent special school",
        "playing for success centres",
        "secure units",
        "service children's education",
        "sixth form centres",
        "special college",
        "special post 16 institution",
        "welsh establishment",
    }
)


def _website(text: str) -> str:
    """An address on the web, with its scheme. Anything else in the field (``javascript:`` too) is no address and is left out."""
    if text.lower().startswith(("http://", "https://")):
        address = text
    else:
        address = "http://" + text
    if not re.fullmatch(r"https?://[A-Za-z0-9.-]+\.[A-Za-z]{2,}(?::\d{1,5})?(?:[/?#][^\s<>\"'\\]*)?", address, re.IGNORECASE):
        return ""
    if len(address) > 200:
        raise CellError("Enter a web address of at most 200 characters.")
    return address


FORMAT = Format(
    key=KEY,
    title="a register of schools",
    description="The register of schools as the department publishes it (Get Information About Schools), in part or whole.",
    source="Department for Education, Open Government Licence v3.0",
    overflow="linked",  # full-field exports carry linked establishments past the header's end
    limits=Limits(csv_rows=120_000, columns=400),
    columns=(
        Column(
            "urn",
            "URN",
            Kind.INTEGER,
            required=True,
            filled=True,
            minimum=1,
            maximum=9_999_999,
            help="The key of the school.",
            example="999123",
        ),
        Column(
            "la_code",
            "LA (code)",
            required=True,
            filled=True,
            digits=3,
            help="The authority; rows of others are passed over.",
            example="999",
        ),
        Column("la_name", "LA (name)", max_length=120, help="Names an authority that isn't known yet.", example="Wealdshire"),
        Column(
            "establishment_number",
            "EstablishmentNumber",
            Kind.INTEGER,
            minimum=0,
            maximum=9999,
            help="With the LA code, the DfE number.",
            example="2147",
        ),
        Column("name", "EstablishmentName", required=True, filled=True, max_length=200, example="Hazelmere Primary School"),
        Column("type", "TypeOfEstablishment (name)", required=True, filled=True, max_length=100, example="Community school"),
        Column("status", "EstablishmentStatus (name)", Kind.CHOICE, required=True, filled=True, choices=STATUSES, example="Open"),
        Column("phase", "PhaseOfEducation (name)", required=True, max_length=60, example="Primary"),
        Column("open_reason", "ReasonEstablishmentOpened (name)", max_length=100, none=NOTHING),
        Column("opened_on", "OpenDate", Kind.DATE, none=UNKNOWN_DAYS, help="01-01-1900 means that nobody knows.", example="01-09-1998"),
        Column("close_reason", "ReasonEstablishmentClosed (name)", max_length=100, none=NOTHING),
        Column("closed_on", "CloseDate", Kind.DATE, none=UNKNOWN_DAYS, help="The day it closed, or is to close."),
        Column("low_age", "StatutoryLowAge", Kind.INTEGER, minimum=0, maximum=99, example="4"),
        Column("high_age", "StatutoryHighAge", Kind.INTEGER, minimum=0, maximum=99, example="11"),
        Column("boarders", "Boarders (name)", max_length=60, none=NOTHING),
        Column("sixth_form", "OfficialSixthForm (name)", max_length=60, none=NOTHING),
        Column("gender", "Gender (name)", max_length=20, none=NOTHING, example="Mixed"),
        Column("religious_character", "ReligiousCharacter (name)", max_length=80, none=NOTHING),
        Column("diocese", "Diocese (name)", max_length=120, none=NOTHING),
        Column("admissions", "AdmissionsPolicy (name)", max_length=40, none=NOTHING),
        Column("capacity", "SchoolCapacity", Kind.INTEGER, minimum=0, maximum=99_999),
        Column("roll", "NumberOfPupils", Kind.INTEGER, minimum=0, maximum=99_999, example="204"),
        Column("roll_on", "CensusDate", Kind.DATE, none=UNKNOWN_DAYS, help="The census that counted the pupils."),
        Column("ukprn", "UKPRN", Kind.INTEGER, minimum=0, maximum=99_999_999),
        Column("street", "Street", max_length=120),
        Column("locality", "Locality", max_length=120),
        Column("address3", "Address3", max_length=120),
        Column("town", "Town", max_length=80),
        Column("county", "County (name)", max_length=80, none=NOTHING, help="A postal county, which is not the authority."),
        Column("postcode", "Postcode", max_length=10),
        Column("website", "SchoolWebsite", parser=_website),
        Column("telephone", "TelephoneNum", max_length=30),
        Column("head_title", "HeadPreferredJobTitle", max_length=120, help="The post's title. Heads' names are not read."),
        Column("easting", "Easting", Kind.INTEGER, minimum=0, maximum=9_999_999),
        Column("northing", "Northing", Kind.INTEGER, minimum=0, maximum=9_999_999),
        Column("last_changed", "LastChangedDate", Kind.DATE, none=UNKNOWN_DAYS, help="Dates a file whose name bears no date."),
    ),
)

# Fields of School that a row states under the same key. Text fields hold "" for nothing, the others None.
TEXTS = (
    "name", "type", "open_reason", "close_reason", "boarders", "sixth_form", "gender", "religious_character", "diocese",
    "admissions", "street", "locality", "address3", "town", "county", "postcode", "website", "telephone", "head_title",
)  # fmt: skip
NUMBERS = ("establishment_number", "ukprn", "low_age", "high_age", "capacity", "roll", "easting", "northing")
DAYS = ("opened_on", "closed_on", "roll_on")
FACTS = ("phase", "status", *TEXTS, *NUMBERS, *DAYS)
WRITTEN = (*FACTS, "source", "source_on")
_TEXTS = frozenset(TEXTS)
_STATED = frozenset((*TEXTS, *NUMBERS, *DAYS))


MAY_SHRINK = 10
"""By this many open schools, or a tenth of them if that is more, the register may shrink before a file is taken for a part of it."""


def phase_of(phase: str, kind: str, low: int | None, high: int | None) -> Phase | None:
    """The phase that packs speak of, from the register's phase and type and the ages. None where nothing tells it.

    The register calls infant, junior and first schools "Primary", and special schools and PRUs "Not applicable".
    """
    phase, kind = phase.casefold(), kind.casefold()
    if "pupil referral" in kind or "alternative provision" in kind:
        return Phase.PRU
    if "special" in kind:
        return Phase.SPECIAL
    if phase == "nursery" or "nursery" in kind:
        return Phase.NURSERY
    if phase == "16 plus" or "16 to 19" in kind or "16-19" in kind:
        return Phase.SIXTEEN_PLUS
    if phase in ("all-through", "all through"):
        return Phase.ALL_THROUGH
    if phase.startswith("middle"):
        return Phase.MIDDLE
    if phase == "secondary":
        return Phase.SECONDARY
    if phase == "primary":
        return _primary(low, high)
    if low is None or high is None:
        return None
    if low >= 16:
        return Phase.SIXTEEN_PLUS
    if low < 7 and high >= 16:
        return Phase.ALL_THROUGH
    return Phase.SECONDARY if high >= 16 else _primary(low, high)


def _primary(low: int | None, high: int | None) -> Phase:
    if low is not None and low >= 7:
        return Phase.JUNIOR
    if high is not None and high <= 7:
        return Phase.INFANT
    if high is not None and high <= 10:
        return Phase.FIRST
    return Phase.PRIMARY


def group_of(phase: str) -> str:
    """The heading under which the report counts a school, as the register groups them."""
    if phase in (Phase.INFANT, Phase.JUNIOR, Phase.FIRST, Phase.PRIMARY):
        return "primary"
    if phase in (Phase.SPECIAL, Phase.PRU):
        return "special and PRU"
    return Phase(phase).label


def _is_served(kind: str) -> bool:
    return kind.casefold().replace("\u2019", "'") not in NOT_SERVED


def is_academy(kind: str) -> bool:
    """The two families that the department publishes apart: academies and free schools, and all the others."""
    kind = kind.casefold()
    return any(word in kind for word in ("academy", "academies", "free school", "studio school", "university technical", "city technology"))


# ---------------------------------------------------------------- plan


@dataclass(slots=True)
class HeldSchool:
    """A school as it is held: its facts by field."""

    pk: int
    urn: int
    facts: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.facts["name"])

    @property
    def type(self) -> str:
        return str(self.facts["type"])

    @property
    def phase(self) -> str:
        return str(self.facts["phase"])

    @property
    def status(self) -> str:
        return str(self.facts["status"])


@dataclass(slots=True)
class Writes:
    """What ``apply`` writes: fields of new schools, and (primary key, fields) of changed ones."""

    code: str
    name: str
    source: str
    dated: dt.date
    new: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    changed: list[tuple[int, dict[str, Any]]] = field(default_factory=list)


def select(request: Request) -> Selection:
    """The authority's rows, and those of its schools wherever the file shows them now."""
    held = School.objects.filter(authority__code=request.authority).values_list("urn", flat=True)
    keep = [Keep("la_code", (request.authority,)), Keep("urn", tuple(map(str, held)))]
    return Selection(tuple(keep), tally=("la_code", "type"))


def plan(reading: Reading, request: Request) -> Plan:
    result = Plan()
    held = _held_schools(request.authority)
    last = _last_dated(request.authority)
    stated = date_in_name([request.file_name, *(table.name for table in reading.tables)])
    if stated and last and stated < last:
        message = f"This file is of {stated:%d/%m/%Y}, but a file of {last:%d/%m/%Y} has been imported. An earlier file would undo what has happened since."
        result.errors.append(RowError(0, "", "", message))
        return result
    # A file that states no day may be of any: it counts as of the latest that is known, and bars no file after it.
    dated = stated or max(filter(None, [request.on, last, *(row.get("last_changed") for row in reading.rows)]))
    result.dated = stated
    writes = Writes(request.authority, "", _source(request, stated), dated)
    result.payload = writes

    if left := sum(table.left for table in reading.tables):
        result.skipped["of another authority"] = left
    rows = _merge(reading, result)
    for urn, row in rows.items():
        if row["la_code"] != request.authority:
            _moved(row, result, held[urn])
            continue
        writes.name = writes.name or row.get("la_name") or ""
        _compare(row, result, writes, held.get(urn))
    _close_missing(reading, result, writes, held, [row for row in rows.values() if row["la_code"] == request.authority])

    known = Authority.objects.filter(code=request.authority).first()
    result.authority_name = known.name if known else writes.name or f"Authority {request.authority}"
    if not any(row["la_code"] == request.authority for row in rows.values()) and not reading.bad_rows:
        result.errors.append(RowError(0, "LA (code)", request.authority, _nobody_there(reading, request.authority)))
    elif known is None and result.changes:
        result.notes.append(f"The authority {request.authority} {result.authority_name} is not known here and is made.")
    return result


def _held_schools(code: str) -> dict[int, HeldSchool]:
    rows = School.objects.filter(authority__code=code).order_by("urn").values_list("pk", "urn", *FACTS)
    return {row[1]: HeldSchool(row[0], row[1], dict(zip(FACTS, row[2:], strict=True))) for row in rows.iterator(chunk_size=5_000)}


def _last_dated(code: str) -> dt.date | None:
    """The latest day that an imported register of the authority stated."""
    days = ImportBatch.objects.filter(kind=KEY, authority_code=code, state=ImportState.COMMITTED).values_list("summary__dated", flat=True)
    return max((dt.date.fromisoformat(day) for day in days if day), default=None)


def _source(request: Request, stated: dt.date | None) -> str:
    return f"GIAS, {request.file_name}"[:200] if stated else f"GIAS, {request.file_name}, no date in its name"[:200]


def _merge(reading: Reading, result: Plan) -> dict[int, Row]:
    """One row a school: later tables fill what the first lacks. The same URN twice in one table must say the same."""
    rows: dict[int, Row] = {}
    for row in reading.rows:
        urn = row["urn"]
        first = rows.get(urn)
        if first is None:
            rows[urn] = row
        elif first.table is row.table and first.values != row.values:
            message = f"The URN stands in row {first.number} too, with other facts. Keep the right one of the two."
            result.errors.append(RowError(row.number, "URN", str(urn), message, row.table.name))
        else:
            for key, value in row.values.items():
                if first.get(key) is None:
                    first.values[key] = value
            result.skipped["a school that the file has already"] += 1
    return rows


def _moved(row: Row, result: Plan, school: HeldSchool) -> None:
    if school.status == SchoolStatus.CLOSED:
        result.skipped["of another authority"] += 1
        return
    now = f"{row['la_code']} {row.get('la_name') or ''}".strip()
    message = f"The file shows this school under {now}. It was neither changed nor closed here; decide whether it has left the authority."
    result.held.append(Held(row.number, f"{school.urn} {school.name}", message, row.table.name, {"LA": now}))


def _compare(row: Row, result: Plan, writes: Writes, school: HeldSchool | None) -> None:
    urn, kind = row["urn"], row["type"]
    if school is None and not _is_served(kind):
        result.skipped[f"not a state-funded school: {kind}"] += 1
        return
    if school is None and row["status"] == SchoolStatus.CLOSED:
        result.skipped["closed, and never held here"] += 1
        return
    phase = phase_of(row.get("phase") or "", kind, row.get("low_age"), row.get("high_age"))
    if phase is None:
        message = "Neither its phase nor its ages are told, so nobody can say which notes and measures are for it. Complete the row and import it again."
        result.held.append(Held(row.number, f"{urn} {row['name']}", message, row.table.name, {"type": kind}))
        return
    facts = {"phase": phase.value, **_stated(row), **_status(row, school, writes.dated)}
    if school is None:
        new = {name: facts.get(name, "" if name in _TEXTS else None) for name in FACTS}
        writes.new.append((urn, new))
        result.changes.append(Change(Action.CREATED, str(urn), row["name"], group_of(phase), {"status": [None, new["status"]]}))
        return
    changed = _changes(school, facts)
    if not changed:
        result.unchanged += 1
        return
    writes.changed.append((school.pk, school.facts | facts))
    closes = facts["status"] == SchoolStatus.CLOSED and school.status != SchoolStatus.CLOSED
    result.changes.append(Change(Action.CLOSED if closes else Action.UPDATED, str(urn), row["name"], group_of(phase), changed))


def _changes(school: HeldSchool, facts: dict[str, Any]) -> dict[str, list[Any]]:
    return {name: [plain(old), plain(value)] for name, value in facts.items() if (old := school.facts[name]) != value}


def _stated(row: Row) -> dict[str, Any]:
    """The facts that the row's table has a column for."""
    return {name: "" if value is None and name in _TEXTS else value for name, value in row.values.items() if name in _STATED}


def _status(row: Row, school: HeldSchool | None, dated: dt.date) -> dict[str, Any]:
    """The status, and the closing date and reason that go with it, whether or not the file has columns for them."""
    status: SchoolStatus = row["status"]
    facts: dict[str, Any] = {"status": status.value}
    if status in (SchoolStatus.OPEN, SchoolStatus.PROPOSED):
        if not row.get("closed_on"):
            facts["closed_on"] = None
        if not row.get("close_reason"):
            facts["close_reason"] = ""
    elif status == SchoolStatus.CLOSED:
        facts["closed_on"] = (
            row.get("closed_on") or (school.facts["closed_on"] if school and school.status == SchoolStatus.CLOSED else None) or dated
        )
    return facts


def _close_missing(reading: Reading, result: Plan, writes: Writes, held: dict[int, HeldSchool], rows: list[Row]) -> None:
    """Schools held as open that the file lacks: closed, unless the file is a part of the register (see the module)."""
    is_open = (SchoolStatus.OPEN, SchoolStatus.CLOSING)
    in_file = {row["urn"] for row in reading.rows}
    families = {is_academy(kind) for kind in reading.tally("type")}
    open_here = [school for school in held.values() if school.status in is_open]
    outside = [school for school in open_here if is_academy(school.type) not in families]
    covered = [school for school in open_here if is_academy(school.type) in families]
    gone = [school for school in covered if school.urn not in in_file]
    if outside:
        what = "academies and free schools" if is_academy(outside[0].type) else "maintained schools"
        result.notes.append(f"The file has no {what}; the {len(outside)} held here were left as they are.")
    served = sum(1 for row in rows if row["status"] in is_open and (row["urn"] in held or _is_served(row["type"])))
    is_part = len(covered) - served > max(MAY_SHRINK, len(covered) // 10)
    for school in gone:
        if is_part:
            message = (
                f"It is not in the file, which has {served} open schools of the {len(covered)} held here and so is a part of the register. "
                "It was not closed. Import the whole register, or a file that gives its closing date."
            )
            result.held.append(Held(0, f"{school.urn} {school.name}", message))
            continue
        facts = school.facts | {
            "status": SchoolStatus.CLOSED.value,
            "closed_on": writes.dated,
            "close_reason": f"Not in the register of {writes.dated:%d/%m/%Y}",
        }
        changed = _changes(school, facts)
        writes.changed.append((school.pk, facts))
        result.changes.append(Change(Action.CLOSED, str(school.urn), school.name, group_of(school.phase), changed))


def _nobody_there(reading: Reading, code: str) -> str:
    there = sorted(reading.tally("la_code").items(), key=lambda item: -item[1])
    listed = ", ".join(f"{other} ({count:,})" for other, count in there[:10] if other)
    more = f" and {len(there) - 10} more" if len(there) > 10 else ""
    return f"The file has no school of the authority {code}. It has: {listed}{more}." if there else "The file has no schools."


# ---------------------------------------------------------------- apply


def apply(plan: Plan, *, actor: Any, at: dt.datetime) -> Authority:
    """Write the plan: the authority if it isn't known, new schools, changed schools, and all of these in the search index.

    Inside the harness's transaction.
    """
    writes: Writes = plan.payload
    authority = tenant(writes.code) or create_authority(actor=None, code=writes.code, name=plan.authority_name, at=at)
    origin = (writes.source, writes.dated)
    bulk.insert(
        School,
        ("authority_id", "urn", *WRITTEN),
        [(authority.pk, urn, *(facts[name] for name in FACTS), *origin) for urn, facts in writes.new],
    )
    bulk.update(School, WRITTEN, [(pk, *(facts[name] for name in FACTS), *origin) for pk, facts in writes.changed])
    written = {int(change.key) for change in plan.changes}
    if written:
        schools = School.objects.filter(authority=authority).select_related("authority")
        index_schools(school for school in schools.iterator(chunk_size=1_000) if school.urn in written)
    return authority


def tenant(code: str) -> Authority | None:
    return Authority.objects.filter(code=code).first()


GIAS = ImportKind(
    key=KEY,
    title="Register of schools (GIAS)",
    description="Makes, changes and closes the authority's schools. Deletes none; stores no names of heads.",
    format=FORMAT,
    select=select,
    plan=plan,
    apply=apply,
    tenant=tenant,
    permission=Permission.REGISTER_IMPORT,
    event="register.imported",
)
