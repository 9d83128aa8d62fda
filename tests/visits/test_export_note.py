"""``export_note``: the stored bytes, and a clear sentence where there are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from core import files
from tests.factories import visits as make
from tests.factories.people import NOW
from tests.factories.schools import World
from visits import services
from visits.choices import NoteState
from visits.models import NoteOfVisit, NoteRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(world: World) -> World:
    make.load_england_2008(world.authority)
    return world


def final(world: World) -> NoteOfVisit:
    return make.bring_to(NoteState.FINAL, author=world.sip, school=world.oak, manager=world.manager, head=world.head)


def export(note: NoteOfVisit, output: Path, **options: Any) -> None:
    call_command("export_note", note.public_id, output=output, **options)


def test_two_exports_are_the_same_bytes(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    note = final(world)
    export(note, tmp_path / "one.pdf")
    export(note, tmp_path / "two.pdf", school=world.oak.urn, number=1)
    record = NoteRecord.objects.get(note=note, kind="final")
    assert record.pdf is not None
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes() == files.read(record.pdf)
    assert record.pdf_digest in capsys.readouterr().out


def test_the_version_is_an_option_of_the_command_line(world: World, tmp_path: Path) -> None:
    note = final(world)
    call_command("export_note", note.public_id, "--output", str(tmp_path / "note.pdf"), "--version", "1")
    assert (tmp_path / "note.pdf").read_bytes().startswith(b"%PDF-")
    with pytest.raises(CommandError, match=r"Version 4 of note 2008/0001 is not a final version\. Final: 1"):
        call_command("export_note", note.public_id, "--output", str(tmp_path / "note.pdf"), "--version", "4")


def test_without_a_record_it_says_why(world: World, tmp_path: Path) -> None:
    note = make.bring_to(NoteState.WITH_SCHOOL, author=world.sip, school=world.oak, manager=world.manager)
    with pytest.raises(CommandError, match="has no PDF of record: it is with school"):
        export(note, tmp_path / "note.pdf")
    with pytest.raises(CommandError, match="There is no note"):
        call_command("export_note", "0" * 20, output=tmp_path / "note.pdf")
    assert not list(tmp_path.iterdir())


def test_of_a_group_the_school_is_named(world: World, tmp_path: Path) -> None:
    note = make.submit(world.sip, make.fill(world.sip, make.start(world.sip, world.oak, world.ash)), asks_review=True)
    services.approve_note(actor=world.manager, note=note, at=NOW)
    note = make.release(world.sip, note)
    for name, school in (("head", world.oak), ("sip_head", world.ash)):
        services.answer_note(actor=world.fresh(name), note=make.fresh(note), school=school, accuracy="accurate", at=NOW)
    note = make.finalise(world.sip, note)
    with pytest.raises(CommandError, match="covered 2 schools"):
        export(note, tmp_path / "note.pdf")
    with pytest.raises(CommandError, match="no record for a school with the URN 1"):
        export(note, tmp_path / "note.pdf", school=1)
    export(note, tmp_path / "oak.pdf", school=world.oak.urn)
    export(note, tmp_path / "ash.pdf", school=world.ash.urn)
    assert (tmp_path / "oak.pdf").read_bytes() != (tmp_path / "ash.pdf").read_bytes()


def test_an_imported_or_withdrawn_one_has_no_pdf_to_give(world: World, tmp_path: Path) -> None:
    note = final(world)
    record = NoteRecord.objects.get(note=note, kind="final")
    NoteRecord.objects.create(
        authority=record.authority, note=note, school=record.school, version=2, kind="final", payload=record.payload, digest="0" * 64,
        is_imported=True, at=NOW, by_name="Import", by_role="",
    )  # fmt: skip
    with pytest.raises(CommandError, match="imported from before"):
        export(note, tmp_path / "note.pdf")
    services.ask_withdrawal(actor=world.manager, record=record, reason="A pupil can be recognised.", at=NOW)
    with pytest.raises(CommandError, match="withdrawn"):
        export(note, tmp_path / "note.pdf", number=1)
    withdrawal = record.withdrawals.get()
    services.refuse_withdrawal(actor=world.dpo, withdrawal=withdrawal, at=NOW)
    with pytest.raises(CommandError, match="cannot be written"):
        export(note, tmp_path / "no" / "such" / "folder.pdf", number=1)
