"""The admin site: who enters, what they see, and that nothing is written but through a service."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from core.admin import PortalModelAdmin
from core.audit import AuditEvent
from core.jobs import Job
from core.outbox import OutboxEmail
from people.models import Authority, Mentorship, Pack, RoleAssignment, Sip, User
from schools.choices import ContactKind, ContactState
from schools.models import Contact, School
from tests.factories.schools import World, make_contact

pytestmark = pytest.mark.django_db

OURS = {model: site for model, site in admin.site._registry.items() if isinstance(site, PortalModelAdmin)}


def signed_in(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.people[name])
    return client


def url(model: type[Any], page: str = "changelist", *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def act(client: Client, model: type[Any], deed: str, *rows: Any, **data: Any) -> str:
    """Choose rows, see them listed, confirm; the page that says what became of each."""
    chosen = {"action": deed, "_selected_action": [row.pk for row in rows]}
    listed = client.post(url(model), chosen).content.decode()
    assert all(str(row).replace("'", "&#x27;") in listed for row in rows)
    answer = client.post(url(model), {**chosen, "confirmed": "yes", **data})
    assert answer.status_code == 200
    return answer.content.decode()


def test_nothing_of_ours_stands_outside_the_base_class() -> None:
    from django.conf import settings

    for model, site in admin.site._registry.items():
        if (settings.BASE_DIR / model._meta.app_label).is_dir():
            assert isinstance(site, PortalModelAdmin), model
            assert site.permission, model
            assert not site.inlines
            assert not site.list_editable


@pytest.mark.parametrize("name", ["sip", "officer", "head", "dpo", "finance_officer", "head_of_improvement", "outsider"])
def test_only_staff_enter(world: World, name: str) -> None:
    assert signed_in(world, name).get(reverse("admin:index")).status_code == 302
    assert signed_in(world, name).get(url(User)).status_code == 302


def test_every_list_and_form_opens_for_the_administrator(world: World) -> None:
    client = signed_in(world, "administrator")
    text = client.get(reverse("admin:index")).content.decode()
    assert "Back to the portal" in text
    assert "Marchwold" not in text
    mine = {User, RoleAssignment, Authority, Pack, AuditEvent, School, Contact}
    for model, site in OURS.items():
        if model._meta.app_label not in ("people", "schools", "core"):
            continue
        answer = client.get(url(model))
        assert answer.status_code == (403 if model in (Sip, Mentorship) else 200), model
        if model in mine:
            assert "Marchwold" not in answer.content.decode(), model
        if site.add_form is not None and model not in (Sip, Mentorship):
            assert client.get(url(model, "add")).status_code == 200, model
        assert b"delete_selected" not in answer.content


def test_the_manager_keeps_sips_and_not_accounts(world: World) -> None:
    client = signed_in(world, "manager")
    for model, status in ((Sip, 200), (Mentorship, 200), (User, 403), (RoleAssignment, 403), (AuditEvent, 403), (School, 403), (Pack, 403)):
        assert client.get(url(model)).status_code == status, model


def test_rows_of_another_authority_do_not_exist(world: World) -> None:
    client = signed_in(world, "administrator")
    for row in (world.other_head, RoleAssignment.objects.get(user=world.other_manager), world.other, world.birch):
        answer = client.get(url(type(row), "change", row.pk))
        assert answer.status_code == 302, row  # "doesn't exist; perhaps it was deleted", back to the index
    assert act_on_foreign(client, world.other_head) == 0


def act_on_foreign(client: Client, row: User) -> int:
    client.post(url(User), {"action": "deactivate", "_selected_action": [row.pk], "confirmed": "yes", "reason": "Mine"})
    return User.objects.filter(pk=row.pk, is_active=False).count()


def test_nothing_is_deleted_and_nothing_saved_past_a_service(world: World) -> None:
    client = signed_in(world, "administrator")
    for row in (world.sip, world.oak, Contact.objects.get(user=world.head), world.pack):
        assert client.post(url(type(row), "delete", row.pk), {"post": "yes"}).status_code == 403
    assert client.post(url(School, "change", world.oak.pk), {"name": "Mine"}).status_code == 403
    world.oak.refresh_from_db()
    assert world.oak.name == "Oakfield Primary School"
    assert client.get(url(School, "add")).status_code == 403


def test_an_account_is_made_and_invited(world: World) -> None:
    client = signed_in(world, "administrator")
    data = {"authority": world.authority.pk, "name": "Newt Newman", "email": "newt@wealdshire.example", "is_invited": "on"}
    assert client.post(url(User, "add"), {**data, "email": world.sip.email}).status_code == 422
    assert client.post(url(User, "add"), {**data, "authority": world.other.pk}).status_code == 422
    assert client.post(url(User, "add"), data).status_code == 302
    assert OutboxEmail.objects.get().to_address == "newt@wealdshire.example"
    user = User.objects.get(email="newt@wealdshire.example")
    assert client.post(url(User, "change", user.pk), {"name": "Newton Newman", "telephone": ""}).status_code == 302
    user.refresh_from_db()
    assert user.name == "Newton Newman"


def test_a_deed_says_for_each_row_done_or_why_not(world: World) -> None:
    client = signed_in(world, "administrator")
    text = act(client, User, "deactivate", world.sip, world.administrator, reason="Left")
    assert "Done for 1 of 2" in text
    assert "Not done: This one is not yours to decide" in text
    assert not world.fresh("sip").is_active
    assert world.fresh("administrator").is_active
    assert "errornote" in act(client, User, "deactivate", world.consultant, reason="")
    assert world.fresh("consultant").is_active


def test_roles_are_granted_and_ended(world: World) -> None:
    client = signed_in(world, "administrator")
    data = {
        "authority": world.authority.pk,
        "email": world.outsider.email,
        "role": "officer",
        "clusters": [world.south.pk],
        "starts_on": "2008-10-14",
    }
    assert client.post(url(RoleAssignment, "add"), {**data, "email": "nobody@portal.example"}).status_code == 422
    assert client.post(url(RoleAssignment, "add"), data).status_code == 302
    row = RoleAssignment.objects.get(user=world.outsider)
    assert list(row.clusters.all()) == [world.south]
    own = client.post(url(RoleAssignment, "add"), {**data, "email": world.administrator.email})
    assert own.status_code == 403
    assert "Done for 1 of 1" in act(client, RoleAssignment, "end", row, ends_on="2008-12-31")
    row.refresh_from_db()
    assert row.ends_on == dt.date(2008, 12, 31)


def test_sips_are_kept_by_the_manager(world: World) -> None:
    client = signed_in(world, "manager")
    data = {
        "authority": world.authority.pk,
        "email": world.outsider.email,
        "kind": "consultant",
        "phases": ["primary"],
        "starts_on": "2008-10-14",
    }
    wrong = client.post(url(Sip, "add"), {**data, "line_manager": world.manager.email})
    assert (wrong.status_code, b"assigned person, who is mentor" in wrong.content) == (422, True)
    assert client.post(url(Sip, "add"), {**data, "days_available": "12.5", "assigned_person": world.mentor.email}).status_code == 302
    sip = Sip.objects.get(user=world.outsider)
    assert (sip.days_available, sip.assigned_person) == (50, world.mentor)
    page = client.get(url(Sip, "change", sip.pk))
    assert page.status_code == 200
    change = {**data, "assigned_person": world.mentor.email, "is_on_review": "on"}
    assert client.post(url(Sip, "change", sip.pk), change).status_code == 302
    assert Sip.objects.get(pk=sip.pk).is_on_review
    assert "Done for 1 of 1" in act(client, Sip, "take_off_review", sip)
    mentor = {"sip": sip.pk, "email": world.consultant.email, "starts_on": "2008-10-14"}
    assert client.post(url(Mentorship, "add"), mentor).status_code == 302


def test_the_authority_its_clusters_and_packs(world: World) -> None:
    client = signed_in(world, "administrator")
    page = url(Authority, "change", world.authority.pk)
    data = {"name": "Wealdshire", "brand_colour": "#14505c", "link_colour": "#0f5c8c", "settings": '{"finish_notes_office_days": 10}'}
    assert client.get(page).status_code == 200
    pale = client.post(page, {**data, "brand_colour": "#aabbcc"})
    assert (pale.status_code, b"darker header colour" in pale.content) == (422, True)
    assert client.post(page, {**data, "closure_days": "2008-12-24, 2008-12-31"}).status_code == 302
    world.authority.refresh_from_db()
    assert world.authority.closure_days == ["2008-12-24", "2008-12-31"]
    assert (
        client.post(reverse("admin:people_cluster_add"), {"authority": world.authority.pk, "code": "E", "name": "East"}).status_code == 302
    )
    assert client.post(reverse("admin:people_cluster_change", args=[world.north.pk]), {"name": "Far north"}).status_code == 302
    assert client.post(url(Pack, "add"), {"authority": world.authority.pk, "folder": "england-2008"}).status_code == 302
    assert client.post(url(Pack, "add"), {"authority": world.authority.pk, "folder": "../packs"}).status_code == 422
    assert Pack.objects.filter(authority=world.authority).count() == 1
    assert client.get(url(Pack, "change", world.pack.pk)).status_code == 200  # type: ignore[union-attr]


def test_contacts_and_clusters_of_schools(world: World) -> None:
    client = signed_in(world, "administrator")
    one = make_contact(world.fir, ContactKind.HEAD, state=ContactState.REPORTED)
    text = act(client, Contact, "confirm", one, Contact.objects.get(user=world.head))
    assert "Done for 1 of 2" in text
    assert "decided already" in text
    text = act(client, School, "place", world.oak, world.elm, cluster="NO SUCH")
    assert "Done for 0 of 2" in text
    text = act(client, School, "place", world.oak, world.elm, cluster=world.south.code)
    assert "Done for 1 of 2" in text
    world.oak.refresh_from_db()
    assert world.oak.cluster == world.south


def test_the_audit_is_read_and_never_written(world: World) -> None:
    client = signed_in(world, "administrator")
    event = AuditEvent.objects.filter(authority_code="999").first()
    assert event is not None  # the sign-in itself
    assert client.get(url(AuditEvent, "change", event.pk)).status_code == 200
    assert client.post(url(AuditEvent, "change", event.pk), {"reason": "mine"}).status_code == 403
    signed_in(world, "other_administrator")
    assert "Abel Marchant" not in client.get(url(AuditEvent)).content.decode()


def test_a_file_is_received_and_read_in_the_background(world: World) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from core.tabular.models import ImportBatch

    client = signed_in(world, "administrator")
    file = SimpleUploadedFile("register.csv", b'"URN","EstablishmentName"\r\n')
    data = {"kind": "gias", "authority": world.authority.pk, "file": file}
    assert client.post(url(ImportBatch, "add"), data).status_code == 302
    batch = ImportBatch.objects.get()
    assert Job.objects.filter(asker_id=world.administrator.pk).count() == 1
    assert client.get(url(ImportBatch, "change", batch.pk)).status_code == 200
    text = act(client, ImportBatch, "commit", batch)
    assert "it is received" in text
    assert "Done for 1 of 1" in act(client, ImportBatch, "discard", batch)
    assert signed_in(world, "other_administrator").get(url(ImportBatch)).content.decode().count("register.csv") == 0


@pytest.mark.parametrize(
    ("model", "lookup"),
    [(User, "password__startswith"), (User, "last_login__isnull"), (Authority, "lot_seed__startswith"), (AuditEvent, "reason__contains")],
)
def test_no_column_is_asked_for_in_the_address_but_the_filters_shown(world: World, model: type[Any], lookup: str) -> None:
    answer = signed_in(world, "administrator").get(url(model), {lookup: "a"})
    assert answer.status_code == 400, "which rows remain tells what a hidden column holds"


def test_the_filters_shown_still_work(world: World) -> None:
    client = signed_in(world, "administrator")
    assert client.get(url(User), {"is_active__exact": "1"}).status_code == 200
    assert client.get(url(AuditEvent), {"event": "role.granted"}).status_code == 200
    assert client.get(url(Contact), {"state__exact": ContactState.REPORTED.value}).status_code == 200
