"""Pupil-level target setting against a table worked by hand: thirty pupils, their progression, sums, and what is hidden (P10)."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from core.access import Refused
from core.retention import RETENTION
from people.models import User
from people.packs import require_pack
from schools.choices import ContactKind
from schools.models import School
from targets.models import Pupil, PupilSheet
from targets.pupils import Sum, matrix_for, progression, stage_of, sums_of
from targets.selectors.targets import round_list, round_of
from targets.services import answer_targets, close_sheets, decide_targets, propose_targets, replace_pupils, save_pupil
from targets.sheets import kept_reference
from tests.factories import visits as make
from tests.factories.people import NOW, TODAY, make_user
from tests.factories.schools import World, make_contact, make_school
from tests.factories.targets import make_comparator

pytestmark = pytest.mark.django_db

# prior English, prior maths, target English, target maths, girl, FSM: how many pupils
BY_HAND = [
    (("2A", "2A", "4", "4", True, False), 8),
    (("2B", "2B", "4", "4", False, False), 6),
    (("3", "3", "5", "5", True, False), 3),
    (("3", "2A", "4", "5", False, False), 2),
    (("2C", "2B", "4", "3", True, False), 2),
    (("2C", "2C", "3", "4", False, True), 3),
    (("1", "1", "3", "3", False, True), 4),
    (("W", "W", "below 3", "below 3", True, False), 1),
    (("", "", "3", "3", True, False), 1),
]
MATRIX_MATHS = [  # rows W, 1, 2C, 2B, 2A, 3; columns below 3, 3, 4, 5
    [1, 0, 0, 0],
    [0, 4, 0, 0],
    [0, 0, 3, 0],
    [0, 2, 6, 0],
    [0, 0, 8, 2],
    [0, 0, 0, 3],
]


def rows() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for (prior_en, prior_ma, target_en, target_ma, girl, fsm), count in BY_HAND:
        for _ in range(count):
            found.append(
                {
                    "reference": f"M5-{len(found) + 1:02d}",
                    "year_group": 5,
                    "prior_en": prior_en,
                    "prior_ma": prior_ma,
                    "target_en": target_en,
                    "target_ma": target_ma,
                    "is_girl": girl,
                    "is_fsm": fsm,
                }
            )
    return found


@pytest.fixture
def sheet(world: World) -> PupilSheet:
    make.load_england_2008(world.authority)
    return replace_pupils(actor=world.fresh("head"), school=world.oak, academic_year=2008, rows=rows(), at=NOW)


def test_the_matrix_and_the_sums_are_those_of_the_hand_worked_table(world: World, sheet: PupilSheet) -> None:
    content = require_pack(world.authority, TODAY).content
    english, maths = matrix_for(content, "ks2", "en"), matrix_for(content, "ks2", "ma")
    assert english is not None and maths is not None
    pupils = list(Pupil.objects.filter(sheet=sheet))
    assert progression(pupils, maths, "ma") == MATRIX_MATHS
    sums = sums_of(pupils, english, maths, "ks2")
    # both: 8+6+3+2; English 4+: those and 2; maths 4+: those and 3
    # progress, English: 8+6+3 (3 to 5), the two from 3 to 4 not, 2 from 2C, the three from 2C to 3 not, 4 from 1 to 3; of 29
    # progress, maths: 8+6+3+2, the two from 2B to 3 not, 3 from 2C to 4, 4 from 1 to 3; of 29
    assert {code: (found.reached, found.cohort) for code, found in sums.items()} == {
        "ks2.l4_en_ma": (19, 30),
        "ks2.l4_en": (21, 30),
        "ks2.l4_ma": (22, 30),
        "ks2.prog2_en": (23, 29),
        "ks2.prog2_ma": (26, 29),
    }
    assert sums["ks2.l4_en_ma"].percent == Decimal("63.33")


def test_the_authority_sees_sums_and_never_a_small_number(world: World, sheet: PupilSheet, client: Client) -> None:
    client.force_login(world.manager)
    page = client.get(f"/targets/{world.authority.code}/{world.oak.urn}/pupils/sums/").content.decode()
    assert "M5-0" not in page and ">hidden<" in page
    assert client.get(f"/targets/{world.authority.code}/{world.oak.urn}/pupils/").status_code == 403
    told = client.get(f"/targets/{world.authority.code}/{world.oak.urn}/pupils/sums/").context["told"]
    # 19 of 30 reach both, 21 English, 22 mathematics: two reach English alone, so 21 beside 19 would tell of them; so would 22 of 30
    assert [one for code, one in told.sums.items() if one is not None and code.startswith("ks2.l4")] == [Sum(19, 30)]
    assert told.matrices["ma"][-1][-1] == 30 and None in told.matrices["ma"][-1]
    # girls 15: 11 reach both, 4 do not; boys 15: 8 and 7: one hidden number would give away its row and its column
    assert told.groups[0][1] == [[None, None, 15], [None, None, 15], [19, 11, 30]]
    # and the round tells the authority no sum from which a hidden number follows; the head sees them all
    for user, hidden in ((world.fresh("manager"), True), (world.fresh("head"), False)):
        found = round_of(user, world.oak, 2008, TODAY)
        assert found is not None
        sums = {line.measure.code: line.own_sum for line in found.lines}
        assert (sums["ks2.l4_en"] == "hidden") is hidden and sums["ks2.l4_en_ma"] == "63%"


def test_no_flag_tells_the_authority_a_hidden_sum(world: World, sheet: PupilSheet, client: Client) -> None:
    """21 of 30 reach English, 70%, which is hidden; 19 of 30 reach both, 63%, which is shown. A flag that is raised beside every
    target but that one would give the hidden sum away."""
    english, both, flag = "ks2.l4_en.2010", "ks2.l4_en_ma.2010", "not-from-pupils"
    content = require_pack(world.authority, TODAY).content

    def deed(who: str) -> dict[str, Any]:
        return {"actor": world.fresh(who), "school": world.oak, "academic_year": 2008, "at": NOW}

    def flags(who: str) -> dict[str, list[str]]:
        found = round_of(world.fresh(who), world.oak, 2008, TODAY)
        assert found is not None
        return {line.key: [flag.code for flag in line.flags] for line in found.lines}

    def exported(who: str) -> list[list[str]]:
        client.force_login(world.fresh(who))
        found = []
        for address in ("/targets/export/csv/", f"/targets/{world.authority.code}/{world.oak.urn}/export/csv/"):
            body = b"".join(client.get(address)).decode("utf-8-sig")
            found.append([row["Flags"] for row in csv.DictReader(io.StringIO(body))])
        return found

    readers, others = ("head", "sip"), ("manager", "officer", "chair")
    seen = {}
    for value in ("50", "70"):
        propose_targets(rows={english: {"value": Decimal(value)}, both: {"value": Decimal(75)}}, **deed("head"))
        seen[value] = {who: (flags(who), listed(world, content, who), exported(who)) for who in (*readers, *others)}
        for who, (grid, _, _) in seen[value].items():
            assert flag in grid[both] and "no-pupil-sheet" not in grid[english]
            assert (flag in grid[english]) is (who in readers and value == "50")
    for who in others:
        assert seen["50"][who] == seen["70"][who], who
    assert (seen["50"]["sip"][1][english], seen["70"]["sip"][1][english], seen["50"]["manager"][1][english]) == ([flag], [], [])
    assert seen["50"]["sip"][2] != seen["70"]["sip"][2]

    # nor does a refusal tell it to whoever enters the governing body's decision; the head is asked for the reason
    propose_targets(rows={english: {"value": Decimal(50)}}, **deed("head"))
    answer_targets(rows={english: {"answer": "accept"}}, **deed("sip"))
    with pytest.raises(Refused, match="pupil-level targets"):
        decide_targets(rows={english: {"decision": "agree"}}, **deed("head"))
    decide_targets(rows={english: {"decision": "agree"}}, **deed("manager"))


def listed(world: World, content: Any, who: str) -> dict[str, list[str]]:
    """What the list of schools, its counts and its export are made of: the flags by target."""
    [line] = round_list(world.fresh(who), content, [world.oak], 2008, TODAY)
    return {row.key: [code for code in row.flags if "pupil" in code] for row in line.rows}


def test_grades_of_key_stage_4_and_steps_on_the_performance_scales(world: World) -> None:
    make.load_england_2008(world.authority)
    content = require_pack(world.authority, TODAY).content

    def pupil(**values: Any) -> Pupil:
        return Pupil(reference="A1", year_group=10, **values)

    english, maths = matrix_for(content, "ks4", "en"), matrix_for(content, "ks4", "ma")
    assert english is not None and maths is not None
    rows = [
        pupil(prior_en="4", prior_ma="4", target_en="C", target_ma="C", target_five=True),
        pupil(prior_en="4", prior_ma="3", target_en="D", target_ma="B", target_five=True),
        pupil(prior_en="5", prior_ma="5", target_en="A", target_ma="A"),
    ]
    sums = sums_of(rows, english, maths, "ks4")
    assert (sums["ks4.ac5"], sums["ks4.ac5_en_ma"], sums["ks4.prog3_en"]) == (Sum(2, 3), Sum(1, 3), Sum(2, 3))
    assert "ks4.ac5" not in sums_of(rows[2:], english, maths, "ks4")

    special = make_school(world.authority, "Hollow School", phase="special")
    assert stage_of(special.phase) == "pscale"
    row = {"reference": "P1", "year_group": 9, "prior_en": "P2(ii)", "target_en": "P4", "prior_ma": "P8", "target_ma": "1C"}
    sheet = replace_pupils(actor=head_of_school(world, special), school=special, academic_year=2008, rows=[row], at=NOW)
    english, maths = matrix_for(content, "pscale", "en"), matrix_for(content, "pscale", "ma")
    assert english is not None and maths is not None
    sums = sums_of(list(sheet.pupils.all()), english, maths, "pscale")
    assert sums == {"pscale.prog_en": Sum(1, 1), "pscale.prog_ma": Sum(0, 1)}


def head_of_school(world: World, school: School) -> User:
    user = make_user("Head of Hollow")
    make_contact(school, ContactKind.HEAD, user=user)
    return User.objects.get(pk=user.pk)


def test_national_conversion_beside_the_matrix(world: World, sheet: PupilSheet, client: Client) -> None:
    client.force_login(world.head)
    address = f"/targets/{world.authority.code}/{world.oak.urn}/pupils/"
    page = client.get(address)
    assert [origin for _, _, origin in page.context["conversions"]] == ["", ""] and "not held" in page.content.decode()
    make_comparator(world.authority, "ks1-ks2-ma", 79, pupil_group="2B")
    page = client.get(address)
    maths = next(rows for label, rows, _ in page.context["conversions"] if label == "Mathematics")
    # eight pupils at 2B: six to level 4, two to level 3
    assert next(row for row in maths if row[0] == "2B") == ("2B", 8, 6, "75%", "79%", "\N{MINUS SIGN}4")
    assert "(79% nationally)" in page.content.decode()


REFUSED = {
    "names": ("Reference,Year group,Surname,Target English\nM5-01,5,Tolhurst,4\n", "keeps no names"),
    "a name among other words": ("Pupil name,Reference,Year group\nAnne,M5-01,5\n", "keeps no names"),
    "dates of birth": ("Reference,Year group,Date of birth\nM5-01,5,01/02/1999\n", "dates of birth"),
    "short": ("Reference,Year group,DOB\nM5-01,5,01/02/1999\n", "dates of birth"),
    "the national database": ("Reference,Year group,NPD_KS1\nM5-01,5,3\n", "National Pupil Database"),
    "a name for a reference": ("Reference,Year group\nAnne Tolhurst,5\n", "never a name"),
    "a date for a reference": ("Reference,Year group\n01/02/1999,5\n", "never a name or a date"),
    "no level": ("Reference,Year group,Target English\nM5-01,5,9Z\n", "9Z is no target"),
    "twice": ("Reference,Year group\nM5-01,5\nM5-01,5\n", "stands in the sheet twice"),
}


def test_what_is_refused_unread_and_what_is_taken(world: World, client: Client) -> None:
    make.load_england_2008(world.authority)
    client.force_login(world.head)
    address = f"/targets/{world.authority.code}/{world.oak.urn}/pupils/upload/"

    def send(text: str) -> Any:
        file = io.BytesIO(text.encode())
        file.name = "sheet.csv"
        return client.post(address, {"file": file})

    for what, (text, says) in REFUSED.items():
        response = send(text)
        assert response.status_code == 422 and says in response.content.decode(), what
        assert not Pupil.objects.exists(), what
    upn = "A123456789012"
    taken = send(f"Reference,Year group,Target English,Target maths,Girl\n{upn},5,4,4,yes\nM5-02,5,<3,3,no\n")
    assert taken.status_code == 302, taken.content.decode()
    hashed, own = Pupil.objects.order_by("-reference")
    assert hashed.reference == kept_reference(upn, world.authority.code) != kept_reference(upn, "998") and upn not in hashed.reference
    assert (own.target_en, own.target_ma, own.is_girl) == ("below 3", "3", False)
    page = client.get(f"/targets/{world.authority.code}/{world.oak.urn}/pupils/")
    assert page.status_code == 200 and "M5-02" in page.content.decode()


def test_typed_read_closed_and_disposed_of(world: World, sheet: PupilSheet) -> None:
    head = world.fresh("head")
    given = {"reference": "M5-31", "year_group": 5, "target_en": "4", "target_ma": "4"}
    save_pupil(actor=head, school=world.oak, academic_year=2008, given=given, at=NOW)
    sheet.refresh_from_db()
    assert (sheet.pupil_count, sheet.dispose_on) == (31, dt.date(2010, 8, 31))
    with pytest.raises(Refused, match="this reference"):
        save_pupil(actor=head, school=world.oak, academic_year=2008, given=given, at=NOW)
    save_pupil(actor=head, school=world.oak, academic_year=2008, given={}, pupil=Pupil.objects.get(reference="M5-31"), remove=True, at=NOW)
    for name, count in (
        ("head", 30),
        ("sip", 30),
        ("manager", 0),
        ("officer", 0),
        ("chair", 0),
        ("consultant", 0),
        ("administrator", 0),
        ("elm_head", 0),
    ):
        assert Pupil.objects.visible_to(world.fresh(name)).count() == count, name
        if name != "head":
            with pytest.raises(PermissionDenied):
                save_pupil(actor=world.fresh(name), school=world.oak, academic_year=2008, given=given, at=NOW)

    assert close_sheets(actor=world.fresh("manager"), authority=world.authority, academic_year=2008, at=NOW - dt.timedelta(days=1)) == 1
    assert Pupil.objects.visible_to(world.fresh("sip")).count() == 0 and Pupil.objects.visible_to(world.fresh("head")).count() == 30
    kept = RETENTION["pupil_rows"]
    assert kept.shipped is not None and kept.due(world.authority.pk, kept.shipped(dt.date(2010, 8, 30))) == []
    [due] = kept.due(world.authority.pk, kept.shipped(dt.date(2010, 8, 31)))
    assert due.school_id == world.oak.pk and "30 pupils" in due.label
    kept.destroy(world.other.pk, [due.subject_id])
    assert Pupil.objects.exists()
    kept.destroy(world.authority.pk, [due.subject_id])
    sheet.refresh_from_db()
    assert not Pupil.objects.exists() and sheet.pupil_count == 30 and sheet.disposed_at is not None
