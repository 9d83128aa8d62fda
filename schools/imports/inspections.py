"""Inspections from files: Ofsted's management information (``ofsted-mi``), a list of ratings by date (``ofsted-history``), and
the authority's own grades (``inspections``).

What they decide (FORMATS.md §§3, 5, 9):

- *Which school.* By URN, closed schools too, since their history is theirs; an old URN through its one successor, and then the
  grade is marked as the predecessor's. Rows of other authorities are passed over and counted.
- *Grades* are numbers of the framework of their day: a word such as "Requires improvement" is read by it. 8, 9 and NULL mean *not
  judged* and are never a grade.
- *A converter's* latest full inspection may be another school's: "No" in the column that asks, or another URN, marks it inherited.
- *A section 8 outcome* moves no grade: it is a row of its own kind.
- *One inspection* is a school, a kind and a first day; a second file fills what the first lacks and takes nothing away.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.tabular import bulk
from core.tabular.columns import CellError, Code, Coded, Column, Format, Kind, Reading, Reason, Row
from core.tabular.imports import Action, Change, Held, ImportKind, Plan, Request, date_in_name, plain
from core.tabular.reading import Limits
from people.models import Authority
from people.packs import pack_for
from people.roles import Permission
from schools.choices import InspectionKind, MonitoringProgress
from schools.imports import gias
from schools.imports.places import COLUMNS, Places
from schools.imports.rows import SOURCES, Compared, begin, error, tidy
from schools.indexing import index_inspections
from schools.models import Inspection, InspectionGrade, School
from schools.pack import AREAS, Frameworks, inspection_of

FIELDS = (
    "framework",
    "ends_on",
    "published_on",
    "number",
    "overall",
    "category",
    "category_left_on",
    "progress",
    "outcome",
    "urn_then",
    *SOURCES,
)
NOT_JUDGED = {
    "8": Code(Reason.NOT_APPLICABLE, "the school has no such provision"),
    "9": Code(Reason.NOT_JUDGED, "not judged under that framework"),
    "NULL": Code(Reason.NOT_JUDGED, "no value"),
}
CATEGORIES = {"SM": "special-measures", "SWK": "serious-weaknesses", "NTI": "notice-to-improve"}
ELSEWHERE = "of no school of the authority"

Place = tuple[int, str, dt.date]


@dataclass(slots=True)
class Said:
    """One inspection as a file tells it. ``grades`` by area: a number, or the code that stands in its place."""

    school: School
    values: dict[str, Any]
    grades: dict[str, int | str]


@dataclass
class Writes:
    code: str
    inspections: Compared = field(default_factory=lambda: Compared(Inspection, ("school_id", "kind", "starts_on"), FIELDS))
    grades_held: dict[Place, dict[str, tuple[int, int | None, str]]] = field(default_factory=dict)
    grades_new: dict[Place, dict[str, tuple[int | None, str]]] = field(default_factory=dict)
    grades_changed: list[tuple[int, int | None, str]] = field(default_factory=list)
    said: dict[Place, Said] = field(default_factory=dict)


def frameworks_for(authority: Authority, on: dt.date) -> Frameworks:
    """The pack's, or the national ones where the authority has no pack."""
    pack = pack_for(authority, on)
    return inspection_of(pack.content).frameworks if pack is not None and "inspection" in pack.content.parts else Frameworks()


def _begin(request: Request) -> tuple[Plan, Authority | None, Writes]:
    writes = Writes(request.authority)
    result, authority = begin(request, writes)
    if authority is not None:
        result.dated = date_in_name([request.file_name])
        writes.inspections.hold(Inspection.objects.filter(authority=authority))
        rows = InspectionGrade.objects.filter(inspection__authority=authority)
        for pk, school, kind, on, area, grade, code in rows.values_list(
            "pk", "inspection__school_id", "inspection__kind", "inspection__starts_on", "area", "grade", "code"
        ):
            writes.grades_held.setdefault((school, kind, on), {})[area] = (pk, grade, code)
    return result, authority, writes


def _say(writes: Writes, school: School, kind: str, on: dt.date, values: Mapping[str, Any], grades: Mapping[str, int | str]) -> None:
    """What one row says of one inspection; of several rows the later fills what the earlier left."""
    place = (school.pk, str(kind), on)
    said = writes.said.setdefault(place, Said(school, {}, {}))
    said.values |= {name: value for name, value in values.items() if value not in (None, "")} | {
        name: value for name, value in values.items() if value in (None, "") and name not in said.values
    }
    said.grades |= grades


def _compare(writes: Writes, result: Plan, frameworks: Frameworks) -> None:
    """Sort all that was said into created, updated and unchanged, the grades of an inspection with it."""
    for place, said in writes.said.items():
        school_id, kind, on = place
        del school_id
        rows = writes.inspections
        framework = frameworks.on(on)
        values: dict[str, Any] = {"framework": framework.code, **said.values}
        held = place in rows.held
        if held:  # what a later file does not say stays
            values = {name: value for name, value in values.items() if value not in (None, "")}
        fields = (
            rows.differs(place, values)
            if held
            else {n: [None, plain(v)] for n, v in values.items() if v not in (None, "") and n not in SOURCES}
        )
        fields = dict(fields or {})
        for area, said_grade in said.grades.items():
            grade, code = (said_grade, "") if isinstance(said_grade, int) else (None, said_grade)
            before = writes.grades_held.get(place, {}).get(area)
            if before is None:
                writes.grades_new.setdefault(place, {})[area] = (grade, code)
                fields[area] = [None, plain(grade) if grade else code]
            elif before[1:] != (grade, code) and grade is not None:
                writes.grades_changed.append((before[0], grade, code))
                fields[area] = [plain(before[1]), plain(grade)]
        label = f"{said.school.name}, {on:%d/%m/%Y}"
        group = InspectionKind(kind).label
        if not held:
            rows.new[place] = values
            result.changes.append(Change(Action.CREATED, str(said.school.urn), label, group, fields))
        elif fields:
            pk, old = rows.held[place]
            rows.changed[pk] = old | values
            result.changes.append(Change(Action.UPDATED, str(said.school.urn), label, group, fields))
        else:
            result.unchanged += 1


def apply(plan: Plan, *, actor: Any, at: dt.datetime) -> Authority:
    """Write the plan. Inside the harness's transaction."""
    writes: Writes = plan.payload
    authority = Authority.objects.get(code=writes.code)
    writes.inspections.write(authority_id=authority.pk)
    if writes.grades_new:
        ids = {
            (school, kind, on): pk
            for pk, school, kind, on in Inspection.objects.filter(authority=authority).values_list("pk", "school_id", "kind", "starts_on")
        }
        bulk.insert(
            InspectionGrade,
            ("inspection_id", "area", "grade", "code"),
            [(ids[place], area, *grade) for place, areas in writes.grades_new.items() for area, grade in areas.items()],
        )
    bulk.update(InspectionGrade, ("grade", "code"), writes.grades_changed)
    touched = Inspection.objects.filter(authority=authority, school_id__in={school for school, _, _ in writes.said})
    index_inspections(touched, frameworks_for(authority, at.date()))
    return authority


# ---------------------------------------------------------------- which school: closed ones and predecessors too


@dataclass(slots=True)
class Descent:
    """The authority's schools by URN, and for an old URN the one school that followed it."""

    by_urn: dict[int, School]
    places: Places

    @classmethod
    def of(cls, code: str) -> Descent:
        places = Places.of(code)
        return cls(places.by_urn, places)

    def find(self, urn: int) -> tuple[School, bool] | None:
        """The school, and whether the URN is a predecessor's. None where it is nobody's here, or more than one school's."""
        if (school := self.by_urn.get(urn)) is not None:
            return school, False
        followed = {self.by_urn[newer].pk: self.by_urn[newer] for newer in self.places.successors.get(urn, ())}
        return (next(iter(followed.values())), True) if len(followed) == 1 else None


# ---------------------------------------------------------------- a list of ratings by date

HISTORY_FORMAT = Format(
    key="ofsted-history",
    title="a list of inspection ratings by date",
    description="One row an inspection: the school's URN then, the rating in words and the first day.",
    source="Ofsted, Open Government Licence v3.0",
    limits=Limits(csv_rows=120_000, columns=40),
    columns=(
        Column("urn", "URN", Kind.INTEGER, required=True, filled=True, minimum=1, maximum=9_999_999, example="118245"),
        Column("rating", "Rating", required=True, filled=True, max_length=40, help="In words, or as a number.", example="Good"),
        Column("on", "Inspection Date", Kind.DATE, required=True, filled=True, aliases=("Inspection start date",), example="20150610"),
    ),
)


def _grade(word: str, on: dt.date, frameworks: Frameworks) -> int | None:
    """A rating as the grade of its day's framework. 3 has had two names: a file may use the later one for an earlier day."""
    if word.isascii() and word.isdigit():
        return int(word) if int(word) in frameworks.on(on).grades else None
    found = frameworks.on(on).number(word)
    if found is None and word.strip().casefold() in ("requires improvement", "satisfactory"):
        return 3
    return found


def plan_history(reading: Reading, request: Request) -> Plan:
    result, authority, writes = _begin(request)
    if authority is None:
        return result
    frameworks, descent = frameworks_for(authority, request.on), Descent.of(request.authority)
    for row in reading.rows:
        found = descent.find(row["urn"])
        if found is None:
            result.skipped[ELSEWHERE] += 1
            continue
        school, is_inherited = found
        grade = _grade(row["rating"], row["on"], frameworks)
        if grade is None:
            message = f"Not a grade of the {frameworks.on(row['on']).label}."
            result.errors.append(error(row, "Rating", row["rating"], message))
            continue
        values = {"overall": grade, "urn_then": row["urn"] if is_inherited else None, "source": tidy(request.file_name)}
        _say(writes, school, InspectionKind.FULL, row["on"], values, {})
    _compare(writes, result, frameworks)
    return result


# ---------------------------------------------------------------- Ofsted's management information

NULL = ("NULL",)
AREA_COLUMNS = (
    ("quality", "quality of education", ()),
    ("behaviour", "behaviour and attitudes", ()),
    ("development", "personal development", ()),
    ("leadership", "effectiveness of leadership and management", ()),
    ("early_years", "early years provision (where applicable)", ()),
    ("sixth_form", "sixth form provision (where applicable)", ()),
)


def _date(key: str, name: str, *aliases: str, required: bool = False) -> Column:
    return Column(key, name, Kind.DATE, aliases=aliases, required=required, none=NULL)


def _mi_grade(key: str, name: str, *aliases: str) -> Column:
    return Column(key, name, Kind.INTEGER, aliases=aliases, codes=NOT_JUDGED, minimum=1, maximum=7)


def _mi_columns(which: str) -> list[Column]:
    """The columns of the latest (``""``) or the previous (``"previous"``) full inspection."""
    latest = not which
    lead = f"{which} " if which else ""

    def named(name: str) -> str:
        text = f"{lead}{name}"
        return text[:1].upper() + text[1:]

    full = "latest full inspection" if latest else "previous full inspection"
    overall = ("Overall effectiveness", "Overall effectiveness: how good is the school", "Latest OEIF overall effectiveness")
    grade = _mi_grade(f"{which}overall", *(overall if latest else ("Previous full inspection overall effectiveness",)))
    return [
        Column(
            f"{which}number",
            "Inspection number of latest full inspection" if latest else "Previous full inspection number",
            none=NULL,
            max_length=20,
        ),
        _date(f"{which}starts_on", named("inspection start date"), required=latest),
        _date(f"{which}ends_on", named("inspection end date")),
        _date(f"{which}published_on", named("publication date")),
        Column(f"{which}is_own", f"Does the {full} relate to the URN of the current school?", Kind.BOOLEAN, none=NULL),
        Column(f"{which}urn_then", f"URN at time of {full}", Kind.INTEGER, none=NULL),
        grade,
        Column(f"{which}category", named("category of concern"), Kind.CHOICE, choices=CATEGORIES, none=NULL),
        *(_mi_grade(f"{which}{key}", named(name), *aliases) for key, name, aliases in AREA_COLUMNS),
    ]


MI_FORMAT = Format(
    key="ofsted-mi",
    title="Ofsted’s management information on state-funded schools",
    description="The latest and the previous full inspection of each school, and its latest section 8 inspection.",
    source="Ofsted, Open Government Licence v3.0",
    limits=Limits(csv_rows=60_000, xlsx_rows=60_000, columns=200),
    columns=(
        Column("urn", "URN", Kind.INTEGER, required=True, filled=True, minimum=1, maximum=9_999_999),
        Column("laestab", "LAESTAB", required=True, filled=True, digits=7),
        Column("school_name", "School name"),
        *_mi_columns(""),
        *_mi_columns("previous"),
        _date("short_on", "Date of latest section 8 inspection"),
        _date("short_published_on", "Section 8 inspection publication date"),
        Column("short_outcome", "Section 8 inspection overall outcome", none=NULL, max_length=120),
        Column("short_number", "Latest section 8 inspection number since last full inspection", none=NULL, max_length=20),
        Column("short_converted", "Did the latest section 8 inspection convert to a full inspection?", Kind.BOOLEAN, none=NULL),
        Column("short_urn_then", "URN at time of the section 8 inspection", Kind.INTEGER, none=NULL),
    ),
)


def plan_mi(reading: Reading, request: Request) -> Plan:
    result, authority, writes = _begin(request)
    if authority is None:
        return result
    frameworks, descent = frameworks_for(authority, request.on), Descent.of(request.authority)
    for row in reading.rows:
        if not row["laestab"].startswith(request.authority):
            result.skipped[ELSEWHERE] += 1
            continue
        found = descent.find(row["urn"])
        if found is None:
            label = f"row {row.number}: {row.get('school_name') or row['urn']}"
            result.held.append(Held(row.number, label, "No school here has this URN, nor follows one that had it.", row.table.name))
            continue
        if row.get("starts_on") is None:
            result.skipped["without a full inspection"] += 1
        for which in ("", "previous"):
            _say_full(row, which, found[0], writes, request)
        _say_short(row, found[0], writes, request)
    _compare(writes, result, frameworks)
    return result


def _say_full(row: Row, which: str, school: School, writes: Writes, request: Request) -> None:
    on = row.get(f"{which}starts_on")
    if on is None:
        return
    then = row.get(f"{which}urn_then")
    is_own = row.get(f"{which}is_own")
    inherited = then if then is not None and (is_own is False or then != school.urn) else None
    overall = row.get(f"{which}overall")
    values = {
        "ends_on": row.get(f"{which}ends_on"),
        "published_on": row.get(f"{which}published_on"),
        "number": row.get(f"{which}number") or "",
        "overall": overall.value if overall is not None else None,
        "category": row.get(f"{which}category") or "",
        "urn_then": inherited,
        "source": tidy(request.file_name),
    }
    grades: dict[str, int | str] = {}
    for key, _, _ in AREA_COLUMNS:
        cell = row.get(f"{which}{key}")
        if isinstance(cell, Coded) and (cell.value is not None or cell.code):
            grades[key] = cell.value if cell.value is not None else cell.code
    _say(writes, school, InspectionKind.FULL, on, values, grades)


def _say_short(row: Row, school: School, writes: Writes, request: Request) -> None:
    on = row.get("short_on")
    if on is None or row.get("short_converted"):
        return
    then = row.get("short_urn_then")
    values = {
        "published_on": row.get("short_published_on"),
        "number": row.get("short_number") or "",
        "outcome": row.get("short_outcome") or "",
        "urn_then": then if then is not None and then != school.urn else None,
        "source": tidy(request.file_name),
    }
    _say(writes, school, InspectionKind.SHORT, on, values, {})


# ---------------------------------------------------------------- the authority's own list, with the grades by area


def parse_grade(text: str) -> str:
    """A number or a word; which grade it is depends on the framework of the day."""
    if len(text) > 40:
        raise CellError("Enter a grade: a number, or the framework's own word.")
    return text


def _short(area: str) -> tuple[str, ...]:
    """The area's code as a heading, where that is not its name already: "Capacity"."""
    word = area.replace("_", " ").capitalize()
    return (word,) if word != AREAS[area] else ()


OWN_AREAS = ("capacity", "early_years", "achievement", "personal", "teaching", "curriculum", "care", "leadership")
OWN_CATEGORIES = {"none": "", "special measures": "special-measures", "notice to improve": "notice-to-improve", **CATEGORIES}

OWN_FORMAT = Format(
    key="inspections",
    title="a list of inspections with their grades",
    description="One row an inspection, as the authority keeps it: grades by area, category entered and left, monitoring.",
    limits=Limits(upload_bytes=8 << 20, csv_rows=20_000, xlsx_rows=20_000, columns=100),
    columns=(
        *COLUMNS,
        Column("on", "First day", Kind.DATE, aliases=("Inspection date",), required=True, filled=True, example="14/03/2007"),
        Column("ends_on", "Last day", Kind.DATE),
        Column("published_on", "Published", Kind.DATE),
        Column(
            "kind",
            "Kind",
            Kind.CHOICE,
            choices={"full": "full", "section 8": "short", "monitoring": "monitoring"},
            help="Full if left blank.",
            example="full",
        ),
        Column("overall", "Overall effectiveness", aliases=("Overall",), parser=parse_grade, example="3"),
        *(Column(area, AREAS[area], aliases=_short(area), parser=parse_grade) for area in OWN_AREAS),
        Column("category", "Category", Kind.CHOICE, choices=OWN_CATEGORIES, help="None if left blank."),
        Column("left_on", "Category left", Kind.DATE),
        Column("progress", "Progress", Kind.CHOICE, choices={p.label: p.value for p in MonitoringProgress}, help="Of a monitoring visit."),
    ),
)


def plan_own(reading: Reading, request: Request) -> Plan:
    result, authority, writes = _begin(request)
    if authority is None:
        return result
    frameworks, descent = frameworks_for(authority, request.on), Descent.of(request.authority)
    for row in reading.rows:
        school = own_school(row, descent, result)
        if school is None:
            continue
        wrong = len(result.errors)
        overall = _own_grade(row, "overall", "Overall effectiveness", frameworks, result)
        grades = {area: grade for area in OWN_AREAS if (grade := _own_grade(row, area, AREAS[area], frameworks, result)) is not None}
        if row.get("left_on") and (not row.get("category") or row["left_on"] < row["on"]):
            result.errors.append(error(row, "Category left", row["left_on"], "A category is left after the inspection that gave it."))
        if row.get("published_on") and row["published_on"] < row["on"]:
            result.errors.append(error(row, "Published", row["published_on"], "The report cannot be published before the inspection."))
        if row.get("ends_on") and row["ends_on"] < row["on"]:
            result.errors.append(error(row, "Last day", row["ends_on"], "The last day lies before the first."))
        if len(result.errors) > wrong:
            continue
        values = {
            "ends_on": row.get("ends_on"),
            "published_on": row.get("published_on"),
            "overall": overall,
            "category": row.get("category") or "",
            "category_left_on": row.get("left_on"),
            "progress": row.get("progress") or "",
            "source": tidy(request.file_name),
        }
        _say(writes, school, row.get("kind") or InspectionKind.FULL.value, row["on"], values, grades)
    _compare(writes, result, frameworks)
    return result


def own_school(row: Row, descent: Descent, result: Plan) -> School | None:
    """A closed school keeps its history: by URN it is found as well."""
    if (urn := row.get("urn")) is not None and urn in descent.by_urn:
        return descent.by_urn[urn]
    found = descent.places.find(row)
    if isinstance(found, Held):
        result.held.append(found)
        return None
    return found


def _own_grade(row: Row, key: str, column: str, frameworks: Frameworks, result: Plan) -> int | None:
    text = row.get(key)
    if text is None or text in NOT_JUDGED:
        return None
    grade = _grade(text, row["on"], frameworks)
    if grade is None:
        framework = frameworks.on(row["on"])
        words = ", ".join(f"{number} {word}" for number, word in sorted(framework.grades.items()))
        result.errors.append(error(row, column, text, f"Not a grade of the {framework.label}: {words}."))
    return grade


def _kind(key: str, title: str, description: str, layout: Format, plan: Any) -> ImportKind:
    return ImportKind(
        key=key,
        title=title,
        description=description,
        format=layout,
        plan=plan,
        apply=apply,
        tenant=gias.tenant,
        permission=Permission.INSPECTION_IMPORT,
        event="inspections.imported",
        after=("gias", "gias-links", "ofsted-mi", "ofsted-history", "inspections"),
    )


MI = _kind(
    "ofsted-mi", "Inspections (Ofsted management information)", "Latest and previous inspections of each school.", MI_FORMAT, plan_mi
)
HISTORY = _kind(
    "ofsted-history", "Inspections (ratings by date)", "Overall ratings since 2005, also of predecessors.", HISTORY_FORMAT, plan_history
)
OWN = _kind(
    "inspections",
    "Inspections (the authority’s own list)",
    "Grades by area, capacity among them; categories; monitoring.",
    OWN_FORMAT,
    plan_own,
)
