"""Pages of schools: who gets them, what they show, and that nothing of another authority is in them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from core.audit import AuditEvent
from schools.choices import ContactKind, ContactState
from schools.models import AllocationPlan, Assignment, Contact, Interest, InterestDeclaration, School
from tests.factories.schools import World, make_contact, make_days, make_interest

pytestmark = pytest.mark.django_db


def get(world: World, name: str, url: str) -> tuple[int, str]:
    client = Client()
    client.force_login(world.people[name])
    answer = client.get(url)
    return answer.status_code, answer.content.decode() if answer.status_code == 200 else ""


def page_of(school: School, *tab: str) -> str:
    return reverse("schools:school-tab" if tab else "schools:school-detail", args=[school.authority.code, school.urn, *tab])


def signed_in(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.people[name])
    return client


# ---------------------------------------------------------------- the list


def test_the_list_is_the_scope(world: World) -> None:
    _, text = get(world, "manager", reverse("schools:school-list"))
    assert "Oakfield Primary School" in text
    assert "7 schools" in text  # the closed one is not among them
    assert "Birchwood" not in text
    _, text = get(world, "sip", reverse("schools:school-list"))
    assert "2 schools" in text
    assert "Elmwood" not in text
    assert get(world, "outsider", reverse("schools:school-list"))[0] == 403


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"phase": "primary"}, {"Oakfield", "Ashdown", "Yew Tree", "Rowan Lane"}),
        ({"q": "elm"}, {"Elmwood"}),
        ({"sip": "none"}, {"Firbank"}),
        ({"status": "closed"}, {"Gorse Hill"}),
        ({"q": "no such school"}, set()),
    ],
)
def test_filters_stand_in_the_address(world: World, query: dict[str, str], names: set[str]) -> None:
    answer = signed_in(world, "manager").get(reverse("schools:school-list"), query)
    rows = {school.name for school, _, _ in answer.context["rows"]}
    assert rows == {school.name for school in world.schools.values() if any(school.name.startswith(name) for name in names)}


def test_filters_by_cluster_sip_and_number(world: World) -> None:
    client = signed_in(world, "manager")
    for query, names in (
        ({"cluster": world.north.pk}, {"oak", "ash", "pru"}),
        ({"sip": world.sip.public_id}, {"oak", "ash"}),
        ({"q": str(world.elm.urn)}, {"elm"}),
        ({"q": world.elm.dfe_number}, {"elm"}),
    ):
        rows = {school.pk for school, _, _ in client.get(reverse("schools:school-list"), query).context["rows"]}
        assert rows == {world.schools[name].pk for name in names}


def test_the_export_is_the_list(world: World) -> None:
    client = signed_in(world, "manager")
    answer = client.get(reverse("schools:school-export", args=["csv"]), {"phase": "secondary"})
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "Elmwood High School" in lines[1]
    assert "Conrad Vale" in lines[1]
    assert client.get(reverse("schools:school-export", args=["xlsx"])).content[:2] == b"PK"
    assert client.get(reverse("schools:school-export", args=["pdf"])).status_code == 404
    assert [event.changes["rows"] for event in AuditEvent.objects.filter(event="schools.exported").order_by("pk")] == [1, 7]


def test_suggestions_stay_in_the_scope(world: World) -> None:
    url = reverse("schools:school-suggest")

    def labels(name: str, **query: str) -> list[str]:
        return [found["label"] for found in signed_in(world, name).get(url, query).json()["results"]]

    assert labels("manager", q="primary") == sorted(world.schools[key].name for key in ("ash", "oak", "rowan", "yew"))
    assert labels("sip", q="primary") == ["Ashdown Primary School", "Oakfield Primary School"]
    assert labels("sip", q="fir", **{"for": "interest"}) == ["Firbank School"]
    assert labels("sip", q="birch", **{"for": "interest"}) == []
    assert labels("manager", q="o") == []
    assert signed_in(world, "head").get(url, {"q": "fir", "for": "interest"}).status_code == 403
    people = signed_in(world, "manager").get(reverse("people:person-suggest"), {"q": "mar"}).json()["results"]
    assert [found["label"] for found in people] == ["Marian Holt", "Susan Marlow"]


# ---------------------------------------------------------------- one school


@pytest.mark.parametrize("tab", [(), ("people",), ("timeline",)])
def test_every_tab_for_everybody_in_scope(world: World, tab: tuple[str, ...]) -> None:
    for name in ("manager", "administrator", "officer", "sip", "former_sip", "head", "chair", "clerk", "office", "dpo", "finance_officer"):
        status, text = get(world, name, page_of(world.oak, *tab))
        assert status == 200, name
        assert "Oakfield Primary School" in text
    for name in ("consultant", "officer_south", "elm_head", "other_manager", "outsider", "former_head"):
        assert get(world, name, page_of(world.oak, *tab))[0] == 404, name
    assert get(world, "manager", page_of(world.oak, "no-such-tab"))[0] == 404


def test_the_header_says_who_and_what(world: World) -> None:
    make_days(world.sip, world.oak, 20)
    _, text = get(world, "sip", page_of(world.oak))
    for words in ("Anwen Price", "Clement Board", "Susan Marlow", "North", "officer: Olive Northcote", "5 left of 5", str(world.oak.urn)):
        assert words in text
    _, text = get(world, "head", page_of(world.oak))
    assert "left of" not in text
    _, text = get(world, "manager", page_of(world.pru))
    assert "Teacher in charge" in text  # the pack's own word for a pupil referral unit


def test_a_wall_makes_the_school_not_exist(world: World) -> None:
    assert get(world, "officer", page_of(world.oak))[0] == 200
    make_interest(world.officer, world.oak)
    assert get(world, "officer", page_of(world.oak))[0] == 404


def test_as_what_one_sees_the_page(world: World) -> None:
    _, text = get(world, "officer_chair", page_of(world.elm))
    assert "<span>Chair of governors</span>" in text
    _, text = get(world, "officer_chair", page_of(world.oak))
    assert "<span>Officer</span>" in text


def test_people_of_a_school_are_reported_and_confirmed(world: World) -> None:
    url = reverse("schools:contact-report", args=[world.authority.code, world.oak.urn])
    office = signed_in(world, "office")
    data = {"kind": "head", "name": "Nia Newhead", "email": "", "telephone": "", "starts_on": "2008-11-03"}
    assert office.post(url, {**data, "name": ""}).status_code == 422
    assert office.post(url, data).status_code == 302
    row = Contact.objects.get(name="Nia Newhead")
    _, text = get(world, "office", page_of(world.oak, "people"))
    assert "To be confirmed" in text
    confirm = reverse("schools:contact-confirm", args=[row.public_id])
    assert office.post(confirm).status_code == 403
    assert signed_in(world, "other_administrator").post(confirm).status_code == 404
    administrator = signed_in(world, "administrator")
    assert "Nia Newhead" in administrator.get(reverse("schools:contact-list")).content.decode()
    assert administrator.get(confirm).status_code == 405
    assert administrator.post(confirm).status_code == 302
    row.refresh_from_db()
    assert row.state == ContactState.CONFIRMED
    answer = administrator.post(confirm, follow=True)
    assert "has been decided already" in answer.content.decode()


def test_a_report_is_refused_and_a_role_ended_on_their_pages(world: World) -> None:
    row = make_contact(world.fir, ContactKind.CLERK, state=ContactState.REPORTED)
    administrator = signed_in(world, "administrator")
    url = reverse("schools:contact-refuse", args=[row.public_id])
    assert administrator.get(url).status_code == 200
    assert administrator.post(url, {"reason": ""}).status_code == 422
    assert administrator.post(url, {"reason": "Not appointed"}).status_code == 302
    head = Contact.objects.get(user=world.head)
    url = reverse("schools:contact-end", args=[head.public_id])
    assert administrator.get(url).status_code == 200
    answer = administrator.post(url, {"ends_on": "2001-01-01", "reason": ""})
    assert (answer.status_code, "began on 1 September 2005" in answer.content.decode()) == (422, True)
    assert administrator.post(url, {"ends_on": "2008-12-31", "reason": "Retires"}).status_code == 302
    head.refresh_from_db()
    assert head.ends_on == dt.date(2008, 12, 31)


# ---------------------------------------------------------------- caseloads


def test_who_sees_caseloads(world: World) -> None:
    url = reverse("schools:caseload-list")
    status, text = get(world, "manager", url)
    assert status == 200
    for words in ("Susan Marlow", "Firbank School", "Oakfield Primary School"):
        assert words in text
    assert "Marchant" not in text
    _, text = get(world, "officer", url)
    assert "Elmwood" not in text  # the schools of the cluster alone
    for name in ("sip", "head", "administrator", "finance_officer"):
        assert get(world, name, url)[0] == 403, name
    assert get(world, "manager", f"{url}?authority=888")[0] == 404
    assert get(world, "manager", reverse("schools:caseload-gaps"))[0] == 200
    assert get(world, "officer", reverse("schools:caseload-gaps"))[0] == 403


def test_the_page_of_an_adviser(world: World) -> None:
    url = reverse("schools:adviser-detail", args=[world.sip.public_id])
    for name, status in (("sip", 200), ("manager", 200), ("officer", 200), ("consultant", 404), ("head", 404), ("other_manager", 404)):
        assert get(world, name, url)[0] == status, name
    mentored = reverse("schools:adviser-detail", args=[world.new_sip.public_id])
    assert get(world, "mentor", mentored)[0] == 200
    assert get(world, "officer_south", url)[1].count("Oakfield") == 0


def test_assigning_on_the_page(world: World) -> None:
    manager = signed_in(world, "manager")
    url = reverse("schools:assignment-assign")
    assert "Firbank School" in manager.get(url).content.decode()
    data = {
        "schools": [world.fir.urn],
        "adviser": "Celia Cover",
        "kind": "sip",
        "starts_on": "2008-10-20",
        "quarters": "5",
        "source": "core",
    }
    assert manager.post(url, {**data, "adviser": "Nobody Known"}).status_code == 422
    refused = manager.post(url, {**data, "adviser": "Marian Holt"})
    assert (refused.status_code, "Nobody allocates to themselves" in refused.content.decode()) == (422, True)
    assert manager.post(url, data).status_code == 302
    row = Assignment.objects.get(school=world.fir)
    assert (row.adviser, row.starts_on) == (world.cover_adviser, dt.date(2008, 10, 20))
    assert signed_in(world, "sip").get(url).status_code == 403


def test_a_warning_is_answered_on_the_page(world: World) -> None:
    manager = signed_in(world, "manager")
    Assignment.objects.filter(pk=world.assignments["oak"].pk).update(ends_on=dt.date(2008, 10, 19))
    url = f"{reverse('schools:assignment-assign')}?school={world.oak.urn}"
    data = {"schools": [world.oak.urn], "adviser": "Ruth Ashby", "kind": "sip", "starts_on": "2008-10-20"}
    answer = manager.post(url, data)
    assert (answer.status_code, "in the same cluster" in answer.content.decode()) == (422, True)
    assert manager.post(url, {**data, "reason": "Nobody else"}).status_code == 302


def test_handing_over_covering_and_ending_on_the_page(world: World) -> None:
    manager = signed_in(world, "manager")
    pid = world.sip.public_id
    oak, ash = world.assignments["oak"].public_id, world.assignments["ash"].public_id
    url = reverse("schools:assignment-hand-over", args=[pid])
    assert manager.get(f"{url}?assignment={oak}").status_code == 200
    assert manager.post(url, {"assignments": [oak], "adviser": "Celia Cover", "on": "2008-11-03", "reason": "Load"}).status_code == 302
    url = reverse("schools:assignment-cover", args=[pid])
    data = {"assignment": ash, "adviser": "Conrad Vale", "starts_on": "2008-10-20", "ends_on": "2008-10-31"}
    assert manager.get(url).status_code == 200
    assert manager.post(url, data).status_code == 302
    url = reverse("schools:assignment-end", args=[pid])
    assert manager.get(url).status_code == 200
    assert manager.post(url, {"assignments": [ash], "ends_on": "2008-10-25", "reason": "Leaves"}).status_code == 422  # the cover
    assert manager.post(url, {"assignments": [ash], "ends_on": "2008-11-07", "reason": "Leaves"}).status_code == 302
    for name, status in (("sip", 403), ("officer", 403), ("other_manager", 404), ("head", 404)):
        assert signed_in(world, name).get(url).status_code == status, name
    own = reverse("schools:assignment-end", args=[world.manager_sip.public_id])
    assert signed_in(world, "manager_sip").get(own).status_code == 403


# ---------------------------------------------------------------- the plan


def test_the_plan_on_its_pages(world: World) -> None:
    manager = signed_in(world, "manager")
    url = reverse("schools:plan-detail", args=["999", 2009])
    assert "Begin the plan" in manager.get(url).content.decode()
    assert manager.post(url).status_code == 302
    plan = AllocationPlan.objects.get()
    text = manager.get(url).content.decode()
    assert "schools without a SIP" in text
    row = reverse("schools:plan-row", args=["999", 2009, world.fir.urn])
    data = {"adviser": "Celia Cover", "quarters": "4", "reason": "", "lock_version": plan.lock_version}
    assert manager.get(row).status_code == 200
    assert manager.post(row, data).status_code == 302
    again = manager.post(row, data)
    assert (again.status_code, "Somebody else changed the plan" in again.content.decode()) == (422, True)
    publish = reverse("schools:plan-publish", args=["999", 2009])
    assert "Celia Cover" in manager.get(publish).content.decode()
    plan.refresh_from_db()
    refused = manager.post(publish, {"lock_version": plan.lock_version})
    assert (refused.status_code, "A serving headteacher of Ashdown" in refused.content.decode()) == (422, True)
    plan.rows.filter(school=world.pru).update(reason="Agreed with the centre")
    assert manager.post(publish, {"lock_version": plan.lock_version}).status_code == 302
    plan.refresh_from_db()
    assert plan.state == "published"
    assert manager.get(url).status_code == 200
    for name, status in (("officer", 403), ("sip", 403), ("other_manager", 404)):
        for address in (url, row, publish):
            assert signed_in(world, name).get(address).status_code == status, (name, address)
    assert manager.get(reverse("schools:plan-detail", args=["999", 1066])).status_code == 404


# ---------------------------------------------------------------- interests


def test_declaring_on_the_page(world: World) -> None:
    officer = signed_in(world, "officer")
    url = reverse("schools:interest-declare")
    assert officer.get(url).status_code == 200
    blank = {"interest-TOTAL_FORMS": "1", "interest-INITIAL_FORMS": "0"}
    assert officer.post(url, {**blank, "answer": "some"}).status_code == 422
    row = {"interest-0-kind": "relative", "interest-0-school": "Firbank School"}
    assert officer.post(url, {**blank, **row, "answer": "some"}).status_code == 302  # a school outside their own cluster
    assert Interest.objects.get(user=world.officer).school == world.fir
    assert "You declared for 2008/09" in officer.get(url).content.decode()
    assert officer.post(url, {**blank, "answer": "none"}).status_code == 302
    assert InterestDeclaration.objects.get(user=world.officer).has_none
    row = {"interest-0-kind": "relative", "interest-0-school": "Birchwood Primary School"}
    assert officer.post(url, {**blank, **row, "answer": "some"}).status_code == 422
    assert signed_in(world, "head").get(url).status_code == 403
