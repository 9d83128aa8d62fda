"""Pupils' rows: sent as a sheet or typed, and disposed of. Nobody's reference or level is ever copied to the audit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import transaction

from core import audit
from core.access import Refused, require
from people.models import Authority, User
from people.packs import require_pack
from people.roles import Permission as P
from schools.models import School
from targets.choices import DECIDED, OPEN
from targets.models import Pupil, PupilSheet, Target
from targets.pack import Progression, targets_of
from targets.pupils import SUBJECTS, matrix_for, stage_of
from targets.sheets import kept_reference

FIELDS: Final = (
    "year_group",
    *(f"{name}_{subject}" for name in ("prior", "target", "estimate_a", "estimate_b", "estimate_d") for subject in SUBJECTS),
    "target_five",
    "is_girl",
    "is_fsm",
    "is_sen",
    "is_eal",
)


def _sheet(actor: User, school: School, academic_year: int, at: dt.datetime) -> PupilSheet:
    """The sheet of the pupils whose statutory targets are set this year, made where there is none."""
    content = require_pack(school.authority, at.date()).content
    stage = stage_of(school.phase)
    sets = targets_of(content).sets_for(school.phase, academic_year, on=at.date())
    summer = next((one.summer for one in sets if any(code.startswith(stage) for code in one.measures)), None)
    if summer is None:
        raise Refused("This school sets no targets from pupils\N{RIGHT SINGLE QUOTATION MARK} levels in this round.")
    sheet = PupilSheet.objects.filter(school=school, summer=summer).first()
    if sheet is None:
        sheet = PupilSheet(
            school=school, academic_year=academic_year, summer=summer, dispose_on=disposal_day(school.authority, summer, at.date())
        )
    sheet.changed_at, sheet.changed_by, sheet.disposed_at = at, actor, None
    sheet.save()
    return sheet


def disposal_day(authority: Authority, summer: int, on: dt.date) -> dt.date:
    """31 August after the results, or what the authority has set in its place (the pack's ``pupil_rows_until``, as "10-31")."""
    month, _, day = require_pack(authority, on).text("pupil_rows_until").partition("-")
    return dt.date(summer, int(month), int(day))


def _check(given: Mapping[str, Any], matrices: Mapping[str, Progression | None]) -> None:
    for subject, matrix in matrices.items():
        if matrix is None:
            continue
        for name, levels in (("prior", matrix.rows), ("target", matrix.columns)):
            value = given.get(f"{name}_{subject}") or ""
            if value and value not in levels:
                word = "prior level" if name == "prior" else "target"
                raise Refused(
                    f"{value} is no {word} in {SUBJECTS[subject].lower()}: give one of {', '.join(levels)}.", field=f"{name}_{subject}"
                )


def _matrices(school: School, at: dt.datetime) -> dict[str, Progression | None]:
    content = require_pack(school.authority, at.date()).content
    return {subject: matrix_for(content, stage_of(school.phase), subject) for subject in SUBJECTS}


def _values(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: ("" if name.endswith(("_en", "_ma")) and name.startswith(("prior", "target")) else None)
        if given.get(name) is None
        else given[name]
        for name in FIELDS
    }


@transaction.atomic
def replace_pupils(*, actor: User, school: School, academic_year: int, rows: Sequence[Mapping[str, Any]], at: dt.datetime) -> PupilSheet:
    """A sheet takes the place of the one before. Raises Refused for a reference that is there twice, or a level that is none; the
    message counts rows and quotes no pupil."""
    require(actor, P.PUPIL_WRITE, school, on=at.date())
    if not rows:
        raise Refused("The sheet has no pupils.")
    most = require_pack(school.authority, at.date()).whole("pupil_sheet_most")
    if len(rows) > most:
        raise Refused(f"The sheet has more than {most} pupils. Send the year group whose targets are being set.")
    matrices = _matrices(school, at)
    references = [kept_reference(str(row["reference"]), school.authority.code) for row in rows]
    if len(set(references)) < len(references):
        raise Refused("A reference stands in the sheet twice. Each pupil has one of their own.")
    for place, row in enumerate(rows, start=1):
        try:
            _check(row, matrices)
        except Refused as refusal:
            raise Refused(f"Pupil {place} of the sheet: {refusal.message}", field=refusal.field) from None
    sheet = _sheet(actor, school, academic_year, at)
    sheet.pupils.all().delete()
    Pupil.objects.bulk_create([Pupil(sheet=sheet, reference=ref, **_values(row)) for ref, row in zip(references, rows, strict=True)])
    _count(sheet, len(rows))
    audit.record("pupils.replaced", actor=actor, at=at, subject=sheet, school=school, changes={"pupils": len(rows)})
    return sheet


@transaction.atomic
def save_pupil(
    *,
    actor: User,
    school: School,
    academic_year: int,
    given: Mapping[str, Any],
    at: dt.datetime,
    pupil: Pupil | None = None,
    remove: bool = False,
) -> PupilSheet:
    """One pupil typed, changed or (``remove``) taken out."""
    require(actor, P.PUPIL_WRITE, school, on=at.date())
    sheet = _sheet(actor, school, academic_year, at)
    if pupil is not None and pupil.sheet_id != sheet.pk:
        raise Refused("That pupil is in another sheet.")
    if remove:
        if pupil is not None:
            pupil.delete()
    else:
        _check(given, _matrices(school, at))
        reference = kept_reference(str(given["reference"]), school.authority.code)
        same = sheet.pupils.filter(reference=reference)
        if any(row.pk != (pupil.pk if pupil else None) for row in same):
            raise Refused("Another pupil of the sheet has this reference.", field="reference")
        most = require_pack(school.authority, at.date()).whole("pupil_sheet_most")
        if pupil is None and sheet.pupils.count() >= most:
            raise Refused(f"A sheet holds up to {most} pupils.")
        row = pupil or Pupil(sheet=sheet)
        row.reference = reference
        for name, value in _values(given).items():
            setattr(row, name, value)
        row.save()
    _count(sheet, sheet.pupils.count())
    audit.record("pupils.changed", actor=actor, at=at, subject=sheet, school=school, changes={"pupils": sheet.pupil_count})
    return sheet


def _count(sheet: PupilSheet, count: int) -> None:
    sheet.pupil_count = count
    sheet.save(update_fields=["pupil_count"])
    Target.objects.filter(school_id=sheet.school_id, summer=sheet.summer, measure__startswith=stage_of(sheet.school.phase)).filter(
        state__in=(*OPEN, *DECIDED)
    ).update(cohort=count or None)


@transaction.atomic
def close_sheets(*, actor: User, authority: Authority, academic_year: int, at: dt.datetime) -> int:
    """The round is over: from tomorrow no SIP reads the sheets of the authority's schools that have nothing open or undecided."""
    require(actor, P.TARGET_SUBMIT, authority, on=at.date())
    waiting = Target.objects.filter(school__authority=authority, state__in=(*OPEN, *DECIDED), value__isnull=False)
    sheets = PupilSheet.objects.filter(school__authority=authority, academic_year=academic_year, closed_on__isnull=True)
    closed = sheets.exclude(school_id__in=waiting.values("school_id")).update(closed_on=at.date() + dt.timedelta(days=1))
    audit.record("pupils.closed", actor=actor, at=at, subject=authority, authority=authority, changes={"sheets": closed})
    return closed
