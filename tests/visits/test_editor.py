"""Writing a note in the browser's plain way: every section, every table, conflicts, checks, submission, the steps of a draft."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.audit import AuditEvent
from people.models import User
from schools.models import School
from support.models import Intervention
from tests.factories import visits as make
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World
from visits import services
from visits.choices import NoteState
from visits.forms.paste import Heading, split_note
from visits.models import AgreedAction, NoteOfVisit, NoteSection, Visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(world: World, settings: Any) -> World:
    settings.SIP_TODAY = TODAY
    make.load_england_2008(world.authority)
    return world


@pytest.fixture
def note(world: World) -> NoteOfVisit:
    return make.start(world.sip, world.oak)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(name: str, note: NoteOfVisit, *more: str) -> str:
    return reverse(f"visits:{name}", args=[note.public_id, *more])


def section(note: NoteOfVisit, code: str) -> NoteSection:
    return note.sections.get(code=code)


INPUT = re.compile(r"<(input|textarea|select)\b([^>]*)>(?:(.*?)</\1>)?", re.DOTALL)
ATTRIBUTE = re.compile(r'([a-z-]+)(?:="([^"]*)")?')


def fields_of(html: str, form_id: str = "section-form") -> dict[str, Any]:
    """What a browser without a script would send of the form: its successful controls, none of a ``<template>``."""
    body = html[html.index(f'id="{form_id}"') :]
    body = re.sub(r"<template.*?</template>", "", body[: body.index("</form>")], flags=re.DOTALL)
    found: dict[str, Any] = {}
    for tag, raw, inner in INPUT.findall(body):
        attrs = dict(ATTRIBUTE.findall(raw))
        name = attrs.get("name")
        if not name or name == "csrfmiddlewaretoken":
            continue
        if tag == "textarea":
            found[name] = unescape(inner).removeprefix("\n")
        elif tag == "select":
            chosen = re.search(r'<option value="([^"]*)" selected', inner)
            found[name] = unescape(chosen[1]) if chosen else ""
        elif attrs.get("type") in ("checkbox", "radio"):
            if "checked" in attrs:
                found[name] = attrs.get("value", "on")
        else:
            found[name] = unescape(attrs.get("value", ""))
    return found


def open_section(client: Client, note: NoteOfVisit, key: str) -> dict[str, Any]:
    response = client.get(url("note-edit", note, key))
    assert response.status_code == 200
    return fields_of(response.content.decode())


def post_section(client: Client, note: NoteOfVisit, key: str, data: dict[str, Any], **more: Any) -> Any:
    return client.post(url("note-edit", note, key), {**data, **more})


# ---------------------------------------------------------------- every section


def test_a_section_opened_and_saved_unchanged_stays_as_it_is(world: World, note: NoteOfVisit) -> None:
    """What the page shows is what it sends: nothing is lost or made up by a save without a change."""
    make.fill(world.sip, note)
    Intervention.objects.create(
        authority=world.authority,
        school=world.oak,
        name="Own reading project",
        origin="school",
        quarters=6,
        cost_pence=123450,
        created_at=NOW,
    )
    client = client_of(world.sip)
    before = _everything(note)
    for one in note.sections.select_related("school"):
        response = post_section(client, note, one.key, open_section(client, note, one.key))
        assert response.status_code == 303, (one.key, response.content.decode()[:300])
    assert _everything(note) == before


def _everything(note: NoteOfVisit) -> list[Any]:
    found: list[Any] = []
    for one in note.sections.order_by("position"):
        found.append((one.code, one.body))
        found += [(j.area, j.school_grade, j.sip_grade, j.evidence) for j in one.judgements.all()]
        found += [(d.code, d.state, d.version, d.studied_on) for d in one.datasets.all()]
        found += [(a.text, a.owner, a.due_on, a.success_measure) for a in one.actions.all()]
        found += [(t.label, t.rationale, t.shown.value, t.shown.state, t.staged) for t in one.note_targets.select_related("target")]
        found += [(c.dimension, c.text) for c in one.cohesion.all()]
        found += [(i.shown.name, i.staged) for i in one.interventions.select_related("intervention")]
        if hasattr(one, "proposal"):
            found.append((one.proposal.category, one.proposal.criteria, one.proposal.head_told))
    return found


def test_the_bar_and_the_list_say_how_things_stand_in_words(world: World, note: NoteOfVisit) -> None:
    make.fill(world.sip, note)
    NoteSection.objects.filter(note=note, code="summary").update(body="")
    html = client_of(world.sip).get(url("note-edit", note, "standards")).content.decode()
    assert "Oakfield Primary School" in html and "Due <strong>Thu 16 October</strong>" in html
    assert "Saved 10:30" in html
    assert re.search(r'aria-current="step"[^>]*>Standards and progress<span>Writing now', html)
    assert re.search(r">Summary for governors<span>Not started</span>", html)
    assert "1 check blocks submission." in html


def test_going_on_and_back_without_a_script(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.sip)
    keys = [one.key for one in note.sections.select_related("school")]
    data = open_section(client, note, keys[1])
    response = post_section(client, note, keys[1], data, body="First words", go="next")
    assert (response.status_code, response["Location"]) == (303, url("note-edit", note, keys[2]))
    assert section(note, keys[1]).body == "First words"
    response = post_section(client, note, keys[2], open_section(client, note, keys[2]), go="before")
    assert response["Location"] == url("note-edit", note, keys[1])
    last = post_section(client, note, keys[-1], open_section(client, note, keys[-1]), go="next")
    assert last["Location"] == url("note-edit", note, keys[-1])


def test_writing_goes_on_at_the_first_section_that_is_not_done(world: World, note: NoteOfVisit) -> None:
    make.fill(world.sip, note)
    NoteSection.objects.filter(note=note, code="groups").update(body="")
    response = client_of(world.sip).get(url("note-write", note))
    assert response["Location"] in (url("note-edit", note, "groups"), *(url("note-edit", note, code) for code in ("self_evaluation",)))


def test_text_is_kept_as_typed_and_escaped_when_shown(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.sip)
    words = "\nA <b>first</b> line & another\n\n  indented “quotes”"
    post_section(client, note, "standards", open_section(client, note, "standards"), body=words.replace("\n", "\r\n"))
    assert section(note, "standards").body == words
    html = client.get(url("note-edit", note, "standards")).content.decode()
    assert "<b>first" not in html
    assert fields_of(html)["body"] == words


# ---------------------------------------------------------------- tables


def test_judgements_with_the_schedules_words_beside_each_grade(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.sip)
    html = client.get(url("note-edit", note, "standards")).content.decode()
    for words in make.england_2008().section("visits").area("achievement").words:
        assert words.split(";")[0][:40] in unescape(html)
    data = fields_of(html)
    response = post_section(
        client,
        note,
        "standards",
        {**data, "judgement-0-sip_grade": "3", "judgement-0-school_grade": "2", "judgement-0-evidence": "24 books."},
    )
    assert response.status_code == 303
    row = section(note, "standards").judgements.get()
    assert (row.sip_grade, row.school_grade, row.evidence) == (3, 2, "24 books.")
    html = client.get(url("note-edit", note, "standards")).content.decode()
    assert "You and the school differ" in html and url("note-edit", note, "differences") in html
    cleared = post_section(client, note, "standards", {**fields_of(html), "judgement-0-sip_grade": ""})
    assert cleared.status_code == 303
    assert section(note, "standards").judgements.get().sip_grade is None


def test_a_forged_grade_is_not_saved_and_the_rest_is(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.sip)
    data = open_section(client, note, "standards")
    response = post_section(
        client, note, "standards", {**data, "judgement-0-sip_grade": "7", "judgement-0-evidence": "Kept", "body": "Kept too"}
    )
    assert response.status_code == 422
    row = section(note, "standards").judgements.get()
    assert (row.sip_grade, row.evidence, section(note, "standards").body) == (None, "Kept", "Kept too")


def test_actions_are_added_changed_and_removed_without_a_script(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.sip)
    data = open_section(client, note, "actions_new")
    assert data["actions-TOTAL_FORMS"] == "1"  # an empty row is always there
    post_section(
        client, note, "actions_new", {**data, "actions-0-text": "One", "actions-0-owner": "head", "actions-0-due_on": "12 Dec 2008"}
    )
    data = open_section(client, note, "actions_new")
    assert data["actions-TOTAL_FORMS"] == "2" and data["actions-0-due_on"] == "12 December 2008"
    post_section(
        client, note, "actions_new", {**data, "actions-0-text": "One, changed", "actions-1-text": "Two", "actions-1-due_on": "13/2/09"}
    )
    rows = list(AgreedAction.objects.filter(note=note).order_by("position"))
    assert [(row.text, row.due_on) for row in rows] == [("One, changed", dt.date(2008, 12, 12)), ("Two", dt.date(2009, 2, 13))]
    data = open_section(client, note, "actions_new")
    post_section(client, note, "actions_new", {**data, "actions-0-remove": "on"})
    assert list(AgreedAction.objects.filter(note=note).values_list("text", flat=True)) == ["Two"]
    assert AgreedAction.objects.get(note=note).pk == rows[1].pk


def test_the_pack_limits_the_rows(world: World, note: NoteOfVisit) -> None:
    most = make.england_2008().section("visits").section("actions_new").most_rows
    rows = [{"text": f"Action {i}", "owner": "head", "due_on": "2008-12-12"} for i in range(most)]
    services.save_section(actor=world.sip, note=note, key="actions_new", base_revision=0, rows={"actions": rows}, at=NOW)
    data = open_section(client_of(world.sip), note, "actions_new")
    assert data["actions-TOTAL_FORMS"] == str(most)


def test_a_date_that_cannot_be_read_is_named_and_everything_else_is_saved(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.sip)
    data = {**open_section(client, note, "actions_new"), "actions-0-text": "Meet each half-term", "actions-0-due_on": "31 November 2008"}
    response = post_section(client, note, "actions_new", data)
    html = response.content.decode()
    assert response.status_code == 422
    assert 'href="#id_actions-0-due_on"' in html and "must be a real date" in html
    assert 'value="31 November 2008"' in html  # what was typed is still there
    action = AgreedAction.objects.get(note=note)
    assert (action.text, action.due_on) == ("Meet each half-term", None)
    again = fields_of(html)
    assert again["actions-0-id"] == action.public_id
    response = post_section(client, note, "actions_new", {**again, "actions-0-due_on": "30 November 2008"})
    assert response.status_code == 303
    assert AgreedAction.objects.get(note=note).due_on == dt.date(2008, 11, 30)


def test_a_wrong_cell_keeps_what_was_saved_before(world: World, note: NoteOfVisit) -> None:
    rows = [{"text": "One", "owner": "head", "due_on": "2008-12-12"}]
    services.save_section(actor=world.sip, note=note, key="actions_new", base_revision=0, rows={"actions": rows}, at=NOW)
    client = client_of(world.sip)
    data = open_section(client, note, "actions_new")
    post_section(client, note, "actions_new", {**data, "actions-0-due_on": "12 De", "actions-0-text": "One, better"})
    action = AgreedAction.objects.get(note=note)
    assert (action.text, action.due_on) == ("One, better", dt.date(2008, 12, 12))


def test_earlier_actions_are_judged_with_what_was_reported_since(world: World) -> None:
    earlier = make.start(world.sip, world.ash, on=dt.date(2008, 9, 18))
    action = AgreedAction.objects.create(
        school=world.oak, note=earlier, text="Moderate writing", owner="subject", due_on=TODAY, state="open", agreed_on=dt.date(2008, 6, 12)
    )
    services.report_progress(actor=world.head, action=action, text="Two meetings held.", role="Headteacher", at=NOW)
    note = make.start(world.sip, world.oak)
    client = client_of(world.sip)
    html = client.get(url("note-edit", note, "actions_review")).content.decode()
    assert "Moderate writing" in html and "Two meetings held." in html and "Anwen Price" in html
    data = {**fields_of(html), "actions_review-0-status": "met", "actions_review-0-evidence": "Seen", "actions_review-0-impact": "12 of 14"}
    assert post_section(client, note, "actions_review", data).status_code == 303
    review = section(note, "actions_review").reviews.get()
    assert (review.status, review.evidence, review.impact) == ("met", "Seen", "12 of 14")


def test_targets_agreed_or_left_open(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.sip)
    data = open_section(client, note, "targets_next")
    data |= {"targets-0-previous": "61%", "targets-0-value": "68.5", "targets-0-agreed": "yes", "targets-0-rationale": "From the matrix."}
    data |= {"targets-1-agreed": "yes"}  # agreed, and no figure
    response = post_section(client, note, "targets_next", data)
    assert response.status_code == 422 and "leave the agreement open" in response.content.decode()
    first, second = section(note, "targets_next").note_targets.select_related("target")[:2]
    assert (str(first.shown.value), str(first.shown.previous), first.shown.state) == ("68.50", "61.00", "agreed")
    assert (second.shown.value, second.shown.state) == (None, "indicative")
    assert first.target.value is None and first.target.state == "indicative"  # the school's own waits until the note is final
    assert fields_of(client.get(url("note-edit", note, "targets_next")).content.decode())["targets-0-value"] == "68.5"


def test_interventions_of_the_school_are_brought_in_and_others_added(world: World, note: NoteOfVisit) -> None:
    known = Intervention.objects.create(authority=world.authority, school=world.oak, name="ISP", origin="strategy", created_at=NOW)
    elsewhere = Intervention.objects.create(authority=world.authority, school=world.ash, name="Not ours", origin="strategy", created_at=NOW)
    client = client_of(world.sip)
    html = client.get(url("note-edit", note, "interventions")).content.decode()
    assert known.public_id in html and elsewhere.public_id not in html
    data = {**fields_of(html), "bring": [known.public_id, elsewhere.public_id], "interventions-0-name": "Guided reading"}
    data |= {"interventions-0-quarters": "1½", "interventions-0-cost_pence": "£3,200", "interventions-0-value_for_money": "too_early"}
    assert post_section(client, note, "interventions", data).status_code == 303
    rows = [row.shown for row in section(note, "interventions").interventions.select_related("intervention")]
    assert [(row.name, row.quarters, row.cost_pence) for row in rows] == [("Guided reading", 6, 320000), ("ISP", None, None)]
    assert Intervention.objects.filter(school=world.oak).count() == 1


def test_what_is_typed_of_an_intervention_is_kept_before_it_has_a_name(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.sip)
    data = {**open_section(client, note, "interventions"), "interventions-0-impact": "Year 6 gained two points."}
    assert post_section(client, note, "interventions", data).status_code == 303
    one = section(note, "interventions").interventions.get().shown
    assert (one.name, one.impact) == ("Not yet named", "Year 6 gained two points.")


def test_the_category_is_one_of_the_packs_levels(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.sip)
    html = client.get(url("note-edit", note, "category")).content.decode()
    levels = re.findall(r'<option value="([a-z_-]+)"', html)
    assert len(levels) == 4
    data = {**fields_of(html), "category-0-category": levels[1], "category-0-criteria": "57% in both", "category-0-head_told": "on"}
    assert post_section(client, note, "category", data).status_code == 303
    proposal = section(note, "category").proposal
    assert (proposal.category, proposal.criteria, proposal.head_told) == (levels[1], "57% in both", True)
    post_section(client, note, "category", {**data, "base": "1", "category-0-category": "invented"})
    assert section(note, "category").proposal.category == levels[1]


def test_a_difference_or_none_but_never_both(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.sip)
    data = open_section(client, note, "differences")
    post_section(client, note, "differences", {**data, "differences-declared_none": "on"})
    assert section(note, "differences").declares_none
    data = open_section(client, note, "differences")
    assert data["differences-declared_none"] == "on"
    response = post_section(client, note, "differences", {**data, "differences-0-topic": "Writing", "differences-0-sip_view": "Weak"})
    assert response.status_code == 422 and "cannot be declared that there is none" in response.content.decode()
    assert note.differences.get().topic == "Writing"
    assert not section(note, "differences").declares_none


def test_the_schools_own_words_in_a_difference_are_not_the_sips_to_change(world: World, note: NoteOfVisit) -> None:
    note.differences.create(
        note=note, school=world.oak, topic="Writing", school_view="We disagree.", school_by="Anwen Price", school_at=NOW
    )
    client = client_of(world.sip)
    html = client.get(url("note-edit", note, "differences")).content.decode()
    assert "We disagree." in html and "differences-0-school_view" not in html and "differences-0-remove" not in html
    data = {**fields_of(html), "differences-0-school_view": "Forged", "differences-0-remove": "on", "differences-0-sip_view": "Mine"}
    post_section(client, note, "differences", data)
    row = note.differences.get()
    assert (row.school_view, row.sip_view) == ("We disagree.", "Mine")


def test_a_groups_note_has_each_schools_own_sections(world: World) -> None:
    note = make.start(world.sip, world.oak, world.ash)
    client = client_of(world.sip)
    key = f"standards.{world.ash.urn}"
    assert "Ashdown Primary School" in client.get(url("note-edit", note, key)).content.decode()
    post_section(client, note, key, open_section(client, note, key), body="Of Ashdown alone")
    assert note.sections.get(code="standards", school=world.ash).body == "Of Ashdown alone"
    assert note.sections.get(code="standards", school=world.oak).body == ""
    assert client.get(url("note-edit", note, "standards")).status_code == 404


def test_the_second_adviser_writes_in_named_sections_and_reads_the_others(world: World) -> None:
    visit = make.hold(world.consultant, world.elm, second_adviser=world.nc_adviser, second_sections=["leadership"])
    note = services.start_note(actor=world.consultant, visit=visit, at=NOW)
    client = client_of(world.nc_adviser)
    html = client.get(url("note-edit", note, "leadership")).content.decode()
    assert "Writing now: you write. Not started" in html
    assert post_section(client, note, "leadership", fields_of(html), body="Theirs").status_code == 303
    html = client.get(url("note-edit", note, "standards")).content.decode()
    assert "<form method" not in html.split("portal-write")[1].split("portal-context")[0]
    assert client.post(url("note-section-save", note, "standards"), {"base": "0", "body": "Not theirs"}).status_code == 403
    assert section(note, "standards").body == ""


# ---------------------------------------------------------------- two windows


def test_a_conflict_page_shows_both_texts_and_loses_neither(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.sip)
    stale = open_section(client, note, "standards")
    services.save_section(actor=world.sip, note=note, key="standards", base_revision=0, body="From the laptop", at=NOW)
    response = post_section(client, note, "standards", stale, body="From the phone")
    html = response.content.decode()
    assert response.status_code == 409
    assert "From the laptop" in html and "From the phone" in html
    assert section(note, "standards").body == "From the laptop"
    mine = fields_of(html)
    assert (mine["body"], mine["base"]) == ("From the phone", "1")
    assert post_section(client, note, "standards", mine, resolve="mine").status_code == 303
    assert section(note, "standards").body == "From the phone"
    assert list(section(note, "standards").bodies.values_list("body", flat=True)) == ["From the laptop"]


def test_keeping_the_other_or_both(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.sip)
    stale = {
        **open_section(client, note, "actions_new"),
        "actions-0-text": "Mine",
        "actions-0-owner": "head",
        "actions-0-due_on": "12/12/2008",
    }
    rows = [{"text": "Theirs", "owner": "head", "due_on": "2008-12-01"}]
    services.save_section(actor=world.sip, note=note, key="actions_new", base_revision=0, rows={"actions": rows}, at=NOW)
    conflict = post_section(client, note, "actions_new", stale)
    assert conflict.status_code == 409
    html = conflict.content.decode()
    assert "Action: Theirs" in unescape(html) and "Action: Mine" in unescape(html)
    other = post_section(client, note, "actions_new", fields_of(html), resolve="theirs")
    assert other.status_code == 303
    assert list(AgreedAction.objects.filter(note=note).values_list("text", flat=True)) == ["Theirs"]
    both = post_section(client, note, "actions_new", fields_of(html), resolve="both")
    assert both.status_code == 303
    assert set(AgreedAction.objects.filter(note=note).values_list("text", flat=True)) == {"Theirs", "Mine"}


def test_both_texts_stand_one_after_the_other(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.sip)
    stale = open_section(client, note, "standards")
    services.save_section(actor=world.sip, note=note, key="standards", base_revision=0, body="From the laptop", at=NOW)
    html = post_section(client, note, "standards", stale, body="From the phone").content.decode()
    post_section(client, note, "standards", fields_of(html), resolve="both")
    assert section(note, "standards").body == "From the laptop\n\nFrom the phone"


def test_a_conflict_again_while_choosing(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.sip)
    stale = open_section(client, note, "standards")
    services.save_section(actor=world.sip, note=note, key="standards", base_revision=0, body="One", at=NOW)
    html = post_section(client, note, "standards", stale, body="Mine").content.decode()
    services.save_section(actor=world.sip, note=make.fresh(note), key="standards", base_revision=1, body="Two", at=NOW)
    again = post_section(client, note, "standards", fields_of(html), resolve="mine")
    assert again.status_code == 409 and "Two" in again.content.decode()
    assert section(note, "standards").body == "Two"


def test_a_save_whose_answer_was_lost_is_no_conflict_when_it_is_sent_again(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.sip)
    data = {**open_section(client, note, "actions_new"), "actions-0-text": "Once", "actions-0-due_on": "12 December 2008"}
    first = client.post(url("note-section-save", note, "actions_new"), data).json()
    again = client.post(url("note-section-save", note, "actions_new"), data).json()
    assert (again["status"], again["revision"], again["ids"]) == ("saved", first["revision"], first["ids"])
    assert AgreedAction.objects.filter(note=note).count() == 1


# ---------------------------------------------------------------- the page that saves itself


def test_autosave_answers_with_the_next_base_and_the_ids_of_new_rows(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.sip)
    data = {**open_section(client, note, "interventions"), "interventions-0-name": "ISP", "body": "Two words"}
    answer = client.post(url("note-section-save", note, "interventions"), data).json()
    assert answer["status"] == "saved" and answer["revision"] == 1 and answer["words"] == 2
    assert re.fullmatch(r"\d\d:\d\d", answer["at"])
    one = section(note, "interventions").interventions.get()
    assert answer["ids"] == {"id_interventions-0-id": str(one.pk)}
    data |= {"base": "1", "interventions-0-id": str(one.pk), "interventions-0-impact": "Two points"}
    assert client.post(url("note-section-save", note, "interventions"), data).json()["revision"] == 2
    assert section(note, "interventions").interventions.get().shown.impact == "Two points"


def test_a_half_typed_date_does_not_hold_up_the_text(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.sip)
    data = {**open_section(client, note, "actions_new"), "actions-0-text": "Meet", "actions-0-due_on": "12 De"}
    answer = client.post(url("note-section-save", note, "actions_new"), data).json()
    assert answer["status"] == "saved" and list(answer["errors"]) == ["id_actions-0-due_on"]
    assert AgreedAction.objects.get(note=note).text == "Meet"


def test_autosave_in_conflict_gives_both(world: World, note: NoteOfVisit) -> None:
    services.save_section(actor=world.sip, note=note, key="standards", base_revision=0, body="Laptop", at=NOW)
    response = client_of(world.sip).post(url("note-section-save", note, "standards"), {"base": "0", "body": "Phone"})
    answer = response.json()
    assert response.status_code == 409
    assert (answer["status"], answer["current"], answer["yours"], answer["revision"]) == ("conflict", "Laptop", "Phone", 1)
    assert 'form="section-form"' in answer["html"]


@pytest.mark.parametrize("state", [NoteState.IN_REVIEW, NoteState.READY])
def test_no_save_lands_after_submission_and_the_text_comes_back(world: World, state: str) -> None:
    note = make.bring_to(state, author=world.sip, school=world.oak, manager=world.manager)
    client = client_of(world.sip)
    response = client.post(url("note-section-save", note, "standards"), {"base": "1", "body": "Too late"})
    assert (response.status_code, response.json()["status"]) == (409, "closed")
    assert "has been submitted" in response.json()["message"]
    page = client.post(url("note-edit", note, "standards"), {"base": "1", "body": "Too late"})
    assert page.status_code == 409 and "Too late" in page.content.decode()
    assert section(note, "standards").body != "Too late"
    assert client.get(url("note-edit", note, "standards")).status_code == 302


def test_a_note_handed_on_is_closed_to_its_former_author(world: World, note: NoteOfVisit) -> None:
    from tests.factories.schools import make_assignment

    world.assignments["oak"].ends_on = dt.date(2008, 10, 13)
    world.assignments["oak"].save()
    make_assignment(world.cover_adviser, world.oak, starts_on=dt.date(2008, 10, 14))
    stale = make.fresh(note)
    services.hand_on_note(actor=world.manager, note=make.fresh(note), author=world.fresh("cover_adviser"), reason="Left", at=NOW)
    with pytest.raises(services.notes.Conflict, match="handed on"):
        services.save_section(actor=world.fresh("sip"), note=stale, key="standards", base_revision=0, body="Late", at=NOW)


def test_a_page_without_a_base_is_refused(world: World, note: NoteOfVisit) -> None:
    response = client_of(world.sip).post(url("note-section-save", note, "standards"), {"body": "No base"})
    assert (response.status_code, response.json()["status"]) == (422, "refused")
    page = client_of(world.sip).post(url("note-edit", note, "standards"), {"body": "No base"})
    assert page.status_code == 422 and "No base" in page.content.decode()


def test_a_signed_out_save_is_sent_to_sign_in_and_writes_nothing(world: World, note: NoteOfVisit) -> None:
    response = Client().post(url("note-section-save", note, "standards"), {"base": "0", "body": "Signed out"})
    assert response.status_code == 302 and "/accounts/login/" in response["Location"]
    assert section(note, "standards").body == ""


def test_autosave_is_one_event_an_hour(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.sip)
    for base in range(3):
        client.post(url("note-section-save", note, "standards"), {"base": str(base), "body": f"Words {base}"})
    assert AuditEvent.objects.filter(event="note.written", subject_id=note.public_id).count() == 1


def test_the_checks_come_back_as_parts_of_the_page(world: World, note: NoteOfVisit) -> None:
    response = client_of(world.sip).get(url("note-check", note), {"section": "standards"}, headers={"accept": "application/json"})
    parts = response.json()
    assert set(parts) == {"sections", "checks", "here", "standing", "dock", "here_words", "here_count"}
    assert 'aria-current="step"' in parts["sections"] and "block" in parts["dock"]


# ---------------------------------------------------------------- beside the text


def test_the_schools_half_page_and_the_last_note_stand_beside_the_text(world: World) -> None:
    final = make.bring_to(NoteState.FINAL, author=world.sip, school=world.oak, manager=world.manager, head=world.head)
    Visit.objects.filter(pk=final.visit_id).update(on=dt.date(2008, 6, 12))
    visit = make.hold(world.sip, world.oak, on=dt.date(2008, 10, 10))
    visit.visit_schools.update(half_page="See Year 5.", half_page_by="Anwen Price, headteacher", half_page_at=NOW)
    note = services.start_note(actor=world.sip, visit=Visit.objects.get(pk=visit.pk), at=NOW)
    client = client_of(world.sip)
    html = client.get(url("note-edit", note, "standards")).content.decode()
    assert "See Year 5." in html
    assert "Standards rose from 61% to 68%" in html
    post_section(client, note, "standards", fields_of(html), body="New words", bring_text="last")
    assert section(note, "standards").body.startswith("New words\n\n")
    assert "Standards rose" in section(note, "standards").body


def test_earlier_wordings_are_shown_and_brought_back(world: World, note: NoteOfVisit) -> None:
    for base, words in enumerate(("First wording", "Second wording")):
        at = NOW + dt.timedelta(minutes=10 * base)
        services.save_section(actor=world.sip, note=make.fresh(note), key="standards", base_revision=base, body=words, at=at)
    client = client_of(world.sip)
    html = client.get(url("note-edit", note, "standards"), {"earlier": "1"}).content.decode()
    assert "1 wording" in html and "removed: " in html
    revision = section(note, "standards").bodies.get().revision
    post_section(client, note, "standards", fields_of(html), bring_text=str(revision))
    assert section(note, "standards").body == "Second wording\n\nFirst wording"


# ---------------------------------------------------------------- check and submit


def test_what_blocks_stops_the_submission_and_warnings_are_answered(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.sip)
    page = client.get(url("note-check", note)).content.decode()
    assert "Submit the note" not in page and "Blocks" in page
    make.fill(world.sip, note)
    page = client.get(url("note-check", note)).content.decode()
    assert "Submit the note" in page
    check, place = re.search(r'name="check" value="([^"]+)"><input type="hidden" name="place" value="([^"]+)"', page).groups()  # type: ignore[union-attr]
    client.post(url("note-check", note), {"check": check, "place": place, "reason": "Not so, because of the merger."})
    page = client.get(url("note-check", note)).content.decode()
    assert "Not so, because of the merger." in page and "Answered" in page
    client.post(url("note-check", note), {"check": check, "place": place, "reason": " "})
    assert not note.warning_answers.exists()


def test_submission_sends_every_revision_seen(world: World, note: NoteOfVisit) -> None:
    make.fill(world.sip, note)
    client = client_of(world.sip)
    page = client.get(url("note-check", note)).content.decode()
    seen = dict(re.findall(r'name="(rev-[^"]+)" value="(\d+)"', page))
    assert len(seen) == note.sections.count()
    services.save_section(actor=world.sip, note=make.fresh(note), key="groups", base_revision=int(seen["rev-groups"]), body="Later", at=NOW)
    refused = client.post(url("note-submit", note), seen)
    assert refused.status_code == 409 and "another window" in refused.content.decode()
    assert make.fresh(note).state == NoteState.DRAFT
    page = client.get(url("note-check", note)).content.decode()
    seen = dict(re.findall(r'name="(rev-[^"]+)" value="(\d+)"', page))
    done = client.post(url("note-submit", note), {**seen, "asks_review": "on"})
    assert done.status_code == 303
    assert make.fresh(note).state == NoteState.IN_REVIEW and make.fresh(note).asks_review
    again = client.post(url("note-submit", note), seen)
    assert again.status_code == 303  # already submitted: said so, and nothing is sent twice
    assert note.gate_reviews.count() == 1


def test_the_page_says_who_reviews_and_why(world: World) -> None:
    note = make.start(world.new_sip, world.rowan)
    page = client_of(world.new_sip).get(url("note-check", note)).content.decode()
    assert "the SIP is in the first year" in page and "Marian Holt or Mavis Sipthorp" in page
    plain = client_of(world.sip).get(url("note-check", make.start(world.sip, world.oak))).content.decode()
    assert "Nobody need review it first" in plain and "One note in 10 is drawn by lot" in plain


def test_the_preview_reads_as_the_record_will(world: World, note: NoteOfVisit) -> None:
    make.fill(world.sip, note)
    html = client_of(world.sip).get(url("note-preview", note)).content.decode()
    assert "This is no record" in html and "Standards and progress" in html and "Anwen Price" in html
    group = make.start(world.sip, world.oak, world.ash, on=dt.date(2008, 10, 10))
    html = client_of(world.sip).get(url("note-preview", group), {"school": str(world.ash.urn)}).content.decode()
    assert 'aria-current="' in html and "<h1" in html and "Ashdown Primary School" in html.split("<h1")[1].split("</h1>")[0]


# ---------------------------------------------------------------- who may


@pytest.mark.parametrize("person", ["head", "chair", "officer", "consultant", "other_sip", "other_manager", "outsider"])
def test_a_draft_is_not_read_by_others(world: World, note: NoteOfVisit, person: str) -> None:
    client = client_of(world.people[person])
    for name in ("note-write", "note-check", "note-preview"):
        assert client.get(url(name, note)).status_code in (403, 404), name
    assert client.get(url("note-edit", note, "standards")).status_code in (403, 404)
    assert client.post(url("note-section-save", note, "standards"), {"base": "0", "body": "x"}).status_code in (403, 404)


def test_the_manager_sees_no_draft_text(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.manager)
    assert client.get(url("note-edit", note, "standards")).status_code == 403
    assert client.get(url("note-preview", note)).status_code == 403


# ---------------------------------------------------------------- steps


def test_starting_a_note_twice_leads_to_the_same_one(world: World) -> None:
    visit = make.hold(world.sip, world.oak)
    client = client_of(world.sip)
    address = reverse("visits:note-start", args=[visit.public_id])
    assert "Begin writing" in client.get(address).content.decode()
    first = client.post(address)
    assert first.status_code == 303
    assert client.get(address)["Location"] == first["Location"]
    assert client.post(address).status_code == 302 or NoteOfVisit.objects.filter(visit=visit).count() == 1
    assert NoteOfVisit.objects.filter(visit=visit).count() == 1


def test_share_with_a_mentor(world: World) -> None:
    note = make.start(world.new_sip, world.rowan)
    assert client_of(world.mentor).get(url("note-preview", note)).status_code in (403, 404)
    client = client_of(world.new_sip)
    assert "Minna Guide" in client.get(url("note-share", note)).content.decode()
    assert client.post(url("note-share", note), {"person": world.mentor.public_id}).status_code == 303
    assert client_of(world.mentor).get(url("note-preview", note)).status_code == 200
    assert client_of(world.mentor).post(url("note-section-save", note, "standards"), {"base": "0", "body": "x"}).status_code == 403
    assert client.post(url("note-share", note), {"person": world.sip.public_id}).status_code == 422


def test_hand_on(world: World, note: NoteOfVisit) -> None:
    from tests.factories.schools import make_assignment

    client = client_of(world.manager)
    assert "No other adviser is assigned" in client.get(url("note-hand-on", note)).content.decode()
    make_assignment(world.cover_adviser, world.oak, "nc_adviser", starts_on=dt.date(2008, 10, 1))
    assert "Celia Cover" in client.get(url("note-hand-on", note)).content.decode()
    assert client.post(url("note-hand-on", note), {"person": world.cover_adviser.public_id, "reason": ""}).status_code == 422
    assert client.post(url("note-hand-on", note), {"person": world.cover_adviser.public_id, "reason": "Leave"}).status_code == 303
    assert make.fresh(note).author == world.cover_adviser
    assert client_of(world.sip).post(url("note-hand-on", note), {"person": world.sip.public_id, "reason": "x"}).status_code in (403, 404)


def test_abandon_and_restore(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.sip)
    empty = client.post(url("note-abandon", note), {"reason": ""})
    assert empty.status_code == 422 and "Say why there will be no note" in empty.content.decode()
    assert client.post(url("note-abandon", note), {"reason": "Wrong school."}).status_code == 303
    assert make.fresh(note).state == NoteState.ABANDONED
    closed = client.post(url("note-section-save", note, "standards"), {"base": "0", "body": "x"})
    assert closed.status_code == 409 and "abandoned" in closed.json()["message"]
    assert "Wrong school." in client.get(url("note-restore", note)).content.decode()
    assert client.post(url("note-restore", note)).status_code == 303
    assert make.fresh(note).state == NoteState.DRAFT
    again = client.post(url("note-restore", note))
    assert again.status_code == 409


def test_take_back_and_reopen(world: World) -> None:
    note = make.bring_to(NoteState.IN_REVIEW, author=world.sip, school=world.oak, manager=world.manager)
    client = client_of(world.sip)
    assert client.get(url("note-take-back", note)).status_code == 200
    assert client.post(url("note-take-back", note)).status_code == 303
    assert make.fresh(note).state == NoteState.DRAFT
    note = make.submit(world.sip, note, asks_review=True)
    services.open_review(actor=world.fresh("manager"), note=note, at=NOW)
    assert client.post(url("note-take-back", note)).status_code == 403
    services.approve_note(actor=world.fresh("manager"), note=make.fresh(note), at=NOW)
    assert client.post(url("note-reopen", note)).status_code == 303
    assert make.fresh(note).state == NoteState.DRAFT


# ---------------------------------------------------------------- paste


HEADINGS = [
    Heading("standards", ("Standards and progress",)),
    Heading("tracking", ("Setting targets, tracking pupils",)),
    Heading("summary", ("Summary",)),
]


@pytest.mark.parametrize(
    "line",
    [
        "Standards and progress",
        "3. Standards and progress",
        "## Standards & progress:",
        "STANDARDS AND PROGRESS",
        "Section 3 - Standards and progress",
    ],
)
def test_a_heading_is_known_by_its_title_however_it_is_written(line: str) -> None:
    split = split_note(f"Before.\n{line}\nRising.\n\nAgain.\nSummary\nGood.", HEADINGS)
    assert split.found == {"standards": "Rising.\n\nAgain.", "summary": "Good."}
    assert split.rest == "Before."


def test_a_sentence_that_holds_a_title_is_no_heading() -> None:
    split = split_note("We spoke of standards and progress in every class.\nSummary of the day", HEADINGS)
    assert (split.found, split.rest) == ({}, "We spoke of standards and progress in every class.\nSummary of the day")


def test_a_heading_that_comes_twice_adds_to_the_first() -> None:
    assert split_note("Summary\nOne.\nStandards and progress\nTwo.\nSummary\nThree.", HEADINGS).found["summary"] == "One.\n\nThree."


def test_a_whole_note_is_pasted_looked_over_and_saved(world: World, note: NoteOfVisit) -> None:
    services.save_section(actor=world.sip, note=note, key="groups", base_revision=0, body="There already.", at=NOW)
    client = client_of(world.sip)
    text = "Dear colleague,\r\nStandards and progress\r\nRising since 2006.\r\nGroups of pupils\r\nGirls do better."
    page = client.post(url("note-paste", note), {"text": text}).content.decode()
    assert section(note, "standards").body == ""
    data = fields_of_page(page)
    assert data["text-standards"] == "Rising since 2006." and data["rest"] == "Dear colleague," and data["how-groups"] == "after"
    assert data["rest-into"] == note.sections.order_by("position").last().key  # type: ignore[union-attr]
    done = client.post(url("note-paste", note), {**data, "save": "1"})
    assert done.status_code == 303
    assert section(note, "standards").body == "Rising since 2006."
    assert section(note, "groups").body == "There already.\n\nGirls do better."
    assert section(note, data["rest-into"]).body == "Dear colleague,"


def fields_of_page(html: str) -> dict[str, Any]:
    """The fields of the page's own form (its class is the editor's)."""
    return fields_of(html.replace('class="portal-form portal-write"', 'id="section-form"'))


def test_a_paste_over_a_section_changed_meanwhile_keeps_both(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.sip)
    page = client.post(url("note-paste", note), {"text": "Standards and progress\nPasted"}).content.decode()
    services.save_section(actor=world.sip, note=note, key="standards", base_revision=0, body="Meanwhile", at=NOW)
    response = client.post(url("note-paste", note), {**fields_of_page(page), "save": "1"})
    assert response.status_code == 409 and "Pasted" in response.content.decode()
    assert section(note, "standards").body == "Meanwhile"


def test_nothing_pasted_says_so(world: World, note: NoteOfVisit) -> None:
    response = client_of(world.sip).post(url("note-paste", note), {"text": "  "})
    assert response.status_code == 422 and 'href="#text"' in response.content.decode()


def test_a_section_of_another_visit_type_without_text_takes_no_paste(world: World, note: NoteOfVisit) -> None:
    page = client_of(world.sip).get(url("note-paste", note)).content.decode()
    assert "Standards and progress" in page and "Data considered" not in page.split("Titles that are known")[1]


def test_a_school_is_named_where_a_shared_table_covers_several(world: World) -> None:
    schools: list[School] = [world.oak, world.ash]
    note = make.start(world.sip, *schools)
    key = f"actions_new.{world.oak.urn}"
    assert "actions-0-school" not in open_section(client_of(world.sip), note, key)
