"""The kernel on both databases: the door, the audit, tables of states, what the database refuses, dated spans."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import checks
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.core.management import call_command
from django.db import IntegrityError, close_old_connections, connection, models, transaction
from django.http import Http404
from django.test import RequestFactory

from core import audit, registry, request_id, spans, triggers
from core.access import POLICIES, SIGNED_IN, Conflict, PortalView, Refused, can, get_visible, policy, require, same_authority
from core.audit import AuditEvent
from core.files import StoredFile, store
from core.triggers import TRIGGERS, TriggerSwitch, insert_only, unlocked
from core.workflow import Transition, Workflow
from people.choices import SipKind
from people.models import Authority, RoleAssignment, Sip, User
from people.roles import Hat, Permission
from schools.choices import AssignmentKind, DaysKind, Phase
from schools.models import Assignment, DaysEntry, School
from tests.factories.people import make_pack
from visits.models import NoteOfVisit, NoteRecord, Visit

pytestmark = [pytest.mark.both, pytest.mark.django_db]

AT = dt.datetime(2008, 10, 14, 15, 0, tzinfo=dt.UTC)
DAY = AT.date()


@dataclass
class Place:
    """One authority with one school, its SIP and a manager."""

    authority: Authority
    school: School
    sip: User
    manager: User


def make_place(code: str = "999") -> Place:
    authority = Authority.objects.create(code=code, name=f"Authority {code}", created_at=AT)
    school = School.objects.create(authority=authority, urn=100000 + int(code), name="Marlpit Primary School", phase=Phase.PRIMARY)
    sip = User.objects.create(email=f"sip.{code}@portal.example", name="Susan Marlow", created_at=AT)
    manager = User.objects.create(email=f"manager.{code}@portal.example", name="Marian Holt", created_at=AT)
    Sip.objects.create(user=sip, authority=authority, kind=SipKind.ADVISER, starts_on=dt.date(2006, 9, 1))
    RoleAssignment.objects.create(user=manager, authority=authority, role=Hat.SIP_MANAGER, starts_on=dt.date(2006, 9, 1))
    return Place(authority, school, sip, manager)


@pytest.fixture
def place() -> Place:
    return make_place()


def assign(place: Place, starts_on: dt.date, ends_on: dt.date | None = None, **values: Any) -> Assignment:
    kept = {"authority": place.authority, "school": place.school, "adviser": place.sip, "created_at": AT, **values}
    return Assignment.objects.create(starts_on=starts_on, ends_on=ends_on, **kept)


# ---------------------------------------------------------------- the door


class TestAccess:
    def test_nobody_who_is_not_signed_in_or_not_active_may_do_anything(self, place: Place) -> None:
        assert not can(None, SIGNED_IN)
        assert not can(AnonymousUser(), SIGNED_IN)
        assert can(place.sip, SIGNED_IN)
        place.sip.is_active = False
        assert not can(place.sip, SIGNED_IN)

    def test_a_permission_without_a_policy_is_a_fault_and_never_a_yes(self, place: Place) -> None:
        with pytest.raises(KeyError):
            can(place.manager, "nobody.wrote.this")

    def test_every_permission_has_a_policy(self) -> None:
        missing = {permission.value for permission in Permission} - set(dict(POLICIES.items()))
        assert missing == set()

    def test_require_raises_where_can_says_no(self, place: Place) -> None:
        require(place.manager, Permission.SIP_MANAGE, place.authority)
        with pytest.raises(PermissionDenied):
            require(place.sip, Permission.SIP_MANAGE, place.authority)

    def test_a_role_ends_on_its_last_day(self, place: Place) -> None:
        RoleAssignment.objects.update(ends_on=DAY)
        assert can(User.objects.get(pk=place.manager.pk), Permission.SIP_MANAGE, place.authority, on=DAY)
        RoleAssignment.objects.update(ends_on=DAY - dt.timedelta(days=1))
        assert not can(User.objects.get(pk=place.manager.pk), Permission.SIP_MANAGE, place.authority, on=DAY)

    def test_a_row_outside_the_scope_is_not_found(self, place: Place) -> None:
        elsewhere = make_place("888")
        assert get_visible(School, place.manager, urn=place.school.urn) == place.school
        with pytest.raises(Http404):
            get_visible(School, place.manager, urn=elsewhere.school.urn)
        with pytest.raises(Http404):
            get_visible(School.objects.filter(phase=Phase.SECONDARY), place.manager, urn=place.school.urn)

    def test_a_view_without_a_permission_cannot_be_written(self) -> None:
        with pytest.raises(ImproperlyConfigured, match="declares no permission"):
            type("BareView", (PortalView,), {})
        base = type("AbstractView", (PortalView,), {"abstract": True})
        with pytest.raises(ImproperlyConfigured):
            type("StillBare", (base,), {})

    def test_a_view_asks_for_the_row_first_and_the_permission_of_that_row_second(self, place: Place) -> None:
        class View(PortalView):
            permission = Permission.SIP_MANAGE

            def get_object(self) -> Any:
                return get_visible(Authority, self.request.user, code=self.kwargs["code"])

            def get(self, request: Any, code: str) -> Any:
                return code

        def ask(user: User, code: str) -> Any:
            request = RequestFactory().get("/")
            request.user = user
            return View.as_view()(request, code=code)

        make_place("888")
        assert ask(place.manager, "999") == "999"
        with pytest.raises(Http404):
            ask(place.manager, "888")
        with pytest.raises(PermissionDenied):
            ask(place.sip, "999")

    def test_a_policy_stands_once(self) -> None:
        with pytest.raises(ImproperlyConfigured):
            policy(SIGNED_IN)(lambda hats, obj, on: True)

    def test_rows_of_two_authorities_do_not_meet(self, place: Place) -> None:
        elsewhere = make_place("888")
        assert same_authority(place.authority, place.school, None) == place.authority.pk
        with pytest.raises(Refused, match="different authorities"):
            same_authority(place.school, elsewhere.school)


def test_a_registry_refuses_a_second_entry_and_a_late_one() -> None:
    mine: registry.Registry[int] = registry.Registry("of this test")
    registry._ALL.remove(mine)
    mine.add("one", 1)
    with pytest.raises(ImproperlyConfigured, match="already"):
        mine.add("one", 2)
    assert (list(mine), len(mine), "one" in mine, mine["one"]) == ([1], 1, True, 1)
    with pytest.raises(KeyError, match="of this test"):
        mine["two"]
    with pytest.raises(ImproperlyConfigured, match="frozen"):
        TRIGGERS.add("late", TRIGGERS["keep_core_auditevent_update"])


# ---------------------------------------------------------------- the audit


class TestAudit:
    def test_an_event_holds_plain_values(self, place: Place) -> None:
        with request_id.bound("0123456789abcdef"):
            audit.record(
                "school.changed",
                actor=place.manager,
                at=AT,
                subject=place.school,
                school=place.school,
                changes={"name": ["Marlpit", "Marlpit Primary School"]},
                reason="The register says so.",
                role="SIP manager",
            )
        event = AuditEvent.objects.get()
        assert (event.event, event.occurred_at, event.sentence) == ("school.changed", AT, "changed a school's facts")
        assert (event.actor_id, event.actor_name, event.actor_role) == (place.manager.public_id, "Marian Holt", "SIP manager")
        assert (event.authority_code, event.school_urn, event.school_name) == ("999", place.school.urn, "Marlpit Primary School")
        assert (event.subject_kind, event.subject_id) == ("school", place.school.public_id)
        assert (event.changes, event.reason) == ({"name": ["Marlpit", "Marlpit Primary School"]}, "The register says so.")
        assert event.request_id == "0123456789abcdef"

    def test_the_portal_itself_has_no_name(self, place: Place) -> None:
        event = audit.record("note.passed", actor=None, at=AT, subject=place.school, authority=place.authority)
        assert (event.actor_id, event.actor_name, event.request_id) == ("", "", "")

    def test_an_event_that_nobody_declared_is_a_fault(self, place: Place) -> None:
        with pytest.raises(KeyError):
            audit.record("school.sold", actor=place.manager, at=AT, subject=place.school)
        assert not AuditEvent.objects.exists()

    def test_content_is_counted_and_never_copied(self) -> None:
        assert audit.content("Leaders have done most of  what was agreed.\n") == "changed, 8 words"

    def test_a_sealed_event_names_nobody_and_only_the_day(self, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        sealed = audit.EventKind("feedback.given", "answered", sealed=True)
        monkeypatch.setitem(audit.AUDIT_EVENTS._entries, "feedback.given", sealed)
        with request_id.bound("0123456789abcdef"):
            event = audit.record(
                "feedback.given", actor=place.manager, at=AT, subject=place.authority, authority=place.authority, reason="why"
            )
        assert (event.actor_id, event.actor_name, event.reason, event.request_id) == ("", "", "", "")
        assert event.occurred_at == event.recorded_at == dt.datetime(2008, 10, 14, tzinfo=dt.UTC)

    def test_it_goes_with_the_transaction_of_the_deed(self, place: Place) -> None:
        with pytest.raises(Refused), transaction.atomic():
            audit.record("school.changed", actor=place.manager, at=AT, subject=place.school)
            raise Refused("After all, no.")
        assert not AuditEvent.objects.exists()

    def test_who_reads_it(self, place: Place) -> None:
        keeper = User.objects.create(email="dpo@portal.example", name="Dorothy Pike", created_at=AT)
        RoleAssignment.objects.create(
            user=keeper, authority=place.authority, role=Hat.DATA_PROTECTION_OFFICER, starts_on=dt.date(2006, 9, 1)
        )
        elsewhere = make_place("888")
        mine = audit.record("school.changed", actor=place.manager, at=AT, subject=place.school, school=place.school)
        theirs = audit.record("school.changed", actor=elsewhere.manager, at=AT, subject=elsewhere.school, school=elsewhere.school)
        assert list(AuditEvent.objects.visible_to(keeper)) == [mine]
        assert list(AuditEvent.objects.visible_to(elsewhere.manager)) == [theirs]
        assert not AuditEvent.objects.visible_to(place.sip).exists()
        assert list(AuditEvent.objects.about("school", place.school.public_id)) == [mine]


# ---------------------------------------------------------------- tables of states


def make_visit(place: Place, **values: Any) -> Visit:
    kept = {"visit_type": "autumn", "visit_type_label": "Autumn visit", "academic_year": 2008, "on": DAY, "created_at": AT, **values}
    return Visit.objects.create(authority=place.authority, lead=place.sip, **kept)


def never_on_monday(visit: Visit, on: dt.date) -> str | None:
    return "Not on a Monday." if on.weekday() == 0 else None


TABLE: Workflow[Visit] = Workflow(
    "visits.Visit",
    ["booked", "held", "cancelled"],
    [
        Transition("booked", "hold", "held", SIGNED_IN, never_on_monday),
        Transition("booked", "move", None, SIGNED_IN),
        Transition("booked", "waive", "cancelled", Permission.SIP_MANAGE),
    ],
    refusals={"waive": "It is too late for that."},
)


class TestWorkflow:
    def test_a_table_with_a_fault_is_refused(self) -> None:
        row = Transition("booked", "hold", "held", SIGNED_IN)
        with pytest.raises(ValueError, match="twice"):
            Workflow("visits.Visit", ["booked", "held"], [row, replace(row, to=None)])
        with pytest.raises(ValueError, match="does not exist"):
            Workflow("visits.Visit", ["booked"], [row])

    def test_a_legal_move_writes_state_version_and_values(self, place: Place) -> None:
        visit = make_visit(place)
        row = TABLE.move(place.sip, visit, "hold", DAY, met=["Headteacher"])
        assert row is TABLE.rows["booked", "hold"]
        assert (visit.state, visit.lock_version, visit.met) == ("held", 1, ["Headteacher"])
        stored = Visit.objects.get()
        assert (stored.state, stored.lock_version, stored.met) == ("held", 1, ["Headteacher"])

    def test_an_action_may_leave_the_state_and_still_counts(self, place: Place) -> None:
        visit = make_visit(place)
        TABLE.move(place.sip, visit, "move", DAY, on=dt.date(2008, 10, 21))
        stored = Visit.objects.get()
        assert (stored.state, stored.lock_version, stored.on) == ("booked", 1, dt.date(2008, 10, 21))

    @pytest.mark.parametrize(
        ("action", "who", "on", "error", "says"),
        [
            ("hold", "sip", dt.date(2008, 10, 13), Refused, "Not on a Monday."),
            ("waive", "sip", DAY, PermissionDenied, "sip.manage"),
            ("sell", "manager", DAY, Conflict, "cannot be done while it is booked"),
        ],
    )
    def test_a_refused_move_changes_nothing(
        self, place: Place, action: str, who: str, on: dt.date, error: type[Exception], says: str
    ) -> None:
        visit = make_visit(place)
        with pytest.raises(error, match=says):
            TABLE.move(getattr(place, who), visit, action, on)
        stored = Visit.objects.get()
        assert (stored.state, stored.lock_version) == ("booked", 0)
        assert (visit.state, visit.lock_version) == ("booked", 0)

    def test_a_refusal_may_have_words_of_its_own(self, place: Place) -> None:
        with pytest.raises(Conflict, match="It is too late for that"):
            TABLE.move(place.manager, make_visit(place, state="held"), "waive", DAY)

    def test_of_two_windows_the_second_is_told(self, place: Place) -> None:
        first = make_visit(place)
        second = Visit.objects.get()
        TABLE.move(place.sip, first, "move", DAY)
        with pytest.raises(Conflict, match="Somebody else"):
            TABLE.move(place.sip, second, "hold", DAY)
        assert (Visit.objects.get().state, second.state, second.lock_version) == ("booked", "booked", 0)

    def test_what_a_page_offers_is_what_a_move_allows(self, place: Place) -> None:
        visit = make_visit(place)
        assert TABLE.offers(place.sip, visit, DAY) == ["hold", "move"]
        assert TABLE.offers(place.sip, visit, dt.date(2008, 10, 13)) == ["move"]
        assert TABLE.offers(place.manager, visit, DAY) == ["hold", "move"] + ["waive"] * can(place.manager, Permission.SIP_MANAGE, visit)
        assert (TABLE.allows("held", "hold"), TABLE.actions) == (False, ("hold", "move", "waive"))

    @pytest.mark.django_db(transaction=True)
    def test_of_many_at_once_one_moves(self) -> None:
        place = make_place()
        visit = make_visit(place)
        begin = threading.Barrier(8)
        outcomes: list[str] = []

        def press() -> None:
            try:
                mine = Visit.objects.get(pk=visit.pk)
                actor = User.objects.get(pk=place.sip.pk)
                begin.wait(timeout=20)
                with transaction.atomic():
                    TABLE.move(actor, mine, "hold", DAY)
                outcomes.append("moved")
            except Conflict:
                outcomes.append("conflict")
            finally:
                connection.close()

        threads = [threading.Thread(target=press) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        close_old_connections()
        assert sorted(outcomes) == ["conflict"] * 7 + ["moved"]
        assert (Visit.objects.get().state, Visit.objects.get().lock_version) == ("held", 1)


# ---------------------------------------------------------------- what the database refuses


def an_event() -> AuditEvent:
    place = make_place()
    return audit.record("school.changed", actor=place.manager, at=AT, subject=place.school, school=place.school, reason="before")


def a_days_entry() -> DaysEntry:
    place = make_place()
    return DaysEntry.objects.create(
        authority=place.authority, school=place.school, adviser=place.sip, academic_year=2008, kind=DaysKind.ALLOCATED, quarters=20,
        reason="before", entered_on=DAY,
    )  # fmt: skip


def a_stored_file() -> StoredFile:
    return store(b"%PDF-1.7", "before", at=AT)


def a_record() -> NoteRecord:
    place = make_place()
    pack = make_pack(place.authority, {})
    note = NoteOfVisit.objects.create(
        authority=place.authority,
        visit=make_visit(place),
        author=place.sip,
        reference="2008/0417",
        pack=pack,
        draft_due_on=DAY,
        started_at=AT,
    )
    return NoteRecord.objects.create(
        authority=place.authority, note=note, school=place.school, version=1, kind="final", payload="{}", digest="0" * 64, pdf=a_stored_file(),
        pdf_digest="0" * 64, at=AT, by=place.sip, by_name="before", by_role="SIP",
    )  # fmt: skip


PROTECTED: dict[str, tuple[Callable[[], Any], str]] = {
    "AuditEvent": (an_event, "reason"),
    "DaysEntry": (a_days_entry, "reason"),
    "StoredFile": (a_stored_file, "media_type"),
    "NoteRecord": (a_record, "by_name"),
}


def by_save(row: Any, column: str) -> None:
    setattr(row, column, "after")
    models.Model.save(row)  # past a save() that refuses in Python


def by_update(row: Any, column: str) -> None:
    type(row)._base_manager.filter(pk=row.pk).update(**{column: "after"})


def by_bulk_update(row: Any, column: str) -> None:
    setattr(row, column, "after")
    type(row)._base_manager.bulk_update([row], [column])


def by_upsert(row: Any, column: str) -> None:
    setattr(row, column, "after")
    type(row)._base_manager.bulk_create([row], update_conflicts=True, unique_fields=["id"], update_fields=[column])


def by_delete(row: Any, column: str) -> None:
    models.Model.delete(row)


def by_bulk_delete(row: Any, column: str) -> None:
    type(row)._base_manager.all()._raw_delete(connection.alias)


def execute(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def by_sql_update(row: Any, column: str) -> None:
    execute(f'UPDATE "{row._meta.db_table}" SET "{column}" = %s', "after")


def by_sql_delete(row: Any, column: str) -> None:
    execute(f'DELETE FROM "{row._meta.db_table}"')


def by_replace(row: Any, column: str) -> None:
    """REPLACE deletes the row that is in the way; the database must ask the DELETE trigger all the same."""
    columns = [field.column for field in row._meta.concrete_fields]
    chosen = ", ".join("'after'" if name == column else f'"{name}"' for name in columns)
    table = row._meta.db_table
    execute(f'REPLACE INTO "{table}" ({", ".join(f"{name!r}" for name in columns)}) SELECT {chosen} FROM "{table}"')


def by_truncate(row: Any, column: str) -> None:
    execute("SET CONSTRAINTS ALL IMMEDIATE")  # else what this transaction has still to check is in the way
    execute(f'TRUNCATE "{row._meta.db_table}" CASCADE')


ROADS = [by_save, by_update, by_bulk_update, by_upsert, by_delete, by_bulk_delete, by_sql_update, by_sql_delete]
ROADS += [by_replace] if connection.vendor == "sqlite" else [by_truncate]


def contents(model: type[models.Model]) -> list[dict[str, Any]]:
    return list(model._base_manager.order_by("pk").values())


class TestProtectedRows:
    @pytest.mark.parametrize("road", ROADS, ids=lambda road: road.__name__)
    @pytest.mark.parametrize("kind", PROTECTED)
    def test_a_row_is_never_changed_by_any_road(self, kind: str, road: Callable[[Any, str], None]) -> None:
        make, column = PROTECTED[kind]
        row = make()
        before = contents(type(row))
        with pytest.raises(IntegrityError, match="is never changed"), transaction.atomic():
            road(row, column)
        assert contents(type(row)) == before

    @pytest.mark.parametrize("road", ROADS, ids=lambda road: road.__name__)
    def test_unlocked_lets_each_road_pass(self, road: Callable[[Any, str], None]) -> None:
        row = an_event()
        before = contents(AuditEvent)
        with unlocked("this test"):
            road(row, "reason")
        assert contents(AuditEvent) != before
        assert not TriggerSwitch.objects.exists()
        if AuditEvent.objects.exists():
            with pytest.raises(IntegrityError), transaction.atomic():
                AuditEvent.objects.update(reason="again")

    def test_an_error_inside_unlocked_closes_it_and_undoes_everything(self) -> None:
        row = an_event()
        with pytest.raises(Refused), unlocked("this test"):
            AuditEvent.objects.update(reason="after")
            raise Refused("No.")
        assert AuditEvent.objects.get(pk=row.pk).reason == "before"
        assert not TriggerSwitch.objects.exists()

    def test_only_named_columns_may_be_protected(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A model may keep some columns for ever and let the others be written."""
        monkeypatch.setattr(TRIGGERS, "_frozen", False)
        monkeypatch.setattr(TRIGGERS, "_entries", dict(TRIGGERS._entries))
        insert_only(Authority, immutable=["code"], deletable=True)
        assert triggers.missing() == ["keep_people_authority_update"]
        triggers.install()
        authority = Authority.objects.create(code="999", name="Wealdshire", created_at=AT)
        Authority.objects.update(name="Wealdshire County", code="999")
        with pytest.raises(IntegrityError, match="people_authority is never changed"), transaction.atomic():
            Authority.objects.update(code="998")
        Authority.objects.filter(pk=authority.pk).delete()
        execute(f'DROP TRIGGER "keep_people_authority_update"{" ON people_authority" if connection.vendor == "postgresql" else ""}')


class TestInstallation:
    def test_nothing_is_missing(self) -> None:
        assert triggers.missing() == []
        assert triggers.check_triggers(None, databases=["default"]) == []
        names = {trigger.name for trigger in TRIGGERS}
        for table in ("core_auditevent", "core_storedfile", "schools_daysentry", "visits_noterecord"):
            assert {f"keep_{table}_update", f"keep_{table}_delete", f"keep_{table}_truncate"} <= names

    def test_the_check_reports_a_trigger_that_is_gone_and_migrate_brings_it_back(self) -> None:
        drop_trigger("keep_core_auditevent_delete", "core_auditevent")
        found = checks.run_checks(databases=["default"], tags=[checks.Tags.database])
        assert [(message.id, message.level) for message in found] == [("core.W001", checks.WARNING)]
        assert "keep_core_auditevent_delete" in found[0].msg
        assert triggers.check_triggers(None, databases=None) == []
        triggers.install()
        assert triggers.missing() == []

    def test_a_trigger_of_the_same_name_that_does_less_is_replaced(self) -> None:
        name = "keep_core_auditevent_delete"
        drop_trigger(name, "core_auditevent")
        if connection.vendor == "sqlite":
            execute(f'CREATE TRIGGER "{name}" BEFORE DELETE ON "core_auditevent" WHEN 0 BEGIN SELECT 1; END')
        else:
            execute(f'CREATE TRIGGER "{name}" BEFORE DELETE ON "core_auditevent" FOR EACH ROW WHEN (false) EXECUTE FUNCTION "{name}"()')
        assert triggers.missing() == [name]
        triggers.install()
        row = an_event()
        with pytest.raises(IntegrityError), transaction.atomic():
            by_sql_delete(row, "")

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite cannot switch a trigger off")
    def test_a_trigger_that_is_switched_off_is_missing(self) -> None:
        execute("ALTER TABLE core_auditevent DISABLE TRIGGER USER")
        assert [name for name in triggers.missing() if "auditevent" in name] == [
            f"keep_core_auditevent_{verb}" for verb in ("update", "delete", "truncate")
        ]
        triggers.install()
        assert triggers.missing() == []

    def test_a_second_installation_touches_nothing(self, django_assert_max_num_queries: Any) -> None:
        with django_assert_max_num_queries(5) as asked:  # a savepoint, tables and triggers
            triggers.install()
        assert not [query["sql"] for query in asked.captured_queries if query["sql"].startswith(("DROP", "CREATE", "ALTER", "COMMENT"))]

    def test_the_check_reports_a_switch_that_was_left_open(self) -> None:
        TriggerSwitch.objects.create(reason="forgotten")
        found = triggers.check_triggers(None, databases=["default"])
        assert [message.id for message in found] == ["core.E002"]
        assert "forgotten" in found[0].msg

    @pytest.mark.django_db(transaction=True)
    def test_migrate_reinstalls_after_a_table_was_rebuilt(self) -> None:
        old = DaysEntry._meta.get_field("reason")
        new = models.CharField(max_length=220, blank=True)
        new.set_attributes_from_name("reason")
        with connection.schema_editor() as editor:
            editor.alter_field(DaysEntry, old, new)
        if connection.vendor == "sqlite":
            assert {"keep_schools_daysentry_update", "keep_schools_daysentry_delete"} <= set(triggers.missing())
        call_command("migrate", verbosity=0, interactive=False)
        assert triggers.missing() == []
        row = a_days_entry()
        with pytest.raises(IntegrityError):
            by_sql_delete(row, "")
        with connection.schema_editor() as editor:
            editor.alter_field(DaysEntry, new, old)
        call_command("migrate", verbosity=0, interactive=False)
        assert triggers.missing() == []


def drop_trigger(name: str, table: str) -> None:
    execute(f'DROP TRIGGER "{name}"{f" ON {table}" if connection.vendor == "postgresql" else ""}')


# ---------------------------------------------------------------- dated spans


D = dt.date
FIRST = (D(2008, 9, 1), D(2008, 10, 31))


class TestSpans:
    @pytest.mark.parametrize(
        ("starts_on", "ends_on"),
        [
            FIRST,
            (D(2008, 10, 31), None),
            (D(2008, 10, 31), D(2008, 12, 31)),
            (D(2008, 8, 1), D(2008, 9, 1)),
            (D(2008, 9, 10), D(2008, 9, 10)),
            (D(2008, 1, 1), None),
        ],
    )
    def test_a_shared_day_is_refused(self, place: Place, starts_on: D, ends_on: D | None) -> None:
        assign(place, *FIRST)
        assert Assignment.objects.filter(spans.overlapping(starts_on, ends_on)).exists()
        with pytest.raises(IntegrityError, match="span_schools_assignment"), transaction.atomic():
            assign(place, starts_on, ends_on)
        assert Assignment.objects.count() == 1

    @pytest.mark.parametrize(("starts_on", "ends_on"), [(D(2008, 11, 1), None), (D(2008, 8, 1), D(2008, 8, 31))])
    def test_the_day_before_and_the_day_after_are_free(self, place: Place, starts_on: D, ends_on: D | None) -> None:
        assign(place, *FIRST)
        assert not Assignment.objects.filter(spans.overlapping(starts_on, ends_on)).exists()
        assign(place, starts_on, ends_on)
        assert Assignment.objects.count() == 2

    def test_a_span_without_an_end_takes_all_that_follows(self, place: Place) -> None:
        assign(place, D(2008, 9, 1))
        with pytest.raises(IntegrityError), transaction.atomic():
            assign(place, D(2030, 9, 1))
        assign(place, D(2008, 8, 1), D(2008, 8, 31))

    def test_another_school_or_another_kind_does_not_matter(self, place: Place) -> None:
        assign(place, *FIRST)
        other = School.objects.create(authority=place.authority, urn=100001, name="Hazel Bank School", phase=Phase.PRIMARY)
        assign(place, *FIRST, school=other)
        assign(place, *FIRST, kind=AssignmentKind.NC_ADVISER)

    def test_a_change_is_refused_like_a_new_row_and_a_row_is_not_in_its_own_way(self, place: Place) -> None:
        first = assign(place, *FIRST)
        second = assign(place, D(2008, 11, 1))
        second.starts_on = D(2008, 10, 31)
        with pytest.raises(IntegrityError), transaction.atomic():
            second.save()
        with pytest.raises(IntegrityError), transaction.atomic():
            Assignment.objects.filter(pk=first.pk).update(ends_on=None)
        with pytest.raises(IntegrityError), transaction.atomic():
            Assignment.objects.bulk_create([Assignment(**{**taken(first), "starts_on": D(2008, 10, 1)})])
        first.ends_on = D(2008, 10, 30)
        first.save()
        assert [row.ends_on for row in Assignment.objects.order_by("starts_on")] == [D(2008, 10, 30), None]

    def test_the_last_day_is_not_before_the_first(self, place: Place) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            assign(place, D(2008, 10, 1), D(2008, 9, 30))

    def test_which_spans_hold_on_a_day(self, place: Place) -> None:
        assign(place, *FIRST)
        later = assign(place, D(2008, 11, 1))
        for day, expected in {D(2008, 8, 31): 0, D(2008, 9, 1): 1, D(2008, 10, 31): 1, D(2008, 11, 1): 1, D(2020, 1, 1): 1}.items():
            found = list(Assignment.objects.filter(spans.on_day(day)))
            assert len(found) == expected
            assert [row for row in Assignment.objects.all() if row.holds_on(day)] == found
        assert list(School.objects.filter(spans.on_day(D(2009, 1, 1), "assignments__"))) == [place.school]
        assert later.holds_on(D(2009, 1, 1))

    def test_a_key_that_may_be_empty_is_refused(self) -> None:
        with pytest.raises(ImproperlyConfigured, match="may be empty"):
            spans.no_overlap(Assignment, keys=["covers"])


def taken(assignment: Assignment) -> dict[str, Any]:
    names = ("authority", "school", "adviser", "kind", "starts_on", "ends_on")
    return {name: getattr(assignment, name) for name in names}
