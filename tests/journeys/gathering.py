"""The pages of the portal as people get them: every kind of page, and its states, in the world of the access tests.

People follow the links of their pages, each kind of page once, and send every form empty; what links do not reach is asked
for by its address. :func:`fewest` keeps of what was shown the fewest pages on which every template and every kind of
element, with its classes, type and ARIA attributes, is to be seen: a state stays where it differs in markup.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections import deque
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from unittest import mock

from allauth.core.internal.ratelimit import respond_429
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from briefings import services as briefings
from briefings.services import BulletinItemFacts
from core.access import Refused
from core.calendar import AcademicYear
from core.documents import Made
from quality import services as quality
from schools.models import Inspection, InspectionGrade
from schools.services import open_challenge
from sip_portal import views as portal
from targets.services import propose_targets, replace_pupils
from tests.access.conftest import Stage
from tests.factories import commentaries
from tests.factories import visits as make
from tests.factories.briefings import issue_made, make_briefing, make_bulletin, make_deck, make_document, make_evaluation, make_workshop
from tests.factories.library import PDF, make_resource
from tests.factories.people import NOW
from tests.factories.quality import make_feedback
from tests.factories.stage import person, undone
from tests.factories.targets import make_comparator, make_estimate, make_result
from visits import services
from visits.bundle_choice import Wanted
from visits.jobs import make_bundle
from visits.models import DisposalList, Visit

LINK = re.compile(r'(?:href|data-[a-z-]*url)="(/[^"#]*)')
FORM = re.compile(r"<form([^>]*method=\"post\"[^>]*)>")
ACTION = re.compile(r'action="([^"]*)"')
ELEMENT = re.compile(r"<(\w+)([^>]*)>")
CLASSES = re.compile(r'class="([^"]*)"')
KIND = re.compile(r'\b(?:type|role)="([^"]*)"')
STATE = re.compile(r"\s(aria-[a-z]+|hidden|disabled|open|colspan|scope|readonly|checked)\b")
LEFT_OUT = re.compile(r"/(static|admin|accounts/logout)")

EVERYBODY = (
    "manager", "officer", "administrator", "dpo", "finance_officer", "sip", "head", "chair", "head_of_improvement", "consultant",
    "mentor_with", "new_sip", "moderator", "regional_coordinator", "member", "clerk", "office", "diocese", "outsider",
)  # fmt: skip
WITH_NOTHING = ("other_manager", "other_head")
"""Of an authority in which nothing has happened yet: their lists are empty."""


@dataclass(frozen=True)
class Shown:
    """One answer of the portal that is a page."""

    who: str
    how: str
    html: str
    templates: frozenset[str]
    page: str
    """The template of the page itself."""

    def __str__(self) -> str:
        return f"{self.page} ({self.how} as {self.who})"

    @property
    def features(self) -> set[Any]:
        found: set[Any] = set(self.templates)
        for tag, attributes in ELEMENT.findall(self.html):
            classes, kind = CLASSES.search(attributes), KIND.search(attributes)
            found.add((tag, classes and classes[1], kind and kind[1], frozenset(STATE.findall(attributes))))
        return found


def fewest(shown: Iterable[Shown]) -> list[Shown]:
    """The richest page first, then whichever adds most, until nothing is left to add."""
    left = {each: each.features for each in shown}
    kept: list[Shown] = []
    while left:
        best = max(left, key=lambda each: len(left[each]))
        kept.append(best)
        gained = left.pop(best)
        left = {each: rest for each, features in left.items() if (rest := features - gained)}
    return kept


# ---------------------------------------------------------------- people who open pages


class Walk:
    """What people were shown; nothing that they send stays."""

    def __init__(self, scene: Stage) -> None:
        self.scene = scene
        self.shown: list[Shown] = []
        self.met: set[str] = set()
        self.refused: dict[str, str] = {}
        """Addresses that were not for whoever had the link: others are asked at the end."""
        self.lists: set[str] = set()
        """Kinds of page with a table, which may be empty elsewhere."""
        self.posted: set[str] = set()
        self.sent: set[str] = set()
        """Kinds of address to which an empty form was sent, and templates of pages that such a form came back on."""
        self.clients = {"nobody": Client()}
        for who in scene.people:
            self.clients[who] = Client()
            self.clients[who].force_login(scene.people[who])

    def asks(self, who: str, url: str, data: dict[str, Any] | None = None, *, stays: bool = False) -> tuple[Shown | None, list[str]]:
        """The page, if it is one, and where it leads."""
        with nullcontext() if stays else undone():
            send = self.clients[who].get if data is None else self.clients[who].post
            response = send(url, data or {}, HTTP_HOST="localhost")
        kind = kind_of(url)
        if response.status_code in (403, 404):
            self.refused.setdefault(kind, url)
        elif data is None:
            self.met.add(kind)
        if response.status_code in (301, 302, 303):
            return None, [response["Location"]]
        if response.streaming or "html" not in response.get("Content-Type", ""):
            return None, []
        names = [template.name for template in response.templates if template.name]
        how = f"{'GET' if data is None else 'POST'} {url}: {response.status_code}"
        page = Shown(who, how, response.content.decode(), frozenset(names), names[0] if names else "?")
        self.shown.append(page)
        if "<table" in page.html:
            self.lists.add(kind)
        return page, [link for each in LINK.findall(page.html) if not LEFT_OUT.match(link := html.unescape(each))]

    def wanders(self, who: str, *starts: str) -> None:
        """By links, to every kind of page that nobody has opened. A form is sent empty, one of each template."""
        queue, seen = deque(starts), {""}
        while queue:
            page, links = self.asks(who, url := queue.popleft())
            for link in links:
                kind = kind_of(link)
                if not (kind in self.met or kind in self.refused or kind in seen):
                    seen.add(kind)
                    queue.append(link)
            if page and page.page not in self.sent:
                self.sends_empty(who, url, page)

    def sends_empty(self, who: str, url: str, page: Shown) -> None:
        for attributes in FORM.findall(page.html):
            action = ACTION.search(attributes)
            to = html.unescape(action[1]) if action and action[1].startswith("/") else url
            if LEFT_OUT.match(to) or (kind := kind_of(to)) in self.posted:
                continue
            self.posted.add(kind)
            if self.asks(who, to, {})[0]:
                self.sent.add(page.page)

    def finds_nothing(self, who: str) -> None:
        """The lists that this person's pages lead to."""
        queue, seen = deque(["/"]), set[str]()
        while queue:
            for link in self.asks(who, queue.popleft())[1]:
                kind = kind_of(link)
                if kind in self.lists and kind not in seen:
                    seen.add(kind)
                    queue.append(link)


def kind_of(url: str) -> str:
    """The name of the address; a tab of a school is a kind of its own. Nothing for what the portal has not."""
    try:
        found = resolve(url.split("?", maxsplit=1)[0])
    except Resolver404:
        return ""
    return f"{found.view_name} {found.kwargs.get('tab', '')}"


# ---------------------------------------------------------------- the world, and what is asked for by its address


def gather(scene: Stage) -> list[Shown]:
    """Everything that was shown. No PDF is rendered for it."""
    walk = Walk(scene)
    pool = SimpleNamespace(make=lambda *_: Made(b"%PDF", 1))
    with (
        mock.patch("core.documents.the_pool", return_value=pool),
        mock.patch("django.test.client.store_rendered_templates", _names_alone),
    ):
        _figures(scene)
        for who in EVERYBODY:
            walk.wanders(who, "/")
        for act in (_notes, _commentaries, _records, _briefings, _money_and_support, _quality, _before_sign_in, _second_factor):
            with undone():
                act(walk)
        walk.wanders("sip", "/gallery/", "/search/?q=oak", "/search/?q=nothing-of-this-name")
        for kind, url in tuple(walk.refused.items()):
            for who in ("manager", "administrator", "dpo", "finance_officer", "head"):
                if kind not in walk.met:
                    walk.wanders(who, url)
        for who in WITH_NOTHING:
            walk.finds_nothing(who)
        _refusals(walk)
    return walk.shown


def _names_alone(store: dict[str, Any], signal: Any, sender: Any, template: Any, context: Any, **rest: Any) -> None:
    """What the test client keeps of a template, without a copy of its context: a third of the time."""
    store.setdefault("templates", []).append(template)


def _figures(scene: Stage) -> None:
    """Oakfield was inspected, and has results, estimates, proposed targets and a pupils' sheet."""
    world = scene.world
    for year, reached in ((2005, 20), (2006, 18), (2007, 15)):
        make_result(world.oak, numerator=reached, cohort=29, year=year)
    make_result(world.oak, pupil_group="fsm", numerator=2, cohort=8)
    make_result(world.oak, pupil_group="nonfsm", numerator=13, cohort=21)
    make_comparator(world.authority, value="71", level="authority")
    make_comparator(world.authority, value="72")
    make_estimate(world.oak, value="70", year=2009, kind="D", cohort=30)
    of_oak: dict[str, Any] = {"school": world.oak, "academic_year": 2008, "at": NOW}
    propose_targets(actor=world.fresh("head"), rows={"ks2.l4_en_ma.2010": {"value": Decimal(72)}}, **of_oak)
    pupils = [
        {"reference": f"M5-{number:02}", "year_group": 5, "prior_en": "2B", "prior_ma": "2A", "target_en": "4", "target_ma": "4", "is_girl": number % 2 == 0}
        for number in range(12)
    ]  # fmt: skip
    replace_pupils(actor=world.fresh("head"), rows=pupils, **of_oak)
    row = Inspection.objects.create(
        authority=world.authority, school=world.oak, starts_on=dt.date(2008, 10, 13), framework="2005", overall=2
    )
    InspectionGrade.objects.create(inspection=row, area="leadership", grade=3)


def _notes(walk: Walk) -> None:
    """A note in every state, to those whom the state concerns; its forms; the page of a conflict."""
    scene = walk.scene
    for note in scene.notes.values():
        for who in ("sip", "manager", "head"):
            walk.wanders(who, note.get_absolute_url())
    for visit in scene.visits.values():
        for who in ("sip", "head"):
            walk.asks(who, visit.get_absolute_url())
    for alert in scene.alerts.values():
        walk.wanders("officer", alert.get_absolute_url())
    assert scene.round
    for deed in ("book", "exempt"):
        walk.wanders("manager", reverse(f"visits:round-{deed}", args=[scene.round.public_id]))
    final = scene.records["final"].public_id
    walk.wanders("head", reverse("visits:correction-ask", args=[final]))
    walk.wanders("manager", reverse("visits:withdrawal-ask", args=[final]))
    walk.wanders("consultant", reverse("quality:gate-rate", args=[scene.reviews["in_review"].public_id]))
    draft = scene.notes["draft"].public_id
    edit = reverse("visits:note-edit", args=[draft, "standards"])
    for name in ("visits:note-write", "visits:note-check", "visits:note-preview"):
        walk.asks("sip", reverse(name, args=[draft]))
    walk.asks("sip", edit, {"base": "0", "body": "Words of an older page."})
    walk.asks("sip", reverse("visits:note-paste", args=[draft]), {"text": "Standards\nThey rose.\n\nSomething else\nWho knows?"})
    walk.asks("second", edit)
    for state in ("in_review", "abandoned"):
        walk.asks("sip", reverse("visits:note-edit", args=[scene.notes[state].public_id, "standards"]))
    late = reverse("visits:note-edit", args=[scene.notes["in_review"].public_id, "standards"])
    walk.asks("sip", late, {"base": "1", "body": "Words that came too late."})
    walk.asks("head", reverse("visits:note-compare", args=[scene.notes["amending"].public_id]))
    for state, who, deeds in (
        ("proposed", "head", ("choose", "ask-others")),
        ("booked", "sip", ("prepare", "abort", "move", "cancel", "hold")),
        ("booked", "head", ("half-page",)),
        ("booked", "manager", ("waive",)),
        ("held", "sip", ("correct",)),
    ):
        for deed in deeds:
            walk.wanders(who, reverse(f"visits:visit-{deed}", args=[scene.visits[state].public_id]))
    held, sip = scene.visits["held"], person(scene.world.sip)
    asked = [services.Asked(text="What do the governors ask?")]
    services.prepare_visit(actor=sip, visit=held, school=scene.world.oak, studied={}, questions=asked, at=NOW)
    walk.wanders("sip", reverse("visits:note-start", args=[held.public_id]))
    begun = services.start_note(actor=person(scene.world.sip), visit=Visit.objects.get(pk=held.pk), at=NOW)
    for section in begun.sections.all():
        walk.asks("sip", reverse("visits:note-edit", args=[begun.public_id, section.key]))


def _commentaries(walk: Walk) -> None:
    world = walk.scene.world
    for state in commentaries.STATES:
        with undone():
            row = commentaries.in_state(state, world.sip, world.oak, world.head)
            here = row.get_absolute_url()
            for who in ("sip", "head", "manager"):
                walk.wanders(who, here)
            if state == "final":
                record = row.records.get(kind="final")
                asked = services.ask_withdrawal(actor=person(world.manager), record=record, reason="A pupil is named.", at=NOW)
                services.confirm_withdrawal(actor=person(world.dpo), withdrawal=asked, at=NOW)
                walk.asks("head", here)


def _records(walk: Walk) -> None:
    """What the data protection officer has in hand."""
    scene, world = walk.scene, walk.scene.world
    dpo = person(world.dpo)
    record = scene.records["final"]
    item, _copy = make.request_about(world, record)
    services.place_hold(actor=dpo, authority=world.authority, school=world.oak, reason="A claim", at=NOW)
    DisposalList.objects.create(authority=world.authority, kind="alert", count=0, digest="0" * 64, proposed_at=NOW)
    asked = services.ask_withdrawal(actor=person(world.manager), record=scene.records["amending"], reason="A pupil is named.", at=NOW)
    services.confirm_withdrawal(actor=dpo, withdrawal=asked, at=NOW)
    bundle = services.ask_bundle(
        actor=person(world.manager), authority=world.authority, wanted=Wanted(), form="zip", task=make_bundle, at=NOW
    )
    walk.asks("manager", reverse("visits:bundle-detail", args=[bundle.public_id]))
    walk.wanders("dpo", item.request.get_absolute_url(), reverse("visits:request-item", args=[item.public_id]))
    walk.wanders("dpo", reverse("visits:request-search", args=[item.request.public_id, "drafts"]))
    walk.wanders("dpo", asked.incident.get_absolute_url(), "/", reverse("visits:retention-list"))


def _briefings(walk: Walk) -> None:
    scene, world = walk.scene, walk.scene.world
    row = make_briefing(world)
    make_document(world, row)
    deck = make_deck(world)
    issued = issue_made(deck, world)
    workshop = make_workshop(world)
    briefings.book_workshop(actor=person(world.sip), workshop=workshop, at=NOW)
    briefings.record_need(actor=person(world.sip), sip=world.sips["sip"], text="Tracking", at=NOW)
    came = [world.people[name] for name in ("sip", "consultant", "new_sip", "sip_head", "second")]
    evaluation = make_evaluation(world, came)
    bulletin = make_bulletin(world)
    begun = briefings.begin_bulletin(actor=world.fresh("manager"), authority=world.authority, title="Next", audience="all", at=NOW)
    item = BulletinItemFacts("information", "RAISEonline is out")
    briefings.add_bulletin_item(actor=world.fresh("manager"), bulletin=begun, facts=item, at=NOW)
    walk.asks("manager", begun.get_absolute_url())
    resource = make_resource(world, file=("plan.pdf", PDF))
    briefings.write_resource(
        actor=world.fresh("manager"), resource=resource, content=briefings.Content(text="Next", keeps_file=True), at=NOW
    )
    _item, copied = make.request_about(world, scene.records["final"])
    sip = world.fresh("sip")
    briefings.offer_question(actor=sip, authority=world.authority, theme="targets", text="Which?", at=NOW)
    briefings.make_suggestion(actor=sip, authority=world.authority, text="More", at=NOW)
    briefings.record_practice(
        actor=sip, authority=world.authority, place="Northmere", title="A morning", what="They ask.", source="A visit", at=NOW
    )
    for who in ("dpo", "sip"):
        walk.wanders(who, reverse("briefings:sample-list"))
    walk.asks("dpo", reverse("briefings:sample-offer", args=[copied.public_id]))
    walk.wanders("sip", reverse("briefings:need-own"))
    for who in ("manager", "sip"):
        walk.wanders(who, *(each.get_absolute_url() for each in (row, deck, issued, workshop, evaluation, resource, bulletin)))
        walk.wanders(who, reverse("briefings:bulletin-list"), reverse("briefings:resource-list"))


def _money_and_support(walk: Walk) -> None:
    scene, world = walk.scene, walk.scene.world
    at = [world.authority.code, world.oak.urn]
    challenge = open_challenge(actor=person(world.finance_officer), school=world.oak, flag="large-balance", why="What is it for?", at=NOW)
    walk.wanders("finance_officer", reverse("schools:challenge-detail", args=[challenge.public_id]))
    walk.wanders("finance_officer", reverse("schools:challenge-open", args=at) + "?flag=large-balance")
    assert scene.intervention and scene.panel and scene.case and scene.concern and scene.enrolment and scene.drawdown and scene.service
    for row in (scene.intervention, scene.panel, scene.case, scene.concern, scene.enrolment, scene.drawdown.fund, scene.service):
        walk.wanders("manager", row.get_absolute_url())
    for row in (scene.case, scene.concern, scene.enrolment, scene.intervention):
        walk.wanders("head", row.get_absolute_url())
    for draft in scene.schemes.values():
        walk.wanders("manager", draft.get_absolute_url(), f"{draft.get_absolute_url()}?school={world.oak.urn}")
    consulting = scene.schemes["consulting"].public_id
    walk.wanders("sip", reverse("support:consultation", args=[consulting]), reverse("support:placement", args=[consulting, world.oak.urn]))
    for tab in ("level", "support", "finance", "inspection", "people", "timeline", "visits", "results"):
        for who in ("manager", "head"):
            walk.asks(who, reverse("schools:school-tab", args=[*at, tab]))
    for who, names in (
        ("manager", ("targets:target-settle", "targets:target-revise", "schools:key-issue-code")),
        (
            "head",
            ("targets:pupil-sheet", "targets:pupil-upload", "targets:pupil-type", "schools:readiness-record", "schools:contact-report"),
        ),
        ("officer", ("targets:pupil-sums",)),
        ("sip", ("targets:target-answer", "visits:call-log", "visits:commentary-start")),
    ):
        for name in names:
            walk.wanders(who, reverse(name, args=at))
    walk.wanders("head", reverse("targets:figures-speak", args=[*at, "key-stage-2"]))
    walk.wanders("sip", reverse("schools:school-tab", args=[world.authority.code, world.fir.urn, "results"]))
    walk.wanders("sip", reverse("schools:school-detail", args=at), reverse("visits:head-review-log"))
    walk.wanders("manager", reverse("targets:target-remind"), reverse("schools:assignment-hand-over", args=[world.sip.public_id]))
    assert scene.contact
    walk.wanders("administrator", reverse("schools:contact-end", args=[scene.contact.public_id]))


def _quality(walk: Walk) -> None:
    scene = walk.scene
    assert scene.moderation and scene.shadowing and scene.feedback and scene.sip_review and scene.judgement and scene.differing
    walk.wanders("new_sip", scene.moderation.get_absolute_url(), reverse("quality:moderation-rate", args=[scene.moderation.public_id]))
    walk.wanders("manager", reverse("quality:moderation-settle", args=[scene.differing.public_id]))
    walk.asks("manager", reverse("quality:gate-rating", args=[scene.reviews["final"].public_id]))
    for who in ("officer_south", "head"):
        walk.wanders(who, scene.shadowing.get_absolute_url())
    walk.wanders("officer_south", reverse("quality:shadowing-write", args=[scene.shadowing.public_id]))
    walk.asks("manager", reverse("quality:feedback-read", args=[scene.world.sips["sip"].public_id, 2008]))
    released = dt.datetime(2009, 7, 10, 6, tzinfo=dt.UTC)
    quality.release_feedback(actor=None, authority=scene.world.authority, year=AcademicYear.of(2008), at=released)
    walk.asks("sip", reverse("quality:feedback-own"))
    walk.wanders("manager", scene.sip_review.get_absolute_url(), scene.judgement.get_absolute_url())


def _before_sign_in(walk: Walk) -> None:
    scene, world = walk.scene, walk.scene.world
    for name in ("account_login", "account_reset_password", "account_inactive", "account_reset_password_done", "visits:offline-shell"):
        walk.wanders("nobody", reverse(name))
    walk.asks("nobody", reverse("account_reset_password_from_key", args=["1", "none"]))
    walk.asks("nobody", reverse("account_reset_password_from_key_done"))
    walk.asks("nobody", reverse("people:invitation-accept", args=[scene.token]))
    walk.asks("nobody", reverse("people:invitation-accept", args=[scene.token]), {})
    contact = scene.feedback.contact  # type: ignore[union-attr]
    row, token = make_feedback(world.sips["consultant"], world.oak, world.manager, contact)
    form = reverse("quality:feedback-form", args=[token])
    walk.asks("nobody", form)
    walk.asks("head", reverse("quality:feedback-answer", args=[row.public_id]))
    walk.asks("nobody", f"{form}?page=1")
    walk.asks("nobody", f"{form}?page=1", {})
    walk.asks("nobody", reverse("quality:feedback-form", args=["none"]))
    for name in ("account_set_password", "account_logout"):
        walk.asks("sip", reverse(name))


def _second_factor(walk: Walk) -> None:
    """Signing in with a password and a code; turning the second step on, and off."""
    user, words = walk.scene.people["clerk"], "three words together"
    user.set_password(words)
    user.save()
    walk.clients["clerk"].force_login(user)
    walk.asks("clerk", reverse("mfa_activate_totp"))
    walk.asks("clerk", reverse("account_reauthenticate"))
    walk.asks("clerk", reverse("account_reauthenticate"), {"password": words}, stays=True)
    for name in ("account_change_password", "mfa_index", "mfa_activate_totp"):
        walk.asks("clerk", reverse(name))
    auth.TOTP.activate(user, auth.generate_totp_secret())
    RecoveryCodes.activate(user)
    for name in ("index", "view_recovery_codes", "generate_recovery_codes", "deactivate_totp", "reauthenticate"):
        walk.asks("clerk", reverse(f"mfa_{name}"))
    walk.asks("clerk", reverse("account_reauthenticate"))
    walk.asks("nobody", reverse("account_login"), {"login": user.email, "password": words}, stays=True)
    walk.asks("nobody", reverse("mfa_authenticate"))
    walk.asks("nobody", reverse("mfa_authenticate"), {"code": "000"})


def _refusals(walk: Walk) -> None:
    """403, 404, 405, 500 and the others that no link leads to."""
    walk.asks("sip", "/notes/00000000000000000000/")
    walk.asks("nobody", "/not-here/")
    walk.asks("officer", reverse("visits:alert-acknowledge", args=[walk.scene.alerts["sent"].public_id]))  # the address of a button
    walk.asks("outsider", reverse("quality:overview"))
    with mock.patch("targets.views.results._asked", return_value=None):  # the pack measures nothing
        walk.asks("manager", reverse("targets:headlines"))
    for answer in (
        portal.csrf_failure,
        portal.server_error,
        lambda request: portal.bad_request(request, ValueError()),
        respond_429,
    ):
        with mock.patch("sip_portal.pages.PrivacyView.get", lambda self, request, answer=answer: answer(request)):
            walk.asks("sip", reverse("privacy"))
    with mock.patch("sip_portal.pages.PrivacyView.get", side_effect=Refused("The year is closed. Nothing was changed.")):
        walk.asks("sip", reverse("privacy"))
