"""Every address of the resolver × every actor × GET and POST × every state, against ``expected.py``.

Views are called with what the middleware would hand them, templates are replaced by a byte, and a person's scope is
asked of the database once (``scopes.py``): what is asked here is who is let in, tens of thousands of times.
``test_pages.py`` reads the pages themselves through the client.
"""

from __future__ import annotations

import copy
import datetime as dt
import functools
from collections import Counter
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.template.backends.django import Template
from django.test import Client, RequestFactory
from django.urls import URLPattern, get_resolver, resolve, reverse
from django.urls.resolvers import URLResolver

from briefings import services as briefings
from core.audit import AuditEvent
from core.documents import Made
from people.models import User
from schools.models import Inspection
from schools.services import open_challenge
from tests.access import expected, scopes
from tests.access.conftest import Stage
from tests.factories import commentaries
from tests.factories import visits as make
from tests.factories.briefings import issue_made, make_briefing, make_bulletin, make_deck, make_document, make_evaluation, make_workshop
from tests.factories.library import PDF, make_resource
from tests.factories.people import NOW
from tests.factories.stage import person, undone
from visits import services
from visits.bundle_choice import Wanted
from visits.jobs import make_bundle
from visits.models import Delivery, DisposalList

pytestmark = pytest.mark.django_db


# ---------------------------------------------------------------- asking


@pytest.fixture(scope="module", autouse=True)
def _a_byte_for_a_page() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "render", lambda self, context=None, request=None: "x")
        patch.setattr("visits.views.requests.make", lambda document: SimpleNamespace(pdf=b"x", pages=1))
        patch.setattr("visits.views.preparation.make", lambda document: SimpleNamespace(pdf=b"x", pages=1))
        patch.setattr("visits.views.notes.render_records", lambda note, kind, at, actor, **rest: make.rendered(note, kind, actor, at))
        patch.setattr(
            "visits.views.commentary.render_commentary",
            lambda row, kind, at, actor, reply="": commentaries.rendered(row, kind, actor, at, reply),
        )
        patch.setattr("support.documents.make", lambda document: Made(b"%PDF", 1))
        yield


@pytest.fixture(scope="module", autouse=True)
def _scopes_are_kept(scene: Stage) -> Iterator[None]:
    with scopes.asked_once() as kept:
        ask.kept = kept  # type: ignore[attr-defined]
        yield


SIGN_IN = LoginRequiredMiddleware(lambda request: None)  # type: ignore[arg-type, return-value]
REQUESTS = RequestFactory()
MATCHES = functools.cache(resolve)


def ask(path: str, method: str, user: User | None, data: dict[str, Any] | None = None) -> str:
    """The kind of the answer: ok, 403, 404, 405 or sign in. Whatever it wrote is undone; what is refused writes nothing."""
    request = getattr(REQUESTS, method)(path, data or {})
    request.user = copy.copy(user) if user is not None else AnonymousUser()
    request.session = SessionStore()
    request._messages = FallbackStorage(request)
    request._dont_enforce_csrf_checks = True
    match = MATCHES(path)
    request.resolver_match = match
    with ask.kept.request(), transaction.atomic():  # type: ignore[attr-defined]
        try:
            response = SIGN_IN.process_view(request, match.func, match.args, match.kwargs)
            response = response or match.func(request, *match.args, **match.kwargs)
            kind = kind_of(response)
        except Http404:
            kind = "404"
        except PermissionDenied:
            kind = "403"
        if kind in ("403", "404", "405", "sign in") and method == "post" and ask.kept.wrote:  # type: ignore[attr-defined]
            assert AuditEvent.objects.count() == ask.events, f"{path} was refused and left a trace"  # type: ignore[attr-defined]
        transaction.set_rollback(True)
    return kind


def kind_of(response: Any) -> str:
    status = response.status_code
    if status in (301, 302, 303) and response["Location"].startswith((settings.LOGIN_URL, "/accounts/login/", "/admin/login/")):
        return "sign in"
    if status == 302 and response["Location"] == "/admin/":
        return "404"  # the admin's way to say that it found nothing
    if status in (403, 404, 405):
        return str(status)
    assert status in (200, 301, 302, 303, 409, 422), status
    return "ok"


@pytest.fixture(autouse=True)
def _count_events(scene: Stage) -> None:
    ask.events = AuditEvent.objects.count()  # type: ignore[attr-defined]


def holds(who: expected.Who, state: str, relations: set[str]) -> bool:
    return bool((who.get(state, set()) if isinstance(who, dict) else who) & relations)


def wanted(seen: expected.Who, rule: tuple[expected.Who, expected.Who | None], method: str, state: str, relations: set[str]) -> str:
    """Outside the scope 404; inside it what the page's rule says."""
    if not holds(seen, state, relations):
        return "404"
    reads, sends = rule
    if method == "get":
        return "405" if reads == {"nobody"} else "ok" if holds(reads, state, relations) else "403"
    if sends is None:
        return "405" if holds(reads, state, relations) else "403"
    return "ok" if holds(sends, state, relations) else "403"


DATA: dict[str, dict[str, Any]] = {
    # what is sent where an empty form is refused before anybody asks who sends it
    "visits:note-edit": {"base": "1", "body": "Words"},
    "visits:note-offline-key": {"device": "device01"},
    "visits:note-section-save": {"base": "1", "body": "Words"},
    "visits:note-comment": {"section": "standards", "c-standards-kind": "comment", "c-standards-text": "Words"},
    "visits:action-detail": {"text": "Done", "evidence": ""},
}


def compare(
    scene: Stage, pages: dict[str, Any], seen: expected.Who, state: str, paths: dict[str, str], *, extra: set[str] = frozenset()
) -> Counter[str]:  # type: ignore[assignment]
    """All actors, both methods, over these pages of one row in one state. Answers how many cells it asked."""
    cells: Counter[str] = Counter()
    wrong = []
    for name, path in paths.items():
        is_live = state in expected.LIVE.get(name, (state,))
        data = DATA.get(name)
        for method in ("get", "post"):
            assert ask(path, method, None) == "sign in", (name, method, "anonymous")
            for actor, relations in expected.ACTORS.items():
                right = wanted(seen, pages[name], method, state, relations | ({"extra"} if actor in extra else set()))
                got = ask(path, method, scene.people[actor], data)
                cells[right] += 1
                if got == right or (right == "405" and got == "403"):
                    continue
                if not is_live and right in ("ok", "403") and got in ("ok", "403", "404") and right != got:
                    # the deed cannot be done in this state: whoever sees the row is refused in one way or another
                    if (
                        got == "ok"
                        and right == "403"
                        and pages[name][1] is not None
                        and not writes_anything(path, method, scene.people[actor], data)
                    ):
                        continue
                    if right == "ok":
                        continue
                wrong.append(f"{name} {method.upper()} as {actor} in {state}: {got}, not {right}")
    assert not wrong, "\n".join(wrong)
    return cells


def writes_anything(path: str, method: str, user: User, data: dict[str, Any] | None) -> bool:
    """Whether an answer that looks like a page did something."""
    if method == "get":
        return False
    request = getattr(REQUESTS, method)(path, data or {})
    request.user, request.session = copy.copy(user), SessionStore()
    request._messages, request._dont_enforce_csrf_checks = FallbackStorage(request), True
    match = MATCHES(path)
    with transaction.atomic():
        match.func(request, *match.args, **match.kwargs)
        wrote = AuditEvent.objects.count() != ask.events  # type: ignore[attr-defined]
        transaction.set_rollback(True)
    return wrote


# ---------------------------------------------------------------- notes


def note_paths(scene: Stage, state: str) -> dict[str, str]:
    note, paths = scene.notes[state], {}
    for name in expected.NOTE_PAGES:
        arguments: list[Any] = [note.public_id]
        if name in ("visits:note-edit", "visits:note-section-save"):
            arguments.append("leadership")
        elif name in ("visits:note-comment-remove", "visits:note-reply"):
            arguments.append(scene.comments[state].public_id)
        elif name == "visits:delivery-resend":
            delivery = Delivery.objects.filter(dispatch__note=note).first()
            if delivery is None:
                continue
            arguments.append(delivery.public_id)
        elif name.startswith(("visits:review-", "quality:gate-")):
            arguments = [scene.reviews[state].public_id]
        elif name == "visits:correction-decline":
            if state not in scene.corrections:
                continue
            arguments = [scene.corrections[state].public_id]
        elif name.startswith("visits:withdrawal-"):
            if state not in scene.records or scene.records[state].kind != "final":
                continue
            arguments = [scene.records[state].public_id]
        paths[name] = reverse(name, args=arguments)
    return paths


@pytest.mark.parametrize("state", expected.STATES)
def test_a_note(scene: Stage, state: str) -> None:
    cells = compare(scene, expected.NOTE_PAGES, expected.NOTE_SEEN, state, note_paths(scene, state))
    assert sum(cells.values()) >= 1800 and cells["404"] > 500 and cells["ok"] > 30, cells


@pytest.mark.parametrize("state", expected.RECORD)
def test_a_record(scene: Stage, state: str) -> None:
    record = scene.records[state]
    paths = {name: reverse(name, args=[record.public_id]) for name in expected.RECORD_PAGES}
    if record.kind != "final":
        del paths["visits:correction-ask"]
    else:  # asked of the record of the note, so both scopes count
        asks = reverse("visits:correction-ask", args=[record.public_id])
        assert asks == paths["visits:correction-ask"]
    if state == "withdrawn":  # under seal, so that there is no PDF for anybody
        sealed = paths.pop("visits:record-pdf")
        assert {ask(sealed, "get", scene.people[actor]) for actor in expected.ACTORS} == {"404"}
    compare(scene, expected.RECORD_PAGES, expected.RECORD, state, paths)


@pytest.mark.parametrize("state", expected.ACTION)
def test_an_agreed_action(scene: Stage, state: str) -> None:
    compare(
        scene,
        expected.ACTION_PAGES,
        expected.ACTION,
        state,
        {"visits:action-detail": reverse("visits:action-detail", args=[scene.actions[state].public_id])},
    )


@pytest.mark.parametrize("state", expected.VISIT_STATES)
def test_a_visit(scene: Stage, state: str) -> None:
    paths = {name: reverse(name, args=[scene.visits[state].public_id]) for name in expected.VISIT_PAGES}
    compare(scene, expected.VISIT_PAGES, expected.VISIT_SEEN, state, paths)


@pytest.mark.parametrize("state", expected.ALERT_STATES)
def test_an_alert(scene: Stage, state: str) -> None:
    alert = scene.alerts[state]
    paths = {name: reverse(name, args=[alert.public_id]) for name in expected.ALERT_PAGES}
    compare(scene, expected.ALERT_PAGES, expected.ALERT_SEEN, state, paths)


# ---------------------------------------------------------------- schools, contacts, advisers, plans


def test_a_school_and_its_contacts(scene: Stage) -> None:
    oak, contact = scene.world.oak, scene.contact
    assert contact is not None
    at = [oak.authority.code, oak.urn]
    paths = {
        "schools:school-detail": reverse("schools:school-detail", args=at),
        **{
            name: reverse(name, args=at)
            for name in (
                "schools:contact-report",
                "schools:readiness-record",
                "schools:key-issue-code",
                "schools:challenge-open",
                "support:intervention-add",
                "support:support-ask",
            )
        },
        "targets:school-results-export": reverse("targets:school-results-export", args=[*at, "csv"]),
        **{name: reverse(name, args=[*at, "key-stage-2"]) for name in ("targets:figures-speak", "targets:figures-speak-pdf")},
        **{name: reverse(name, args=at) for name in ("targets:summary-sheet", "targets:summary-sheet-pdf")},
        **{
            f"schools:contact-{deed}": reverse(f"schools:contact-{deed}", args=[contact.public_id]) for deed in ("confirm", "refuse", "end")
        },
    }
    paths["visits:call-log"] = reverse("visits:call-log", args=at)
    compare(scene, expected.SCHOOL_PAGES, expected.SCHOOL_SEEN, "", paths)
    finance = reverse("schools:school-tab", args=[*at, "finance"])
    for actor, relations in expected.ACTORS.items():  # for whoever does not see the money, its tab does not exist
        assert ask(finance, "get", scene.people[actor]) == ("ok" if relations & expected.FINANCE_SEEN else "404"), actor
    for tab in ("people", "timeline", "inspection", "results"):
        compare(
            scene, expected.SCHOOL_PAGES, expected.SCHOOL_SEEN, "", {"schools:school-tab": reverse("schools:school-tab", args=[*at, tab])}
        )


def test_a_schools_targets(scene: Stage) -> None:
    at = [scene.world.authority.code, scene.world.oak.urn]
    paths = {name: reverse(name, args=[*at, "csv"] if name.endswith("export") else at) for name in expected.TARGET_PAGES}
    compare(scene, expected.TARGET_PAGES, expected.SCHOOL_SEEN, "", paths)


def test_a_finance_challenge(scene: Stage) -> None:
    with transaction.atomic():
        row = open_challenge(
            actor=copy.copy(scene.people["finance_officer"]), school=scene.world.oak, flag="large-balance", why="What is it for?", at=NOW
        )
        ask.events = AuditEvent.objects.count()  # type: ignore[attr-defined]
        paths = {
            "schools:challenge-detail": reverse("schools:challenge-detail", args=[row.public_id]),
            "schools:challenge-step": reverse("schools:challenge-step", args=[row.public_id, "letter"]),
            "schools:challenge-letter": reverse("schools:challenge-letter", args=[row.public_id]),
        }
        compare(scene, expected.CHALLENGE_PAGES, expected.FINANCE_SEEN, "", paths)
        transaction.set_rollback(True)


def test_an_inspection_that_was_found(scene: Stage) -> None:
    with transaction.atomic():
        oak = scene.world.oak
        row = Inspection.objects.create(authority=oak.authority, school=oak, starts_on=dt.date(2008, 3, 5), framework="2005", overall=2)
        paths = {"schools:inspection-show": reverse("schools:inspection-show", args=[row.public_id])}
        compare(scene, expected.SCHOOL_PAGES, expected.SCHOOL_SEEN, "", paths)
        transaction.set_rollback(True)


def test_an_intervention(scene: Stage) -> None:
    assert scene.intervention is not None
    paths = {name: reverse(name, args=[scene.intervention.public_id]) for name in expected.INTERVENTION_PAGES}
    compare(scene, expected.INTERVENTION_PAGES, expected.SCHOOL_SEEN, "", paths)


def test_an_adviser(scene: Stage) -> None:
    paths = {name: reverse(name, args=[scene.world.sip.public_id]) for name in expected.ADVISER_PAGES}
    pages = {
        name: (reads | {"extra"} if name == "schools:adviser-detail" else reads, sends)
        for name, (reads, sends) in expected.ADVISER_PAGES.items()
    }  # type: ignore[operator]
    compare(scene, pages, expected.ADVISER_SEEN | {"extra"}, "", paths, extra=expected.EXTRA_ADVISER_SEEN)


def test_pages_without_a_row(scene: Stage) -> None:
    wrong = []
    for name, (reads, sends) in expected.PLAIN_PAGES.items():
        path = reverse(name, args=expected.ARGUMENTS.get(name, []))
        for method, who in (("get", reads), ("post", sends)):
            assert ask(path, method, None) == "sign in", (name, method)
            for actor in expected.ACTORS:
                if who is None:
                    right = "405" if actor in reads else "403"
                else:
                    right = "ok" if actor in who else "403"
                got = ask(path, method, scene.people[actor])
                if got != right and not (who in (None, {"nobody"}) and got in ("405", "403")):
                    wrong.append(f"{name} {method.upper()} as {actor}: {got}, not {right}")
    assert not wrong, "\n".join(wrong)


def test_a_file_of_notes_is_its_askers_alone(scene: Stage) -> None:
    wrong = []
    with transaction.atomic():
        bundle = services.ask_bundle(
            actor=copy.copy(scene.people["manager"]), authority=scene.world.authority, wanted=Wanted(), form="zip", task=make_bundle, at=NOW
        )
        ask.events = AuditEvent.objects.count()  # type: ignore[attr-defined]
        for name, answers in expected.OWN_FILES.items():
            path = reverse(name, args=[bundle.job if name == "people:job-progress" else bundle.public_id])
            for method, own in zip(("get", "post"), answers, strict=True):
                assert ask(path, method, None) == "sign in", (name, method)
                for actor in expected.ACTORS:
                    right = own if actor == "manager" else "404"
                    if (got := ask(path, method, scene.people[actor])) != right and not (right == "404" and got == "403"):
                        wrong.append(f"{name} {method.upper()} as {actor}: {got}, not {right}")
        transaction.set_rollback(True)
    assert not wrong, "\n".join(wrong)


def test_next_years_plan_and_the_colours(scene: Stage) -> None:
    oak = scene.world.oak
    paths = {
        "schools:plan-detail": reverse("schools:plan-detail", args=["999", 2009]),
        "schools:plan-publish": reverse("schools:plan-publish", args=["999", 2009]),
        "schools:plan-row": reverse("schools:plan-row", args=["999", 2009, oak.urn]),
    }
    wrong = []
    for name, path in paths.items():
        for method in ("get", "post"):
            assert ask(path, method, None) == "sign in"
            for actor in expected.ACTORS:
                right = "ok" if actor in expected.OURS else "404" if actor == "other_manager" else "403"
                if (got := ask(path, method, scene.people[actor])) != right:
                    wrong.append(f"{name} {method.upper()} as {actor}: {got}, not {right}")
    path = reverse("brand", args=["999"])
    for actor in expected.ACTORS:
        right = "ok" if actor in expected.BRAND_SEEN else "404"
        if (got := ask(path, "get", scene.people[actor])) != right:
            wrong.append(f"brand as {actor}: {got}, not {right}")
    assert not wrong, "\n".join(wrong)


# ---------------------------------------------------------------- criteria written in the portal


def by_name(
    scene: Stage, pages: dict[str, tuple[set[str], set[str] | None]], paths: dict[str, str], seen: set[str] | dict[str, set[str]]
) -> list[str]:
    """All actors, both methods, over pages whose table names the actors themselves: outside the scope 404, inside it the rule."""
    wrong = []
    for name, path in paths.items():
        reads, sends = pages[name]
        inside = seen[name] if isinstance(seen, dict) else seen
        for method in ("get", "post"):
            assert ask(path, method, None) == "sign in", (name, method)
            for actor in expected.ACTORS:
                who = reads if method == "get" else sends
                if actor not in inside:
                    right = {"404"}
                elif (method == "get" and reads == {"nobody"}) or who is None:
                    right = {"405", "403"}
                else:
                    right = {"ok"} if actor in who else {"403"}
                if (got := ask(path, method, scene.people[actor])) not in right:
                    wrong.append(f"{name} {method.upper()} as {actor}: {got}, not {sorted(right)}")
    return wrong


@pytest.mark.parametrize("state", expected.SCHEME_STATES)
def test_a_scheme_written_in_the_portal(scene: Stage, state: str) -> None:
    draft = scene.schemes[state].public_id
    more = {"support:scheme-export": ["csv"], "support:rule-remove": ["satisfactory"]}
    paths = {name: reverse(name, args=[draft, *more.get(name, [])]) for name in expected.SCHEME_PAGES}
    wrong = by_name(scene, expected.SCHEME_PAGES, paths, expected.SCHEME_SEEN[state])
    places = {
        "support:consultation": reverse("support:consultation", args=[draft]),
        "support:placement": reverse("support:placement", args=[draft, scene.world.oak.urn]),
    }
    consulting = state == "consulting"
    seen = {
        "support:consultation": expected.SCHEME_SEEN[state] if consulting else set(),
        "support:placement": expected.PLACE_PAGES["support:placement"][0] if consulting else set(),
    }
    wrong += by_name(scene, expected.PLACE_PAGES, places, seen)
    assert not wrong, "\n".join(wrong)


# ---------------------------------------------------------------- requests for information


@pytest.mark.parametrize("state", expected.REQUEST_STATES)
def test_a_request_for_information(scene: Stage, state: str) -> None:
    """One about the final note of Oakfield, with a copy; in review it is with the manager, its second reader."""
    with transaction.atomic():
        item, copied = make.request_about(scene.world, scene.records["final"], is_in_review=state == "in_review")
        ask.events = AuditEvent.objects.count()  # type: ignore[attr-defined]
        of_item = {"visits:request-item", "visits:request-file", "visits:request-decide", "visits:request-copy"}
        more = {"visits:request-step": ["take_back"], "visits:request-search": ["drafts"]}
        paths = {
            name: reverse(name, args=[item.public_id if name in of_item else item.request.public_id, *more.get(name, [])])
            for name in expected.REQUEST_PAGES
        }
        paths["visits:copy-pdf"] = reverse("visits:copy-pdf", args=[copied.public_id])
        of_a_note = paths.pop("visits:request-file")  # what is no file has none: tests/briefings/test_documents.py
        assert {ask(of_a_note, "get", scene.people[actor]) for actor in expected.ACTORS} <= {"403", "404"}
        wrong = by_name(scene, expected.REQUEST_PAGES, paths, expected.REQUEST_SEEN[state])
        transaction.set_rollback(True)
    assert not wrong, "\n".join(wrong)


def test_a_hold_and_a_disposal_list(scene: Stage) -> None:
    world, dpo = scene.world, copy.copy(scene.people["dpo"])
    with transaction.atomic():
        hold = services.place_hold(actor=dpo, authority=world.authority, school=world.oak, reason="A claim", at=NOW)
        listed_ = DisposalList.objects.create(authority=world.authority, kind="alert", count=0, digest="0" * 64, proposed_at=NOW)
        ask.events = AuditEvent.objects.count()  # type: ignore[attr-defined]
        paths = {name: reverse(name, args=[(hold if name == "visits:hold-lift" else listed_).public_id]) for name in expected.HOLD_PAGES}
        wrong = by_name(scene, expected.HOLD_PAGES, paths, {"dpo"})
        transaction.set_rollback(True)
    assert not wrong, "\n".join(wrong)


def test_an_incident(scene: Stage) -> None:
    record = scene.records["final"]
    with transaction.atomic():
        asked = services.ask_withdrawal(actor=copy.copy(scene.people["manager"]), record=record, reason="A pupil is named.", at=NOW)
        services.confirm_withdrawal(actor=copy.copy(scene.people["dpo"]), withdrawal=asked, at=NOW)
        ask.events = AuditEvent.objects.count()  # type: ignore[attr-defined]
        paths = {name: reverse(name, args=[asked.incident.public_id]) for name in expected.INCIDENT_PAGES}
        wrong = by_name(scene, expected.INCIDENT_PAGES, paths, {"manager", "manager_sip", "dpo"})
        transaction.set_rollback(True)
    assert not wrong, "\n".join(wrong)


# ---------------------------------------------------------------- rounds


def test_a_round(scene: Stage) -> None:
    """Outside one's authorities it is not there; inside, who may look is refused what only a manager does."""
    assert scene.round is not None
    more: dict[str, list[Any]] = {"visits:round-export": ["csv"], "visits:round-lift": [scene.world.ash.urn]}
    paths = {name: reverse(name, args=[scene.round.public_id, *more.get(name, [])]) for name in expected.ROUND_PAGES}
    wrong = by_name(scene, expected.ROUND_PAGES, paths, expected.ROUND_SEEN)
    assert not wrong, "\n".join(wrong)


def test_a_panel_and_the_case_of_a_school(scene: Stage) -> None:
    assert scene.panel is not None and scene.case is not None
    panel = {name: reverse(name, args=[scene.panel.public_id]) for name in expected.PANEL_PAGES}
    case = {name: reverse(name, args=[scene.case.public_id]) for name in expected.CASE_PAGES}
    wrong = by_name(scene, expected.PANEL_PAGES, panel, expected.DRAFTERS) + by_name(scene, expected.CASE_PAGES, case, expected.CASE_SEEN)
    assert not wrong, "\n".join(wrong)


def test_a_case_of_concern_and_an_early_warning(scene: Stage) -> None:
    assert scene.concern is not None and scene.warning is not None
    more = {"support:concern-milestone": ["tracking"], "support:concern-power-end": ["governors"]}
    paths = {name: reverse(name, args=[scene.concern.public_id, *more.get(name, [])]) for name in expected.CONCERN_PAGES}
    warnings = {name: reverse(name, args=[scene.warning.public_id]) for name in expected.WARNING_PAGES}
    wrong = by_name(scene, expected.CONCERN_PAGES, paths, expected.CASE_SEEN)
    wrong += by_name(scene, expected.WARNING_PAGES, warnings, expected.WARNING_SEEN)
    assert not wrong, "\n".join(wrong)


# ---------------------------------------------------------------- quality assurance


def test_an_entry_of_the_directory(scene: Stage) -> None:
    assert scene.service is not None
    paths = {name: reverse(name, args=[scene.service.public_id]) for name in expected.SERVICE_PAGES}
    wrong = by_name(scene, expected.SERVICE_PAGES, paths, expected.SERVICE_SEEN)
    assert not wrong, "\n".join(wrong)


def test_a_programme_an_enrolment_and_a_fund(scene: Stage) -> None:
    assert scene.enrolment is not None and scene.drawdown is not None
    kind = {name: ["csv"] for name in ("support:programme-export", "support:fund-export")}
    programme, fund, entry = scene.enrolment.programme.public_id, scene.drawdown.fund.public_id, scene.drawdown.public_id
    paths = {name: reverse(name, args=[programme, *kind.get(name, [])]) for name in expected.PROGRAMME_PAGES}
    wrong = by_name(scene, expected.PROGRAMME_PAGES, paths, expected.PROGRAMME_SEEN)
    paths = {name: reverse(name, args=[scene.enrolment.public_id]) for name in expected.ENROLMENT_PAGES}
    wrong += by_name(scene, expected.ENROLMENT_PAGES, paths, expected.ENROLMENT_SEEN)
    of_entry = {"support:drawdown-step": [entry, "committed"], "support:drawdown-back": [entry]}
    paths = {name: reverse(name, args=of_entry.get(name, [fund, *kind.get(name, [])])) for name in expected.FUND_PAGES}
    wrong += by_name(scene, expected.FUND_PAGES, paths, expected.FUND_SEEN)
    assert not wrong, "\n".join(wrong)


def test_feedback_is_between_one_person_and_one_reader(scene: Stage) -> None:
    assert scene.feedback is not None
    paths = {
        "quality:feedback-answer": reverse("quality:feedback-answer", args=[scene.feedback.public_id]),
        "quality:feedback-read": reverse("quality:feedback-read", args=[scene.world.sips["sip"].public_id, 2008]),
    }
    wrong: list[str] = []
    for name, path in paths.items():
        wrong += by_name(scene, {name: expected.FEEDBACK_PAGES[name]}, {name: path}, expected.FEEDBACK_PAGES[name][0])
    assert not wrong, "\n".join(wrong)


def test_a_sip_review_is_seen_by_three_and_mentoring_by_the_two_and_the_manager(scene: Stage) -> None:
    """For the mentor who is no reviewer, and the manager who is none, a SIP review is not there."""
    assert scene.sip_review is not None and scene.judgement is not None
    review, sip, judgement = scene.sip_review.public_id, scene.world.sips["sip"].public_id, scene.judgement.public_id
    steps = {"quality:sip-review-write": ["need"]}
    reviews = {name: reverse(name, args=[review, *steps.get(name, [])]) for name in expected.SIP_REVIEW_PAGES}
    mentoring = {name: reverse(name, args=[sip]) for name in expected.MENTORING_PAGES}
    judgements = {name: reverse(name, args=[judgement]) for name in expected.JUDGEMENT_PAGES}
    wrong = by_name(scene, expected.SIP_REVIEW_PAGES, reviews, expected.THREE)
    wrong += by_name(scene, expected.MENTORING_PAGES, mentoring, expected.MENTORING_SEEN)
    wrong += by_name(scene, expected.JUDGEMENT_PAGES, judgements, expected.JUDGES | {"regional_coordinator"})


def test_a_shadowing_and_a_rating(scene: Stage) -> None:
    assert scene.shadowing is not None and scene.moderation is not None
    wrong = []
    for row, pages, seen in (
        (scene.shadowing, expected.SHADOWING_PAGES, expected.SHADOWING_SEEN),
        (scene.moderation, expected.MODERATION_PAGES, expected.MODERATION_SEEN),
        (scene.moderation.sampled.sample, expected.SAMPLE_PAGES, expected.SAMPLE_PAGES["quality:sample-detail"][0]),
        (scene.differing, expected.SETTLE_PAGES, expected.OURS | {"head_of_improvement"}),
        (scene.reviews["final"], expected.GATE_RATING_PAGES, expected.GATE_RATING_PAGES["quality:gate-rating"][0]),
    ):
        wrong += by_name(scene, pages, {name: reverse(name, args=[row.public_id]) for name in pages}, seen)  # type: ignore[attr-defined]
    assert not wrong, "\n".join(wrong)


# ---------------------------------------------------------------- briefings


def test_the_library(scene: Stage) -> None:
    world = scene.world
    with undone():
        file = ("plan.pdf", PDF)
        row = make_resource(world, file=file)
        content = briefings.Content(text="Next", keeps_file=True)
        briefings.write_resource(actor=world.fresh("manager"), resource=row, content=content, at=NOW)
        record = scene.records["final"]
        _item, copied = make.request_about(world, record)
        sip = world.fresh("sip")
        offer = briefings.offer_question(actor=sip, authority=world.authority, theme="targets", text="Which?", at=NOW)
        suggestion = briefings.make_suggestion(actor=sip, authority=world.authority, text="More", at=NOW)
        practice = briefings.record_practice(
            actor=sip, authority=world.authority, place="Northmere", title="A morning", what="They ask.", source="A visit", at=NOW
        )
        ask.events = AuditEvent.objects.count()  # type: ignore[attr-defined]
        numbered = {"briefings:resource-version", "briefings:resource-file"}
        paths = {name: reverse(name, args=[row.public_id, *([1] if name in numbered else [])]) for name in expected.RESOURCE_PAGES}
        wrong = by_name(scene, expected.RESOURCE_PAGES, paths, expected.RESOURCE_SEEN)
        for pages, one, seen in (
            (expected.SAMPLE_OFFER_PAGES, copied, {"dpo"}),
            (expected.OFFER_PAGES, offer, expected.OURS | {"sip"}),
            (expected.SUGGESTION_PAGES, suggestion, expected.OURS | {"sip"}),
            (expected.PRACTICE_PAGES, practice, expected.PRACTICE_SEEN),
        ):
            wrong += by_name(scene, pages, {name: reverse(name, args=[one.public_id]) for name in pages}, seen)
    assert not wrong, "\n".join(wrong)


def test_a_briefing(scene: Stage) -> None:
    with undone():
        row = make_briefing(scene.world)
        item = row.items.first()
        assert item is not None
        document = make_document(scene.world, row)
        ask.events = AuditEvent.objects.count()  # type: ignore[attr-defined]
        keys = {"briefings:item-draw": [row.public_id, item.public_id]}
        of_item = ("briefings:item-change", "briefings:item-move", "briefings:item-remove", "briefings:question-ask")
        keys |= {name: [item.public_id] for name in of_item}
        keys |= {name: [document.public_id] for name in ("briefings:document-file", "briefings:document-remove")}
        paths = {name: reverse(name, args=keys.get(name, [row.public_id])) for name in expected.BRIEFING_PAGES}
        wrong = by_name(scene, expected.BRIEFING_PAGES, paths, expected.OUR_BRIEFED)
    assert not wrong, "\n".join(wrong)


def test_slides_and_what_was_published(scene: Stage) -> None:
    with undone():
        make_briefing(scene.world)
        deck = make_deck(scene.world)
        issued, slide = issue_made(deck, scene.world), deck.slides.all()[1]
        ask.events = AuditEvent.objects.count()  # type: ignore[attr-defined]
        more = {"briefings:deck-export": ["pptx"], "briefings:slide-move": ["up"]}
        paths = {
            name: reverse(name, args=[(slide if ":slide-" in name else deck).public_id, *more.get(name, [])])
            for name in expected.DECK_PAGES
        }
        wrong = by_name(scene, expected.DECK_PAGES, paths, expected.BUILDERS)
        files = {"briefings:issued-file": ["pdf"]}
        published = {name: reverse(name, args=[issued.public_id, *files.get(name, [])]) for name in expected.ISSUED_PAGES}
        wrong += by_name(scene, expected.ISSUED_PAGES, published, expected.OUR_BRIEFED)
    assert not wrong, "\n".join(wrong)


def test_a_bulletin_a_workshop_and_an_evaluation(scene: Stage) -> None:
    world = scene.world
    with undone():
        bulletin, workshop = make_bulletin(world), make_workshop(world)
        booking = briefings.book_workshop(actor=person(world.sip), workshop=workshop, at=NOW)
        need = briefings.record_need(actor=person(world.sip), sip=world.sips["sip"], text="Tracking", at=NOW)
        evaluation = make_evaluation(world, [world.people[name] for name in ("sip", "consultant", "new_sip", "sip_head", "second")])
        item = bulletin.items.filter(kind="action").get()
        ask.events = AuditEvent.objects.count()  # type: ignore[attr-defined]
        wrong = []
        for row, pages, seen in (
            (bulletin, expected.BULLETIN_PAGES, expected.OUR_BRIEFED),
            (workshop, expected.WORKSHOP_PAGES, expected.OUR_BRIEFED),
            (booking, expected.BOOKING_PAGES, expected.BOOKING_PAGES["briefings:booking-cancel"][1]),
            (evaluation, expected.EVALUATION_PAGES, expected.EVALUATION_PAGES["briefings:evaluation-detail"][0]),
        ):
            paths = {name: reverse(name, args=[item.public_id if "-item" in name else row.public_id]) for name in pages}
            wrong += by_name(scene, pages, paths, seen or set())
        for actor in expected.ACTORS:
            right = "ok" if actor == "sip" else "404" if actor in expected.SIPS else "403"
            got = ask(reverse("briefings:need-remove", args=[need.public_id]), "post", scene.people[actor])
            if got != right:
                wrong.append(f"need-remove as {actor}: {got}, not {right}")
    assert not wrong, "\n".join(wrong)


# ---------------------------------------------------------------- the admin site


def admin_paths(scene: Stage) -> dict[str, dict[str, str]]:
    """Each model's addresses, of a row of Wealdshire."""
    world = scene.world
    rows = {
        "people_user": world.sip,
        "people_roleassignment": world.people["officer"].roles.get(),
        "people_authority": world.authority,
        "people_cluster": world.north,
        "people_pack": world.pack,
        "core_auditevent": AuditEvent.objects.filter(authority_code="999").first(),
        "schools_school": world.oak,
        "schools_group": world.group,
        "schools_contact": scene.contact,
        "core_importbatch": None,
        "people_sip": world.sips["sip"],
        "people_mentorship": world.sips["new_sip"].mentorships.get(),
        "quality_gatequeue": scene.reviews["in_review"],
        "quality_roundtosample": scene.round,
        "quality_samplednote": scene.moderation.sampled if scene.moderation else None,
        "quality_moderation": scene.moderation,
        "quality_siptoshadow": world.sips["consultant"],
        "quality_siptomentor": world.sips["consultant"],
        "quality_siptoaskabout": world.sips["consultant"],
        "quality_sipreviewdue": world.sips["consultant"],
        "quality_feedbackrequest": scene.feedback,
        "quality_feedbackrelease": None,
        "quality_shadowing": scene.shadowing,
    }
    assert set(rows) == set(expected.ADMIN_MODELS)
    found = {}
    for model, row in rows.items():
        key = [row.pk] if row is not None else [1]
        found[model] = {
            view: reverse(f"admin:{model}_{view}", args=key if view in ("history", "delete", "change") else [])
            for view in expected.ADMIN_VIEWS
        }
    return found


def test_the_admin_site(scene: Stage) -> None:
    wrong, cells = [], 0
    ours = {"manager", "manager_sip", "administrator"}
    for model, paths in admin_paths(scene).items():
        who = expected.ADMIN_MODELS[model]
        for view, path in paths.items():
            for method in ("get", "post"):
                assert ask(path, method, None) == "sign in", (model, view, "anonymous")
                for actor, user in scene.people.items():
                    cells += 1
                    got = ask(path, method, user)
                    if actor not in expected.STAFF:
                        right = {"sign in"}
                    elif actor not in who or view == "delete" or (view == "add" and model not in expected.ADMIN_ADDS):
                        right = {"403"} if view in ("changelist", "add") else {"403", "404"}
                    elif method == "post" and view in ("changelist", "change", "history"):
                        right = {"ok", "403", "405", "404"}  # what a row's form may do is asked by the tests of the admin
                    else:
                        is_elsewhere = model == "core_importbatch" or model in expected.ADMIN_QUEUES or actor not in ours
                        right = {"ok", "404"} if is_elsewhere else {"ok"}
                    if got not in right:
                        wrong.append(f"admin:{model}_{view} {method.upper()} as {actor}: {got}, not {sorted(right)}")
    for name, who in expected.ADMIN_PAGES.items():
        for actor, user in scene.people.items():
            got, right_ = ask(reverse(f"admin:{name}"), "get", user), "ok" if actor in who else "sign in"
            if got != right_:
                wrong.append(f"admin:{name} as {actor}: {got}, not {right_}")
    assert not wrong, "\n".join(wrong)
    assert cells > 3000


def test_the_admin_site_keeps_nothing_else() -> None:
    from django.contrib import admin

    kept = {f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry}
    assert kept == set(expected.ADMIN_MODELS)


def test_the_admin_site_tells_nothing_of_another_authority(scene: Stage) -> None:
    """Rows of the other authority are not found, and no address answers for any row of any model."""
    from django.contrib.contenttypes.models import ContentType

    world = scene.world
    staff = {"manager": scene.people["manager"], "administrator": scene.people["administrator"]}
    foreign = {
        "people_user": world.other_sip,
        "people_authority": world.other,
        "people_sip": world.sips["other_sip"],
        "schools_school": world.birch,
        "quality_siptoshadow": world.sips["other_sip"],
    }
    for model, row in foreign.items():
        for view in ("change", "history"):
            for actor, user in staff.items():
                path = reverse(f"admin:{model}_{view}", args=[row.pk])
                request = REQUESTS.get(path)
                request.user, request.session = copy.copy(user), SessionStore()
                request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
                try:
                    response = resolve(path).func(request, object_id=str(row.pk))
                except (PermissionDenied, Http404):
                    continue
                assert response.status_code == 302 and response["Location"] == "/admin/", (model, view, actor)
    for row in (scene.notes["draft"], world.birch, world.oak):
        path = f"/admin/r/{ContentType.objects.get_for_model(row).pk}/{row.pk}/"
        for user in staff.values():
            assert ask(path, "get", user) == "404", path


# ---------------------------------------------------------------- the annual commentary


@pytest.mark.parametrize("state", expected.COMMENTARY_STATES)
def test_an_annual_commentary(scene: Stage, state: str) -> None:
    with undone():
        row = commentary_in(scene, state)
        ask.events = AuditEvent.objects.count()  # type: ignore[attr-defined]
        delivery = Delivery.objects.filter(dispatch__commentary=row).first()
        more: dict[str, list[Any]] = {"visits:commentary-edit": ["strengths"]}
        paths = {}
        for name in expected.COMMENTARY_WITHDRAWN if state in ("asked", "withdrawn") else expected.COMMENTARY_PAGES:
            if name.startswith("visits:withdrawal-"):
                if row.final_version:
                    paths[name] = reverse(name, args=[row.records.get(kind="final").public_id])
                continue
            if name == "visits:commentary-resend":
                if delivery is None:
                    continue
                more[name] = [delivery.public_id]
            paths[name] = reverse(name, args=[row.public_id, *more.get(name, [])])
        compare(scene, expected.COMMENTARY_PAGES, expected.COMMENTARY_SEEN, state, paths)


@pytest.mark.parametrize("state", expected.COMMENTARY_RECORD)
def test_the_record_of_an_annual_commentary(scene: Stage, state: str) -> None:
    with undone():
        row = commentary_in(scene, "final" if state == "sealed" else state)
        record = row.records.get(kind="release" if state == "with_school" else "final")
        if state == "sealed":
            quoted = record.sources.latest("pk")
            services.ask_withdrawal(actor=scene.people["manager"], record=quoted, reason="A pupil can be identified.", at=NOW)
        ask.events = AuditEvent.objects.count()  # type: ignore[attr-defined]
        paths = {"visits:commentary-pdf": reverse("visits:commentary-pdf", args=[record.public_id])}
        if state == "withdrawn":
            sealed = paths.pop("visits:commentary-pdf")
            assert {ask(sealed, "get", scene.people[actor]) for actor in expected.ACTORS} == {"404"}
        compare(scene, expected.COMMENTARY_RECORD_PAGES, expected.COMMENTARY_RECORD, state, paths)


def commentary_in(scene: Stage, state: str) -> Any:
    world = scene.world
    row = commentaries.in_state(state, world.sip, world.oak, world.head)
    if state in ("asked", "withdrawn"):
        record = row.records.get(kind="final")
        asked = services.ask_withdrawal(actor=person(world.manager), record=record, reason="A pupil can be identified.", at=NOW)
        if state == "withdrawn":
            services.confirm_withdrawal(actor=person(world.dpo), withdrawal=asked, at=NOW)
    return commentaries.fresh(row)


# ---------------------------------------------------------------- nothing is left out


def names(patterns: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
        elif isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name or str(pattern.pattern)}", pattern.callback


def listed() -> set[str]:
    tables = [table for name, table in vars(expected).items() if name.endswith("_PAGES") and not name.startswith(("ADMIN", "DRAFT"))]
    groups: list[Any] = [*tables, expected.OWN_FILES, expected.ANONYMOUS, expected.OWN_ACCOUNT, {"brand": None}]
    found = {name for group in groups for name in group}
    found |= {f"admin:{model}_{view}" for model in expected.ADMIN_MODELS for view in expected.ADMIN_VIEWS}
    found |= {f"admin:{name}" for name in (*expected.ADMIN_PAGES, *expected.ADMIN_ELSEWHERE, *expected.ADMIN_CLOSED)}
    found |= {"not-here", "admin:(?P<url>.*)$", "admin:<path:object_id>/", "admin/password_change/", "admin/logout/"}
    return found


def test_every_address_of_the_resolver_has_its_row() -> None:
    found = {name for name, _ in names(get_resolver().url_patterns)}
    assert found == listed(), f"without a row: {sorted(found - listed())}; of no address: {sorted(listed() - found)}"


def test_the_anonymous_surface_is_this_list_and_no_more() -> None:
    from django.contrib.admin.sites import AdminSite

    open_ = {name for name, callback in names(get_resolver().url_patterns) if not getattr(callback, "login_required", True)}
    # The admin asks by itself, for staff (test_the_admin_site): its views are marked so that the middleware leaves them to it.
    assert AdminSite.login is not None
    assert {name for name in open_ if not name.startswith("admin:")} == set(expected.ANONYMOUS)


def test_what_is_open_before_sign_in_answers_and_tells_nothing(scene: Stage) -> None:
    anonymous = Client()
    for name, path in expected.ANONYMOUS.items():
        for method in (anonymous.get, anonymous.post):
            response = method(path)
            assert response.status_code in (200, 302, 400, 403, 404, 405, 422, 429, 503), (name, response.status_code)
    assert anonymous.get(reverse("people:invitation-accept", args=[scene.token])).status_code == 200


def test_ones_own_account_is_for_whoever_has_signed_in(scene: Stage) -> None:
    anonymous = Client()
    for name in expected.OWN_ACCOUNT:
        for method in (anonymous.get, anonymous.post):
            assert kind_of(method(reverse(name))) == "sign in", name
    for actor in ("sip", "head", "outsider", "other_manager"):
        client = Client()
        client.force_login(scene.people[actor])
        for name in expected.OWN_ACCOUNT:
            if name != "mfa_download_recovery_codes":  # there are none
                assert client.get(reverse(name)).status_code in (200, 302, 403, 404), (name, actor)


def test_a_headteachers_review(scene: Stage) -> None:
    assert scene.head_review is not None
    paths = {name: reverse(name, args=[scene.head_review.public_id]) for name in expected.HEAD_REVIEW_PAGES}
    compare(scene, expected.HEAD_REVIEW_PAGES, expected.HEAD_REVIEW_SEEN, "", paths)
