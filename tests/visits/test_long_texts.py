"""What somebody can type into a box must not hold the portal up."""

from __future__ import annotations

import time

import pytest
from django.test import Client
from django.urls import reverse

from core.access import Refused
from tests.factories import visits as make
from tests.factories.people import NOW
from tests.factories.schools import World
from visits import services
from visits.checks.text import sentences
from visits.services.notes import LONGEST_BODY


def test_sentences_are_as_they_were() -> None:
    assert sentences("Dr. Price came. She saw Yr. 3.\nNo. 4 was closed. ") == ("Dr. Price came.", "She saw Yr. 3.", "No. 4 was closed.")
    assert sentences("i.e. this. And e.g. that") == ("i.e. this.", "And e.g. that")
    assert sentences(" \n ") == ()


def test_a_text_of_nothing_but_abbreviations_is_read_in_no_time() -> None:
    begun = time.process_time()
    assert len(sentences("A. " * 20_000)) == 1
    assert time.process_time() - begun < 2, "it took 45 seconds when each joined all that stood before it"


@pytest.mark.django_db
def test_a_section_and_a_half_page_have_an_end(world: World) -> None:
    make.load_england_2008(world.authority)
    note = make.start(world.sip, world.oak)
    section = note.sections.first()
    with pytest.raises(Refused, match="at most 60,000 characters"):
        services.save_section(actor=world.sip, note=note, key=section.key, base_revision=0, body="x" * (LONGEST_BODY + 1), at=NOW)
    with pytest.raises(Refused, match="4,000 characters"):
        services.write_half_page(actor=world.head, visit=note.visit, school=world.oak, text="x" * 4001, at=NOW)


@pytest.mark.django_db
def test_a_pasted_text_that_is_too_long_comes_back(world: World) -> None:
    make.load_england_2008(world.authority)
    note = make.start(world.sip, world.oak)
    section = note.sections.get(code="standards")
    client = Client()
    client.force_login(world.sip)
    sent = {"save": "1", f"text-{section.key}": "word " * 13_000, f"base-{section.key}": "0"}
    answer = client.post(reverse("visits:note-paste", args=[note.public_id]), sent)
    assert answer.status_code == 422
    assert "at most 60,000 characters" in answer.content.decode()
    assert "word word" in answer.content.decode()
