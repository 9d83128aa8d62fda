"""Predecessors and successors from files."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from core.tabular.services import run
from people.models import Authority
from schools.imports.links import older_and_newer
from schools.models import School, SchoolLink
from tests.factories.people import NOW, TODAY, make_authority
from tests.factories.schools import make_school
from tests.factories.tables import LINKS, csv_bytes, gias_bytes, school, written

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture
def authority() -> Authority:
    found = make_authority("999", "Wealdshire")
    make_school(found, "New School", urn=300)
    make_school(found, "Other School", urn=301)
    return found


@pytest.fixture
def load(tmp_path: Path):
    def import_rows(*rows, name: str = "links.csv", kind: str = "gias-links", content: bytes | None = None):
        path = written(tmp_path, name, csv_bytes(LINKS, rows) if content is None else content)
        with path.open("rb") as file:
            batch = run(actor=None, kind=kind, authority_code="999", file=file, file_name=name, at=NOW, on=TODAY, should_commit=True)
        return batch.summary

    return import_rows


PAIR = (
    [200, 300, "New School\xa0", "Successor - amalgamated", "01-09-2007"],
    [300, 200, "Old School", "Predecessor - amalgamated", "01-09-2007"],
)


def test_links_of_the_authority_s_schools_are_kept_as_worded_and_others_passed_over(load, authority):
    report = load(*PAIR, [500, 501, "Elsewhere", "Successor", ""])
    assert (report["read"], report["created"], report["skipped"]) == (3, 2, 1)
    link = SchoolLink.objects.get(urn=200)
    assert (link.linked_urn, link.linked_name, link.kind, link.linked_on) == (
        300,
        "New School",
        "Successor - amalgamated",
        dt.date(2007, 9, 1),
    )
    assert link.is_successor
    assert School.objects.count() == 2, "no school is made of a link"


def test_a_school_s_whole_descent_is_kept_even_through_schools_never_held(load, authority):
    """A became B, B became C, and C is held; of the second link only one end is in the file."""
    load(
        [100, 200, "B", "Successor", ""],
        [300, 200, "B", "Predecessor", ""],
        [900, 100, "A", "Sixth Form Centre Link", ""],
        [90, 100, "A", "Successor", ""],
    )
    assert set(SchoolLink.objects.values_list("urn", "linked_urn")) == {(100, 200), (300, 200), (900, 100), (90, 100)}


def test_what_became_of_a_sibling_is_not_ours(load, authority):
    """B was split into our school and another authority's: what follows that one is no descent of ours."""
    load(
        [300, 200, "B", "Predecessor - Split School", ""],
        [200, 777, "Theirs", "Successor - Split School", ""],
        [777, 778, "Theirs later", "Successor", ""],
    )
    assert set(SchoolLink.objects.values_list("urn", "linked_urn")) == {(300, 200), (200, 777)}


def test_the_same_file_again_changes_nothing_and_a_date_is_added_but_never_lost(load, authority):
    load([300, 200, "Old School", "Predecessor", ""])
    assert load([300, 200, "Old School", "Predecessor", ""])["identical"]
    report = load([300, 200, "Old School, renamed", "Predecessor", "01-09-2007"])
    assert (report["updated"], report["created"]) == (1, 0)
    assert load([300, 200, "Old School, renamed", "Predecessor", ""])["unchanged"] == 1
    assert SchoolLink.objects.get().linked_on == dt.date(2007, 9, 1)


def test_a_link_that_a_later_file_lacks_stays(load, authority):
    load(*PAIR)
    report = load([301, 201, "Another", "Predecessor", ""])
    assert (report["created"], report["closed"]) == (1, 0)
    assert SchoolLink.objects.count() == 3


def test_the_same_bytes_are_read_again_once_the_register_has_changed(load, authority):
    rows = ([400, 401, "X", "Successor", ""], [300, 200, "Old", "Predecessor", ""])
    assert load(*rows)["created"] == 1
    load(name="reg.csv", kind="gias", content=gias_bytes(school(300), school(301), school(401)))
    report = load(*rows)
    assert (report["created"], report["unchanged"]) == (1, 1)


def test_links_before_the_register_are_refused(load):
    report = load(*PAIR)
    assert "Import the register first" in report["errors"][0]["message"]
    assert not SchoolLink.objects.exists()


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Successor - merged", (1, 2)),
        ("Predecessor", (2, 1)),
        ("Closure", None),
        ("Sixth Form Centre Link", None),
        ("Result of Amalgamation", None),
    ],
)
def test_which_came_first_is_told_by_the_type_or_not_at_all(kind, expected):
    assert older_and_newer(1, 2, kind) == expected


@pytest.mark.real_data
def test_the_published_links_file(tmp_path: Path, real_data: Path):
    def load(kind: str, path: str):
        with (real_data / path).open("rb") as file:
            name = Path(path).name
            return run(actor=None, kind=kind, authority_code="936", file=file, file_name=name, at=NOW, on=TODAY, should_commit=True).summary

    load("gias", "gias/results_20210506_936.csv")
    report = load("gias-links", "gias/links_edubasealldata20240312.csv.gz")
    assert (report["read"], report["created"], report["error_count"]) == (32_359, 648, 0)
    assert report["tables"][0]["encoding"] == "cp1252"
    assert not SchoolLink.objects.filter(linked_name__endswith="\xa0").exists()
    assert load("gias-links", "gias/links_edubasealldata20240312.csv.gz")["identical"]
