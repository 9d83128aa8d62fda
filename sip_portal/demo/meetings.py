"""Briefings, bulletins and workshops of the authority, over however many SIPs it has; by the services that people use.

What a SIP answers, books and asks for follows from their place in the order of names: two runs are equal, and the larger
authority's are as lively as the small one's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from briefings import services
from briefings.models import AgendaItem, AgendaQuestion, Attendance, Booking, Briefing, Workshop
from briefings.pack import briefings_of
from briefings.selectors.briefings import to_come_back_to
from briefings.services import BriefingFacts, BulletinItemFacts, Full, ItemFacts, Outcome, WorkshopFacts
from briefings.uploads import recognise
from core.calendar import AcademicYear
from people.models import Authority, Sip, User
from people.packs import require_pack

from . import material

Moment = Callable[..., dt.datetime]
TODAY = dt.date(2008, 10, 14)
MINUTE = dt.timedelta(minutes=1)


def hold(authority: Authority, users: Mapping[str, User], moment: Moment) -> None:
    """Everything, for the SIPs whom the authority has today. ``users``: by the keys of the story."""
    story = material.toml("meetings")
    sips = list(Sip.objects.filter(authority=authority).select_related("user", "authority").order_by("user__name", "pk"))
    users = {**{sip.public_id: sip.user for sip in sips}, **users}
    at = moment(dt.date(2008, 7, 14), 14)
    services.plan_year(actor=users["manager"], authority=authority, year=AcademicYear(2008), venue=story["venue"], at=at)
    for entry in story["held"]:
        _held(entry, authority, users, story, moment)
    _next(story["next"], authority, users, moment)
    _workshops(story["workshops"], authority, users, story["venue"], sips, moment)
    for number, need in enumerate(story["need"]):
        sip = sips[number % len(sips)]
        at = moment(dt.date(2008, 10, 13), 9) + number * MINUTE
        services.record_need(actor=sip.user, sip=sip, topic=need.get("topic", ""), text=need.get("text", ""), at=at)
    for entry in story["bulletin"]:
        _bulletin(entry, authority, users[entry["by"]], sips, moment)


# ---------------------------------------------------------------- briefings


def _lead(briefing: Briefing, leads: Mapping[str, str], users: Mapping[str, User], actor: User, at: dt.datetime) -> None:
    """Give the items of an agenda their leads: a key of the story, or a visitor by name."""
    for item in AgendaItem.objects.filter(briefing=briefing, code__in=leads):
        item.briefing = briefing
        who = leads[item.code]
        facts = ItemFacts(item.title, minutes=item.minutes, is_activity=item.is_activity)
        facts = replace(facts, lead=users[who]) if who in users else replace(facts, lead_name=who)
        services.change_item(actor=actor, item=item, facts=facts, at=at)


def _invited(briefing: Briefing, users: Mapping[str, User], **which: Any) -> list[tuple[Attendance, User]]:
    """Who is invited, by name; each person as the story knows them, who is loaded with what they are once and not each time."""
    known = {user.pk: user for user in users.values()}
    rows = Attendance.objects.filter(briefing=briefing, **which).select_related("user").order_by("user__name", "user_id")
    return [(row, known.get(row.user_id, row.user)) for row in rows]


def _ask(
    briefing: Briefing, asked: Mapping[str, Sequence[str]], users: Mapping[str, User], at: dt.datetime
) -> dict[str, list[AgendaQuestion]]:
    """Questions beforehand, each by another of those who are invited."""
    sips = [user for _, user in _invited(briefing, users) if user.hats.sips]
    found: dict[str, list[AgendaQuestion]] = {}
    turn = 0
    for code, texts in asked.items():
        item = AgendaItem.objects.get(briefing=briefing, code=code)
        item.briefing = briefing
        for text in texts:
            row = services.ask_question(actor=sips[(2 * turn + 1) % len(sips)], item=item, text=text, at=at + turn * MINUTE)
            found.setdefault(code, []).append(row)
            turn += 1
    return found


def _reply(briefing: Briefing, users: Mapping[str, User], at: dt.datetime, *, silent_every: int = 0) -> None:
    """Most come; every sixth cannot; where it is still to come, every so-manieth has not said."""
    for number, (_, user) in enumerate(_invited(briefing, users)):
        if silent_every and number % silent_every == 0:
            continue
        answer = "not_coming" if number % 6 == 4 else "coming"
        services.reply_to_briefing(actor=user, briefing=briefing, reply=answer, at=at + number * MINUTE)


def _held(entry: Mapping[str, Any], authority: Authority, users: Mapping[str, User], story: Mapping[str, Any], moment: Moment) -> None:
    actor, on = users[entry["by"]], entry["on"]
    if plan := entry.get("plan"):
        facts = BriefingFacts(on, dt.time(9, 30), dt.time(12, 30), story["venue"])
        row = services.plan_briefing(
            actor=actor,
            authority=authority,
            audience=entry["audience"],
            facts=facts,
            name=plan["name"],
            template=plan["template"],
            at=moment(plan["on"], 11),
        )
    else:
        row = Briefing.objects.select_related("authority").get(authority=authority, audience=entry["audience"], on=on)
    called = moment(entry["called"], 10)
    _lead(row, entry["leads"], users, actor, called)
    services.call_briefing(actor=actor, briefing=row, at=called + MINUTE)
    _reply(row, users, called + dt.timedelta(days=1))
    asked = _ask(row, entry["questions"], users, called + dt.timedelta(days=3))
    came = [user for number, (_, user) in enumerate(_invited(row, users, reply="coming")) if number % 9 != 8]
    services.record_attendance(actor=actor, briefing=row, came=came, at=moment(on, 14))
    outcomes = []
    for item in AgendaItem.objects.filter(briefing=row, code__in=entry["outcomes"]):
        answers = dict(zip(asked.get(item.code, []), entry["answers"].get(item.code, []), strict=True))
        outcomes.append(Outcome(item, entry["outcomes"][item.code], item.code in entry["carries"]["codes"], answers))
    for code in set(asked) - set(entry["outcomes"]):
        item = AgendaItem.objects.get(briefing=row, code=code)
        outcomes.append(Outcome(item, answers=dict(zip(asked[code], entry["answers"][code], strict=True))))
    services.record_outcomes(actor=actor, briefing=row, outcomes=outcomes, at=moment(on, 15))
    if document := entry.get("document"):
        upload = recognise(document["file"], (material.DATA / document["file"]).read_bytes(), most_mb=1)
        services.add_document(actor=actor, briefing=row, title=document["title"], upload=upload, at=moment(document["on"], 9))
    if entry.get("evaluated"):
        _evaluate(row, story["evaluation"], actor, came, moment(on, 16))


def _evaluate(row: Briefing, said: Mapping[str, Any], actor: User, came: Sequence[User], at: dt.datetime) -> None:
    """Open for those who came, of whom all but every seventh answer."""
    form = services.open_evaluation(actor=actor, of=row, at=at)
    for number, user in enumerate(came):
        if number % 7 == 6:
            continue
        words = {
            code: said[code][number // 2] for code in ("most", "least", "next", "cpd") if number % 2 == 0 and number // 2 < len(said[code])
        }
        ratings = said["ratings"][number % len(said["ratings"])]
        services.answer_evaluation(actor=user, evaluation=form, ratings=ratings, words=words, at=at + dt.timedelta(days=1 + number % 5))


def _next(entry: Mapping[str, Any], authority: Authority, users: Mapping[str, User], moment: Moment) -> None:
    """Its agenda takes up what the last one left, people are invited, and most have said whether they come."""
    actor, at = users[entry["by"]], moment(entry["called"], 10)
    row = Briefing.objects.select_related("authority").get(authority=authority, audience=entry["audience"], on=entry["on"])
    _lead(row, entry["leads"], users, actor, at)
    services.draw_on(actor=actor, briefing=row, earlier=to_come_back_to(row)[0], at=at + MINUTE)
    services.call_briefing(actor=actor, briefing=row, at=at + 2 * MINUTE)
    _reply(row, users, at + dt.timedelta(days=3), silent_every=3)
    _ask(row, entry["questions"], users, at + dt.timedelta(days=3, hours=1))


# ---------------------------------------------------------------- workshops


def _workshops(
    story: Mapping[str, Any], authority: Authority, users: Mapping[str, User], venue: str, sips: Sequence[Sip], moment: Moment
) -> None:
    """A date for each of the pack's, a second for two; each SIP books some, and where a small room is full, waits."""
    actor, offered = users[story["by"]], moment(story["offered"], 11)
    pack = require_pack(authority, TODAY)
    part = briefings_of(pack.content)
    usual, rows = part.workshop_defaults, []
    for number, topic in enumerate(part.workshops):
        who = story["leads"].get(topic.code, "")
        places = story["small_places"] if topic.code in story["small"] else story["places"]
        on = story["first"] + dt.timedelta(days=story["every_days"] * number)
        while not pack.terms.in_session(on):
            on += dt.timedelta(days=7)
        facts = WorkshopFacts(
            topic.title,
            on,
            usual.starts_at,
            usual.ends_at,
            venue,
            places,
            usual.quarters,
            suits=topic.suits,
            lead=users.get(who),
            lead_name="" if who in users else who,
        )
        for again in range(2 if topic.code in story["twice"] else 1):
            dated = replace(facts, on=on + dt.timedelta(days=7 * again))
            row = services.offer_workshop(actor=actor, authority=authority, facts=dated, topic=topic.code, at=offered)
            rows.append(row)
    small = [row for row in rows if row.topic in story["small"] and row.topic not in story["twice"]] or rows[:1]
    for number, sip in enumerate(sips):
        at = offered + dt.timedelta(days=1 + number % 9)
        wanted = [rows[0], small[0], rows[2 + number % (len(rows) - 2)]] if number % 4 else [small[0], rows[4]]
        for row in dict.fromkeys(wanted):
            _book(sip.user, row, at)
    first = Workshop.objects.select_related("authority").get(pk=rows[0].pk)
    booked = Booking.objects.filter(workshop=first, state="booked").select_related("user").order_by("user__name", "user_id")
    came = [booking.user for number, booking in enumerate(booked) if number % 5 != 4]
    services.record_workshop_attendance(actor=actor, workshop=first, came=came, at=moment(first.on, 16))


def _book(user: User, row: Workshop, at: dt.datetime) -> None:
    try:
        services.book_workshop(actor=user, workshop=row, at=at)
    except Full:
        services.book_workshop(actor=user, workshop=row, is_waiting=True, at=at)


# ---------------------------------------------------------------- bulletins


def _bulletin(entry: Mapping[str, Any], authority: Authority, actor: User, sips: Sequence[Sip], moment: Moment) -> None:
    """Published on its day; of its readers two in three have opened it, and have done what it asked of them if it is past."""
    at = moment(entry["on"], 15)
    row = services.begin_bulletin(actor=actor, authority=authority, title=entry["title"], opening=entry["opening"], at=at)
    for item in entry["item"]:
        facts = BulletinItemFacts(
            item["kind"], item["title"], item["text"], item.get("complete_by"), item.get("contact", ""), item.get("link", "")
        )
        services.add_bulletin_item(actor=actor, bulletin=row, facts=facts, at=at)
    services.publish_bulletin(actor=actor, bulletin=row, at=at + 5 * MINUTE)
    items = list(row.items.filter(kind="action"))
    for number, sip in enumerate(sips):
        is_past = all(item.complete_by < TODAY for item in items if item.complete_by)
        if number % 3 == 2 and not is_past:
            continue
        services.note_bulletin_read(actor=sip.user, bulletin=row, at=at + dt.timedelta(hours=2 + number))
        for item in items:
            item.bulletin = row
            if is_past or (number % 3 == 1 and item is items[0]):
                services.mark_item_done(actor=sip.user, item=item, at=at + dt.timedelta(days=2, minutes=number))
