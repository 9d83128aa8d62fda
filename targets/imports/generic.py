"""The portal's own form for results, comparators and estimates: one row a figure.

For what is published in no file of one row a school: Foundation Stage Profile, Key Stage 1, Key Stage 2 by level, CVA with its
interval, FFT estimates; and national conversion rates (``targets.conversion``). ``Value`` is in the measure's own unit (65 or 65% for a percentage); ``Proportion`` is for sheets that hold
0.65; with ``Numerator`` and ``Cohort`` neither is needed. ``Level`` says whether a row is of a school or a comparator.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from core.calendar import AcademicYear
from core.numbers import round_half_up
from core.packs import PackContent
from core.tabular.columns import DFE_CODES, CellError, Coded, Column, Format, Kind, Reading, Reason, Row, RowError
from core.tabular.imports import Action, Change, Held, ImportKind, Plan, Request, date_in_name
from core.tabular.reading import Limits
from people.models import Authority
from people.packs import content_of, pack_row
from people.roles import Permission
from schools.imports import gias
from targets import published
from targets.choices import EstimateKind, Level
from targets.conversion import conversion_measures
from targets.pack import Measure, MeasuresPart, measures_of, targets_of

from .figures import PLACES, Book, Books, Told, apply
from .schools import Place, Register
from .wide import RELEASE

SCHOOL: Final = "school"
SUPPRESSED: Final = "SUPP"


def _year(text: str) -> int:
    try:
        return AcademicYear.parse(text).first
    except ValueError:
        raise CellError("Enter an academic year, such as 2007/08.") from None


_WHO = (
    Column("urn", "URN", Kind.INTEGER, minimum=1, maximum=9_999_999, help="The school; or give its DfE number.", example="999123"),
    Column("dfe", "DfE number", aliases=("LAESTAB",), max_length=9, help="As 999/2147 or 9992147.", example="999/2147"),
)
_WHAT = (
    Column(
        "measure",
        "Measure",
        required=True,
        filled=True,
        max_length=40,
        help="The pack's code; of a comparator also a progression's, as ks1-ks2-en, for the share that converts from each prior level.",
        example="ks2.l4_en_ma",
    ),
    Column("year", "Year", parser=_year, help="Of the assessment; may be left out where the whole file is of one year.", example="2007/08"),
    Column("group", "Group", max_length=12, help="Pupils: all where left out; a prior level, of a conversion.", example="all"),
)

RESULTS_FORMAT: Final = Format(
    key="results",
    title="a file of results",
    description="Results and comparators, one row a figure.",
    limits=Limits(columns=40),
    columns=(
        *_WHO,
        Column(
            "level",
            "Level",
            Kind.CHOICE,
            choices={"school": SCHOOL, "England": Level.NATIONAL.value, "authority": Level.AUTHORITY.value, "cluster": Level.CLUSTER.value, "similar": Level.SIMILAR.value, "LA target": Level.TARGET.value},
            help="Whose figure it is: of a school where left out.",
            example="school",
        ),
        Column("place", "Place", max_length=20, help="The cluster's code, or the band of similar schools.", example=""),
        Column("phase", "Phase", max_length=20, help="Of a comparator, where it counts some schools only.", example=""),
        *_WHAT,
        Column("value", "Value", Kind.PERCENT, codes=DFE_CODES, help="In the measure's own unit; or a code such as SUPP.", example="65"),
        Column("share", "Proportion", Kind.PERCENT, codes=DFE_CODES, scale=100, help="In place of the value: 0.65 for 65%.", example=""),
        Column("numerator", "Numerator", Kind.INTEGER, minimum=0, help="Pupils who reached it.", example="20"),
        Column("cohort", "Cohort", Kind.INTEGER, minimum=0, help="Pupils in the measure.", example="31"),
        Column("lower", "Lower", Kind.DECIMAL, help="Ends of the 95% interval.", example=""),
        Column("upper", "Upper", Kind.DECIMAL, example=""),
    ),
)  # fmt: skip

ESTIMATES_FORMAT: Final = Format(
    key="estimates",
    title="a file of estimates",
    description="What FFT expects of a cohort, one row an estimate.",
    limits=Limits(columns=40),
    columns=(
        *_WHO,
        *_WHAT,
        Column(
            "kind",
            "Type",
            Kind.CHOICE,
            required=True,
            filled=True,
            choices={"A": "A", "B": "B", "D": "D", "FFT A": "A", "FFT B": "B", "FFT D": "D"},
            help="FFT A, B or D.",
            example="D",
        ),
        Column("value", "Value", Kind.PERCENT, required=True, codes=DFE_CODES, help="In the measure's own unit.", example="72"),
        Column("cohort", "Cohort", Kind.INTEGER, minimum=0, help="Pupils in the cohort.", example="29"),
    ),
)


class _Policy:
    """The measures that rows may name: those of the pack of each row's year, and the published ones."""

    def __init__(self, authority: Authority, on_year: int) -> None:
        self.authority = authority
        self.on_year = on_year

    @cached_property
    def content(self) -> PackContent | None:
        """Of today's pack, else of the latest: results of earlier years are named by the measures that are compared with them."""
        row = pack_row(self.authority, self.on_year) or self.authority.packs.filter(superseded_at__isnull=True).first()
        return content_of(row) if row else None

    @property
    def part(self) -> MeasuresPart | None:
        return measures_of(self.content) if self.content else None

    @cached_property
    def measures(self) -> Mapping[str, Measure]:
        found = dict(published.MEASURES)
        if self.content is not None:
            found |= {measure.code: measure for measure in measures_of(self.content).measures}
            found |= conversion_measures(targets_of(self.content))
        return found

    def groups(self, measure: Measure, is_school: bool) -> set[str]:
        if measure.code in published.MEASURES or self.part is None:
            return set(measure.groups)
        if not measure.phases:
            return set(measure.groups)  # the prior levels of a progression
        levels = {group.code: group.level for group in self.part.groups}
        pairs = {group.compared_with for group in self.part.groups if group.code in measure.groups}
        return {code for code in {*measure.groups, *pairs} if not (is_school and levels.get(code) == "authority")}

    @property
    def smallest(self) -> int:
        return self.part.smallest_cohort if self.part else 1


class _File:
    """One file being compared. ``ESTIMATES`` and ``RESULTS`` differ in their keys and in what a row may say."""

    def __init__(self, kind: str, title: str, reading: Reading, request: Request) -> None:
        self.request = request
        self.kind = kind
        self.plan = Plan(dated=date_in_name([request.file_name]))
        self.reading = reading
        self.title = title
        self.authority = gias.tenant(request.authority)
        self.register = Register.load(request.authority)

    def compare(self) -> Plan:
        if self.authority is None or not self.register.by_urn:
            message = f"No schools of {self.request.authority} are held here. Import the register first (gias)."
            self.plan.errors.append(RowError(0, "", self.request.authority, message))
            return self.plan
        self.plan.authority_name = self.authority.name
        self.policy = _Policy(self.authority, AcademicYear.from_date(self.request.on).first)
        years = {self._year(row) for row in self.reading.rows} - {None}
        measures = {row["measure"] for row in self.reading.rows}
        one = next(iter(years)) if len(years) == 1 else None
        release = self.request.options.get("release", RELEASE.choices[0])
        self.books = Books(
            code=self.request.authority,
            kind=self.kind,
            title=f"{self.title}{f', {AcademicYear(one)}' if one else ''}{f', {release}' if self.kind == 'results' else ''}",
            file_name=self.request.file_name,
            release=release,
            dated=self.plan.dated or self.request.on,
            year=one,
        )
        self.plan.payload = self.books
        if self.kind == "estimates":
            self.schools = self.books.estimates(years, measures)  # type: ignore[arg-type]
        else:
            self.schools = self.books.results(years, measures)  # type: ignore[arg-type]
            self.comparators = self.books.comparators(years, measures)  # type: ignore[arg-type]
        for row in self.reading.rows:
            try:
                self._row(row)
            except CellError as error:
                column, message = error.args
                self.plan.errors.append(RowError(row.number, column, str(row.get("measure", "")), message, row.table.name))
        self.plan.notes.append(self.books.note)
        return self.plan

    def _year(self, row: Row) -> int | None:
        return row.get("year") or self.request.year

    def _row(self, row: Row) -> None:
        year = self._year(row)
        if year is None:
            raise CellError("Year", "Enter the year of the figure, or give it for the whole file (--year).")
        measure = self.policy.measures.get(row["measure"])
        if measure is None:
            raise CellError("Measure", f"No measure has the code {row['measure']}. Use a code of the pack's measures.")
        level, group = row.get("level") or SCHOOL, row.get("group") or "all"
        if group not in self.policy.groups(measure, level == SCHOOL):
            raise CellError(
                "Group", f"{measure.short_label} is not told for the group {group} of {'a school' if level == SCHOOL else 'this level'}."
            )
        told = self._told(row, measure)
        if level != SCHOOL:
            key = (level, row.get("place") or "", row.get("phase") or "", measure.code, group, year, "")
            self._tell(row, self.comparators, key, told, f"{level}-{row.get('place') or ''}", Level(level).label, "comparator")
            return
        place = self._place(row)
        if place is None:
            return
        if place.phase not in measure.phases:
            raise CellError("Measure", f"{place.name} has no pupils for {measure.short_label}: it is {place.phase}.")
        if told.cohort is not None and told.cohort < self.policy.smallest and told.value is not None:
            told = Told(cohort=told.cohort, code=SUPPRESSED, reason=Reason.SUPPRESSED.value)
        key = (place.pk, measure.code, group, year, *((row["kind"],) if self.kind == "estimates" else ()))
        self._tell(row, self.schools, key, told, str(place.urn), place.name, measure.key_stage)

    def _tell(self, row: Row, book: Book, key: tuple[Any, ...], told: Told, id_: str, label: str, group: str) -> None:
        if key in book.seen:
            raise CellError("Measure", f"{label} has this figure in an earlier row too. Keep the right one of the two.")
        change = book.tell(key, told)
        if change is None:
            self.plan.unchanged += 1
            return
        action = Action.CREATED if change[0] is None else Action.UPDATED
        self.plan.changes.append(Change(action, id_, label, group, {" ".join(str(part) for part in key[1:]): change}))

    def _place(self, row: Row) -> Place | None:
        la, number = self._dfe(row)
        urn = row.get("urn")
        if urn is None and number is None:
            raise CellError("URN", "Enter the school's URN or its DfE number.")
        place, how = self.register.find(urn, la, number)
        if place is None:
            shown = {"URN": str(urn or ""), "DfE number": str(row.get("dfe") or ""), "measure": row["measure"]}
            self.plan.held.append(Held(row.number, str(urn or row.get("dfe")), how, row.table.name, shown))
        return place

    def _dfe(self, row: Row) -> tuple[str, int | None]:
        text = (row.get("dfe") or "").replace("/", "").replace(" ", "")
        if not text:
            return "", None
        if not (text.isdigit() and len(text) == 7):
            raise CellError("DfE number", "Enter the authority's three figures and the school's four, as in 999/2147.")
        return text[:3], int(text[3:])

    def _told(self, row: Row, measure: Measure) -> Told:
        numerator, cohort = row.get("numerator"), row.get("cohort")
        cell: Coded | None = row.get("value")
        if cell is None or cell.reason is Reason.BLANK:
            cell = row.get("share")
        blank = cell is None or cell.reason is Reason.BLANK
        if numerator is not None and (cohort is None or numerator > cohort):
            raise CellError("Numerator", "Enter a numerator that is at most the cohort.")
        is_share = measure.unit == "%"
        if blank:
            if not (is_share and numerator is not None and cohort):
                raise CellError("Value", "Enter a value, or a code that says why there is none; or the numerator and the cohort.")
            return Told(round_half_up(Decimal(100 * numerator) / cohort, PLACES), numerator, cohort)
        assert cell is not None
        if cell.value is not None and is_share:
            if not 0 <= cell.value <= 100:
                raise CellError("Value", f"{cell.value} is no percentage. Enter a number from 0 to 100; 0.65 for 65% goes into Proportion.")
            if numerator is not None and cohort and abs(Decimal(100 * numerator) / cohort - cell.value) > Decimal("0.5"):
                raise CellError("Value", f"{numerator} of {cohort} is not {cell.value}%. Correct one of the three.")
        if (row.get("lower") is None) != (row.get("upper") is None) or (row.get("lower") is not None and row["lower"] > row["upper"]):
            raise CellError("Lower", "Enter both ends of the interval, the lower one first.")
        told = Told.coded(cell, numerator=numerator if is_share else None, cohort=cohort, lower=row.get("lower"), upper=row.get("upper"))
        assert told is not None
        return told


def _kind(key: str, title: str, format_: Format, description: str, **values: Any) -> ImportKind:
    return ImportKind(
        key=key,
        title=title,
        description=description,
        format=format_,
        plan=lambda reading, request: _File(key, title, reading, request).compare(),
        apply=apply,
        tenant=gias.tenant,
        permission=Permission.RESULT_IMPORT,
        event="results.imported",
        after=("gias", "gias-links"),
        **values,
    )


RESULTS: Final = _kind("results", "Results", RESULTS_FORMAT, "Results of schools and comparators, one row a figure.", options=(RELEASE,))
ESTIMATES: Final = _kind(
    "estimates", "FFT estimates", ESTIMATES_FORMAT, f"Estimates of types {', '.join(EstimateKind.values)}, one row each."
)
