"""Pupils' targets: the sheet for its readers, the sums for the authority, and the two ways to enter it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.functional import cached_property

from core import clock
from core.access import Refused, can, require
from core.charts import Band, Chart, Distribution, Matrix
from core.components.formats import plural
from core.numbers import format_change, format_number
from core.tabular.reading import Unreadable, on_disk
from people.packs import require_pack
from people.roles import Permission as P
from people.views.base import FormPage
from targets.conversion import Conversions, national_conversions, with_national
from targets.models import Pupil, PupilSheet
from targets.pack import Progression
from targets.pupils import (
    GROUPS,
    SUBJECTS,
    by_group,
    converting,
    has_reached,
    matrix_for,
    progression,
    stage_of,
    sums_of,
    who_decide,
)
from targets.released import of_school
from targets.round_forms import PupilForm, SheetForm
from targets.services import replace_pupils, save_pupil
from targets.sheets import PUPIL_SHEET

from .round import SchoolRound


class _Pupils(SchoolRound):
    abstract = True

    @cached_property
    def sheet(self) -> PupilSheet | None:
        rows = PupilSheet.objects.visible_to(self.user).filter(school=self.object, academic_year=self.year)
        return rows.select_related("school__authority", "school__cluster").first()

    @cached_property
    def matrices(self) -> dict[str, Progression]:
        content = require_pack(self.object.authority, self.today).content
        found = {subject: matrix_for(content, stage_of(self.object.phase), subject) for subject in SUBJECTS}
        if None in found.values():
            raise Http404("Not found.")
        return {subject: matrix for subject, matrix in found.items() if matrix is not None}

    @cached_property
    def conversions(self) -> dict[str, Conversions]:
        """The national shares by matrix: imported, else the pack's, else not held."""
        return national_conversions(self.object.authority_id, self.matrices.values())

    @cached_property
    def beside(self) -> dict[str, Progression]:
        """The matrices with the national shares put in."""
        return {subject: with_national(matrix, self.conversions[matrix.code]) for subject, matrix in self.matrices.items()}

    def sum_rows(self, pupils: Sequence[Pupil]) -> list[dict[str, Any]]:
        """The school's own sum against each measure of the round, with what is set."""
        sums = sums_of(pupils, self.matrices["en"], self.matrices["ma"], stage_of(self.object.phase))
        rows = []
        for line in self.round.lines:
            found = sums.get(line.measure.code)
            if found is not None and line.of_set.summer == (self.sheet.summer if self.sheet else 0):
                rows.append({"line": line, "sum": found, "percent": format_number(found.percent, 1) if found.percent is not None else ""})
        return rows


class PupilSheetView(_Pupils):
    """Every pupil of the sheet, for the school and, while the round is open, its SIP. Nobody else."""

    permission = P.TARGET_VIEW
    template_name = "targets/pupils.html"

    def get_object(self) -> Any:
        school = super().get_object()
        self.object = school
        if self.sheet is not None:
            require(self.user, P.PUPIL_READ, self.sheet)
        elif not can(self.user, P.PUPIL_WRITE, school) and not self.user.hats.is_adviser_of(school.pk):
            raise PermissionDenied("Not allowed: pupil.read.")
        return school

    def context(self) -> dict[str, Any]:
        sheet = self.sheet
        pupils = list(Pupil.objects.visible_to(self.user).filter(sheet=sheet)) if sheet else []
        english, maths = self.matrices["en"], self.matrices["ma"]
        both = [pupil for pupil in pupils if has_reached(english, pupil.target_en) and has_reached(maths, pupil.target_ma)]
        pack = require_pack(self.object.authority, self.today)
        deciding = who_decide(pupils, english, maths, pack) if pupils else []
        secure = [pupil for pupil in both if pupil not in deciding]
        return {
            "school": self.object,
            "round": self.round,
            "sheet": sheet,
            "pupils": pupils,
            "deciding": deciding,
            "secure": len(secure),
            "both": len(both),
            "out": len(pupils) - len(both),
            "sums": self.sum_rows(pupils) if pupils else [],
            "one_pupil": format_number(Decimal(100) / len(pupils), 1) if pupils else "",
            "groups": [
                (names, table[:2], [_percent(row[0], row[2]) for row in table[:2]]) for _, table, names in by_group(pupils, english, maths)
            ]
            if pupils
            else [],
            "charts": charts_of(pupils, self.beside) if pupils else [],
            "conversions": [
                (SUBJECTS[subject], conversion_rows(pupils, matrix, subject), self.conversions[matrix.code].origin)
                for subject, matrix in self.beside.items()
            ]
            if pupils
            else [],
            "may_write": can(self.user, P.PUPIL_WRITE, self.object),
            "reached": english.reached,
        }


def _percent(count: int | None, cohort: int | None) -> str:
    return f"{format_number(Decimal(100 * count) / cohort)}%" if count is not None and cohort else ""


def conversion_rows(pupils: Sequence[Pupil], matrix: Progression, subject: str) -> list[tuple[str, int, int, str, str, str]]:
    """By prior level: pupils, how many of them reach the level asked for, their share, the national one, and the difference."""
    counts = progression(pupils, matrix, subject)
    first = matrix.columns.index(matrix.reached)
    found = []
    for level, row, percent in zip(matrix.rows, counts, converting(matrix, counts), strict=True):
        national = matrix.national.get(level)
        found.append(
            (
                level,
                sum(row),
                sum(row[first:]),
                f"{format_number(percent)}%" if percent is not None else "",
                f"{format_number(national)}%" if national is not None else "",
                format_change(percent - national) if percent is not None and national is not None else "",
            )
        )
    return found


def charts_of(pupils: Sequence[Pupil], matrices: dict[str, Progression]) -> list[Chart]:
    """The progression matrix of each subject with what converts, and the distribution of the pupils over their targets."""
    charts: list[Chart] = []
    for subject, label in SUBJECTS.items():
        matrix = matrices[subject]
        counts = progression(pupils, matrix, subject)
        percents = converting(matrix, counts)
        known = sum(sum(row) for row in counts)
        charts.append(
            Matrix(
                key=f"progression-{subject}",
                heading=f"Progression in {label if subject == 'en' else label.lower()}",
                say=_say(matrix, percents, len(pupils) - known),
                columns=list(matrix.columns),
                lines=list(matrix.rows),
                counts=counts,
                across="Teacher’s target",
                down="Prior level",
                is_square=False,
                source="Numbers are pupils. Larger square: more of them.",
            )
        )
    for subject, label in SUBJECTS.items():
        matrix = matrices[subject]
        targets = [getattr(pupil, f"target_{subject}") for pupil in pupils]
        charts.append(
            Distribution(
                key=f"distribution-{subject}",
                heading=f"Targets in {label if subject == 'en' else label.lower()}",
                bands=[Band(column, targets.count(column)) for column in matrix.columns],
                what="pupil",
                source=f"{plural(targets.count(''), 'pupil')} without a target." if "" in targets else "",
            )
        )
    return charts


def _say(matrix: Progression, percents: Sequence[Decimal | None], unknown: int) -> str:
    """What converts from each level, beside the national figure where the pack has it."""
    parts = []
    for level, percent in zip(matrix.rows, percents, strict=True):
        if percent is not None:
            beside = f" ({format_number(matrix.national[level])}% nationally)" if level in matrix.national else ""
            parts.append(f"{level} {format_number(percent)}%{beside}")
    said = f"At {matrix.reached} or above, by prior level: {', '.join(parts)}." if parts else "No pupil has both levels."
    return f"{said} {plural(unknown, 'pupil')} without a prior level or a target." if unknown else said


class PupilSumsView(_Pupils):
    """What the authority may know of a sheet: sums, with small numbers hidden and enough others that none can be worked out."""

    permission = P.PUPIL_SUMS
    template_name = "targets/pupil_sums.html"

    def context(self) -> dict[str, Any]:
        sheet, pack = self.sheet, require_pack(self.object.authority, self.today)
        pupils = list(Pupil.objects.filter(sheet=sheet)) if sheet else []  # sums only: no row of it reaches the page
        smallest = pack.whole("pupil_rows_smallest_cell")
        told = of_school(pupils, pack, self.object.phase) if pupils else None
        if told is None:
            return {"school": self.object, "sheet": sheet, "told": None, "smallest": smallest}
        return {
            "school": self.object,
            "sheet": sheet,
            "told": told,
            "groups": [(names, table, [_percent(row[0], row[2]) for row in table]) for names, table in told.groups],
            "matrices": [
                (
                    SUBJECTS[subject],
                    "|".join(["Prior level", *(f"{column}:num" for column in (*matrix.columns, "Not known", "All"))]),
                    list(zip((*matrix.rows, "Not known", "All"), told.matrices[subject], strict=True)),
                )
                for subject, matrix in self.matrices.items()
            ],
            "sums": [
                (line, told.sums[line.measure.code])
                for line in self.round.lines
                if line.measure.code in told.sums and sheet is not None and line.of_set.summer == sheet.summer
            ],
            "smallest": smallest,
        }


class PupilUploadView(FormPage, _Pupils):
    """Send a sheet: it takes the place of the one before, or nothing of it is kept."""

    permission = P.PUPIL_WRITE
    template_name = "targets/pupil_upload.html"

    def form(self, data: Any = None) -> SheetForm:
        return SheetForm(data, self.request.FILES if data is not None else None)

    def context(self) -> dict[str, Any]:
        return {
            "school": self.object,
            "sheet": self.sheet,
            "columns": [(column.name, column.describe(), column.help, column.example) for column in PUPIL_SHEET.columns],
            "matrices": [(SUBJECTS[subject], matrix) for subject, matrix in self.matrices.items()],
        }

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.GET.get("template") in ("csv", "xlsx"):
            from core.tabular.writing import file_response

            kind = request.GET["template"]
            return file_response(f"pupil-sheet.{kind}", PUPIL_SHEET.template(kind), kind)
        return super().get(request, *args, **kwargs)

    def deed(self, form: SheetForm) -> HttpResponse:
        sent = form.cleaned_data["file"]
        if sent.size > PUPIL_SHEET.limits.upload_bytes:
            raise Refused("The file is larger than 2 MB. Send the pupils of one year group.", field="file")
        try:
            with on_disk(sent) as file:
                reading = PUPIL_SHEET.read(file, name=sent.name)
        except Unreadable as fault:
            raise Refused(str(fault), field="file") from None
        if reading.errors:
            first = reading.errors[0]
            raise Refused(
                f"Row {first.row}, {first.column}: {first.message} Nothing of the sheet was kept. Correct it and send it again.",
                field="file",
            )
        try:
            sheet = replace_pupils(
                actor=self.user, school=self.object, academic_year=self.year, rows=[row.values for row in reading.rows], at=clock.now()
            )
        except Refused as refusal:
            raise Refused(refusal.message, field="file") from None
        return self.go(self.address("pupil-sheet"), f"The sheet is in: {plural(sheet.pupil_count, 'pupil')}.")


class PupilTypeView(FormPage, _Pupils):
    """Type one pupil, or change or take out one (``?pupil=``)."""

    permission = P.PUPIL_WRITE
    template_name = "targets/pupil_type.html"

    @cached_property
    def pupil(self) -> Pupil | None:
        asked = str(self.request.GET.get("pupil", ""))
        if not asked:
            return None
        found = Pupil.objects.visible_to(self.user).filter(sheet=self.sheet, reference=asked).first() if self.sheet else None
        if found is None:
            raise Http404("Not found.")
        return found

    def form(self, data: Any = None) -> PupilForm:
        pupil, initial = self.pupil, {}
        if pupil is not None:
            named = ["reference", "year_group", "target_five", *(name for name, _, _ in GROUPS)]
            levels = [f"{name}_{subject}" for name in ("prior", "target", "estimate_a", "estimate_b", "estimate_d") for subject in SUBJECTS]
            initial = {name: getattr(pupil, name) for name in (*named, *levels)}
            for name in ("target_five", *(name for name, _, _ in GROUPS)):
                initial[name] = {True: "yes", False: "no", None: ""}[initial[name]]
        with_grades = stage_of(self.object.phase) == "ks4"
        return PupilForm(data, matrices=self.matrices, with_grades=with_grades, initial=initial)

    def context(self) -> dict[str, Any]:
        return {"school": self.object, "pupil": self.pupil, "back_url": self.address("pupil-sheet")}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.pupil is not None and request.POST.get("remove"):
            save_pupil(
                actor=self.user, school=self.object, academic_year=self.year, given={}, pupil=self.pupil, remove=True, at=clock.now()
            )
            return self.go(self.address("pupil-sheet"), "The pupil is taken out.")
        return super().post(request, *args, **kwargs)

    def deed(self, form: PupilForm) -> HttpResponse:
        save_pupil(actor=self.user, school=self.object, academic_year=self.year, given=form.cleaned_data, pupil=self.pupil, at=clock.now())
        again = self.address("pupil-type") if self.request.POST.get("another") else self.address("pupil-sheet")
        return self.go(again, "The pupil is kept.")


__all__ = ["PupilSheetView", "PupilSumsView", "PupilTypeView", "PupilUploadView"]
