"""The library: versions and readers, what leaks to nobody else, files that are what they say, sample notes (P18, P19, P32, S2)."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from briefings import services
from briefings.models import Practice, QuestionOffer, Resource, ResourceDraft, ResourceVersion, Suggestion
from briefings.samples import identifying_words
from briefings.selectors.bank import bank_of
from briefings.selectors.library import copies_to_offer, current_text, library_of, new_to, readership, schools_in_category
from briefings.services import Content, ResourceFacts
from briefings.uploads import recognise
from core import search
from core.access import Conflict, Refused
from core.audit import AuditEvent
from people.models import User
from people.packs import require_pack
from people.roles import Hat
from people.services import update_authority
from schools.models import Inspection
from schools.pack import inspection_of
from tests.factories import visits as make
from tests.factories.library import JPEG, PDF, PNG, make_resource, office
from tests.factories.people import NOW, TODAY, give_role
from tests.factories.schools import World
from visits import services as visits
from visits.models import InformationRequest, RedactedCopy
from visits.payload import authority_shown
from visits.services.requests import compose_copy

pytestmark = pytest.mark.django_db


def signed_in(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.fresh(name))
    return client


def found(user: User, words: str) -> list[str]:
    return [hit.title for hit in search.search(user, words, ["resource", "practice"])]


# ---------------------------------------------------------------- versions


def test_a_new_version_takes_the_place_of_the_one_before_which_stays_readable_and_marked(briefed: World) -> None:
    manager, sip = briefed.fresh("manager"), signed_in(briefed, "sip")
    resource = make_resource(briefed, text="Notes are due in ten days.", key="handbook")
    services.write_resource(
        actor=manager, resource=resource, content=Content(text="Notes are due in **five** days.", changes="Sooner."), at=NOW
    )
    page = sip.get(resource.get_absolute_url()).content.decode()
    assert "ten days" in page and "five" not in page and "being prepared" not in page.lower()
    version = services.publish_resource(actor=manager, resource=resource, at=NOW)
    page = sip.get(resource.get_absolute_url()).content.decode()
    assert "<strong>five</strong>" in page and "Sooner." in page and version.number == 2
    older = sip.get(reverse("briefings:resource-version", args=[resource.public_id, 1])).content.decode()
    assert "No longer in force" in older and "ten days" in older and "Version 2 is current" in older
    Resource.objects.filter(pk=resource.pk).update(kind="briefing-pack")
    older = sip.get(reverse("briefings:resource-version", args=[resource.public_id, 1])).content.decode()
    assert "No longer in force" not in older and "Earlier" in older, "what was told at a briefing is not out of force"
    assert sip.get(reverse("briefings:resource-version", args=[resource.public_id, 3])).status_code == 404
    words = current_text(briefed.authority, "handbook")
    assert words is not None and (words.number, words.plain) == (2, "Notes are due in five days.") and words.version == version
    assert current_text(briefed.other, "handbook") is None
    with pytest.raises(DatabaseError), transaction.atomic():
        ResourceVersion.objects.filter(number=1).update(text="Otherwise")


def test_what_is_new_is_what_a_person_has_not_opened(briefed: World) -> None:
    resource = make_resource(briefed)
    sip, second = briefed.fresh("sip"), briefed.fresh("consultant")
    assert new_to(library_of(sip, briefed.authority)) == [resource]
    signed_in(briefed, "sip").get(resource.get_absolute_url())
    assert new_to(library_of(sip, briefed.authority)) == [] and new_to(library_of(second, briefed.authority)) == [resource]
    assert not services.open_version(actor=sip, version=resource.versions.get(), at=NOW)
    services.write_resource(actor=briefed.fresh("manager"), resource=resource, content=Content(text="Anew."), at=NOW)
    services.publish_resource(actor=briefed.fresh("manager"), resource=resource, at=NOW)
    assert new_to(library_of(sip, briefed.authority)) == [resource]


def test_two_who_write_do_not_lose_each_others_words(briefed: World) -> None:
    manager, resource = briefed.fresh("manager"), make_resource(briefed)
    services.write_resource(actor=manager, resource=resource, content=Content(text="One."), revision=0, at=NOW)
    with pytest.raises(Conflict, match="Somebody else has changed"):
        services.write_resource(
            actor=manager, resource=Resource.objects.get(pk=resource.pk), content=Content(text="Two."), revision=0, at=NOW
        )
    with pytest.raises(Conflict, match="has changed since you looked"):
        services.publish_resource(actor=manager, resource=resource, revision=7, at=NOW)
    services.discard_draft(actor=manager, resource=Resource.objects.get(pk=resource.pk), at=NOW)
    with pytest.raises(Conflict, match="Nothing is being prepared"):
        services.publish_resource(actor=manager, resource=resource, at=NOW)


def test_retired_it_leaves_lists_and_searches_and_says_so_where_it_is_read(briefed: World) -> None:
    manager, resource = briefed.fresh("manager"), make_resource(briefed, "Writing frame")
    with pytest.raises(Refused, match="Say why"):
        services.retire_resource(actor=manager, resource=resource, why=" ", at=NOW)
    services.retire_resource(actor=manager, resource=resource, why="Notes are written here.", at=NOW)
    sip, client = briefed.fresh("sip"), signed_in(briefed, "sip")
    assert library_of(sip, briefed.authority) == [] and found(sip, "frame") == []
    assert "Notes are written here." in client.get(resource.get_absolute_url()).content.decode()
    assert "Writing frame" in client.get(reverse("briefings:resource-list"), {"show": "retired"}).content.decode()
    with pytest.raises(Conflict):
        services.write_resource(actor=manager, resource=resource, content=Content(text="x"), at=NOW)
    services.restore_resource(actor=manager, resource=resource, at=NOW)
    assert found(sip, "frame") == ["Writing frame"]


# ---------------------------------------------------------------- readers


def test_nothing_of_a_resource_reaches_another_audience(briefed: World) -> None:
    """By list, page, version, file, search or count; nor the same hat of another authority."""
    make_resource(briefed, "Common handbook", text="moorland", audience=("sip", "head"))
    secret = make_resource(briefed, "Officers only", text="moorland", audience=("officer",), file=("plan.docx", office(says="heathland")))
    draft = make_resource(briefed, "Not yet", text="moorland", audience=("sip", "head"), is_published=False)
    seen = {
        "sip": {"Common handbook"},
        "head": {"Common handbook"},
        "chair": set(),
        "officer": {"Officers only"},
        "manager": {"Common handbook", "Officers only", "Not yet"},
        "other_manager": set(),
        "other_sip": set(),
        "other_head": set(),
        "former_sip": set(),
        "outsider": set(),
    }
    for name, titles in seen.items():
        user, client = briefed.fresh(name), signed_in(briefed, name)
        assert {row.title for row in Resource.objects.visible_to(user)} == titles, name
        assert set(found(user, "moorland")) == titles - {"Not yet"}, name
        assert search.counts(user, "moorland").get("resource", 0) == len(titles - {"Not yet"}), name
        assert search.counts(user, "heathland").get("resource", 0) == ("Officers only" in titles), name
        if "Officers only" not in titles:
            paths = [secret.get_absolute_url(), reverse("briefings:resource-file", args=[secret.public_id, 1])]
            paths += [reverse("briefings:resource-version", args=[secret.public_id, 1]), draft.get_absolute_url()]
            assert {client.get(path).status_code for path in paths} == {404}, name
            page = client.get(reverse("briefings:resource-list"), {"q": "moorland"})
            assert "Officers only" not in page.content.decode(), name
    assert AuditEvent.objects.filter(event="resource.opened").count() == 0


def test_another_audience_holds_for_every_version_at_once(briefed: World) -> None:
    manager, resource = briefed.fresh("manager"), make_resource(briefed, audience=("sip", "officer"))
    facts = ResourceFacts(kind="form", title="Handbook for officers", audience=("officer",))
    services.change_resource(actor=manager, resource=resource, facts=facts, at=NOW)
    assert found(briefed.fresh("sip"), "handbook") == [] and found(briefed.fresh("officer"), "handbook") == ["Handbook for officers"]
    for wrong, says in (
        (dataclasses.replace(facts, audience=()), "Choose who may read it"),
        (dataclasses.replace(facts, audience=("king",)), "Choose who may read it"),
        (dataclasses.replace(facts, kind="sample-note"), "nothing else is one"),
        (dataclasses.replace(facts, kind="none"), "Choose what it is"),
        (dataclasses.replace(facts, title=" "), "Enter the title"),
    ):
        with pytest.raises(Refused, match=says):
            services.change_resource(actor=manager, resource=resource, facts=wrong, at=NOW)
    with pytest.raises(PermissionDenied):
        services.change_resource(actor=briefed.fresh("officer"), resource=resource, facts=facts, at=NOW)


def test_the_manager_sees_how_many_may_read(briefed: World) -> None:
    rows = {row.hat: row.people for row in readership(briefed.authority, ["sip", "head", "officer", "mentor"], TODAY)}
    for hat, people in rows.items():
        wear_it = [name for name in briefed.people if hat in briefed.fresh(name).hats.worn_in(briefed.authority.pk)]
        assert people == len(wear_it) > 0, hat
    resource = make_resource(briefed, is_published=False)
    page = signed_in(briefed, "manager").get(reverse("briefings:resource-publish", args=[resource.public_id])).content.decode()
    assert (
        "Publish version 1</h1>" in page
        and "before</em>" in page
        and "Who may read it" in page
        and f'<td class="num">{rows[Hat.SIP]}</td>' in page
    )


# ---------------------------------------------------------------- files


def told(value: object) -> str:
    """Of a case its words: the bytes of an archive hold the time at which they were made."""
    return value if isinstance(value, str) else "file"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("Plan.pdf", PDF),
        ("chart.png", PNG),
        ("photo.jpeg", JPEG),
        ("frame.docx", office("docx")),
        ("figures.xlsx", office("xlsx")),
        ("slides.pptx", office("pptx")),
    ],
    ids=told,
)
def test_a_file_that_is_what_it_says_is_taken(name: str, content: bytes) -> None:
    taken = recognise(f'C:\\there/{name[:2]}\r\n\u202e"{name[2:]}', content, most_mb=1)
    assert taken.content == content and taken.name == f"{name[:2]} {name[2:]}"


CROWDED = office(more={f"word/media/{number}": b"" for number in range(5000)})


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("plan.pdf", b"MZ\x90\x00" * 20, "is not what its name says: its content is something else"),
        ("plan.pdf", b"<html><script>alert(1)</script></html>", "is not what its name says"),
        ("plan.docx", PDF, "is not what its name says: it is a PDF file"),
        ("photo.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "is not what its name says"),
        ("drawing.svg", b"<svg/>", "of a kind that the portal does not keep"),
        ("page.html", b"<html/>", "of a kind that the portal does not keep"),
        ("plan.pdf.exe", PDF, "of a kind that the portal does not keep"),
        ("plan", PDF, "of a kind that the portal does not keep"),
        ("plan.docm", office(), "of a kind that the portal does not keep"),
        ("plan.docx", office(more={"word/vbaProject.bin": b"x"}), "holds macros"),
        ("plan.xlsx", office("docx"), "it is a DOCX file"),
        ("plan.docx", office()[:60], "is not what its name says"),
        ("plan.docx", CROWDED, "is not what its name says"),
        ("plan.pdf", b"", "is empty"),
        ("plan.pdf", PDF + b"0" * 1024**2 + b"%%EOF", "larger than 1 MB"),
    ],
    ids=told,
)
def test_a_file_that_is_not_is_refused_with_a_sentence(name: str, content: bytes, says: str) -> None:
    with pytest.raises(Refused, match=says) as refusal:
        recognise(name, content, most_mb=1)
    assert refusal.value.field == "file"


def test_a_file_goes_in_by_the_form_and_out_as_a_download_that_no_browser_runs(briefed: World) -> None:
    client = signed_in(briefed, "manager")
    sent = {"title": "Agenda", "kind": "form", "audience": ["sip", "head"], "text": "", "summary": ""}
    wrong = client.post(reverse("briefings:resource-add"), {**sent, "file": SimpleUploadedFile("a.pdf", b"<html>")})
    assert wrong.status_code == 422 and "is not what its name says" in wrong.content.decode() and not Resource.objects.exists()
    nothing = client.post(reverse("briefings:resource-add"), sent)
    assert "Write it here, or choose a file." in nothing.content.decode()
    answer = client.post(
        reverse("briefings:resource-add"), {**sent, "file": SimpleUploadedFile("../weird name.docx", office(says="Attainment"))}
    )
    resource = Resource.objects.get()
    assert answer.headers["Location"] == resource.get_absolute_url() and ResourceDraft.objects.get().file_words == "Attainment"
    assert client.get(reverse("briefings:resource-draft-file", args=[resource.public_id])).status_code == 200
    publish = reverse("briefings:resource-publish", args=[resource.public_id])
    assert client.post(publish, {"revision": "0"}).status_code == 422
    assert client.post(publish, {"revision": "1"}).status_code == 302
    head = signed_in(briefed, "head")
    file = head.get(reverse("briefings:resource-file", args=[resource.public_id, 1]))
    assert file.content.startswith(b"PK") and "weird name.docx" in file.headers["Content-Disposition"]
    assert file.headers["Content-Disposition"].startswith("attachment;") and "\n" not in file.headers["Content-Disposition"]
    assert (file.headers["X-Content-Type-Options"], file.headers["Cache-Control"]) == ("nosniff", "no-store")
    assert found(briefed.fresh("head"), "attainment") == ["Agenda"]
    # the next version keeps the file unless another is sent, and can do without it
    write = reverse("briefings:resource-write", args=[resource.public_id])
    assert "Keep the file" in client.get(write).content.decode()
    client.post(write, {"text": "Now in words.", "keeps_file": "on", "changes": "", "revision": "0"})
    assert ResourceDraft.objects.get().file_id == resource.versions.get().file_id
    client.post(write, {"text": "Now in words.", "changes": "", "revision": "1"})
    assert ResourceDraft.objects.get().file is None


# ---------------------------------------------------------------- sample notes (P19)


def redacted(world: World, *, names: bool = True) -> RedactedCopy:
    """The copy of a final note of Oakfield, approved; with everybody's name taken out, or with the school's alone."""
    note = make.bring_to("final", author=world.sip, school=world.oak, manager=world.manager, head=world.head)
    record = note.records.get(kind="final")
    item, _ = make.request_about(world, record)
    dpo, manager = world.fresh("dpo"), world.fresh("manager")
    words = identifying_words(RedactedCopy.objects.get(item=item)) if names else ["Nobody Atall"]
    item.refresh_from_db()
    marks = [(word, "foi_personal") for word in words]
    visits.mark_passages(actor=dpo, item=item, passages={}, names=marks, revision=item.revision, at=NOW)
    item.refresh_from_db()
    copy = visits.keep_copy(actor=dpo, item=item, made=compose_copy(item, dpo, NOW).with_pdf(b"%PDF"), at=NOW)
    visits.decide_item(actor=dpo, item=item, decision="redact", at=NOW)
    request = InformationRequest.objects.get(pk=item.request_id)
    visits.submit_request(actor=dpo, request=request, reviewer=manager, at=NOW)
    visits.approve_request(actor=manager, request=request, at=NOW)
    return RedactedCopy.objects.select_related("item__request__authority").get(pk=copy.pk)


def test_a_sample_note_is_made_from_an_approved_redacted_copy_and_published_by_another(briefed: World) -> None:
    copy = redacted(briefed)
    dpo, manager = briefed.fresh("dpo"), briefed.fresh("manager")
    assert copies_to_offer(dpo) == [copy]
    client = signed_in(briefed, "dpo")
    assert copy.item.label in client.get(reverse("briefings:sample-list")).content.decode()
    offer = reverse("briefings:sample-offer", args=[copy.public_id])
    named = client.post(offer, {"title": "The note of Oakfield Primary School", "summary": ""})
    assert named.status_code == 422 and "still names “Oakfield Primary School”" in named.content.decode()
    assert client.post(offer, {"title": "A note that follows up actions", "summary": "See how."}).status_code == 302
    resource = Resource.objects.get(kind="sample-note")
    assert (
        copies_to_offer(dpo) == []
        and not Resource.objects.visible_to(dpo).exists()
        and library_of(briefed.fresh("sip"), briefed.authority) == []
    )
    with pytest.raises(Conflict, match="offered already"):
        services.offer_sample(actor=dpo, copy=copy, title="Again", at=NOW)
    with pytest.raises(PermissionDenied):
        services.publish_resource(actor=dpo, resource=resource, at=NOW)
    with pytest.raises(Refused, match="stands as the redacted copy"):
        services.write_resource(actor=manager, resource=resource, content=Content(text="Otherwise"), at=NOW)
    both = User.objects.get(pk=dpo.pk)
    give_role(both, Hat.SIP_MANAGER, briefed.authority)
    with pytest.raises(Refused, match="Somebody else"):
        services.publish_resource(actor=both, resource=resource, at=NOW)
    version = services.publish_resource(actor=manager, resource=resource, at=NOW)
    page = signed_in(briefed, "sip").get(resource.get_absolute_url()).content.decode()
    assert "Oakfield" not in page and briefed.head.name not in page and str(briefed.oak.urn) not in page
    assert version.redacted_copy == copy and version.text.count("## ") > 5


def test_nothing_else_becomes_a_sample_note(briefed: World) -> None:
    with pytest.raises(Refused, match="made from a redacted copy"):
        make_resource(briefed, kind="sample-note")
    copy = redacted(briefed, names=False)
    dpo = briefed.fresh("dpo")
    with pytest.raises(PermissionDenied):
        services.offer_sample(actor=briefed.fresh("manager"), copy=copy, title="A note", at=NOW)
    with pytest.raises(Refused, match="still names “Oakfield”"):
        services.offer_sample(actor=dpo, copy=copy, title="Actions at Oakfield", at=NOW)
    InformationRequest.objects.filter(pk=copy.item.request_id).update(approved_at=None)
    with pytest.raises(Refused, match="has not approved"):
        services.offer_sample(actor=dpo, copy=RedactedCopy.objects.get(pk=copy.pk), title="A note", at=NOW)


# ---------------------------------------------------------------- questions, practice, suggestions


def test_a_sip_offers_a_question_and_whoever_it_worked_for_marks_it(briefed: World) -> None:
    sip, second, manager = briefed.fresh("sip"), briefed.fresh("consultant"), briefed.fresh("manager")
    client = signed_in(briefed, "sip")
    sent = {"theme": "targets", "text": "Which target would you change today", "phase_groups": ["primary"], "follow_up": "", "why": ""}
    assert "ends with a question mark" in client.post(reverse("briefings:question-offer"), sent).content.decode()
    client.post(reverse("briefings:question-offer"), {**sent, "text": "Which target would you change today?"})
    offer = QuestionOffer.objects.get()
    pack = require_pack(briefed.authority, TODAY)
    codes = {q.code for theme in bank_of(second, pack) for q in theme.questions}
    assert offer.public_id not in codes and len(codes) > 40
    assert not QuestionOffer.objects.visible_to(second).exists() and QuestionOffer.objects.visible_to(sip).exists()
    assert offer.text in signed_in(briefed, "manager").get(reverse("briefings:question-list")).content.decode()
    with pytest.raises(Refused, match="Say why"):
        services.decide_question(actor=manager, offer=offer, accept=False, at=NOW)
    with pytest.raises(Refused, match="no longer in the bank"):
        services.mark_question(actor=second, authority=briefed.authority, code=offer.public_id, at=NOW)
    signed_in(briefed, "manager").post(reverse("briefings:question-decide", args=[offer.public_id]), {"accept": "yes", "answer": ""})
    for actor in (second, sip):
        services.mark_question(actor=actor, authority=briefed.authority, code=offer.public_id, at=NOW)
    with pytest.raises(Conflict, match="already"):
        services.mark_question(actor=sip, authority=briefed.authority, code=offer.public_id, at=NOW)
    first = bank_of(sip, pack, theme="targets")[0].questions[0]
    assert (first.text, first.worked, first.is_mine, first.offered_by) == ("Which target would you change today?", 2, True, sip.name)
    client.post(reverse("briefings:question-mark", args=[offer.public_id]), {"off": "1"})
    assert [q.worked for theme in bank_of(sip, pack, marked=True) for q in theme.questions] == [1]
    assert not {q.code for theme in bank_of(sip, pack, group="secondary") for q in theme.questions} & {offer.public_id}
    services.unmark_question(actor=second, authority=briefed.authority, code=offer.public_id, at=NOW)
    for refused in ("head", "officer", "other_sip"):
        with pytest.raises(PermissionDenied):
            services.mark_question(actor=briefed.fresh(refused), authority=briefed.authority, code="std-floor-ks2", at=NOW)


def test_practice_elsewhere_has_its_source_and_can_be_found(briefed: World) -> None:
    sip = briefed.fresh("sip")
    values = {"place": "Northmere", "title": "One question a term", "what": "All SIPs ask **it**.", "source": "Visit", "contact": ""}
    with pytest.raises(Refused, match="Give the source"):
        services.record_practice(actor=sip, authority=briefed.authority, at=NOW, **{**values, "source": ""})
    client = signed_in(briefed, "sip")
    client.post(reverse("briefings:practice-add"), values)
    row = Practice.objects.get()
    client.post(reverse("briefings:practice-change", args=[row.public_id]), {**values, "contact": "Their manager"})
    page = signed_in(briefed, "officer").get(reverse("briefings:practice-list")).content.decode()
    assert "Northmere" in page and "<strong>it</strong>" in page and "Their manager" in page
    assert found(briefed.fresh("officer"), "northmere") and not found(briefed.fresh("head"), "northmere")
    assert not found(briefed.fresh("other_sip"), "northmere")
    services.withdraw_practice(actor=sip, practice=row, at=NOW)
    assert not found(briefed.fresh("officer"), "northmere")
    with pytest.raises(Conflict):
        services.withdraw_practice(actor=sip, practice=row, at=NOW)


def test_a_suggestion_is_answered_where_it_was_made(briefed: World) -> None:
    sip, manager = signed_in(briefed, "sip"), signed_in(briefed, "manager")
    sip.post(reverse("briefings:suggestion-list"), {"text": "A page on the early years."})
    row = Suggestion.objects.get()
    assert row.text in manager.get(reverse("briefings:suggestion-list")).content.decode()
    assert row.text not in signed_in(briefed, "consultant").get(reverse("briefings:suggestion-list")).content.decode()
    manager.post(reverse("briefings:suggestion-answer", args=[row.public_id]), {"answer": "In November."})
    assert "In November." in sip.get(reverse("briefings:suggestion-list")).content.decode()
    with pytest.raises(Conflict):
        services.answer_suggestion(actor=briefed.fresh("manager"), suggestion=row, answer="Again", at=NOW)
    with pytest.raises(Refused):
        services.make_suggestion(actor=briefed.fresh("sip"), authority=briefed.authority, text=" ", at=NOW)


# ---------------------------------------------------------------- made from rows


def test_schools_in_a_category_are_those_of_ones_own_scope(briefed: World) -> None:
    for school in (briefed.oak, briefed.elm):
        Inspection.objects.create(
            authority=briefed.authority,
            school=school,
            framework="2005",
            starts_on=TODAY.replace(year=2007),
            overall=4,
            category="notice-to-improve",
        )
    part = inspection_of(require_pack(briefed.authority, TODAY).content)
    for name, schools in (
        ("manager", [briefed.elm, briefed.oak]),
        ("sip", [briefed.oak]),
        ("officer_chair", [briefed.elm, briefed.oak]),
        ("new_sip", []),
    ):
        rows = schools_in_category(briefed.fresh(name), briefed.authority, part, TODAY)
        assert [row.school for row in rows] == schools, name
        assert all(row.label for row in rows)
    page = signed_in(briefed, "sip").get(reverse("briefings:category-list")).content.decode()
    assert "Oakfield" in page and "Elmwood" not in page


def test_the_years_visits_are_made_from_the_pack(briefed: World) -> None:
    page = signed_in(briefed, "sip").get(reverse("briefings:visit-year")).content.decode()
    for kind in require_pack(briefed.authority, TODAY).section("visits").visit_types:
        assert kind.label in page.replace("&#x27;", "'")


def test_a_sip_is_at_the_handbook_in_two_clicks(briefed: World) -> None:
    resource = make_resource(briefed)
    client: Any = signed_in(briefed, "sip")
    assert f'href="{reverse("briefings:resource-list")}"' in client.get("/").content.decode()
    assert f'href="{resource.get_absolute_url()}"' in client.get(reverse("briefings:resource-list")).content.decode()


def test_the_contact_block_is_the_authoritys_own_in_the_footer_and_in_records(briefed: World) -> None:
    """P35: kept once, by the administrator."""
    values = {"address": "Osmer House\nMarlchester", "telephone": "01632 960000", "website": "https://www.wealdshire.example/sip"}
    with pytest.raises(Refused, match="like https"):
        update_authority(actor=briefed.fresh("administrator"), authority=briefed.authority, at=NOW, website="www.wealdshire")
    briefed.authority.refresh_from_db()
    authority = update_authority(actor=briefed.fresh("administrator"), authority=briefed.authority, at=NOW, **values)
    assert authority.contact == ["Osmer House, Marlchester", "Telephone 01632 960000", "https://www.wealdshire.example/sip"]
    page = signed_in(briefed, "sip").get(reverse("briefings:resource-list")).content.decode()
    assert 'href="https://www.wealdshire.example/sip"' in page and "01632 960000" in page
    assert authority_shown(authority).items() >= values.items()
