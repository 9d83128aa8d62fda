"""Documents of a briefing: kept by whoever keeps the agenda, opened by whoever sees the briefing, never what they are not."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from briefings import services
from briefings.models import BriefingDocument
from briefings.uploads import recognise
from core.access import Conflict, Refused
from core.audit import AuditEvent
from core.files import StoredFile
from people.models import Sip, User
from tests.factories.briefings import SOON, make_briefing, make_document
from tests.factories.library import PDF, make_resource, office
from tests.factories.people import NOW
from tests.factories.schools import World
from tests.reading import flat
from visits import services as visits
from visits.held import in_place

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def kept_rows() -> list[int]:
    return [model.objects.count() for model in (BriefingDocument, StoredFile, AuditEvent)]


def test_a_document_goes_in_by_the_briefings_page_and_out_as_a_download_that_no_browser_runs(briefed: World) -> None:
    row, manager = make_briefing(briefed), signed_in(briefed.manager)
    page = manager.get(row.get_absolute_url()).content.decode()
    add = reverse("briefings:document-add", args=[row.public_id])
    assert "No documents yet" in page and f'action="{add}" enctype="multipart/form-data"' in page
    sent = {"title": " Data of the autumn ", "file": SimpleUploadedFile("../weird name.docx", office())}
    answer = manager.post(add, sent)
    assert answer.headers["Location"] == f"{row.get_absolute_url()}#documents-h"
    document = BriefingDocument.objects.get()
    assert (document.title, document.file_name, document.added_by) == ("Data of the autumn", "weird name.docx", briefed.manager)
    event = AuditEvent.objects.latest("pk")
    assert event.event == "briefing.documents" and event.changes["added"] == "Data of the autumn"
    sip = signed_in(briefed.sip)
    page = flat(sip.get(row.get_absolute_url()).content.decode())
    assert document.get_absolute_url() in page and "DOCX, " in page and add not in page and "Take off" not in page
    file = sip.get(document.get_absolute_url())
    assert file.content == office() and file.headers["Content-Disposition"] == 'attachment; filename="weird name.docx"'
    assert file.headers["X-Content-Type-Options"] == "nosniff" and "no-store" in file.headers["Cache-Control"]


def test_a_file_that_is_not_what_its_name_says_is_refused_with_a_sentence_and_nothing_is_kept(briefed: World) -> None:
    row, manager = make_briefing(briefed), signed_in(briefed.manager)
    add, kept = reverse("briefings:document-add", args=[row.public_id]), kept_rows()
    for name, content, says in (
        ("plan.pdf", b"MZ\x90\x00" * 20, "is not what its name says"),
        ("plan.docx", PDF, "it is a PDF file"),
        ("plan.html", b"<html/>", "of a kind that the portal does not keep"),
        ("plan.pdf", PDF + b"0" * 30 * 1024**2 + b"%%EOF", "is larger than 10 MB"),
    ):
        answer = manager.post(add, {"title": "Plan", "file": SimpleUploadedFile(name, content)})
        page = answer.content.decode()
        assert answer.status_code == 422 and says in page and 'value="Plan"' in page, name
    for sent, says in (({"title": "Plan"}, "file"), ({"title": " ", "file": SimpleUploadedFile("a.pdf", PDF)}, "title")):
        answer = manager.post(add, sent)
        assert answer.status_code == 422 and f'href="#id_{says}"' in answer.content.decode()
    assert kept_rows() == kept


def test_documents_stand_in_the_order_in_which_they_came_until_they_are_taken_off(briefed: World) -> None:
    row, manager = make_briefing(briefed), briefed.fresh("manager")
    titles = ("Second thoughts", "Agenda", "Map")
    made = [make_document(briefed, row, title, at=NOW + dt.timedelta(minutes=n)) for n, title in enumerate(titles)]
    client, sip = signed_in(briefed.manager), signed_in(briefed.sip)
    page = sip.get(row.get_absolute_url()).content.decode()
    assert sorted(made, key=lambda document: page.index(document.get_absolute_url())) == made
    off = reverse("briefings:document-remove", args=[made[1].public_id])
    assert sip.post(off).status_code == 403 and BriefingDocument.objects.standing().count() == 3
    assert client.post(off).headers["Location"] == f"{row.get_absolute_url()}#documents-h"
    marked = BriefingDocument.objects.get(pk=made[1].pk)
    assert marked.removed_by == briefed.manager and marked.removed_at is not None and marked.file.size == len(PDF)
    assert AuditEvent.objects.latest("pk").changes["removed"] == "Agenda"
    for who in (client, sip):
        assert who.get(made[1].get_absolute_url()).status_code == 404
        assert made[1].get_absolute_url() not in who.get(row.get_absolute_url()).content.decode()
    with pytest.raises(Conflict, match="taken it off"):
        services.remove_document(actor=manager, document=made[1], at=NOW)


def test_another_audience_and_another_authority_find_nothing(briefed: World) -> None:
    document = make_document(briefed, make_briefing(briefed))
    Sip.objects.filter(pk=briefed.sips["consultant"].pk).update(phases=["secondary"])
    assert signed_in(briefed.sip).get(document.get_absolute_url()).status_code == 200
    for name in ("consultant", "other_manager", "other_sip"):
        client = signed_in(briefed.people[name])
        assert client.get(document.get_absolute_url()).status_code == 404, name
        assert client.post(reverse("briefings:document-remove", args=[document.public_id])).status_code == 404, name
        assert not BriefingDocument.objects.visible_to(briefed.fresh(name)).exists()
    assert Client().get(document.get_absolute_url()).status_code == 302


def test_whoever_keeps_the_agenda_adds_before_and_after_and_not_once_it_is_called_off(briefed: World) -> None:
    row, upload = make_briefing(briefed, SOON), recognise("a.pdf", PDF, most_mb=1)
    for name in ("sip", "officer"):
        with pytest.raises(PermissionDenied):
            services.add_document(actor=briefed.fresh(name), briefing=row, title="Mine", upload=upload, at=NOW)
    held = make_briefing(briefed, NOW.date())
    services.record_attendance(actor=briefed.fresh("manager"), briefing=held, came=[briefed.sip], at=NOW)
    assert make_document(briefed, held, "What was shown").briefing.state == "held"
    document = make_document(briefed, row)
    services.cancel_briefing(actor=briefed.fresh("manager"), briefing=row, reason="Snow", at=NOW)
    with pytest.raises(Conflict, match="called off"):
        make_document(briefed, row)
    with pytest.raises(Refused):
        services.remove_document(actor=briefed.fresh("manager"), document=document, at=NOW)
    page = signed_in(briefed.manager).get(row.get_absolute_url()).content.decode()
    assert document.get_absolute_url() in page and "Add a document" not in page


def test_a_request_for_information_searches_files_and_says_which_it_could_not(briefed: World) -> None:
    row = make_briefing(briefed)
    make_document(briefed, row)  # a PDF
    word = recognise("minutes.docx", office(says="Ada Quill was thanked"), most_mb=1)
    services.add_document(actor=briefed.fresh("manager"), briefing=row, title="Minutes", upload=word, at=NOW)
    make_resource(briefed, "Handbook", file=("handbook.docx", office(says="Nobody is named")))
    dpo = briefed.fresh("dpo")
    words = visits.RequestWords("subject_access", NOW.date(), "Ada Quill", "What you hold", person="Ada Quill")
    asked = visits.open_request(actor=dpo, authority=briefed.authority, words=words, at=NOW)
    visits.search_for_request(actor=dpo, request=asked, at=NOW)
    client = signed_in(dpo)
    search = reverse("visits:request-search", args=[asked.public_id, "files"])
    page = client.get(search).content.decode()
    assert "Minutes, minutes.docx" in page and "Slides of the day, slides.pdf (PDF file: not searched)" in page and "Handbook" not in page
    assert "1 row could not be searched" in page
    client.post(search, {"found": "Two.", "take": [f"{found.kind}:{found.subject_id}" for found in in_place(asked, "files", frozenset())]})
    by_name = {item.label: item for item in asked.items.all()}
    assert "Ada Quill was thanked" in client.get(by_name["Minutes, minutes.docx"].get_absolute_url()).content.decode()
    slides = by_name["Slides of the day, slides.pdf"]
    url = reverse("visits:request-file", args=[slides.public_id])
    assert url in client.get(slides.get_absolute_url()).content.decode()
    file = client.get(url)
    assert file.content == PDF and file.headers["Content-Disposition"] == 'attachment; filename="slides.pdf"'
    assert AuditEvent.objects.filter(event="request.file_taken", subject_id=slides.public_id).exists()
    assert {signed_in(actor).get(url).status_code for actor in (briefed.manager, briefed.sip)} == {404}
    asked.refresh_from_db()
    visits.take_back_request(actor=dpo, request=asked, reason="By telephone", at=NOW)
    with pytest.raises(Refused, match="closed"):
        visits.take_request_file(actor=dpo, item=slides, at=NOW)
