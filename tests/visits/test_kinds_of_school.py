"""Every kind of school has the sections its pupils are old enough for, and its own people by their titles (S1)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from people.packs import require_pack
from schools.choices import Phase
from targets.choices import Release
from targets.models import DataSource, Result
from tests.factories import visits as make
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, make_assignment, make_school
from visits import services
from visits.models import NoteOfVisit
from visits.pack import visits_of

pytestmark = pytest.mark.django_db

UNIT = {"curriculum_hours", "reintegration", "attendance_exclusions", "qualifications"}


@pytest.fixture
def world(world: World, settings: Any) -> World:
    settings.SIP_TODAY = TODAY
    make.load_england_2008(world.authority)
    return world


def text_of(client: Client, name: str, *args: str) -> str:
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200
    return response.content.decode()


def begin(world: World, phase: Phase) -> NoteOfVisit:
    school = make_school(world.authority, f"A {phase} school", phase=phase, cluster=world.north)
    make_assignment(world.sip, school)
    return make.start(world.fresh("sip"), school)


def test_each_phase_has_its_own_sections(world: World) -> None:
    found = {phase: set(begin(world, phase).sections.values_list("code", flat=True)) for phase in Phase if phase != Phase.SIXTEEN_PLUS}
    assert all("lldd" in codes for codes in found.values())  # S3: in every phase
    assert found[Phase.SPECIAL] >= UNIT and found[Phase.PRU] >= UNIT
    for phase in (Phase.PRIMARY, Phase.INFANT, Phase.JUNIOR, Phase.NURSERY, Phase.SECONDARY):
        assert not found[phase] & UNIT and "attendance" in found[phase], phase
    assert {phase for phase, codes in found.items() if "early_years" in codes} >= {Phase.NURSERY, Phase.PRIMARY, Phase.INFANT}
    assert {phase for phase, codes in found.items() if "targets_next" not in codes} == {Phase.NURSERY}
    part = visits_of(require_pack(world.authority, TODAY).content)
    for phase in found:
        assert {"sef", "previous-notes"} <= {one.code for one in part.datasets_for(part.visit_type("autumn"), phase)}, phase
    assert not {phase for phase, codes in found.items() if "early_years" in codes} & {Phase.JUNIOR, Phase.SECONDARY, Phase.PRU}


def test_a_pupil_referral_unit_is_called_by_its_own_words_in_editor_and_note(world: World) -> None:
    note = make.start(world.sip_head, world.pru)
    client = Client()
    client.force_login(world.sip_head)
    section = note.sections.get(code="actions_new")
    rows = {"actions": [{"text": "Reintegrate sooner", "owner": "head", "due_on": "2008-12-12", "success_measure": "Six pupils"}]}
    services.save_section(actor=world.sip_head, note=note, key="actions_new", base_revision=section.revision, at=NOW, body="", rows=rows)
    editor = text_of(client, "visits:note-edit", note.public_id, "actions_new")
    assert '<option value="head" selected>Teacher in charge</option>' in editor and ">Management committee</option>" in editor
    pages = [editor, *(text_of(client, f"visits:{name}", note.public_id) for name in ("note-preview", "note-detail"))]
    for page in pages:
        said = page.replace("Headteacher; Assessment leader", "").replace("Deputy headteacher", "")  # whom the factory's SIP met
        assert "eadteacher" not in said, said[said.index("eadteacher") - 80 :][:200]
    assert "Teacher in charge" in pages[1]


def test_the_schools_results_stand_beside_the_sections_that_the_pack_names(world: World) -> None:
    note = make.start(world.sip, world.oak)
    source = DataSource.objects.create(
        authority=world.authority, kind="results", title="Key Stage 2 results", dated=dt.date(2008, 9, 1), imported_at=NOW
    )
    for year, value in ((2004, "50"), (2005, "55"), (2006, "61"), (2007, "68.4")):
        Result.objects.create(
            school=world.oak, measure="ks2.l4_en_ma", academic_year=year, value=Decimal(value), release=Release.FINAL, source=source
        )
    Result.objects.create(
        school=world.ash, measure="ks2.l4_en_ma", academic_year=2007, value=Decimal("11"), release=Release.FINAL, source=source
    )
    client = Client()
    client.force_login(world.sip)
    beside = text_of(client, "visits:note-edit", note.public_id, "standards").split('id="ctx-data"')[1].split("</details>")[0]
    assert [figure in beside for figure in ("55%", "61%", "<strong>68%</strong>", "50%", "11%")] == [True, True, True, False, False]
    assert "Key Stage 2 results, final, 1 September 2008" in beside
    assert 'id="ctx-data"' not in text_of(client, "visits:note-edit", note.public_id, "groups")
