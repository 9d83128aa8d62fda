"""Annual commentaries in any state, made through the services; the PDF is a byte."""

from __future__ import annotations

import datetime as dt

from people.models import User
from schools.models import School
from visits import services
from visits.choices import RecordKind
from visits.commentary import compose_commentary
from visits.models import Commentary
from visits.payload import RenderedRecord

from .people import NOW
from .stage import person

STATES = ("draft", "with_school", "final", "amending")


def rendered(commentary: Commentary, kind: str, actor: User, at: dt.datetime = NOW, reply: str = "") -> RenderedRecord:
    return compose_commentary(commentary, kind=kind, at=at, actor=person(actor), reply=reply).with_pdf(b"%PDF")


def fresh(commentary: Commentary) -> Commentary:
    """The commentary as the next request loads it."""
    return Commentary.objects.select_related("authority", "author", "pack", "school__authority", "school__cluster").get(pk=commentary.pk)


def begun(author: User, school: School, year: int = 2008, at: dt.datetime = NOW) -> Commentary:
    return fresh(services.start_commentary(actor=person(author), school=school, academic_year=year, at=at))


def released(commentary: Commentary, actor: User, at: dt.datetime = NOW) -> Commentary:
    made = rendered(commentary, RecordKind.RELEASE, actor, at)
    services.release_commentary(actor=person(actor), commentary=commentary, rendered=made, at=at)
    return fresh(commentary)


def finalised(commentary: Commentary, actor: User, head: User, at: dt.datetime = NOW) -> Commentary:
    """With the head's answer that it is accurate."""
    services.answer_commentary(actor=person(head), commentary=commentary, accuracy="accurate", words="", at=at)
    commentary = fresh(commentary)
    services.finalise_commentary(
        actor=person(actor), commentary=commentary, rendered=rendered(commentary, RecordKind.FINAL, actor, at), at=at
    )
    return fresh(commentary)


def in_state(state: str, author: User, school: School, head: User, year: int = 2008) -> Commentary:
    commentary = begun(author, school, year)
    if state != "draft":
        commentary = released(commentary, author)
    if state not in ("draft", "with_school"):
        commentary = finalised(commentary, author, head)
    if state == "amending":
        services.amend_commentary(actor=person(author), commentary=commentary, reason="A figure was wrong.", at=NOW)
        commentary = fresh(commentary)
    return commentary
