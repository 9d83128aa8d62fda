"""A mentor reads what a new SIP shared; a chair asks for a correction; the data protection officer withdraws a note with the
manager, reads what is under seal and closes the incident. Every page on the way passes axe at two widths."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from tests.browsing import Person
from tests.factories import visits as make
from tests.factories.people import NOW
from tests.factories.schools import World
from visits import services
from visits.choices import NoteState
from visits.models import CorrectionRequest, Incident, NoteOfVisit, NoteRecord

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_mentor_chair_and_data_protection_officer(live_server: Any, page: Any, world: World) -> None:
    page.goto("about:blank")
    shared = make.start(world.new_sip, world.rowan)
    services.share_note(actor=world.fresh("new_sip"), note=shared, mentor=world.mentor, at=NOW)
    final = make.bring_to(NoteState.FINAL, author=world.sip, school=world.oak, manager=world.manager, head=world.head)
    record = NoteRecord.objects.get(note=final, kind="final")

    mentor = Person(page, live_server, world.mentor, careful=True)
    mentor.opens("/")
    assert "Draft" in mentor.opens(shared.get_absolute_url())

    chair = Person(page, live_server, world.chair, careful=True)
    chair.opens(final.get_absolute_url())
    chair.opens(reverse("visits:correction-ask", args=[record.public_id]))
    chair.sends("Ask for the correction", place="Section 3", why="The figure is last year’s.")
    assert CorrectionRequest.objects.get().by == world.chair

    manager = Person(page, live_server, world.manager, careful=True)
    manager.opens(reverse("visits:withdrawal-ask", args=[record.public_id]))
    manager.sends("End access and ask for withdrawal", reason="A pupil can be recognised.")

    officer = Person(page, live_server, world.dpo, careful=True)
    assert "To be confirmed" in officer.opens("/")
    officer.opens(reverse("visits:withdrawal-decide", args=[record.public_id]))
    officer.sends("Confirm the withdrawal")
    assert NoteOfVisit.objects.get(pk=final.pk).state == NoteState.WITHDRAWN
    incident = Incident.objects.get()
    officer.opens(reverse("visits:incident-list"))
    assert "Clement Board" in officer.opens(incident.get_absolute_url())
    officer.sends("Enter it", words="The chair was asked to delete the copy.")
    assert "tracking in Years 3 and 4" in officer.opens(reverse("visits:incident-text", args=[incident.public_id]))
    officer.opens(reverse("visits:incident-destroy", args=[incident.public_id]))
    officer.opens(reverse("visits:incident-close", args=[incident.public_id]))
    officer.sends("Close it", words="No harm came of it.")
    assert "No harm came of it." in officer.opens(incident.get_absolute_url())
    assert "under seal" in officer.opens(record.get_absolute_url())
    for url in ("visits:request-list", "visits:retention-list", "visits:reading-list"):
        officer.opens(reverse(url))

    sip = Person(page, live_server, world.sip, careful=True)
    sip.opens(reverse("visits:commentary-list"))
    assert page.goto(f"{sip.root}{record.get_absolute_url()}").status == 404
