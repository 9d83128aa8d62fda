"""The register from files: made-up ones in the department's formats, and the real ones where they are."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from core import search
from core.audit import AuditEvent
from core.tabular.models import ImportBatch
from core.tabular.services import run
from people.models import Authority
from schools.choices import Phase, SchoolStatus
from schools.imports.gias import FORMAT, group_of, phase_of
from schools.models import School
from tests.factories.people import NOW, TODAY
from tests.factories.schools import make_school
from tests.factories.tables import FULL, csv_bytes, gias_bytes, school, workbook_bytes, written, zip_bytes

pytestmark = [pytest.mark.django_db, pytest.mark.both]

NAME = "edubaseallstatefunded20080901.csv"
LATER = "edubaseallstatefunded20081001.csv"


@pytest.fixture
def load(tmp_path: Path):
    """Import a file's bytes for 999 and give the report; it is committed unless told otherwise."""

    def import_bytes(
        content: bytes, name: str = NAME, *, authority: str = "999", should_commit: bool = True, **options: Any
    ) -> dict[str, Any]:
        with written(tmp_path, name, content).open("rb") as file:
            batch = run(
                actor=None,
                kind="gias",
                authority_code=authority,
                file=file,
                file_name=name,
                at=NOW,
                on=TODAY,
                should_commit=should_commit,
                **options,
            )
        return batch.summary

    return import_bytes


def counts(report: dict[str, Any]) -> dict[str, int]:
    names = ("created", "updated", "unchanged", "closed", "held", "skipped")
    return {name: report[name] for name in names if report[name]} | ({"errors": report["error_count"]} if report["error_count"] else {})


def get(urn: int) -> School:
    return School.objects.get(authority__code="999", urn=urn)


# ---------------------------------------------------------------- what is read


def test_a_school_is_made_with_its_facts_and_its_authority(load):
    report = load(
        gias_bytes(
            school(900001, "St Mary’s Café School", estab=512, type="Voluntary aided school", UKPRN=10079319, Locality="Upper Brede")
        )
    )
    assert counts(report) == {"created": 1}
    assert (report["read"], report["committed"], report["dated"]) == (1, True, "2008-09-01")
    row = get(900001)
    assert (row.name, row.dfe_number, row.phase, row.status) == ("St Mary’s Café School", "999/0512", Phase.PRIMARY, SchoolStatus.OPEN)
    assert (row.opened_on, row.low_age, row.high_age, row.ukprn) == (dt.date(1998, 9, 1), 4, 11, 10079319)
    assert (row.street, row.locality, row.town, row.postcode, row.county) == ("Mill Lane", "Upper Brede", "Brede", "WS1 1AA", "Kent")
    assert (row.website, row.telephone, row.head_title) == ("http://www.school.example", "01632960001", "Headteacher")
    assert (row.open_reason, row.religious_character, row.admissions) == ("", "", ""), "“Not applicable” is nothing"
    assert (row.source, row.source_on) == (f"GIAS, {NAME}", dt.date(2008, 9, 1))
    authority = Authority.objects.get(code="999")
    assert (authority.name, authority.created_at) == ("Wealdshire", NOW)
    assert [event.event for event in AuditEvent.objects.order_by("pk")] == ["authority.created", "register.imported"]


def test_names_of_heads_are_not_stored_anywhere(load):
    """The columns are in the file; their values are in no table and no report."""
    report = load(gias_bytes(school(900001)))
    stored = json.dumps([list(model.objects.values()) for model in (School, AuditEvent, ImportBatch, Authority)], default=str)
    assert "Canary" not in stored + json.dumps(report)
    assert "Headname" not in stored + json.dumps(report)


def test_it_is_taken_from_csv_gzip_zip_and_workbook_alike(load):
    rows = [school(900001, "Hill"), school(900002, "Vale", phase="Secondary", low=11, high=16)]
    as_csv = gias_bytes(*rows)
    columns = list(rows[0])
    book = workbook_bytes(
        {"About": [["The register"]], "Data": [["Title above"], columns, *[[row.get(c) for c in columns] for row in rows]]}
    )
    assert counts(load(as_csv)) == {"created": 2}
    assert counts(load(gzip.compress(as_csv), "schools.csv.gz")) == {"unchanged": 2}
    assert counts(load(zip_bytes({"a.csv": as_csv}), "schools.zip")) == {"unchanged": 2}
    assert counts(load(book, "schools.xlsx")) == {"unchanged": 2}
    assert counts(load(gias_bytes(*rows, encoding="utf-8"), "schools.csv")) == {"unchanged": 2}
    assert counts(load(gias_bytes(*rows, encoding="utf-8-sig"), "marked.csv")) == {"unchanged": 2}


def test_two_files_with_one_urn_are_one_school_and_the_second_fills_what_the_first_lacks(load):
    academy = school(900002, "Vale Academy", type="Academy converter")
    state = gias_bytes(school(900001), academy)
    academies = csv_bytes((*FULL, "FaxNum"), [{**academy, "NumberOfPupils": 210, "CensusDate": "17-01-2008", "FaxNum": "1"}])
    report = load(zip_bytes({NAME: state, "edubaseallacademiesandfree20080901.csv": academies}), "extract.zip")
    assert counts(report) == {"created": 2, "skipped": 1}
    assert report["skipped_by"] == {"a school that the file has already": 1}
    assert (get(900002).roll, get(900002).roll_on) == (210, dt.date(2008, 1, 17))


def test_only_the_authority_asked_for_by_its_code_and_never_by_a_name(load):
    """887 has been apart from 886 since 1998, though its schools' postal county says otherwise."""
    rows = [
        school(1, la=886, la_name="Kent"),
        school(2, la=887, la_name="Medway"),
        school(3, la=887, la_name="Medway"),
        school(4, la=936, la_name="Surrey"),
    ]
    report = load(gias_bytes(*rows), authority="887")
    assert (counts(report), report["read"]) == ({"created": 2, "skipped": 2}, 4)
    assert set(School.objects.values_list("authority__code", "urn")) == {("887", 2), ("887", 3)}
    assert set(Authority.objects.values_list("code", "name")) == {("887", "Medway")}


def test_an_authority_that_the_file_lacks_is_refused_with_those_that_it_has(load):
    report = load(gias_bytes(school(1, la=886), school(2, la=886), school(3, la=887)), authority="999")
    assert report["errors"][0]["message"] == "The file has no school of the authority 999. It has: 886 (2), 887 (1)."
    assert not Authority.objects.exists()


def test_what_is_no_school_of_the_programme_is_passed_over_and_counted(load):
    kinds = ["Children's centre", "Other independent school", "Further education", "Higher education institutions"]
    report = load(gias_bytes(school(1), *[school(10 + n, type=kind, phase="Not applicable", estab="") for n, kind in enumerate(kinds)]))
    assert counts(report) == {"created": 1, "skipped": 4}
    assert set(report["skipped_by"]) == {f"not a state-funded school: {kind}" for kind in kinds}


def test_the_full_field_export_brings_more_and_what_a_later_file_lacks_stays(load):
    full = school(900001, roll=204, roll_on="17-01-2008", capacity=210, diocese="Diocese of Brede", changed="20-08-2008")
    assert counts(load(gias_bytes(full, columns=FULL), "results.csv")) == {"created": 1}
    row = get(900001)
    assert (row.roll, row.roll_on, row.capacity, row.diocese) == (204, dt.date(2008, 1, 17), 210, "Diocese of Brede")
    assert counts(load(gias_bytes(school(900001, town="Hythe")), LATER)) == {"updated": 1}
    row = get(900001)
    assert (row.town, row.roll, row.diocese) == ("Hythe", 204, "Diocese of Brede"), "a column that a file lacks says nothing"


def test_short_long_and_blank_rows_are_taken_as_formats_says(load):
    """Short: padded. Long: the tail is the linked establishments of an export. Blank: passed over, counted."""
    columns = list(FULL)
    short = [school(900001).get(column, "") for column in columns][:20]
    long = [school(900002).get(column, "") for column in columns] + ["123456", "Hill Nursery"]
    report = load(csv_bytes(columns, [short, [""] * len(columns), long]), "results.csv")
    assert counts(report) == {"created": 2}
    assert (report["blank_rows"], report["tables"][0]["short_rows"]) == (1, 1)
    assert get(900001).town == ""


@pytest.mark.parametrize("written_as", ["01-09-1998", "01/09/1998", "1/9/1998", "19980901", "1998-09-01"])
def test_days_are_day_first_in_every_published_form(load, written_as):
    load(gias_bytes(school(900001, opened=written_as)))
    assert get(900001).opened_on == dt.date(1998, 9, 1)


def test_a_day_that_means_nobody_knows_is_nothing(load):
    load(gias_bytes(school(900001, opened="01-01-1900"), school(900002, opened="")))
    assert (get(900001).opened_on, get(900002).opened_on) == (None, None)


def test_a_name_that_reads_as_nothing_is_a_name_and_zeros_stay(load):
    load(gias_bytes(school(900001, "NA", telephone="01632960001", town="NULL"), school(900002, "None", estab="0042")))
    assert (get(900001).name, get(900001).town, get(900001).telephone) == ("NA", "NULL", "01632960001")
    assert (get(900002).name, get(900002).dfe_number) == ("None", "999/0042")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("http://www.hill.sch.example/", "http://www.hill.sch.example/"),
        ("hill.sch.example/home?a=b", "http://hill.sch.example/home?a=b"),
        ("HTTPS://hill.sch.example", "HTTPS://hill.sch.example"),
        ("javascript:alert(1)", ""),
        ("http:www.hill.example/", ""),
        ('http://hill.example/"><script>', ""),
        ("none", ""),
    ],
)
def test_only_an_address_on_the_web_is_kept_as_one(load, given, kept):
    load(gias_bytes(school(900001, website=given)))
    assert get(900001).website == kept


# ---------------------------------------------------------------- phases


@pytest.mark.parametrize(
    ("phase", "kind", "low", "high", "expected"),
    [
        ("Primary", "Community school", 4, 11, Phase.PRIMARY),
        ("Primary", "Community school", 2, 7, Phase.INFANT),
        ("Primary", "Foundation school", 7, 11, Phase.JUNIOR),
        ("Primary", "Community school", 5, 9, Phase.FIRST),
        ("Primary", "Community school", None, None, Phase.PRIMARY),
        ("Secondary", "Academy converter", 11, 18, Phase.SECONDARY),
        ("Middle deemed secondary", "Community school", 9, 13, Phase.MIDDLE),
        ("All-through", "Free schools", 4, 19, Phase.ALL_THROUGH),
        ("Nursery", "Local authority nursery school", 3, 5, Phase.NURSERY),
        ("16 plus", "Academy 16-19 converter", 16, 19, Phase.SIXTEEN_PLUS),
        ("Not applicable", "Community special school", 4, 19, Phase.SPECIAL),
        ("Not applicable", "Academy special converter", 4, 19, Phase.SPECIAL),
        ("Not applicable", "Pupil referral unit", 11, 16, Phase.PRU),
        ("Not applicable", "Academy alternative provision converter", 5, 16, Phase.PRU),
        ("Not applicable", "Community school", 4, 11, Phase.PRIMARY),
        ("Not applicable", "Foundation school", 11, 18, Phase.SECONDARY),
        ("", "Foundation school", 4, 18, Phase.ALL_THROUGH),
        ("", "Community school", None, 11, None),
    ],
)
def test_the_phase_comes_from_the_register_s_phase_type_and_ages(phase, kind, low, high, expected):
    assert phase_of(phase, kind, low, high) == expected


def test_the_report_counts_as_the_register_groups():
    assert [group_of(phase) for phase in (Phase.INFANT, Phase.JUNIOR, Phase.SPECIAL, Phase.PRU, Phase.ALL_THROUGH)] == [
        "primary", "primary", "special and PRU", "special and PRU", "all-through",
    ]  # fmt: skip


def test_a_school_of_no_known_phase_is_held_for_a_person(load):
    report = load(gias_bytes(school(1), school(2, "Odd School", phase="Not applicable", low="", high="")))
    assert counts(report) == {"created": 1, "held": 1}
    batch = ImportBatch.objects.get()
    assert batch.held[0]["label"] == "2 Odd School"
    assert "Neither its phase nor its ages" in batch.held[0]["message"]


# ---------------------------------------------------------------- again, and later


def test_the_same_file_twice_changes_nothing(load):
    content = gias_bytes(school(1), school(2))
    load(content)
    before = (list(School.objects.values()), ImportBatch.objects.count(), AuditEvent.objects.count())
    report = load(content)
    assert (counts(report), report["identical"], report["read"]) == ({"unchanged": 2}, True, 2)
    assert (list(School.objects.values()), ImportBatch.objects.count(), AuditEvent.objects.count()) == before, "not a row is written"
    assert counts(load(content, again=True)) == {"unchanged": 2}
    assert list(School.objects.values()) == before[0]


def test_a_file_that_was_imported_but_not_last_is_read_again(load):
    first, second = gias_bytes(school(1, "Old name")), gias_bytes(school(1, "New name"))
    load(first, "a.csv")
    load(second, "b.csv")
    assert counts(load(first, "a.csv")) == {"updated": 1}
    assert get(1).name == "Old name"


def test_only_what_changes_is_written_and_the_report_says_from_what_to_what(load):
    load(gias_bytes(school(1), school(2)))
    report = load(gias_bytes(school(1), school(2, "Renamed")), LATER)
    assert counts(report) == {"updated": 1, "unchanged": 1}
    assert (get(1).source, get(2).source) == (f"GIAS, {NAME}", f"GIAS, {LATER}")
    [change] = ImportBatch.objects.latest("pk").changes
    assert (change["key"], change["fields"]) == ("2", {"name": ["School 2", "Renamed"]})


def test_schools_are_found_as_the_file_leaves_them_and_only_in_scope(load, world):
    others = [school(s.urn, s.name) for s in School.objects.filter(authority=world.authority)]
    load(gias_bytes(*others, school(1, "Quillfeather School", town="Hythe", estab=2147)))
    assert [hit.title for hit in search.search(world.administrator, "quillf")] == ["Quillfeather School"]
    [hit] = search.search(world.administrator, "9992147")
    assert (hit.url, hit.kind.label) == ("/schools/999/1/", "School")
    load(gias_bytes(*others, school(1, "Penhallow School", estab=2147)), LATER)
    assert [search.counts(world.administrator, words) for words in ("quillfeather", "penhallow")] == [{}, {"school": 1}]
    assert search.counts(world.other_administrator, "penhallow") == {}
    assert search.counts(world.sip, "penhallow") == {}


def test_what_the_file_does_not_own_stays(load, world):
    world.oak.cluster = world.south
    world.oak.save()
    oak = school(world.oak.urn, "Oakfield Academy", estab=world.oak.establishment_number)
    everyone = [
        school(s.urn, s.name, estab=s.establishment_number, phase="Primary")
        for s in School.objects.filter(authority=world.authority, status="open").exclude(pk=world.oak.pk)
    ]
    load(gias_bytes(oak, *everyone))
    fresh = School.objects.get(pk=world.oak.pk)
    assert (fresh.name, fresh.cluster) == ("Oakfield Academy", world.south)
    assert fresh.assignments.count() == 2
    assert School.objects.get(pk=world.birch.pk).name == "Birchwood Primary School", "another authority's school is not touched"


def test_without_commit_nothing_changes(load):
    load(gias_bytes(school(1)))
    before = list(School.objects.values())
    report = load(gias_bytes(school(1, "Other"), school(2)), LATER, should_commit=False)
    assert (counts(report), report["committed"]) == ({"created": 1, "updated": 1}, False)
    assert list(School.objects.values()) == before
    assert (ImportBatch.objects.count(), Authority.objects.count()) == (1, 1)


def test_all_or_nothing_with_row_column_value_and_a_sentence(load):
    report = load(gias_bytes(school(1), school(2, opened="31-02-2008"), school(3, low="four"), school(4, status="Shut")))
    assert (report["committed"], report["error_count"], School.objects.count(), ImportBatch.objects.count()) == (False, 3, 0, 0)
    assert [(e["row"], e["column"], e["value"]) for e in report["errors"]] == [
        (3, "OpenDate", "31-02-2008"),
        (4, "StatutoryLowAge", "four"),
        (5, "EstablishmentStatus (name)", "Shut"),
    ]
    assert all(error["message"] for error in report["errors"])


def test_a_wrong_row_of_another_authority_is_not_our_concern(load):
    assert counts(load(gias_bytes(school(1), school(2, la=886, opened="nonsense")))) == {"created": 1, "skipped": 1}


def test_one_urn_twice_with_other_facts_is_an_error_and_with_the_same_is_one_school(load):
    report = load(gias_bytes(school(1, "Hill"), school(1, "Vale")))
    assert "stands in row 2 too" in report["errors"][0]["message"]
    assert counts(load(gias_bytes(school(1, "Hill"), school(1, "Hill")))) == {"created": 1, "skipped": 1}


# ---------------------------------------------------------------- closing and opening


def test_a_school_marked_closed_gets_the_file_s_own_day_and_reason(load):
    load(gias_bytes(school(1), school(2)))
    gone = school(2, status="Closed", closed="31-08-2008", close_reason="Result of Amalgamation/Merger")
    assert counts(load(gias_bytes(school(1), gone, columns=FULL), LATER)) == {"unchanged": 1, "closed": 1}
    assert (get(2).status, get(2).closed_on, get(2).close_reason) == (
        SchoolStatus.CLOSED,
        dt.date(2008, 8, 31),
        "Result of Amalgamation/Merger",
    )


def test_a_school_that_a_later_file_lacks_is_closed_on_its_date_and_not_deleted(load):
    load(gias_bytes(school(1), school(2), school(3)))
    report = load(gias_bytes(school(1), school(3)), LATER)
    assert counts(report) == {"unchanged": 2, "closed": 1}
    row = get(2)
    assert (row.status, row.closed_on, row.close_reason) == (SchoolStatus.CLOSED, dt.date(2008, 10, 1), "Not in the register of 01/10/2008")
    assert counts(load(gias_bytes(school(1), school(3)), "edubaseallstatefunded20081008.csv")) == {"unchanged": 2}, "it closes once"


def test_a_closed_school_that_the_file_shows_as_open_is_open_again(load):
    load(gias_bytes(school(1), school(2)))
    load(gias_bytes(school(1)), LATER)
    report = load(gias_bytes(school(1), school(2)), "edubaseallstatefunded20081008.csv")
    assert counts(report) == {"unchanged": 1, "updated": 1}
    assert (get(2).status, get(2).closed_on, get(2).close_reason) == (SchoolStatus.OPEN, None, "")


def test_a_school_that_is_to_close_is_open_until_then(load):
    load(gias_bytes(school(1, status="Open, but proposed to close", closed="31-08-2009"), columns=FULL), "results.csv")
    assert (get(1).status, get(1).closed_on, get(1).is_open) == (SchoolStatus.CLOSING, dt.date(2009, 8, 31), True)
    assert counts(load(gias_bytes(school(1, status="Open, but proposed to close")))) == {"unchanged": 1}, (
        "a file without the day takes none away"
    )
    assert counts(load(gias_bytes(school(1)), LATER)) == {"updated": 1}
    assert (get(1).status, get(1).closed_on) == (SchoolStatus.OPEN, None)


def test_one_that_closed_before_it_was_held_is_passed_over(load):
    report = load(gias_bytes(school(1), school(2, status="Closed", closed="31-08-1999"), columns=FULL), "results.csv")
    assert (counts(report), report["skipped_by"]) == ({"created": 1, "skipped": 1}, {"closed, and never held here": 1})


def test_one_proposed_to_open_is_held_as_proposed_and_a_file_of_open_schools_leaves_it(load):
    load(gias_bytes(school(1), school(2, status="Proposed to open")))
    assert get(2).status == SchoolStatus.PROPOSED
    assert counts(load(gias_bytes(school(1)), LATER)) == {"unchanged": 1}
    assert counts(load(gias_bytes(school(1), school(2)), "edubaseallstatefunded20081008.csv")) == {"unchanged": 1, "updated": 1}


def test_a_file_of_academies_closes_no_maintained_school_and_the_other_way_round(load):
    academies = [school(n, type="Academy converter") for n in (1, 2)]
    maintained = [school(n) for n in (3, 4)]
    load(gias_bytes(*academies, *maintained))
    report = load(gias_bytes(academies[0]), "edubaseallacademiesandfree20081001.csv")
    assert counts(report) == {"unchanged": 1, "closed": 1}
    assert any("no maintained schools; the 2 held here" in note for note in report["notes"])
    assert (get(2).status, get(3).status, get(4).status) == ("closed", "open", "open")
    report = load(gias_bytes(maintained[0]), "edubaseallstatefunded20081008.csv")
    assert counts(report) == {"unchanged": 1, "closed": 1}
    assert (get(1).status, get(4).status) == ("open", "closed")


def test_a_part_of_the_register_closes_nothing_and_says_so(load):
    load(gias_bytes(*[school(n) for n in range(1, 41)]))
    report = load(gias_bytes(*[school(n) for n in range(1, 26)]), LATER)
    assert counts(report) == {"unchanged": 25, "held": 15}
    assert School.objects.filter(status=SchoolStatus.CLOSED).count() == 0
    held = ImportBatch.objects.latest("pk").held
    assert "25 open schools of the 40 held here" in held[0]["message"]


def test_many_conversions_are_no_part_of_the_register(load):
    """Old URNs go, new ones come: as many schools as before."""
    load(gias_bytes(*[school(n) for n in range(1, 41)]))
    report = load(
        gias_bytes(*[school(n) for n in range(1, 21)], *[school(1000 + n, type="Academy converter") for n in range(21, 41)]), LATER
    )
    assert counts(report) == {"created": 20, "unchanged": 20, "closed": 20}


def test_a_school_that_has_moved_to_another_authority_is_held_not_closed(load):
    load(gias_bytes(school(1), school(2, "Border School")))
    report = load(gias_bytes(school(1), school(2, "Border School", la=888, la_name="Marchwold")), LATER)
    assert counts(report) == {"unchanged": 1, "held": 1}
    assert "888 Marchwold" in ImportBatch.objects.latest("pk").held[0]["message"]
    assert get(2).status == SchoolStatus.OPEN


def test_an_earlier_file_is_refused(load):
    load(gias_bytes(school(1)), LATER)
    report = load(gias_bytes(school(1, "Its old name")), NAME)
    assert report["errors"][0]["message"] == (
        "This file is of 01/09/2008, but a file of 01/10/2008 has been imported. An earlier file would undo what has happened since."
    )
    assert get(1).name == "School 1"


def test_a_file_without_a_date_counts_as_of_the_latest_day_known_and_bars_none_after_it(load):
    load(gias_bytes(school(1), school(2), school(3)), "edubaseallstatefunded20260602.csv")
    assert counts(load(gias_bytes(school(1), school(3)), "schools.csv")) == {"unchanged": 2, "closed": 1}
    assert get(2).closed_on == dt.date(2026, 6, 2)
    load(gias_bytes(school(1, changed="05-06-2026"), columns=FULL), "results.csv")
    assert get(3).closed_on == dt.date(2026, 6, 5), "by the newest day in it"
    assert ImportBatch.objects.latest("pk").summary["dated"] is None
    assert counts(load(gias_bytes(school(1)), "edubaseallstatefunded20260603.csv")) == {"unchanged": 1}


# ---------------------------------------------------------------- the command


def command(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("import_data", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_reports_in_json_and_in_words(tmp_path):
    path = str(written(tmp_path, NAME, gias_bytes(school(1), school(2, phase="Secondary", low=11, high=16))))
    report = json.loads(command("gias", path, "--authority", "999", "--format", "json")[0])
    assert {"read", "created", "updated", "unchanged", "closed", "held", "skipped", "errors"} <= set(report)
    assert (report["created"], report["created_by"], report["committed"]) == (2, {"primary": 1, "secondary": 1}, False)
    assert not School.objects.exists()
    words = command("gias", path, "--authority", "999", "--commit")[0]
    assert "created           2   (1 primary, 1 secondary)" in words
    assert "The authority 999 Wealdshire is not known here and is made." in words
    assert words.endswith("Committed.\n")
    assert "the file was not read again" in command("gias", path, "--authority", "999", "--commit")[0]


def test_the_command_fails_with_the_report_when_the_file_is_wrong(tmp_path):
    path = str(written(tmp_path, NAME, gias_bytes(school(1, opened="soon"))))
    out = StringIO()
    with pytest.raises(CommandError, match="Nothing was written"):
        call_command("import_data", "gias", path, "--authority", "999", "--commit", "--format", "json", stdout=out)
    [error] = json.loads(out.getvalue())["errors"]
    assert (error["row"], error["column"], error["value"]) == (2, "OpenDate", "soon")
    with pytest.raises(CommandError, match="There is no import called"):
        command("nonsense", path, "--authority", "999")
    with pytest.raises(CommandError, match="There is no file"):
        command("gias", "nowhere.csv", "--authority", "999")


def test_the_command_asks_the_permission_of_whoever_it_is_for(tmp_path, world):
    path = str(written(tmp_path, "a.csv", gias_bytes(*[school(s.urn) for s in School.objects.filter(authority=world.authority)])))
    with pytest.raises(CommandError, match="may not import"):
        command("gias", path, "--authority", "999", "--commit", "--by", world.sip.email)
    with pytest.raises(CommandError, match="may not import"):
        command("gias", path, "--authority", "999", "--commit", "--by", world.other_administrator.email)
    with pytest.raises(CommandError, match="has an account"):
        command("gias", path, "--authority", "999", "--by", "nobody@portal.example")
    command("gias", path, "--authority", "999", "--commit", "--by", world.administrator.email)
    event = AuditEvent.objects.get(event="register.imported")
    assert (event.actor_name, event.authority_code, event.changes["unchanged"] + event.changes["updated"]) == ("Ada Minton", "999", 8)


# ---------------------------------------------------------------- cost


def test_many_schools_cost_no_more_queries_than_few(load, django_assert_max_num_queries):
    def rows(count: int, name: str) -> bytes:
        return gias_bytes(*[school(n, f"{name} {n}") for n in range(1, count + 1)])

    with django_assert_max_num_queries(26):  # with the job that looks for what the new data says
        load(rows(3, "A"), "a.csv")
    with django_assert_max_num_queries(26):  # with the job that looks for what the new data says
        load(rows(300, "B"), "b.csv")
    assert School.objects.count() == 300


def test_the_format_documents_itself():
    text = FORMAT.documentation()
    assert "| EstablishmentName |" in text
    assert "Heads' names are not read." in text


# ---------------------------------------------------------------- the real files


@pytest.mark.real_data
def test_the_published_register_of_a_large_authority(load, real_data: Path):
    content = (real_data / "gias/extract.zip").read_bytes()
    report = load(content, "extract.zip", authority="886")
    assert (report["created"], report["held"], report["error_count"]) == (595, 0, 0)
    assert report["created_by"] == {"primary": 459, "secondary": 100, "special and PRU": 31, "all-through": 4, "nursery": 1}
    assert not School.objects.exclude(authority__code="886").exists()
    assert Authority.objects.get().name == "Kent"
    assert counts(load(content, "extract.zip", authority="886"))["unchanged"] == 595
    assert counts(load(content, "extract.zip", authority="886", again=True))["unchanged"] == 595
    academies = (real_data / "gias/edubaseallacademiesandfree20260602_886_887_936.csv").read_bytes()
    report = load(academies, "edubaseallacademiesandfree20260602.csv", authority="886")
    assert (report["unchanged"], report["created"], report["closed"]) == (312, 0, 0)


@pytest.mark.real_data
def test_the_full_field_export_then_the_register_of_five_years_later(load, real_data: Path):
    report = load((real_data / "gias/results_20210506_936.csv").read_bytes(), "results_20210506_936.csv", authority="936")
    assert (report["read"], report["created"], report["error_count"]) == (590, 397, 0)
    assert report["skipped_by"]["not a state-funded school: Children's centre"] == 58
    assert School.objects.filter(status=SchoolStatus.CLOSING).count() == 5
    assert School.objects.filter(roll__isnull=False).count() == 380
    report = load((real_data / "gias/extract.zip").read_bytes(), "extract.zip", authority="936")
    assert (report["created"], report["closed"], report["held"], report["error_count"]) == (76, 74, 0, 0)
    assert School.objects.open_on(TODAY).count() == 399
    assert School.objects.count() == 397 + 76, "nothing is deleted"


def test_a_school_of_another_authority_with_the_same_urn_is_another_row(load, world):
    """A consortium: the same establishment may be held by two authorities, and an import touches its own."""
    make_school(world.other, "Theirs", urn=1)
    load(gias_bytes(school(1, "Ours"), *[school(s.urn, s.name) for s in School.objects.filter(authority=world.authority)]))
    assert set(School.objects.filter(urn=1).values_list("name", flat=True)) == {"Theirs", "Ours"}
