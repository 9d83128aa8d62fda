"""A whole note from a Word document: split at its headings, nothing lost, what is hostile refused with a sentence."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from docx.oxml import parse_xml

from tests.factories import visits as make
from tests.factories.people import TODAY
from tests.factories.schools import World
from visits.models import NoteOfVisit

pytestmark = pytest.mark.django_db

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


@pytest.fixture
def note(world: World, settings: Any) -> NoteOfVisit:
    settings.SIP_TODAY = TODAY
    make.load_england_2008(world.authority)
    return make.start(world.sip, world.oak)


def send(world: World, note: NoteOfVisit, content: bytes, name: str = "note.docx") -> Any:
    client = Client()
    client.force_login(world.sip)
    return client.post(reverse("visits:note-paste", args=[note.public_id]), {"file": SimpleUploadedFile(name, content), "text": ""})


def saved(document: Any) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def zipped(content: bytes, **more: bytes) -> bytes:
    """The same archive with further members (``__`` stands for a slash)."""
    file = io.BytesIO(content)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, data in more.items():
            archive.writestr(name.replace("__", "/"), data)
    return file.getvalue()


def test_a_document_is_split_at_its_headings_and_nothing_of_it_is_lost(world: World, note: NoteOfVisit) -> None:
    titles = dict(note.sections.values_list("code", "title"))
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Draft of Tuesday"
    document.add_paragraph("Written on the train.")
    document.add_heading(titles["standards"], 1)
    document.add_paragraph("Standards rose to 68%.")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Year 6", "2.1 points"
    inserted = parse_xml(f'<w:p {W}><w:ins w:id="1" w:author="x"><w:r><w:t>Inserted under review.</w:t></w:r></w:ins></w:p>')
    document.element.body.insert(len(document.element.body) - 1, inserted)
    document.add_heading("Parking", 2)
    document.add_paragraph("The gate sticks.")
    document.add_heading(f"3. {titles['groups']}", 1)
    document.add_paragraph("Girls do better.")
    response = send(world, note, saved(document))
    html = response.content.decode()
    assert response.status_code == 200 and not note.sections.exclude(body="").exists()  # a preview: nothing is taken in yet
    fields = {
        name: html.split(f'name="{name}"')[1].split(">", 1)[1].split("</textarea>")[0] for name in ("text-standards", "text-groups", "rest")
    }
    assert fields["text-standards"].split("\n")[1:] == ["Standards rose to 68%.", "Year 6 | 2.1 points", "Inserted under review."]
    assert fields["text-groups"].strip() == "Girls do better."
    assert fields["rest"].split("\n")[1:] == ["Written on the train.", "Parking", "The gate sticks.", "Draft of Tuesday"]


def test_what_is_not_a_plain_document_is_refused_with_a_sentence(world: World, note: NoteOfVisit) -> None:
    document = docx.Document()
    document.add_paragraph("Text")
    good = saved(document)
    long = docx.Document()
    long.add_paragraph("x" * 300_000)
    for content, name, says in (
        (zipped(good, word__vbaProject=b""), "note.doc", "ends in .docx"),
        (zipped(good, **{"word__vbaProject.bin": b"x"}), "note.docx", "holds macros"),
        (zipped(good, bomb=b"\0" * (70 << 20)), "note.docx", "unpacks to more than"),
        (b"PK\x03\x04 and nothing", "note.docx", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "note.docx", "locked with a password"),
        (saved(docx.Document()), "note.docx", "no text"),
        (saved(long), "note.docx", "more than any note"),
    ):
        response = send(world, note, content, name)
        assert response.status_code == 422 and says in response.content.decode(), says
    assert not note.sections.exclude(body="").exists()
