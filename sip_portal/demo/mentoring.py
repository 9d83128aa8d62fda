"""Mentors with a log, SIP reviews with objectives, and what the regional coordinator wrote in July 2008 (P2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

from quality import services

if TYPE_CHECKING:
    from .seed import Seed

Moment = Callable[[dt.date, int], dt.datetime]

LOG = (
    (dt.date(2008, 9, 4), "start", "Handbook, sections of the note and checks gone through. Both schools' last notes read, first visits planned.", "Join the visit of 25 September"),
    (dt.date(2008, 9, 25), "accompany", "Kwabena came with me to a visit. Afterwards: what was asked, and one question on sixth-form targets that we left unasked.", "Draft of the first note by 10 October"),
    (dt.date(2008, 10, 9), "first-notes", "Read the first draft. Strong: judgement is stated before evidence. To change: say what the intervention cost.", "Second draft after the next visit"),
)  # fmt: skip
OBJECTIVES = (
    ("All notes are with schools within ten office days, and moderated notes are good or better.", "Timeliness of the year; moderation in spring.", dt.date(2009, 6, 30)),
    ("Every note this year judges the impact and value for money of each intervention.", "Checks on notes, and the shadowing form.", dt.date(2009, 4, 3)),
    ("I will strengthen my questions on early years data by joining two moderation visits, shown by my spring notes.", "Two notes read by the reviewer.", dt.date(2009, 3, 31)),
)  # fmt: skip


def tell(seed: Seed, moment: Moment) -> None:
    new, mentor = seed.sips["amponsah"], seed.users["mentor"]
    for on, step, text, following in LOG:
        services.log_mentoring(actor=mentor, sip=new, step=step, on=on, text=text, next_step=following, at=moment(on, 16))
    services.log_mentoring(
        actor=seed.users["amponsah"], sip=new, on=dt.date(2008, 10, 10), at=moment(dt.date(2008, 10, 10), 12),
        text="Asked for help with post-16 value added; we look at it together before half term.",
    )  # fmt: skip
    manager, began = seed.users["manager"], moment(dt.date(2008, 10, 1), 14)
    review = services.begin_sip_review(actor=manager, sip=seed.sips["attfield"], at=began)
    for text, success, by_on in OBJECTIVES:
        services.set_objective(actor=manager, review=review, text=text, success=success, by_on=by_on, at=began)
    services.record_need(actor=manager, review=review, text="Reading of the Foundation Stage profile", at=began)
    services.agree_objectives(actor=manager, review=review, at=moment(dt.date(2008, 10, 8), 14))
    note = services.record_judgement(
        actor=manager, authority=seed.authority, body="regional", title="Note of the regional coordinator's visit, July 2008",
        on=dt.date(2008, 7, 16), grade="Outstanding", reference="Programme file, NOV July 08", at=moment(dt.date(2008, 7, 18), 10),
        words="Implementation and management of the programme are judged outstanding. Quality assurance is in place throughout, and headteachers "
        "speak very well of the programme. Next: shadow every SIP, and show the effect of interventions.",
    )  # fmt: skip
    for action, owner, due_on in (
        ("Every SIP is shadowed on a visit", "Stuart Haffenden", dt.date(2009, 4, 3)),
        ("Notes judge the impact and value for money of interventions", "All SIPs", dt.date(2008, 12, 19)),
    ):
        services.answer_judgement(
            actor=manager, judgement=note, answer="We agree, and have made both the programme's work of 2008/09.", action=action, owner=owner,
            due_on=due_on, at=moment(dt.date(2008, 9, 3), 10),
        )  # fmt: skip
