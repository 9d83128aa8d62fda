"""Inspections and key issues from files, under the grades of their own framework."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from core.search import SearchDocument
from core.tabular.services import run
from people.models import Authority
from people.packs import require_pack
from schools.choices import Phase
from schools.imports.inspections import MI_FORMAT
from schools.models import Inspection, KeyIssue, School, SchoolLink
from schools.pack import Frameworks, inspection_of
from schools.selectors.inspections import key_issues, outcomes, standing
from tests.factories.people import NOW, TODAY, make_authority, make_pack
from tests.factories.schools import make_school
from tests.factories.tables import csv_bytes, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def authority() -> Authority:
    found = make_authority("999", "Wealdshire")
    make_pack(found)
    make_school(found, "Oakfield Primary School", urn=300, establishment_number=2001)
    make_school(found, "Ashdown Primary School", urn=301, establishment_number=2002)
    return found


@pytest.fixture
def load(tmp_path: Path) -> Any:
    def import_file(kind: str, content: bytes | Path, *, code: str = "999", on: dt.date = TODAY, **options: Any) -> dict[str, Any]:
        path = content if isinstance(content, Path) else written(tmp_path, f"{kind}.csv", content)
        with path.open("rb") as file:
            batch = run(
                actor=None, kind=kind, authority_code=code, file=file, file_name=path.name, at=NOW, on=on, should_commit=True, **options
            )
        batch.summary["held_rows"] = batch.held
        return dict(batch.summary)

    return import_file


HISTORY = ("URN", "Rating", "Inspection Date")


def test_each_rating_is_a_grade_of_the_framework_of_its_day(load: Any, authority: Authority) -> None:
    """FORMATS.md §3: the number 3 changed its name, so the date decides."""
    SchoolLink.objects.create(authority=authority, urn=100, linked_urn=301, kind="Successor", linked_name="Ashdown Primary School")
    rows = (
        [300, "Satisfactory", "20070314"],
        [300, "Requires Improvement", "20130515"],
        [100, "Good", "20060310"],
        [555, "Good", "20060310"],
    )
    report = load("ofsted-history", csv_bytes(HISTORY, rows))
    assert (report["read"], report["created"], report["skipped_by"]) == (4, 3, {"of no school of the authority": 1})
    words = Frameworks()
    found = {row.starts_on.year: words.of(row.framework, row.starts_on).grade(row.overall) for row in Inspection.objects.all()}
    assert found == {2007: "Satisfactory", 2013: "Requires improvement", 2006: "Good"}
    inherited = Inspection.objects.get(school__urn=301)
    assert (inherited.is_inherited, inherited.urn_then) == (True, 100)
    again = load("ofsted-history", csv_bytes(HISTORY, [*rows, [300, "Good", "20100101"]]))
    assert (again["created"], again["updated"], again["unchanged"]) == (1, 0, 3)
    wrong = load("ofsted-history", csv_bytes(HISTORY, [[300, "Splendid", "20070314"]]))
    assert [error["message"] for error in wrong["errors"]] == [
        "Not a grade of the Section 5 inspection, framework of September 2005 (revised September 2007)."
    ]


def test_the_authority_s_own_list_adds_capacity_categories_and_monitoring_to_what_is_held(load: Any, authority: Authority) -> None:
    load("ofsted-history", csv_bytes(HISTORY, [[300, "Satisfactory", "20070314"]]))
    columns = ("URN", "DfE number", "First day", "Kind", "Overall", "Capacity", "Category", "Category left", "Progress")
    report = load(
        "inspections",
        csv_bytes(
            columns,
            [
                [300, "", "14/03/2007", "", "", "Satisfactory", "", "", ""],
                ["", "999/2002", "02/05/2006", "", "4", "9", "special measures", "10/06/2008", ""],
                ["", "999/2002", "02/05/2007", "monitoring", "", "", "", "", "good"],
                ["", "999/2999", "02/05/2007", "", "2", "", "", "", ""],
            ],
        ),
    )
    assert (report["created"], report["updated"], report["held"]) == (2, 1, 1)
    oak = Inspection.objects.get(school__urn=300)
    assert (oak.overall, list(oak.grades.values_list("area", "grade"))) == (3, [("capacity", 3)])
    ash = Inspection.objects.get(school__urn=301, kind="full")
    assert (ash.category, ash.category_left_on, ash.grades.count()) == ("special-measures", dt.date(2008, 6, 10), 0)
    wrong = load(
        "inspections",
        csv_bytes(columns, [[300, "", "14/03/2007", "", "5", "", "", "", ""], [300, "", "14/03/2006", "", "2", "", "", "01/01/2008", ""]]),
    )
    assert [(error["row"], error["column"]) for error in wrong["errors"]] == [(2, "Overall effectiveness"), (3, "Category left")]
    assert "1 Outstanding, 2 Good, 3 Satisfactory, 4 Inadequate" in wrong["errors"][0]["message"]


def test_management_information_marks_what_is_inherited_and_takes_nine_and_null_for_not_judged(load: Any, authority: Authority) -> None:
    names = [column.name for column in MI_FORMAT.columns]
    row = dict.fromkeys(names, "NULL") | {
        "URN": "300", "LAESTAB": "9992001", "School name": "Oakfield", "Inspection start date": "10/09/2013",
        "Does the latest full inspection relate to the URN of the current school?": "No", "URN at time of latest full inspection": "150",
        "Overall effectiveness": "4", "Category of concern": "SM", "Quality of education": "9", "Effectiveness of leadership and management": "3",
        "Previous inspection start date": "14/03/2007", "Previous full inspection overall effectiveness": "3",
        "Does the previous full inspection relate to the URN of the current school?": "Yes", "URN at time of previous full inspection": "300",
        "Date of latest section 8 inspection": "12/06/2018", "Section 8 inspection overall outcome": "School remains Good",
        "Did the latest section 8 inspection convert to a full inspection?": "No",
    }  # fmt: skip
    other = row | {"URN": "77", "LAESTAB": "8862001"}
    gone = row | {"URN": "78"}
    report = load("ofsted-mi", csv_bytes(names, [row, other, gone]))
    assert (report["created"], report["skipped"], report["held"], report["error_count"]) == (3, 1, 1, 0)
    latest = Inspection.objects.get(starts_on=dt.date(2013, 9, 10))
    assert (latest.urn_then, latest.category, latest.overall) == (150, "special-measures", 4)
    assert {(g.area, g.grade, g.code) for g in latest.grades.all() if g.area in ("quality", "leadership")} == {
        ("quality", None, "9"),
        ("leadership", 3, ""),
    }
    assert not Inspection.objects.get(starts_on=dt.date(2007, 3, 14)).is_inherited
    assert Inspection.objects.get(kind="short").overall is None, "a section 8 outcome moves the date, not the grade"


def test_key_issues_are_coded_to_themes_and_counted_by_school(load: Any, authority: Authority) -> None:
    load("ofsted-history", csv_bytes(HISTORY, [[300, "Satisfactory", "20070314"], [301, "Good", "20060310"]]))
    columns = ("URN", "Inspection date", "Key issue", "Theme")
    rows = [
        [300, "14/03/2007", "Improve marking so that pupils know what to do next.", "marking"],
        [300, "14/03/2007", "Mark more often.", "Marking"],
        [301, "10/03/2006", "Raise standards in writing.", "Raise standards in writing"],
        [301, "10/03/2006", "Make the playground quieter.", ""],
        [301, "11/03/2006", "On another day.", ""],
    ]
    report = load("key-issues", csv_bytes(columns, rows))
    assert (report["created"], report["held"]) == (4, 1)
    assert load("key-issues", csv_bytes(columns, rows))["unchanged"] == 4
    part = inspection_of(require_pack(authority, TODAY).content)
    found = key_issues(School.objects.all(), part, dt.date(2005, 9, 1), dt.date(2008, 7, 31), "primary")
    assert [(line.theme.code, len(line.schools), line.issues) for line in found.lines] == [("marking", 1, 2), ("writing", 1, 1)]
    assert (found.inspections, found.without, found.uncoded) == (2, 0, 1)
    assert KeyIssue.objects.get(text__startswith="Mark more").place == 2
    entry = SearchDocument.objects.get(kind="inspection", body__contains="Mark more often.")
    assert "14 March 2007" in entry.title and "Satisfactory" in entry.body and SearchDocument.objects.filter(kind="inspection").count() == 2


# ---------------------------------------------------------------- the real files (FORMATS.md §6)


@pytest.mark.real_data
def test_kent_s_inspections_since_2005_are_counted_as_published(load: Any, real_data: Path) -> None:
    """343 inspections of Kent schools between 1 September 2005 and 31 July 2008: 163 good, 133 satisfactory, 36, 11."""
    kent = make_authority("886", "Kent")
    folder = real_data / "ofsted"
    urns = spine_urns(real_data / "spine" / "2017-2018_england_spine.xlsx", "886")
    School.objects.bulk_create(School(authority=kent, urn=urn, name=f"School {urn}", phase=Phase.PRIMARY) for urn in urns)
    report = load("ofsted-history", folder / "inspection_history_2005_2020_886_887_936.csv", code="886")
    assert (report["created"], Inspection.objects.values("school").distinct().count()) == (1600, 561)
    (found,) = outcomes(School.objects.all(), Frameworks(), dt.date(2005, 9, 1), dt.date(2008, 7, 31))
    assert found.whole.counts == {2: 163, 3: 133, 1: 36, 4: 11}
    assert found.whole.total == 343


@pytest.mark.real_data
def test_kent_s_primaries_of_august_2020_stand_as_published(load: Any, real_data: Path) -> None:
    kent = make_authority("886", "Kent")
    path = real_data / "ofsted" / "Management_information_-_state-funded_schools_-_as_at_31_August_2020_886_887_936.csv"
    phases = {"Nursery": Phase.NURSERY, "Primary": Phase.PRIMARY, "Secondary": Phase.SECONDARY, "Special": Phase.SPECIAL, "PRU": Phase.PRU}
    with path.open(encoding="cp1252", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["LAESTAB"].startswith("886")]
    School.objects.bulk_create(
        School(authority=kent, urn=int(row["URN"]), name=row["School name"], phase=phases.get(row["Ofsted phase"], Phase.ALL_THROUGH))
        for row in rows
    )
    report = load("ofsted-mi", path, code="886", on=dt.date(2020, 8, 31))
    assert (len(rows), report["held"], report["errors"][:3]) == (586, 0, [])
    counted: Counter[int | None] = Counter()
    for part in standing(School.objects.filter(phase=Phase.PRIMARY), Frameworks(), dt.date(2020, 8, 31)):
        counted.update(part.whole.counts)
    assert counted == {1: 81, 2: 336, 3: 27, 4: 7, None: 4}
    assert Inspection.objects.filter(urn_then__isnull=False).exists()


def spine_urns(path: Path, code: str) -> list[int]:
    """URNs of an LA's schools in the spine of 2017/18."""
    from python_calamine import CalamineWorkbook

    head, *rows = CalamineWorkbook.from_path(path).get_sheet_by_name("england").to_python()
    urn, la = head.index("URN"), head.index("LA")
    return [int(row[urn]) for row in rows if str(row[la]).partition(".")[0] == code]
