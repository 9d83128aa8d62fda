"""Requests for information (domain.md §10): the clocks, the search, who reads what, and copies from which words are gone."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client
from django.urls import reverse

from core import files
from core.access import Conflict, Refused, get_visible
from core.audit import AuditEvent
from core.documents import is_available, make
from tests.factories import visits as factory
from tests.factories.people import NOW, TODAY, give_role, make_user
from tests.factories.record_payload import record_payload
from tests.factories.schools import World, make_interest
from tests.factories.stage import person, stage, undone
from visits import services
from visits.documents import CopyFacts, copy_document
from visits.held import in_place
from visits.models import InformationRequest, NoteRecord, RedactedCopy, RequestItem
from visits.redaction import PassageGone, passages_of, people_in, redact, remains
from visits.services.requests import MadeCopy, RequestWords, compose_copy, months_after

pytestmark = pytest.mark.django_db

PLACES = ("final_notes", "drafts", "comments", "alerts", "feedback", "quality", "concern", "audit", "files")
SHORT = {"foi_personal": "FOIA 2000 s.40", "foi_conduct": "FOIA 2000 s.36"}


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with stage(django_db_blocker) as made:
        factory.bring_to("final", author=made.sip, school=made.oak, manager=made.manager, head=made.head)
        factory.bring_to("draft", author=made.sip, school=made.ash, manager=made.manager)
        factory.alert(made.sip, made.oak)
        yield made


@pytest.fixture
def world(staged: World) -> Iterator[World]:
    with undone():
        yield staged


def asked(world: World, **values: Any) -> InformationRequest:
    words = {
        "kind": "foi",
        "received_on": TODAY,
        "asked_by": "The Gazette",
        "asks": "All notes on Oakfield",
        "schools": [world.oak],
    } | values
    return services.open_request(actor=person(world.dpo), authority=world.authority, words=RequestWords(**words), at=NOW)


def searched(world: World, request: InformationRequest, **take: list[tuple[str, str]]) -> InformationRequest:
    dpo = person(world.dpo)
    services.search_for_request(actor=dpo, request=request, at=NOW)
    for place in PLACES:
        services.note_place(actor=dpo, request=request, place=place, found="Listed.", take=take.get(place, []), at=NOW)
    return services.decide_on_request(actor=dpo, request=request, at=NOW)


def record_of(world: World) -> NoteRecord:
    return NoteRecord.objects.get(school=world.oak, kind="final")


def with_record(world: World) -> RequestItem:
    request = searched(world, asked(world), final_notes=[("record", record_of(world).public_id)])
    return RequestItem.objects.get(request=request)


# ---------------------------------------------------------------- clocks


def test_each_kind_runs_on_its_own_clock(world: World) -> None:
    """Twenty working days without bank holidays; one month of the calendar, to the last day of a shorter one."""
    came = dt.date(2008, 10, 3)
    foi = asked(world, received_on=came)
    own = asked(world, kind="subject_access", person="Ann Other", received_on=came)
    assert (foi.reference, foi.due_on) == ("R2008/001", dt.date(2008, 10, 31))
    assert (own.reference, own.due_on) == ("R2008/002", dt.date(2008, 11, 3))
    assert months_after(dt.date(2009, 1, 31), 1) == dt.date(2009, 2, 28)
    later = NOW + dt.timedelta(days=4)
    for request in (foi, own):
        services.clarify_request(actor=person(world.dpo), request=request, at=NOW)
        services.resume_request(actor=person(world.dpo), request=request, words=["reading"], at=later)
    assert foi.due_on > dt.date(2008, 10, 31) and foi.words == ["reading"]
    assert own.due_on == dt.date(2008, 11, 7)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"schools": []}, "Name a school, a person or words"),
        ({"kind": "gossip"}, "Choose what is asked for"),
        ({"asked_by": " "}, "Say who asks"),
        ({"asks": ""}, "Copy what is asked"),
        ({"received_on": TODAY + dt.timedelta(days=1)}, "in the future"),
        ({"since": TODAY, "until": TODAY - dt.timedelta(days=1)}, "last day is before"),
    ],
)
def test_what_is_not_a_request_is_refused(world: World, values: dict[str, Any], says: str) -> None:
    with pytest.raises(Refused, match=says):
        asked(world, **values)


# ---------------------------------------------------------------- who


def test_the_administrator_and_the_manager_handle_nothing(world: World) -> None:
    request = asked(world)
    for name in ("administrator", "manager", "officer", "sip", "head"):
        user = person(world.people[name])
        assert not InformationRequest.objects.visible_to(user).exists(), name
        with pytest.raises(PermissionDenied):
            services.search_for_request(actor=user, request=request, at=NOW)


def test_the_officer_reads_what_was_found_while_the_request_is_open_and_nothing_else(world: World) -> None:
    """Not the record before it is found; not another school's ever; not this one once the request is closed."""
    dpo, record = person(world.dpo), record_of(world)

    def reads() -> bool:
        return NoteRecord.objects.visible_to(person(world.dpo)).filter(pk=record.pk).exists()

    request = asked(world)
    assert not reads()
    services.search_for_request(actor=dpo, request=request, at=NOW)
    draft = factory.bring_to("draft", author=world.sip, school=world.ash, manager=world.manager)
    with pytest.raises(Refused, match="does not cover"):
        services.note_place(actor=dpo, request=request, place="drafts", found="One", take=[("draft", draft.public_id)], at=NOW)
    services.note_place(actor=dpo, request=request, place="final_notes", found="One", take=[("record", record.public_id)], at=NOW)
    assert reads()
    item = request.items.get()
    before = AuditEvent.objects.filter(event="request.item_read").count()
    for _ in range(2):
        services.read_request_item(actor=person(world.dpo), item=item, at=NOW)
    told = AuditEvent.objects.filter(event="request.item_read")
    assert told.count() == before + 1 and told.last().school_urn == world.oak.urn and request.reference in told.last().reason
    request.refresh_from_db()
    services.take_back_request(actor=dpo, request=request, reason="By letter", at=NOW)
    assert not reads()
    with pytest.raises(Refused, match="closed"):
        services.read_request_item(actor=person(world.dpo), item=RequestItem.objects.get(pk=item.pk), at=NOW)


def test_words_bound_what_is_covered(world: World) -> None:
    request = asked(world, words=["a word that stands nowhere"])
    assert in_place(request, "final_notes", frozenset()) == []
    assert in_place(request, "alerts", frozenset()) == []
    wide = asked(world, schools=[world.oak, world.ash])
    found = {place: len(in_place(wide, place, frozenset())) for place in PLACES}
    assert found["final_notes"] == 1 and found["drafts"] == 2 and found["alerts"] == 1 and found["audit"] == 1
    assert found["feedback"] == found["files"] == 0
    assert in_place(wide, "final_notes", frozenset([world.oak.pk])) == []
    before = asked(world, until=dt.date(2007, 1, 1))
    assert in_place(before, "final_notes", frozenset()) == []


def test_the_wall_stands_before_a_request(world: World) -> None:
    request = asked(world)
    make_interest(world.dpo, world.oak)
    walled = person(world.dpo)
    with pytest.raises(Http404):
        get_visible(InformationRequest.objects.all(), walled, pk=request.pk)
    with pytest.raises(Refused, match="walled"):
        asked(world)


@pytest.mark.both
def test_the_audit_keeps_behind_the_wall_what_was_done_there(world: World) -> None:
    """The administrator's site and the searches of the officer: neither shows what was done at a school one is walled from."""
    events = AuditEvent.objects.filter(school_urn=world.oak.urn)
    assert events.exists()
    administrator = person(world.administrator)
    assert AuditEvent.objects.in_charge_of(administrator).filter(pk__in=events).count() == events.count()
    make_interest(world.administrator, world.oak)
    walled = person(world.administrator)
    assert not AuditEvent.objects.in_charge_of(walled).filter(pk__in=events).exists()
    assert not AuditEvent.objects.visible_to(walled).filter(pk__in=events).exists()
    elsewhere = AuditEvent.objects.filter(authority_code="999").exclude(school_urn=world.oak.urn)
    without = AuditEvent.objects.filter(authority_code="999", school_urn=None)
    assert AuditEvent.objects.in_charge_of(walled).count() == (elsewhere | without).count()


# ---------------------------------------------------------------- redaction


def test_what_is_removed_is_gone_wherever_it_stands() -> None:
    tree = {
        "title": "About Zoë O’Neill-Hart",
        "sections": [
            {
                "title": "First",
                "text": "Mrs Zoe\u0308 O'Neill\u2011Hart left.\n\nHer successor came in May. All went well.\n\nO’Neill-Harts stay.",
            },
            {"title": "Zoë O’Neill-Hart", "text": "her successor came\nin may. All went well."},
        ],
    }
    paths = {passage.text: passage for passage in passages_of(tree)}
    passage = paths["Her successor came in May. All went well."]
    marks = [{"path": passage.path, "digest": passage.digest, "exemption": "foi_conduct"}]
    names = [{"text": "Zoë  O’Neill-Hart", "exemption": "foi_personal"}]
    done = redact(tree, marks, names, SHORT)
    text = json.dumps(done.payload, ensure_ascii=False)
    assert remains(text.replace("\\n", "\n"), ["Zoë O’Neill-Hart", passage.text]) == []
    assert "O’Neill-Harts stay" in text  # another word is another word
    assert text.count("[removed: FOIA 2000 s.36]") == 2 and text.count("[removed: FOIA 2000 s.40]") == 3
    assert all("Neill" not in one.where for one in done.removed)
    assert tree["title"] == "About Zoë O’Neill-Hart"  # the original is not changed
    with pytest.raises(PassageGone):
        redact(tree, [marks[0] | {"digest": "0" * 64}], [], SHORT)


def test_codes_and_days_are_no_words() -> None:
    payload = record_payload()
    done = redact(payload, [], [{"text": "final", "exemption": "foi_personal"}, {"text": "text", "exemption": "foi_personal"}], SHORT)
    assert done.payload["note"]["kind"] == "final" and done.payload["sections"][0]["blocks"][-1]["kind"]
    assert payload["school"]["head"]["name"] in people_in(payload)


@pytest.mark.skipif(not is_available()[0] or shutil.which("pdftotext") is None, reason="no renderer, or no pdftotext")
def test_pdftotext_finds_none_of_the_removed_strings(world: World, tmp_path: Path) -> None:
    """In the page, the title, the bookmarks and the other metadata of the PDF."""
    item, dpo = with_record(world), person(world.dpo)
    text = services.read_request_item(actor=dpo, item=item, at=NOW)
    head, lead = world.head.name, world.sip.name
    passage = next(p for p in passages_of(text) if p.path.startswith("sections.") and len(p.text.split()) > 8)
    services.mark_passages(
        actor=dpo,
        item=item,
        passages={passage.path: "foi_conduct"},
        names=[(head, "foi_personal"), (lead, "foi_personal"), (world.oak.name, "foi_personal")],
        revision=0,
        at=NOW,
    )
    made = compose_copy(item, dpo, NOW)
    facts = CopyFacts("R2008/001", TODAY, made.redacted.removed)
    pdf = make(copy_document(made.redacted.payload, made.digest, facts, world.authority)).pdf
    kept = services.keep_copy(actor=dpo, item=item, made=made.with_pdf(pdf), at=NOW)
    file = tmp_path / "copy.pdf"
    file.write_bytes(services.take_copy(actor=dpo, copy=kept, at=NOW))
    shown = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True).stdout
    about = subprocess.run(["pdfinfo", str(file)], capture_output=True, text=True, check=True).stdout
    flat = " ".join((shown + about).split())
    removed = [head, lead, world.oak.name, passage.text]
    assert remains(flat, removed) == []
    for name in removed[:3]:
        for shape in (name.encode(), name.encode("utf-16-be")):
            assert shape not in pdf, name
    assert "[removed: FOIA 2000 s.40]" in flat and "[removed: FOIA 2000 s.36]" in flat and "Redacted copy" in about
    assert remains(kept.payload, removed) == [] and remains(json.dumps(kept.removed), removed) == []
    assert head in record_of(world).payload and files.read(record_of(world).pdf)  # the original is not changed


# ---------------------------------------------------------------- to the end


def test_a_request_goes_to_a_second_reader_and_is_sent(world: World) -> None:
    item, dpo = with_record(world), person(world.dpo)
    request = item.request
    with pytest.raises(Refused, match="Not decided yet"):
        services.submit_request(actor=dpo, request=request, reviewer=world.manager, at=NOW)
    with pytest.raises(Refused, match="Mark what is removed first"):
        services.decide_item(actor=dpo, item=item, decision="redact", at=NOW)
    with pytest.raises(Refused, match="exemption"):
        services.decide_item(actor=dpo, item=item, decision="withhold", exemption="dpa_other_person", at=NOW)
    with pytest.raises(Refused, match="exemption"):
        services.mark_passages(actor=dpo, item=item, passages={}, names=[(world.head.name, "")], revision=0, at=NOW)
    services.mark_passages(actor=dpo, item=item, passages={}, names=[(world.head.name, "foi_personal")], revision=0, at=NOW)
    with pytest.raises(Conflict):
        services.mark_passages(actor=dpo, item=item, passages={}, names=[], revision=0, at=NOW)
    services.decide_item(actor=dpo, item=item, decision="redact", reason="Names", at=NOW)
    with pytest.raises(Refused, match="Make the redacted copy"):
        services.submit_request(actor=dpo, request=request, reviewer=world.manager, at=NOW)
    made: MadeCopy = compose_copy(item, dpo, NOW)
    copy = services.keep_copy(actor=dpo, item=item, made=made.with_pdf(b"%PDF"), at=NOW)
    request.refresh_from_db()
    for wrong in (None, world.dpo, world.officer):
        with pytest.raises(Refused):
            services.submit_request(actor=dpo, request=request, reviewer=wrong, at=NOW)
    services.submit_request(actor=dpo, request=request, reviewer=world.manager, at=NOW)
    reader = person(world.manager)
    assert InformationRequest.objects.visible_to(reader).get() == request
    assert RedactedCopy.objects.visible_to(reader).get() == copy
    with pytest.raises(Refused, match="has not approved"):
        services.send_request(actor=dpo, request=request, at=NOW)
    with pytest.raises(Refused, match="looked at again"):
        services.return_request(actor=reader, request=request, reason="", at=NOW)
    services.return_request(actor=reader, request=request, reason="The clerk is named too.", at=NOW)
    services.submit_request(actor=dpo, request=request, reviewer=world.manager, at=NOW)
    services.approve_request(actor=reader, request=request, at=NOW)
    services.send_request(actor=dpo, request=request, at=NOW)
    assert (request.state, request.sent_on) == ("sent", NOW.date())
    assert not InformationRequest.objects.visible_to(reader).exists()
    assert RedactedCopy.objects.visible_to(person(world.dpo)).exists()


def test_the_search_closes_when_every_place_was_searched(world: World) -> None:
    request, dpo = asked(world), person(world.dpo)
    services.search_for_request(actor=dpo, request=request, at=NOW)
    services.note_place(actor=dpo, request=request, place="drafts", found="None.", at=NOW)
    with pytest.raises(Refused, match="feedback on sips"):
        services.decide_on_request(actor=dpo, request=request, at=NOW)
    with pytest.raises(Refused, match="Say what was found"):
        services.note_place(actor=dpo, request=request, place="audit", found=" ", at=NOW)


def test_the_pages(world: World) -> None:
    """From the letter to a marked draft, through the client: every kind of text is read on its page."""
    client = Client()
    client.force_login(world.dpo)
    give_role(make_user("Second Officer", authority=world.authority), "data_protection_officer", world.authority)
    new = client.post(
        reverse("visits:request-new"),
        {
            "kind": "foi", "received_on_day": "13", "received_on_month": "10", "received_on_year": "2008", "asked_by": "The Gazette",
            "asks": "Everything", "schools": f"{world.oak.urn}\n{world.ash.name}", "words": "",
        },
    )  # fmt: skip
    request = InformationRequest.objects.get()
    assert new.status_code == 302 and new["Location"] == request.get_absolute_url()
    assert client.post(reverse("visits:request-step", args=[request.public_id, "search"])).status_code == 302
    for place in PLACES:
        url = reverse("visits:request-search", args=[request.public_id, place])
        rows = [f"{row.kind}:{row.subject_id}" for row in in_place(request, place, frozenset())]
        assert client.get(url).status_code == 200
        assert client.post(url, {"found": "Listed.", "take": rows}).status_code == 302, place
    assert {item.kind for item in request.items.all()} >= {"record", "release", "draft", "alert", "audit"}
    client.post(reverse("visits:request-step", args=[request.public_id, "decide"]))
    for item in request.items.all():
        page = client.get(item.get_absolute_url())
        assert page.status_code == 200 and b"Save the marks" in page.content, item.kind
    draft = request.items.filter(kind="draft").first()
    sent = client.post(draft.get_absolute_url(), {"revision": "0", "n:0": world.sip.name, "x:0": "foi_personal"})
    assert sent.status_code == 302
    draft.refresh_from_db()
    assert draft.names == [{"text": world.sip.name, "exemption": "foi_personal"}]
    decided = client.post(reverse("visits:request-decide", args=[draft.public_id]), {"decision": "withhold", "exemption": "foi_conduct"})
    assert decided.status_code == 302
    page = client.get(request.get_absolute_url()).content.decode()
    assert "Withhold" in page and "FOIA 2000 s.36" in page
    assert client.get(reverse("visits:request-list") + "?state=all").status_code == 200
    assert client.get("/").status_code == 200
