"""From suggestion to publication (domain.md §6): who does what, who reads what, what the wall takes away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from core.access import Conflict, Refused, can
from core.audit import AuditEvent
from core.due import due_to
from core.facts import Answer, does_not_apply, figure
from core.numbers import hidden_below
from core.outbox import OutboxEmail
from people.models import User
from people.roles import Permission as P
from schools.choices import DaysKind
from schools.models import DaysEntry
from support import services
from support.choices import CaseState
from support.models import CategoryCase, Panel, SchoolCategory
from support.workflow import CASE_WORKFLOW
from tests.factories import visits as make
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, make_days
from tests.factories.stage import person, stage, undone
from tests.support.doubles import facts_from

pytestmark = pytest.mark.django_db

PANEL_ON = TODAY + dt.timedelta(days=44)
AFTER = NOW + dt.timedelta(days=45)
WHY = " ".join(["because"] * 30)


def known(codes: Any, question: Any) -> dict[str, Answer]:
    """Every school is sound and satisfactory; Oakfield is below the floor. What a phase does not teach does not apply to it."""
    sound: dict[str, Any] = {"inspection.overall": Decimal(3), "inspection.capacity": Decimal(2), "inspection.category": "none"}
    found = {}
    for code in codes:
        values = {}
        for pk, phase, name in question.subjects.values_list("pk", "phase", "name"):
            if code.startswith("ks") and (phase != "primary" or code.startswith("ks4")):
                values[pk] = does_not_apply("not taught here")
            elif code.endswith("falls_running"):
                values[pk] = figure(Decimal(0))
            elif code.startswith("ks2"):
                values[pk] = figure(Decimal(52 if name.startswith("Oak") else 70), source="KS2 2008", on=TODAY)
            else:
                values[pk] = figure(sound.get(code, False if code.startswith("concern") else Decimal(2)))
        found[code] = Answer(values)
    return found


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with stage(django_db_blocker) as world:
        for school in (world.oak, world.ash, world.elm, world.yew, world.rowan):
            services.decide_category(
                actor=world.manager, school=school, scheme="current", category="standard", label="Standard", level=2,
                starts_on=dt.date(2008, 9, 1), decided_by="Panel of 8 July 2008", at=NOW,
            )  # fmt: skip
        make_days(world.sip, world.oak, 20)
        yield world


@pytest.fixture
def there(standing: World) -> Iterator[World]:
    with undone(), facts_from(known):
        for user in standing.people.values():
            user.forget_hats()
        yield standing


def fresh(case: CategoryCase) -> CategoryCase:
    return CategoryCase.objects.select_related("school__authority", "authority", "panel", "asked_by").get(pk=case.pk)


def suggested(world: World) -> CategoryCase:
    made = services.suggest_categories(actor=world.manager, authority=world.authority, at=NOW)
    return fresh(next(case for case in made if case.school_id == world.oak.pk))


def on_agenda(world: World) -> tuple[CategoryCase, Panel]:
    case = suggested(world)
    members = [world.manager, world.officer, world.officer_chair]
    panel = services.call_panel(actor=world.manager, authority=world.authority, on=PANEL_ON, members=members, at=NOW)
    services.put_on_agenda(actor=world.manager, panel=panel, cases=[case], at=NOW)
    return fresh(case), panel


def decided(world: World) -> CategoryCase:
    case, panel = on_agenda(world)
    services.hold_panel(actor=world.manager, panel=panel, present=[world.manager, world.officer, world.officer_chair], at=AFTER)
    case = fresh(case)
    return fresh(services.decide_case(actor=world.manager, case=case, category="additional", lock_version=case.lock_version, at=AFTER))


def told(world: World, publishes_on: dt.date | None = None) -> CategoryCase:
    case = decided(world)
    services.notify_school(
        actor=world.manager, case=case, publishes_on=publishes_on or AFTER.date(), letter=b"%PDF", lock_version=case.lock_version, at=AFTER
    )
    return fresh(case)


def as_(user: Any) -> Client:
    client = Client()
    client.force_login(person(user))
    return client


def test_the_rules_suggest_with_their_figures_where_the_level_differs(there: World) -> None:
    case = suggested(there)
    assert (case.state, case.suggested) == (CaseState.SUGGESTED, "additional")
    assert any("52%" in reason["source"] for reason in case.reasons)
    again = services.suggest_categories(actor=there.manager, authority=there.authority, at=NOW)
    assert len(again) == CategoryCase.objects.count()  # brought up to date, not opened twice
    assert not CategoryCase.objects.filter(school=there.ash).exists()  # Standard, as it is


def test_the_proposal_of_a_final_note_stands_in_the_case(there: World) -> None:
    case = suggested(there)
    note = make.release(there.sip, make.submit(there.sip, make.fill(there.sip, make.start(there.sip, there.oak))))
    assert not fresh(case).proposed  # the school has the draft only
    make.finalise(there.sip, note, NOW + dt.timedelta(days=30))
    case = fresh(case)
    assert (case.state, case.proposed_by, case.proposal_note) == (CaseState.PROPOSED, there.sip.name, note.reference)
    assert case.proposed == make.first_category(note) and "57% in both" in case.proposal_words


def test_a_case_that_is_decided_takes_no_proposal(there: World) -> None:
    case = decided(there)
    words: dict[str, Any] = {"category": "intensive", "label": "Intensive", "words": WHY, "by": there.sip.name, "reference": "2008/0001"}
    assert services.take_proposal(actor=there.sip, school=there.oak, on=AFTER.date(), at=AFTER, **words) is None
    assert fresh(case).proposed != "intensive"


def test_head_and_chair_are_told_without_content_and_answer_before_the_panel(there: World) -> None:
    case, _ = on_agenda(there)
    mail = OutboxEmail.objects.filter(context_reference=case.public_id)
    assert {email.to_name for email in mail} == {there.head.name, there.chair.name}
    assert not any("Additional" in email.body or "52" in email.body for email in mail)
    client = as_(there.head)
    assert "Answer for the school" in client.get(case.get_absolute_url()).content.decode()
    with pytest.raises(Refused, match="Write what"):
        services.represent(actor=there.head, case=case, text=" ", at=NOW)
    client.post(reverse("support:case-represent", args=[case.public_id]), {"text": "Half the class joined in Year 6."})
    row = case.representations.get()
    assert (row.by_role, row.text) == ("Headteacher", "Half the class joined in Year 6.")
    with pytest.raises(PermissionDenied):
        services.represent(actor=there.sip, case=fresh(case), text="No.", at=NOW)


def test_a_school_that_was_told_late_and_has_not_answered_is_not_decided(there: World) -> None:
    case = suggested(there)
    panel = services.call_panel(
        actor=there.manager, authority=there.authority, on=TODAY + dt.timedelta(days=2), members=[there.manager, there.officer], at=NOW
    )
    services.put_on_agenda(actor=there.manager, panel=panel, cases=[case], at=NOW)
    later = NOW + dt.timedelta(days=2)
    services.hold_panel(actor=there.manager, panel=panel, present=[there.manager, there.officer], at=later)
    with pytest.raises(Refused, match="school days to answer"):
        services.decide_case(actor=there.manager, case=fresh(case), category="additional", lock_version=fresh(case).lock_version, at=later)
    services.represent(actor=there.head, case=fresh(case), text="We agree.", at=later)
    case = fresh(case)
    services.decide_case(actor=there.manager, case=case, category="additional", lock_version=case.lock_version, at=later)


def test_a_panel_has_two_members_and_decides_with_reasons_and_dissent(there: World) -> None:
    with pytest.raises(Refused, match="at least two"):
        services.call_panel(actor=there.manager, authority=there.authority, on=PANEL_ON, members=[there.manager], at=NOW)
    case, panel = on_agenda(there)
    with pytest.raises(Refused, match="Record who came"):
        services.decide_case(actor=there.manager, case=case, category="additional", lock_version=case.lock_version, at=AFTER)
    with pytest.raises(Refused, match="has not met"):
        services.hold_panel(actor=there.manager, panel=panel, present=[there.manager, there.officer], at=NOW)
    with pytest.raises(Refused, match="at least two"):
        services.hold_panel(actor=there.manager, panel=panel, present=[there.manager], at=AFTER)
    services.hold_panel(actor=there.manager, panel=panel, present=[there.manager, there.officer], at=AFTER)
    case = fresh(case)
    with pytest.raises(Refused, match="at least 25 words"):
        services.decide_case(
            actor=there.manager, case=case, category="intensive", reason="Too low.", lock_version=case.lock_version, at=AFTER
        )
    with pytest.raises(Conflict):
        services.decide_case(actor=there.manager, case=case, category="additional", lock_version=0, at=AFTER)
    services.decide_case(
        actor=there.manager, case=case, category="intensive", reason=WHY, dissents={there.officer.pk: "The trend is up."},
        lock_version=case.lock_version, at=AFTER,
    )  # fmt: skip
    case = fresh(case)
    assert (case.decided_label, case.decided_by) == ("Intensive", str(panel)) and case.dissents.get().name == there.officer.name
    page = as_(there.officer).get(case.get_absolute_url()).content.decode()
    assert "The trend is up." in page
    school = as_(there.head).get(case.get_absolute_url()).content.decode()
    assert "Intensive" not in school and "The trend is up." not in school  # the decision is told by the letter


def test_a_walled_member_withdraws_by_name_and_sees_nothing_of_the_school(there: World) -> None:
    services.suggest_categories(actor=there.manager, authority=there.authority, at=NOW)
    elm = CategoryCase.objects.filter(school=there.elm).first() or CategoryCase.objects.create(
        authority=there.authority, school=there.elm, opened_at=NOW
    )
    panel = services.call_panel(
        actor=there.manager,
        authority=there.authority,
        on=PANEL_ON,
        members=[there.manager, there.officer_chair, there.officer_south],
        at=NOW,
    )
    services.put_on_agenda(actor=there.manager, panel=panel, cases=[fresh(elm)], at=NOW)
    services.hold_panel(actor=there.manager, panel=panel, present=[there.manager, there.officer_chair, there.officer_south], at=AFTER)
    as_panelist = as_(there.officer_chair).get(panel.get_absolute_url()).content.decode()
    assert "Elmwood" not in as_panelist
    elm = fresh(elm)
    services.decide_case(actor=there.manager, case=elm, category="standard", reason=WHY, lock_version=elm.lock_version, at=AFTER)
    assert fresh(elm).withdrawn == [there.officer_chair.name]
    shown = as_(there.manager).get(elm.get_absolute_url()).content.decode()
    assert f"Withdrew for this school: {there.officer_chair.name}." in shown


def test_between_panels_the_manager_and_one_officer_decide_and_the_next_panel_confirms(there: World) -> None:
    case = suggested(there)
    with pytest.raises(Refused, match="cannot wait"):
        services.ask_between_panels(actor=there.manager, case=case, category="additional", reason="", at=NOW)
    services.ask_between_panels(actor=there.manager, case=case, category="additional", reason="The head leaves on Friday.", at=NOW)
    with pytest.raises(Refused, match="one asks, the other agrees"):
        services.agree_between_panels(actor=there.manager, case=fresh(case), at=NOW)
    with pytest.raises(PermissionDenied):
        services.agree_between_panels(actor=there.officer_south, case=fresh(case), at=NOW)
    services.agree_between_panels(actor=there.officer, case=fresh(case), at=NOW)
    case = fresh(case)
    assert case.state == CaseState.DECIDED and case.needs_confirming and there.officer.name in case.decided_by
    panel = services.call_panel(actor=there.manager, authority=there.authority, on=PANEL_ON, members=[there.manager, there.officer], at=NOW)
    with pytest.raises(Refused, match="Record who came"):
        services.confirm_decision(actor=there.manager, case=case, panel=panel, at=NOW)
    services.hold_panel(actor=there.manager, panel=panel, present=[there.manager, there.officer], at=AFTER)
    services.confirm_decision(actor=there.manager, case=fresh(case), panel=Panel.objects.get(pk=panel.pk), at=AFTER)
    assert not fresh(case).needs_confirming


def test_publication_ends_the_earlier_level_and_prices_the_schools_days(there: World) -> None:
    case = told(there)
    before = as_(there.head).get(reverse("schools:school-tab", args=["999", there.oak.urn, "level"])).content.decode()
    assert "Under review" in before and "Standard" in before
    services.publish_category(actor=there.manager, case=case, at=AFTER)
    rows = list(SchoolCategory.objects.filter(school=there.oak).order_by("starts_on"))
    assert [row.label for row in rows] == ["Standard", "Additional support"]
    assert rows[0].ends_on == rows[1].starts_on - dt.timedelta(days=1) and rows[1].scheme == "current"
    days = DaysEntry.objects.filter(school=there.oak, kind=DaysKind.ALLOCATED).order_by("pk")
    assert [entry.quarters for entry in days] == [20, 12] and "Additional support" in days[1].reason  # 8 days a year instead of 5
    with pytest.raises(Conflict):
        services.publish_category(actor=there.manager, case=fresh(case), at=AFTER)


def test_the_clock_publishes_on_the_day_that_the_letter_named(there: World) -> None:
    case = told(there, publishes_on=AFTER.date() + dt.timedelta(days=5))
    assert services.publish_due_categories(at=AFTER + dt.timedelta(days=4)) == 0
    assert services.publish_due_categories(at=AFTER + dt.timedelta(days=5)) == 1
    assert services.publish_due_categories(at=AFTER + dt.timedelta(days=5)) == 0
    row = SchoolCategory.objects.get(school=there.oak, ends_on=None)
    assert fresh(case).state == CaseState.PUBLISHED and row.label == "Additional support"
    days = DaysEntry.objects.filter(school=there.oak, kind=DaysKind.ALLOCATED).order_by("pk")
    assert [entry.quarters for entry in days] == [20, 12]
    event = AuditEvent.objects.get(event="category.published")
    assert event.actor_name == "" and event.changes["quarters"] == 12


def due(world: World, name: str) -> list[str]:
    return [item.title for item in due_to(world.fresh(name), AFTER.date())]


def test_the_letter_is_the_schools_and_a_review_is_asked_once_and_answered(there: World) -> None:
    case = told(there)
    letter = reverse("support:case-letter", args=[case.public_id])
    assert as_(there.chair).get(letter).content == b"%PDF"
    for other in (there.clerk, there.elm_head, there.officer_south, there.finance_officer, there.other_manager):
        assert as_(other).get(letter).status_code == 404, other
    client = as_(there.chair)
    client.post(reverse("support:case-review", args=[case.public_id]), {"text": "The 2008 figure is provisional."})
    with pytest.raises(Refused, match="once"):
        services.ask_review(actor=there.head, case=fresh(case), text="Again.", at=AFTER)
    with pytest.raises(Refused, match="Write the answer"):
        services.answer_review(actor=there.manager, case=fresh(case), text="", at=AFTER)
    assert "Read the letter on your level of support: Oakfield Primary School" in due(there, "head")
    services.answer_review(actor=there.manager, case=fresh(case), text="It stands: the final figure is the same.", at=AFTER)
    assert "Read the answer to your review: Oakfield Primary School" in due(there, "chair")
    mail = OutboxEmail.objects.filter(subject="Oakfield Primary School: your review is answered")
    assert mail.count() == 2 and not mail.filter(body__contains="It stands").exists()
    assert "It stands: the final figure is the same." in client.get(case.get_absolute_url()).content.decode()


def test_the_pages_of_the_manager_go_all_the_way(there: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("support.documents.make", lambda document: type("Made", (), {"pdf": b"%PDF " + document.html().encode()})())
    client = as_(there.manager)
    client.post(reverse("support:panel-list"), {"do": "suggest"})
    case = CategoryCase.objects.get(school=there.oak)
    day = {"on_day": PANEL_ON.day, "on_month": PANEL_ON.month, "on_year": PANEL_ON.year}
    sunday = {**day, "on_day": 23, "members": [there.manager.public_id, there.officer.public_id]}
    assert "Choose a working day" in client.post(reverse("support:panel-call"), sunday).content.decode()
    called = client.post(reverse("support:panel-call"), {**day, "members": [there.manager.public_id, there.officer.public_id]})
    panel = Panel.objects.get(authority=there.authority)
    assert called["Location"] == panel.get_absolute_url()
    listed = client.get(reverse("support:panel-list")).content.decode()
    assert "Oakfield Primary School" in listed and "Put on the agenda" in listed
    client.post(reverse("support:panel-list"), {"panel": panel.public_id, "case": [case.public_id]})
    agenda = client.get(reverse("support:panel-agenda", args=[panel.public_id]))
    assert agenda["Content-Type"] == "application/pdf" and b"Oakfield" in agenda.content
    monkeypatch.setattr("core.clock.today", AFTER.date)
    monkeypatch.setattr("core.clock.now", lambda: AFTER)
    decide = reverse("support:case-decide", args=[case.public_id])
    assert client.get(decide)["Location"] == case.get_absolute_url(), "not before it is said who came"
    client.post(panel.get_absolute_url(), {"present": [there.manager.public_id, there.officer.public_id]})
    seen = fresh(case).lock_version
    services.represent(actor=there.fresh("head"), case=fresh(case), text="One thing more.", at=AFTER)
    stale = client.post(decide, {"category": "additional", "reason": "", "lock_version": seen})
    assert stale.status_code == 422 and "Somebody else changed this a moment ago" in stale.content.decode()
    assert "One thing more." in client.get(decide).content.decode()
    assert client.post(decide, {"category": "additional", "reason": "", "lock_version": seen + 1}).status_code == 302
    when, notify = AFTER.date() + dt.timedelta(days=5), reverse("support:case-notify", args=[case.public_id])
    asked = client.get(notify).content.decode()
    assert all(name in asked for name in (there.head.name, there.chair.name)), "who will get it"
    values = {"publishes_on_day": when.day, "publishes_on_month": when.month, "publishes_on_year": when.year}
    look = client.post(notify, {**values, "do": "look"})
    assert look["Content-Type"] == "application/pdf" and there.head.name.encode() in look.content
    assert fresh(case).state == CaseState.DECIDED, "looking sends nothing"
    sent = client.post(notify, values)
    assert sent.status_code == 302 and fresh(case).state == CaseState.NOTIFIED
    letter = client.get(reverse("support:case-letter", args=[case.public_id])).content.decode()
    assert "Additional support" in letter and "52%" in letter and "ask once for a review" in letter
    assert client.post(reverse("support:case-publish", args=[case.public_id])).status_code == 302
    assert fresh(case).state == CaseState.PUBLISHED
    late = client.get(notify, follow=True).content.decode()
    assert "The school is told once" in late and "Send the letter" not in late, "a step that is over asks nothing"
    tab = client.get(reverse("schools:school-tab", args=[there.authority.code, there.oak.urn, "level"])).content.decode()
    assert "from 3 December 2008" in tab and "Under review" not in tab and "Improvement Strategy: criteria in use, 2007/08" in tab


def test_who_sees_counts_sees_none_under_the_setting_and_none_that_could_be_worked_out(there: World) -> None:
    assert hidden_below({"a": 40, "b": 3, "c": 9, "d": 0}, 5) == {"a": 40, "b": None, "c": None, "d": 0}
    assert hidden_below({"a": 4, "b": 3, "c": 9}, 5) == {"a": None, "b": None, "c": 9}
    assert hidden_below({"a": 1, "b": 1, "c": 9, "d": 20}, 5) == {"a": None, "b": None, "c": None, "d": 20}  # two of one each sum to two
    for who in (there.regional_coordinator, there.member):
        page = as_(who).get(reverse("support:category-counts")).content.decode()
        assert (
            "Oakfield" not in page and page.count("too few to show") == 2
        )  # two have no level; with the five at Standard they could be told
    home = as_(there.member).get("/").content.decode()
    assert reverse("support:category-counts") in home and "Elected member" in home and reverse("schools:school-list") not in home
    assert as_(there.sip).get(reverse("support:category-counts")).status_code == 403


def test_nobody_decides_on_a_school_that_they_serve(there: World) -> None:
    user: User = person(there.manager_sip)
    assert can(user, P.CATEGORY_MANAGE, there.oak, on=TODAY) and not can(user, P.CATEGORY_MANAGE, there.yew, on=TODAY)


def test_the_table_of_the_way_is_this_one() -> None:
    """Typed once from domain.md §6."""
    before = {"propose": "proposed", "place": None, "represent": None, "decide": "decided", "ask": None, "agree": "decided"}
    expected = {
        "suggested": before,
        "proposed": before,
        "decided": {"confirm": None, "notify": "notified"},
        "notified": {"confirm": None, "publish": "published", "ask_review": None, "answer_review": None},
        "published": {"confirm": None, "ask_review": None, "answer_review": None},
    }
    found: dict[str, dict[str, str | None]] = {}
    for row in CASE_WORKFLOW:
        found.setdefault(str(row.frm), {})[row.action] = str(row.to) if row.to else None
    assert found == expected
