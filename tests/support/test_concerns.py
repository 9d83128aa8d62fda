"""The register of schools causing concern (domain.md §6): who keeps it, who reads what of it, its exit, and early warnings."""

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
from core.facts import Answer, does_not_apply, figure, unknown
from core.tabular.signals import import_committed
from people.models import RoleAssignment
from people.roles import Permission as P
from support import services
from support.board_map import BoardMap, Spot, hull
from support.choices import ConcernState, WarningState
from support.concern_due import concerns_due, warnings_due
from support.models import Concern, ConcernContact, ConcernSign, EarlyWarning, FormalPower, WarningNotice
from support.registries import raised_to
from support.services import Sign
from support.workflow import CONCERN_WORKFLOW, WARNING_WORKFLOW
from tests.factories.concerns import open_case, opening
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World
from tests.factories.stage import person, stage, undone
from tests.jobs import run_jobs
from tests.support.doubles import facts_from

pytestmark = pytest.mark.django_db

LATER = NOW + dt.timedelta(days=20)


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with stage(django_db_blocker) as world:
        RoleAssignment.objects.filter(user=world.officer).update(is_named_officer=True)
        yield world


@pytest.fixture
def there(standing: World) -> Iterator[World]:
    with undone():
        for user in standing.people.values():
            user.forget_hats()
        yield standing


def fresh(concern: Concern) -> Concern:
    return Concern.objects.select_related("school__authority", "contact", "exit_asked_by").get(pk=concern.pk)


def settled(world: World) -> Concern:
    concern = open_case(world)
    (criterion,) = concern.criteria.all()
    services.settle_criterion(actor=world.manager, concern=concern, criterion=criterion, is_met=True, evidence="Results of 2009.", at=NOW)
    return fresh(concern)


def asked(world: World) -> Concern:
    return fresh(services.ask_exit(actor=world.officer, concern=settled(world), keeps="The school's own cycle.", support="", at=NOW))


def monitored(world: World) -> Concern:
    return fresh(services.agree_exit(actor=world.manager, concern=asked(world), told_on=TODAY, at=NOW))


# ---------------------------------------------------------------- opened and kept


def test_a_case_opens_with_what_was_decided_and_agreed(there: World) -> None:
    concern = open_case(there)
    assert [(row.code, row.state) for row in concern.milestones.all()][:2] == [("improvement-cycle", "none"), ("single-plan", "none")]
    assert concern.milestones.count() == 12
    assert concern.review_due_on is not None and concern.review_due_on > TODAY
    for field, values in {
        "issue": {"issue": " "},
        "aim": {"aim": ""},
        "criteria": {"criteria": []},
        "source": {"signs": []},
        "told_head_on": {"told_head_on": TODAY + dt.timedelta(days=1)},
        "contact": {"contact": there.sip},
        "concern_class": {},  # there is one in that class already
    }.items():
        with pytest.raises(Refused) as refusal:
            open_case(there, **({"concern_class": "underperforming"} | values if values else {}))
        assert refusal.value.field == field
    with pytest.raises(PermissionDenied):
        open_case(there, actor=there.sip)
    with pytest.raises(PermissionDenied):
        open_case(there, there.elm, actor=there.officer_chair)  # walled: chairs it


def test_an_element_is_in_place_with_evidence_only(there: World) -> None:
    concern = open_case(there)
    with pytest.raises(Refused) as refusal:
        services.set_milestone(actor=there.sip, concern=concern, code="tracking", state="in_place", evidence=" ", at=NOW)
    assert refusal.value.field == "evidence"
    row = services.set_milestone(actor=there.sip, concern=concern, code="tracking", state="in_place", evidence="All six seen.", at=NOW)
    assert row.in_place_on == TODAY and row.changed_by == there.sip.name
    row = services.set_milestone(actor=there.sip, concern=concern, code="tracking", state="begun", evidence="", at=NOW)
    assert row.in_place_on is None
    with pytest.raises(PermissionDenied):
        services.set_milestone(actor=there.head, concern=concern, code="tracking", state="begun", evidence="", at=NOW)


def test_a_case_is_reviewed_termly_and_what_is_late_is_due(there: World) -> None:
    concern = open_case(there)
    with pytest.raises(Refused) as refusal:
        services.review_concern(
            actor=there.officer, concern=concern, on=TODAY, text="Steady.", next_on=TODAY + dt.timedelta(days=300), at=NOW
        )
    assert refusal.value.field == "next_on"
    services.review_concern(actor=there.officer, concern=concern, on=TODAY, text="Steady.", next_on=TODAY + dt.timedelta(days=30), at=NOW)
    assert not concerns_due(there.fresh("officer"), TODAY)
    (item,) = concerns_due(there.fresh("officer"), TODAY + dt.timedelta(days=40))
    assert item.tone == "late" and item.url == concern.get_absolute_url()
    services.revise_concern(
        actor=there.officer, concern=fresh(concern), concern_class="underperforming", issue="i", position="p", aim="a", next_steps="n",
        contact=there.officer, at=LATER,
    )  # fmt: skip
    moved = fresh(concern)
    assert (moved.label, moved.moved_from, moved.moved_on) == ("Underperforming", "Low attaining", LATER.date())


def test_who_reads_what_of_a_case(there: World, client: Client) -> None:
    """Head and chair: class, plan, criteria, reviews, notices. Intelligence: the named officer; the log: the authority."""
    concern = open_case(there, issue="canary issue", criteria=[("canary criterion", "")])
    services.add_sign(actor=there.officer, concern=concern, sign=Sign("intelligence", TODAY, "canary intelligence"), at=NOW)
    services.log_contact(actor=there.officer, concern=concern, on=TODAY, who="Chair", text="canary log", at=NOW)
    services.review_concern(
        actor=there.officer, concern=concern, on=TODAY, text="canary review", next_on=TODAY + dt.timedelta(days=9), at=NOW
    )
    services.give_warning_notice(actor=there.manager, school=there.oak, grounds="canary notice", on=TODAY, at=NOW)
    with pytest.raises(Refused, match="named officers"):
        services.add_sign(actor=there.manager, concern=concern, sign=Sign("intelligence", TODAY, "x"), at=NOW)
    both = {"criterion", "review", "notice"}
    for name, reads in {
        "head": both, "chair": both, "sip": both | {"issue"}, "manager": both | {"issue", "log"}, "head_of_improvement": both | {"issue", "log"},
        "officer": both | {"issue", "log", "intelligence"},
    }.items():  # fmt: skip
        client.force_login(person(there.people[name]))
        page = client.get(concern.get_absolute_url()).content.decode()
        assert {word for word in ("criterion", "review", "notice", "issue", "log", "intelligence") if f"canary {word}" in page} == reads, (
            name
        )
        if name not in ("head", "chair", "sip"):
            export = client.get(reverse("support:concern-export", args=["csv"])).content.decode()
            assert "Oakfield" in export and "canary log" not in export and "canary intelligence" not in export
    client.force_login(person(there.other_head))
    assert client.get(concern.get_absolute_url()).status_code == 404
    assert not ConcernSign.objects.visible_to(person(there.head)).filter(source="intelligence").exists()
    assert not ConcernContact.objects.visible_to(person(there.sip)).exists()
    told = str(list(AuditEvent.objects.filter(event__startswith="concern.").values_list("changes", "reason")))
    assert "canary" not in told and "intelligence" in told  # that there is an entry, not what it says


# ---------------------------------------------------------------- formal steps


def test_a_notice_runs_on_the_statutory_clock_and_powers_are_recorded(there: World) -> None:
    friday = dt.date(2008, 10, 3)
    notice = services.give_warning_notice(actor=there.manager, school=there.oak, grounds="g", on=friday, at=NOW)
    assert notice.complies_by == dt.date(2008, 10, 24)  # fifteen working days after the day of the notice
    power = services.use_power(actor=there.manager, school=there.oak, power="interim-board", text="From today.", on=TODAY, at=NOW)
    assert "section 65" in power.law
    with pytest.raises(Refused, match="in use"):
        services.use_power(actor=there.manager, school=there.oak, power="interim-board", text="Again.", on=TODAY, at=NOW)
    with pytest.raises(PermissionDenied):
        services.use_power(actor=there.officer, school=there.oak, power="governors", text="Two.", on=TODAY, at=NOW)
    concern = settled(there)
    with pytest.raises(Refused, match="formal notice or power"):
        services.ask_exit(actor=there.officer, concern=concern, keeps="k", support="", at=NOW)
    services.lift_warning_notice(actor=there.manager, notice=WarningNotice.objects.get(), on=TODAY, at=NOW)
    with pytest.raises(Refused, match="before it began"):
        services.end_power(actor=there.manager, power=FormalPower.objects.get(), on=TODAY - dt.timedelta(days=9), at=NOW)
    services.end_power(actor=there.manager, power=FormalPower.objects.get(), on=TODAY, at=NOW)
    services.ask_exit(actor=there.officer, concern=fresh(concern), keeps="k", support="", at=NOW + dt.timedelta(days=1))


# ---------------------------------------------------------------- exit and return


def test_an_exit_needs_its_criteria_and_two_persons(there: World) -> None:
    concern = open_case(there)
    with pytest.raises(Refused, match="1 exit criterion is neither"):
        services.ask_exit(actor=there.officer, concern=concern, keeps="k", support="", at=NOW)
    services.agree_criterion(actor=there.officer, concern=concern, text="One more", shown_by="", on=TODAY, at=NOW)
    for row in concern.criteria.all():
        with pytest.raises(Refused):
            services.settle_criterion(actor=there.officer, concern=concern, criterion=row, is_met=False, evidence="", at=NOW)
        services.settle_criterion(actor=there.officer, concern=concern, criterion=row, is_met=False, evidence="The class closed.", at=NOW)
    services.ask_exit(actor=there.manager, concern=concern, keeps="k", support="", at=NOW)
    with pytest.raises(Refused, match="Another person"):
        services.agree_exit(actor=there.manager, concern=fresh(concern), told_on=TODAY, at=NOW)
    (item,) = concerns_due(there.fresh("officer"), TODAY)
    assert "Decide on the exit" in item.title
    services.refuse_exit(actor=there.officer, concern=fresh(concern), reason="One more term.", at=NOW)
    services.ask_exit(actor=there.officer, concern=fresh(concern), keeps="k", support="", at=NOW)
    done = services.agree_exit(actor=there.manager, concern=fresh(concern), told_on=TODAY, at=NOW)
    assert (done.state, done.ends_on) == (ConcernState.MONITORED, TODAY)
    assert done.exit_decided_by == f"{there.officer.name} and {there.manager.name}"


def test_within_two_terms_a_reason_is_enough_to_return(there: World) -> None:
    concern = monitored(there)
    assert concern.monitored_until is not None and concern.monitored_until > dt.date(2009, 3, 1)
    with pytest.raises(Refused):
        services.reopen_concern(actor=there.officer, concern=concern, reason=" ", at=NOW)
    over = dt.datetime.combine(concern.monitored_until + dt.timedelta(days=1), NOW.timetz())
    with pytest.raises(Refused, match="open a new case"):
        services.reopen_concern(actor=there.officer, concern=concern, reason="r", at=over)
    with pytest.raises(Refused, match="not over"):
        services.end_monitoring(actor=there.officer, concern=concern, at=NOW)
    back = fresh(services.reopen_concern(actor=there.officer, concern=concern, reason="Results fell.", at=LATER))
    assert (back.state, back.ends_on, back.returned_on) == (ConcernState.OPEN, None, LATER.date())
    assert back.criteria.get().is_met
    Concern.objects.filter(pk=back.pk).update(state="monitored", ends_on=TODAY, monitored_until=TODAY, exit_told_on=TODAY)
    assert services.end_monitoring(actor=there.officer, concern=fresh(back), at=LATER).state == ConcernState.CLOSED


KEEP = {"manager", "manager_sip", "officer", "officer_chair"}


def test_who_takes_which_step_by_the_table(there: World) -> None:
    """Every state and action, for every person: the legal ones are of those who keep the register, the plan's of its SIPs too."""
    concern = open_case(there)
    legal = {
        "open": {"revise", "settle", "agree_criterion", "plan", "ask_exit", "review", "log", "sign"},
        "asked": {"review", "log", "sign", "agree_exit", "refuse_exit"},
        "monitored": {"review", "log", "reopen"},
        "closed": set(),
    }
    concern.exit_asked_by, concern.monitored_until = there.consultant, TODAY
    people = {name: person(user) for name, user in there.people.items()}
    for state, actions in legal.items():
        concern.state = state
        for action in CONCERN_WORKFLOW.actions:
            if action not in actions | {"end"}:
                with pytest.raises(Conflict):
                    CONCERN_WORKFLOW.find(concern, action)
        for name, user in people.items():
            expected = actions if name in KEEP else actions & {"plan"} if user.hats.is_adviser_of(there.oak.pk) else set()
            assert set(CONCERN_WORKFLOW.offers(user, concern, TODAY)) == expected, (state, name)
    warning = EarlyWarning(school=there.oak, rule="x", label="x", raised_at=NOW)
    for state in WarningState.values:
        warning.state = state
        expected = {"accept", "watch", "dismiss"} if state in ("waiting", "watched") else set()
        for name, user in people.items():
            assert set(WARNING_WORKFLOW.offers(user, warning, TODAY)) == (expected if name in KEEP else set()), (state, name)
    assert not can(people["manager"], P.CONCERN_INTELLIGENCE, concern)


# ---------------------------------------------------------------- early warnings


def facts_where(oak: int) -> Any:
    """Oakfield's share at level 4 in both subjects; everybody else is well above, and what is not taught does not apply."""

    def known(codes: Any, question: Any) -> dict[str, Answer]:
        found = {}
        for code in codes:
            values = {}
            for pk, name in question.subjects.values_list("pk", "name"):
                if code == "ks2.l4_en_ma":
                    values[pk] = (
                        figure(Decimal(oak if name.startswith("Oak") else 80), source="KS2 2008", on=TODAY) if oak else unknown("no file")
                    )
                elif code == "ks2.l4_en_ma.floor":
                    values[pk] = figure(Decimal(55))
                else:
                    values[pk] = does_not_apply("not asked here")
            found[code] = Answer(values)
        return found

    return facts_from(known)


def test_what_newly_fires_waits_for_a_person(there: World, client: Client) -> None:
    with facts_where(60):
        assert services.watch_schools(authority=there.authority, at=NOW, takes_as_known=True) == []
    with facts_where(50):
        (warning,) = [row for row in services.watch_schools(authority=there.authority, at=NOW) if row.concern_class]
        EarlyWarning.objects.exclude(pk=warning.pk).update(state="known")  # the priority rule that fires as well
        assert (warning.school, warning.rule, warning.state) == (there.oak, "class:low-attaining", "waiting")
        assert [(row["figure"], row["against"], row["source"]) for row in warning.figures] == [("50%", "the floor 55%", "KS2 2008")]
        assert not Concern.objects.exists()  # nothing is escalated by the machine
        assert services.watch_schools(authority=there.authority, at=NOW) == []
        assert [item.title for item in warnings_due(there.fresh("officer"), TODAY)] == [f"Answer an early warning: {there.oak.name}"]
        assert not EarlyWarning.objects.visible_to(person(there.head)).exists()
        assert not EarlyWarning.objects.visible_to(person(there.sip)).exists()
        with pytest.raises(Refused):
            services.dismiss_warning(actor=there.officer, warning=warning, reason="", at=NOW)
        with pytest.raises(Refused):
            services.watch_warning(actor=there.officer, warning=warning, reason="r", look_again_on=TODAY, at=NOW)
        services.watch_warning(actor=there.officer, warning=warning, reason="r", look_again_on=TODAY + dt.timedelta(days=9), at=NOW)
        assert not warnings_due(there.fresh("officer"), TODAY)
        assert warnings_due(there.fresh("officer"), TODAY + dt.timedelta(days=9))
        services.dismiss_warning(actor=there.officer, warning=warning, reason="One small cohort.", at=NOW)
        assert services.watch_schools(authority=there.authority, at=NOW) == []
    with facts_where(0):
        services.watch_schools(authority=there.authority, at=NOW)
        assert EarlyWarning.objects.get(pk=warning.pk).fires  # unknown changes nothing
    with facts_where(60):
        services.watch_schools(authority=there.authority, at=NOW)
        assert not EarlyWarning.objects.get(pk=warning.pk).fires
    with facts_where(49):
        (again,) = [row for row in services.watch_schools(authority=there.authority, at=LATER) if row.concern_class]
        client.force_login(person(there.officer))
        form = client.get(
            reverse("support:concern-open", args=[there.authority.code, there.oak.urn]), {"warning": again.public_id}
        ).content.decode()
        assert "49%" in form
        concern = services.accept_warning(actor=there.officer, warning=again, opening=opening(there), at=LATER)
        assert EarlyWarning.objects.get(pk=again.pk).concern == concern
        services.watch_schools(authority=there.authority, at=LATER)
        assert fresh(concern).why[0]["figure"] == "49%"  # the figures of an open case are brought up to date


def test_an_import_asks_the_rules(there: World) -> None:
    with facts_where(50):
        services.watch_schools(authority=there.authority, at=NOW, takes_as_known=True)
        EarlyWarning.objects.all().delete()
        import_committed.send(sender=object, authority=there.authority, kind="results")
        run_jobs()
        assert EarlyWarning.objects.filter(school=there.oak, state="waiting").exists()


# ---------------------------------------------------------------- the board


def test_the_board_shows_alerts_first_and_filters_in_the_address(there: World, client: Client, django_assert_max_num_queries: Any) -> None:
    open_case(there)
    client.force_login(person(there.officer))
    page = client.get(reverse("support:concern-board")).content.decode()
    assert there.oak.name in page and "new this term" in page.lower()
    for view in ("columns", "list", "map"):
        with django_assert_max_num_queries(22):
            shown = client.get(reverse("support:concern-board"), {"view": view, "concern_class": "low-attaining"})
        assert there.oak.name in shown.content.decode()
        assert (
            there.oak.name
            not in client.get(reverse("support:concern-board"), {"view": view, "concern_class": "inadequate"}).content.decode()
        )
    assert raised_to(person(there.officer), [there.oak.pk], TODAY) == []


def test_the_map_draws_cases_as_numbers_and_clusters_as_tints() -> None:
    assert hull([(0, 0), (4, 0), (4, 4), (0, 4), (2, 2), (2, 0)]) == [(0, 0), (4, 0), (4, 4), (0, 4)]
    spots = [Spot(f"S{n}", 500_000 + 3000 * n, 150_000 + 2000 * (n % 3), "North", n % 5, number=7 if n == 2 else 0) for n in range(6)]
    picture = BoardMap(key="m", heading="Concern", spots=spots, levels={1: "Light touch", 4: "Intensive"})
    drawn = str(picture.svg)
    assert ">7</text>" in drawn and "North: 7 S2" in drawn and "5 km" in drawn
    assert "No school" in str(BoardMap(key="m", heading="Concern", spots=[], levels={}).svg)
