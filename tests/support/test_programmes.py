"""Programmes (S6, P31): enrolment, risk and days, advisers from a date, the package, reports; funds that cannot overdraw; effect (P7)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from core.access import Conflict, Refused
from core.due import due_to
from core.facts import FactQuestion, gather
from people.packs import require_pack
from schools.choices import ContactKind, DaysSource, Phase
from schools.models import Interest, School
from schools.selectors import days_of_schools
from schools.services import charge_days
from support import services
from support.effects import headline, programme_effects
from support.models import AdviserAllocation, Drawdown, Enrolment, Fund, Intervention, Programme, ProgrammeReport
from support.programmes import candidates, programme_allocations, used_days
from support.services import Package
from targets.selectors import headlines
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, make_contact, make_interest, make_school
from tests.factories.stage import person, stage, undone
from tests.factories.targets import make_result

pytestmark = pytest.mark.django_db

NOVEMBER = dt.date(2008, 11, 1)
LATER = dt.datetime(2008, 12, 1, 10, tzinfo=dt.UTC)
WHY = "The panel of 8 October saw more than the figures."


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with stage(django_db_blocker) as world:
        make_result(world.elm, "ks4.ac5_en_ma", numerator=36, cohort=200)
        yield world


@pytest.fixture
def there(standing: World) -> Iterator[World]:
    with undone():
        for user in standing.people.values():
            user.forget_hats()
        yield standing


@pytest.fixture
def challenge(there: World) -> Programme:
    return services.open_programme(actor=there.manager, authority=there.authority, code="national-challenge", at=NOW)


def enrolled(world: World, programme: Programme, *, days: int = 20, adviser: bool = True) -> Enrolment:
    row = services.enrol_school(actor=world.manager, programme=programme, school=world.elm, starts_on=TODAY, at=NOW)
    services.decide_risk(actor=world.manager, enrolment=row, risk="high", quarters=days * 4, reason=WHY, at=NOW)
    if adviser:
        services.allocate_adviser(actor=world.manager, enrolment=row, adviser=world.nc_adviser, starts_on=NOVEMBER, at=NOW)
    return Enrolment.objects.select_related("programme__authority", "school__authority").get(pk=row.pk)


def logged(world: World, row: Enrolment, days: int, who: str = "nc_adviser") -> Enrolment:
    return services.log_programme_days(
        actor=world.fresh(who), enrolment=row, on=dt.date(2008, 11, 20), quarters=days * 4, what="Tracking of Year 11", at=LATER
    )


# ---------------------------------------------------------------- enrolment, risk, adviser


def test_a_programme_is_opened_from_the_pack_and_the_rules_say_who_belongs_in_it(there: World, challenge: Programme) -> None:
    assert (challenge.least_quarters, challenge.most_quarters, challenge.allocated_on) == (20, 80, NOVEMBER)
    with pytest.raises(Conflict, match="open already"):
        services.open_programme(actor=there.manager, authority=there.authority, code="national-challenge", at=NOW)
    with pytest.raises(PermissionDenied):
        services.open_programme(actor=there.officer, authority=there.authority, code="improving-schools", at=NOW)
    client = Client()
    client.force_login(there.manager)
    page = client.get(challenge.get_absolute_url()).content.decode()
    assert "Elmwood" in page and "High risk" in page and "Oakfield" not in page
    with pytest.raises(Refused, match="not for primary schools"):
        services.enrol_school(actor=there.manager, programme=challenge, school=there.oak, starts_on=TODAY, at=NOW)
    other = make_school(there.authority, "Far above", phase=Phase.SECONDARY)
    make_result(other, "ks4.ac5_en_ma", numerator=150, cohort=200)
    with pytest.raises(Refused, match="would not be in it"):
        services.enrol_school(actor=there.manager, programme=challenge, school=other, starts_on=TODAY, at=NOW)
    with pytest.raises(Refused, match="would not be in it"):  # all or none
        services.enrol_schools(actor=there.manager, programme=challenge, schools=[there.elm, other], starts_on=TODAY, at=NOW)
    assert not Enrolment.objects.exists()
    row = services.enrol_school(actor=there.manager, programme=challenge, school=there.elm, starts_on=TODAY, at=NOW)
    assert row.suggested == "high" and row.figures[0]["figure"].startswith("18")
    with pytest.raises(Conflict, match="already"):
        services.enrol_school(actor=there.manager, programme=challenge, school=there.elm, starts_on=TODAY, at=NOW)
    facts = gather({"programme.national_challenge"}, FactQuestion(School.objects.filter(pk=there.elm.pk), on=TODAY, scope=there.authority))
    assert facts.of(there.elm.pk)("programme.national_challenge").value is True


def test_days_are_by_need_within_five_and_twenty(there: World, challenge: Programme) -> None:
    row = services.enrol_school(actor=there.manager, programme=challenge, school=there.elm, starts_on=TODAY, at=NOW)

    def decide(risk: str, days: int, reason: str = WHY) -> None:
        services.decide_risk(actor=there.manager, enrolment=row, risk=risk, quarters=days * 4, reason=reason, at=NOW)

    with pytest.raises(Refused, match="21 days are too many"):
        decide("high", 21)
    with pytest.raises(Refused, match="4 days are too few"):
        decide("low", 4)
    with pytest.raises(Refused, match="Select the level"):
        decide("dire", 20)
    with pytest.raises(Refused, match="Give the reason"):
        decide("medium", 12, "")
    decide("high", 20, "")
    decide("medium", 10)
    row.refresh_from_db()
    assert (row.risk_label, row.days_quarters, row.risk_by) == ("Medium risk", 40, "Marian Holt")
    with pytest.raises(IntegrityError), transaction.atomic():  # the database says no first
        Enrolment.objects.filter(pk=row.pk).update(days_quarters=84)


def test_an_adviser_is_allocated_from_the_day_with_the_days_and_hands_over(there: World, challenge: Programme) -> None:
    row = services.enrol_school(actor=there.manager, programme=challenge, school=there.elm, starts_on=TODAY, at=NOW)
    with pytest.raises(Refused, match="Decide on the risk"):
        services.allocate_adviser(actor=there.manager, enrolment=row, adviser=there.nc_adviser, starts_on=NOVEMBER, at=NOW)
    titles = [item.title for item in due_to(there.fresh("manager"), TODAY)]
    assert "Decide on days for 1 school in National Challenge" in titles
    row = enrolled_again(there, row)
    assert "Allocate an adviser to 1 school in National Challenge" in [item.title for item in due_to(there.fresh("manager"), TODAY)]
    with pytest.raises(Refused, match="from 1 November 2008"):
        services.allocate_adviser(actor=there.manager, enrolment=row, adviser=there.nc_adviser, starts_on=TODAY, at=NOW)
    services.allocate_adviser(actor=there.manager, enrolment=row, adviser=there.nc_adviser, starts_on=NOVEMBER, at=NOW)
    assert not [item for item in due_to(there.fresh("manager"), TODAY) if "National Challenge" in item.title]
    balance = days_of_schools([there.elm.pk], 2008)[there.elm.pk].by_source[DaysSource.PROGRAMME]
    assert balance.allocated == 80
    (line,) = programme_allocations(there.fresh("manager"), [challenge], TODAY)[0].rows
    assert (line.risk_label, line.days, line.adviser, line.adviser_from) == ("High risk", 80, "Nell Challis", NOVEMBER)
    assert programme_allocations(there.fresh("officer"), [challenge], TODAY)[0].rows == ()  # another cluster's
    with pytest.raises(Conflict, match="adviser already"):
        services.allocate_adviser(actor=there.manager, enrolment=row, adviser=there.nc_adviser, starts_on=dt.date(2008, 12, 1), at=NOW)
    services.allocate_adviser(actor=there.manager, enrolment=row, adviser=there.new_sip, starts_on=dt.date(2009, 1, 5), reason=WHY, at=NOW)
    first, second = AdviserAllocation.objects.filter(enrolment=row).order_by("starts_on")
    assert first.ends_on == dt.date(2009, 1, 4) and second.assignment is not None and second.assignment.kind == "nc_adviser"
    services.leave_programme(
        actor=there.manager, enrolment=row, ends_on=dt.date(2009, 7, 20), reason="Above the line for two years.", at=NOW
    )
    second.refresh_from_db()
    second.assignment.refresh_from_db()
    assert second.ends_on == second.assignment.ends_on == dt.date(2009, 7, 20)
    with pytest.raises(Conflict, match="It ended"):
        services.leave_programme(actor=there.manager, enrolment=row, ends_on=TODAY, reason="Again", at=NOW)


def test_an_adviser_is_the_authority_s_never_oneself_and_has_no_interest_in_the_school(there: World) -> None:
    """Of a programme without assignments too, whose rules would ask it."""
    programme = services.open_programme(actor=there.manager, authority=there.authority, code="improving-schools", at=NOW)
    assert not programme.is_assignment
    row = services.enrol_school(actor=there.manager, programme=programme, school=there.oak, starts_on=TODAY, reason=WHY, at=NOW)
    row = services.decide_risk(actor=there.manager, enrolment=row, quarters=40, reason=WHY, at=NOW)
    make_interest(there.consultant, there.oak)
    for actor, adviser, why in (
        ("manager_sip", "manager_sip", "Nobody allocates to themselves"),
        ("manager", "consultant", "has an interest in Oakfield"),
        ("manager", "officer", "is neither a SIP nor a National Challenge adviser of Wealdshire on 14 October 2008"),
    ):
        with pytest.raises(Refused, match=why) as refusal:
            services.allocate_adviser(
                actor=there.people[actor], enrolment=row, adviser=there.people[adviser], starts_on=TODAY, reason=WHY, at=NOW
            )
        assert refusal.value.field == "adviser"
    assert not AdviserAllocation.objects.filter(enrolment=row).exists()
    services.allocate_adviser(actor=there.manager, enrolment=row, adviser=there.sip, starts_on=TODAY, reason=WHY, at=NOW)


def test_a_manager_is_offered_no_school_of_which_they_are_a_governor(there: World, challenge: Programme) -> None:
    pack = require_pack(there.authority, TODAY)
    assert [school for school, _ in candidates(there.fresh("manager"), challenge, pack, TODAY)] == [there.elm]
    make_contact(there.elm, ContactKind.CHAIR, user=there.manager, name="Marian Holt, of the governors", starts_on=TODAY)
    assert candidates(there.fresh("manager"), challenge, pack, TODAY) == []


def enrolled_again(world: World, row: Enrolment) -> Enrolment:
    return services.decide_risk(actor=world.manager, enrolment=row, risk="high", quarters=80, at=NOW)


# ---------------------------------------------------------------- days


def test_a_21st_day_is_refused_with_a_sentence(there: World, challenge: Programme) -> None:
    """Visits that the portal charged count with those that were logged: there is one ledger of days."""
    row = enrolled(there, challenge)
    logged(there, row, 18)
    charge_days(
        actor=there.manager, school=there.elm, adviser=there.nc_adviser, academic_year=2008, source="programme", kind="in_school",
        quarters=8, reference="visit", at=LATER,
    )  # fmt: skip
    assert used_days([row], TODAY)[row.pk] == 80
    with pytest.raises(Refused, match=r"has 20 days of National Challenge a year and none is left\. Nothing was entered\.") as refusal:
        logged(there, row, 1)
    assert refusal.value.field == "quarters"
    assert used_days([row], TODAY)[row.pk] == 80
    with pytest.raises(Refused, match="20 days are used already"):
        services.decide_risk(actor=there.manager, enrolment=row, risk="low", quarters=20, reason=WHY, at=NOW)
    with pytest.raises(PermissionDenied):
        logged(there, row, 1, "sip")


def test_what_is_logged_of_an_enrolment_and_who_reads_it(there: World, challenge: Programme) -> None:
    row = enrolled(there, challenge)
    adviser = there.fresh("nc_adviser")
    services.log_report(actor=adviser, enrolment=row, sent_on=dt.date(2008, 11, 28), reference="NC/0417", at=LATER)
    with pytest.raises(Conflict, match="logged already"):
        services.log_report(actor=adviser, enrolment=row, sent_on=dt.date(2008, 11, 28), reference="NC/0417", at=LATER)
    assert [field.name for field in ProgrammeReport._meta.fields] == [
        "id", "enrolment", "sent_on", "reference", "by", "by_name", "at",
    ]  # fmt: skip  # date and reference, and no text
    package = Package("Tutoring", "Osmer", "30 pupils move from D to C", dt.date(2009, 5, 1), "Ms Head, headteacher", cost_pence=400_000)
    done = services.add_to_package(actor=adviser, enrolment=row, package=package, at=LATER)
    assert (done.origin, done.state, done.commissioner) == ("programme", "agreed", "programme")
    with pytest.raises(Refused, match="must achieve"):
        services.add_to_package(actor=adviser, enrolment=row, package=Package("X", "Y", " ", TODAY, "Z"), at=LATER)
    services.record_training(
        actor=there.manager,
        programme=challenge,
        on=NOVEMBER,
        title="Regional training",
        place="London",
        quarters=4,
        who=[there.nc_adviser],
        at=NOW,
    )
    with pytest.raises(Refused, match="no adviser of"):
        services.record_training(
            actor=there.manager, programme=challenge, on=NOVEMBER, title="Other", place="", quarters=4, who=[there.sip], at=NOW
        )
    assert days_of_schools([there.elm.pk], 2008)[there.elm.pk].by_source[DaysSource.PROGRAMME].used == 0  # charged to no school
    client = Client()
    for who, status in (
        ("manager", 200), ("officer_south", 200), ("consultant", 200), ("nc_adviser", 200), ("elm_head", 200), ("finance_officer", 200),
        ("officer", 404), ("head", 404), ("other_manager", 404), ("officer_chair", 200),
    ):  # fmt: skip
        client.force_login(there.people[who])
        assert client.get(row.get_absolute_url()).status_code == status, who
    page = client.get(row.get_absolute_url()).content.decode()
    assert "Tutoring" in page and "NC/0417" in page


# ---------------------------------------------------------------- money


def fund_of(world: World, programme: Programme | None = None, pence: int = 100_000_00) -> Fund:
    return services.open_fund(
        actor=world.finance_officer, authority=world.authority, code="nc", label="National Challenge funding", financial_year=2008,
        amount_pence=pence, programme=programme, at=NOW,
    )  # fmt: skip


def drawn(world: World, fund: Fund, pence: int) -> Drawdown:
    return services.draw_down(actor=world.manager, fund=fund, school=world.elm, pence=pence, what="Tutoring", on=TODAY, at=NOW)


def test_a_drawdown_beyond_the_fund_is_refused_with_a_sentence(there: World, challenge: Programme) -> None:
    fund = fund_of(there, challenge)
    first = drawn(there, fund, 60_000_00)
    with pytest.raises(Refused, match=r"£40,000 of £100,000 are left, and £50,000 is more than that\. Nothing was drawn\."):
        drawn(there, fund, 50_000_00)
    drawn(there, fund, 40_000_00)
    with pytest.raises(Refused, match="drawn already"):
        services.change_fund(actor=there.manager, fund=fund, amount_pence=99_000_00, reason=WHY, at=NOW)
    services.change_fund(actor=there.manager, fund=fund, amount_pence=120_000_00, reason=WHY, at=NOW)
    with pytest.raises(Conflict, match="next comes “committed”"):
        services.step_drawdown(actor=there.finance_officer, drawdown=first, stage="paid", on=TODAY, at=NOW)
    services.step_drawdown(actor=there.finance_officer, drawdown=first, stage="committed", reference="PO 1", on=TODAY, at=NOW)
    services.give_back(actor=there.manager, drawdown=first, reason="Not needed", on=TODAY, at=NOW)
    fund.refresh_from_db()
    assert fund.drawn_pence == 40_000_00 == sum(Drawdown.objects.filter(fund=fund).values_list("pence", flat=True))
    with pytest.raises(Conflict, match="given back a moment ago"):
        services.give_back(actor=there.manager, drawdown=first, reason="Twice", on=TODAY, at=NOW)
    with pytest.raises(Refused, match="given back"):
        services.step_drawdown(actor=there.finance_officer, drawdown=first, stage="claimed", on=TODAY, at=NOW)
    fund.refresh_from_db()
    assert fund.drawn_pence == 40_000_00
    with pytest.raises(IntegrityError), transaction.atomic():
        Fund.objects.filter(pk=fund.pk).update(drawn_pence=999_000_00)
    with pytest.raises(PermissionDenied):
        services.draw_down(actor=there.officer, fund=fund, school=there.elm, pence=1, what="X", on=TODAY, at=NOW)
    for name, error in (("officer", PermissionDenied), ("finance_officer", Refused)):
        make_interest(there.people[name], there.elm)
        theirs = Drawdown.objects.get(fund=fund, pence=40_000_00)
        for deed in (
            partial(services.draw_down, fund=fund, school=there.elm, pence=1, what="X"),
            partial(services.give_back, drawdown=theirs, reason="Not needed"),
            partial(services.step_drawdown, drawdown=theirs, stage="committed"),
        ):
            with pytest.raises(error, match=None if error is PermissionDenied else "You have an interest"):
                deed(actor=there.fresh(name), on=TODAY, at=NOW)
    Interest.objects.filter(school=there.elm).delete()
    client = Client()
    client.force_login(there.finance_officer)
    page = client.get(fund.get_absolute_url()).content.decode()
    assert "£80,000" in page and "Given back" in page


# ---------------------------------------------------------------- effect


@pytest.fixture
def improving(there: World) -> World:
    """Six schools in the programme since 2007, four like them in none, one far above; results of two summers."""
    programme = services.open_programme(actor=there.manager, authority=there.authority, code="improving-schools", at=NOW)
    for number in range(6):
        school = make_school(there.authority, f"In {number}")
        make_result(school, year=2006, numerator=50 + number, cohort=100)
        make_result(school, year=2007, numerator=58 + number, cohort=100)
        Enrolment.objects.create(programme=programme, school=school, starts_on=dt.date(2007, 9, 1), most_quarters=80)
    for number in range(4):
        school = make_school(there.authority, f"Like {number}")
        make_result(school, year=2006, numerator=52, cohort=100)
        make_result(school, year=2007, numerator=54 + (number % 2) * 2, cohort=100)
    far = make_school(there.authority, "Far above")
    make_result(far, year=2006, numerator=90, cohort=100)
    make_result(far, year=2007, numerator=60, cohort=100)
    return there


def test_effect_is_the_change_beside_that_of_similar_schools_with_n(improving: World, django_assert_num_queries: Any) -> None:
    authority = improving.authority
    schools, pack = School.objects.filter(authority=authority), require_pack(authority, TODAY)
    with django_assert_num_queries(2):
        (one,) = programme_effects(authority, pack, schools, 2007)
    assert one.cells() == ("6", "+8.0", "4", "+3.0", "+5.0") and one.left_out == 0
    page = headlines(authority=authority, pack=pack, schools=schools, year=2007)
    (written,) = [row for row in page.written if row.code == "support-programmes"]
    assert written.text == "The support programme was effective: Improving Schools Programme."
    Enrolment.objects.filter(school__name__in=["In 0", "In 1"]).update(ends_on=dt.date(2007, 12, 20))
    (one,) = programme_effects(authority, pack, schools, 2007)
    assert (one.n, one.is_written, one.cells()) == (4, False, ("4", "", "6", "", ""))
    (why,) = [
        row for row in headlines(authority=authority, pack=pack, schools=schools, year=2007).not_written if row.code == "support-programmes"
    ]
    assert why.why == "Improving Schools Programme has 4 schools that can be compared: fewer than 5."
    client = Client()
    client.force_login(improving.manager)
    page_ = client.get(reverse("support:programme-effects") + "?year=2008").content.decode()
    assert "Fewer than 5 schools: not written" in page_ and "+8.0" not in page_
    assert b"Improving Schools Programme" in client.get(reverse("support:programme-effects-export", args=["csv"]) + "?year=2008").content
    own = School.objects.get(name="In 2")
    make_contact(own, ContactKind.CHAIR, user=improving.manager, name="Marian Holt, of the governors", starts_on=TODAY)
    shown = client.get(reverse("support:programme-effects") + "?year=2008").context["effects"]
    assert [one.n for one, _ in shown] == [3], "a governor’s own school is not the manager’s to read"
    assert [row.why for row in headline(authority, pack, schools, 2005)] == ["No school was in a programme in 2005/06."]


# ---------------------------------------------------------------- pages


def test_from_opening_to_a_report_on_its_pages(there: World) -> None:
    client = Client()
    client.force_login(there.manager)
    assert "Open it" in client.get(reverse("support:programme-list")).content.decode()
    client.post(reverse("support:programme-open", args=["national-challenge"]))
    programme = Programme.objects.get()
    day = {"starts_on_day": "14", "starts_on_month": "10", "starts_on_year": "2008"}
    answer = client.post(reverse("support:programme-enrol", args=[programme.public_id]), {"school": str(there.elm.urn), **day})
    row = Enrolment.objects.get()
    assert answer["Location"] == row.get_absolute_url()
    risk = reverse("support:enrolment-risk", args=[row.public_id])
    assert "The rules suggest: High risk" in client.get(risk).content.decode()
    refused = client.post(risk, {"risk": "high", "quarters": "21", "reason": WHY})
    assert refused.status_code == 422 and "21 days are too many" in refused.content.decode()
    client.post(risk, {"risk": "high", "quarters": "20"})
    adviser = reverse("support:enrolment-adviser", args=[row.public_id])
    november = {"starts_on_day": "1", "starts_on_month": "11", "starts_on_year": "2008"}
    assert client.post(adviser, {"adviser": there.nc_adviser.public_id, **november}).status_code == 302
    client.force_login(there.nc_adviser)
    sent = {"sent_on_day": "10", "sent_on_month": "10", "sent_on_year": "2008"}
    assert client.post(reverse("support:enrolment-report", args=[row.public_id]), {"reference": "NC 1", **sent}).status_code == 302
    by = {"achieve_by_day": "1", "achieve_by_month": "5", "achieve_by_year": "2009"}
    package = {"name": "Tutoring", "provider": "Osmer", "must_achieve": "30 from D to C", "agreed_with": "Ms Head", **by}
    assert client.post(reverse("support:enrolment-package", args=[row.public_id]), package).status_code == 302
    assert Intervention.objects.get(enrolment=row).name == "Tutoring"
    client.force_login(there.finance_officer)
    money = {"programme": "national-challenge", "label": "NC funding", "financial_year": "2008", "amount_pence": "1000"}
    assert client.post(reverse("support:fund-open"), money).status_code == 302
    fund = Fund.objects.get()
    on = {"on_day": "14", "on_month": "10", "on_year": "2008"}
    draw = reverse("support:fund-draw", args=[fund.public_id])
    too_much = client.post(draw, {"school": str(there.elm.urn), "pence": "1000.01", "what": "Tutoring", **on})
    assert too_much.status_code == 422 and "more than that. Nothing was drawn" in too_much.content.decode()
    assert client.post(draw, {"school": str(there.elm.urn), "pence": "1000", "what": "Tutoring", **on}).status_code == 302
    entry = Drawdown.objects.get()
    assert client.post(reverse("support:drawdown-step", args=[entry.public_id, "committed"]), on).status_code == 302
    assert client.post(reverse("support:drawdown-back", args=[entry.public_id]), {"reason": "Not needed"}).status_code == 302
    assert b"Tutoring" in client.get(reverse("support:fund-export", args=[fund.public_id, "csv"])).content
    assert person(there.finance_officer).hats and client.get(reverse("support:programme-list")).status_code == 200
