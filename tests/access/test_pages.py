"""Texts that must never be on a page for a person, sought on every page that the person can open, and on those they cannot.

Each secret is a word that stands in one place only. Every actor is led through the portal from the home, link by link;
asks for each note, visit, record and PDF by its address; searches, filters, types ahead and exports.
"""

from __future__ import annotations

import datetime as dt
import functools
import html
import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from support.models import Concern, SchoolCategory
from tests.access.conftest import cast
from tests.factories import visits as make
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, make_contact
from tests.factories.stage import note_of, person, stage
from visits import services
from visits.models import NoteOfVisit, NoteRecord, NoteShare, Visit

pytestmark = pytest.mark.django_db

PER_ROUTE = 3
"""So many pages of one kind are opened by following links."""

WRITERS = {"sip", "second", "mentor_with"}
MANAGERS = {"manager", "manager_sip"}
OFFICERS = {"officer", "officer_chair"}
FINAL = WRITERS | MANAGERS | OFFICERS | {"cover_adviser", "head", "chair", "clerk", "head_of_improvement"}

WHO: dict[str, set[str]] = {
    # word: who may meet it (domain.md §4, "Who reads what, by state"; §6)
    "zqdraftzq": WRITERS,
    "zqreturnedzq": WRITERS,
    "zqgatereasonzq": WRITERS | MANAGERS,  # what the reviewer, a manager here, said to the author
    "zqreviewzq": WRITERS | MANAGERS | {"consultant"},
    "zqreadyzq": WRITERS | MANAGERS,
    "zqreleasezq": WRITERS | MANAGERS | {"head"},
    "zqrecalledzq": WRITERS,  # written after the recall
    "zqfinalzq": FINAL,
    "zqamendingzq": WRITERS,  # the working text of version 2, while version 1 stands
    "zqabandonedzq": WRITERS,
    "zqaskedzq": MANAGERS | {"dpo"},  # text of a final note of which the withdrawal is asked
    "zqwithdrawnzq": MANAGERS | {"dpo"},
    "zqoakcommentzq": WRITERS | MANAGERS | {"head"},
    "zqashcommentzq": WRITERS | MANAGERS | {"sip_head"},
    "zqashtextzq": WRITERS | MANAGERS | {"sip_head"},
    "zqconcernzq": {"sip", "second", "cover_adviser", "head", "chair", "head_of_improvement"} | MANAGERS | OFFICERS,
    "zqcategoryzq": WRITERS | {"consultant", "cover_adviser", "head", "chair", "clerk", "head_of_improvement"} | MANAGERS | OFFICERS,
    "zqotherzq": {"other_sip", "other_manager", "other_head"},
    "Birchwood": {"other_sip", "other_manager", "other_head", "other_administrator"},
    "Marchwold": {"other_sip", "other_manager", "other_head", "other_administrator"},
}
ACTORS = (
    "sip", "second", "mentor_with", "mentor_without", "consultant", "cover_adviser", "former_sip", "manager", "head_of_improvement", "officer",
    "officer_south", "finance_officer", "dpo", "administrator", "regional_coordinator", "member", "head", "chair", "clerk", "office", "sip_head", "elm_head",
    "other_manager", "outsider",
)  # fmt: skip


@dataclass
class Scene:
    world: World
    notes: dict[str, NoteOfVisit] = field(default_factory=dict)


def write(world: World, note: NoteOfVisit, word: str, key: str = "standards") -> NoteOfVisit:
    section = next(s for s in note.sections.select_related("school").all() if s.key == key)
    services.save_section(
        actor=world.sip, note=note_of(note), key=key, base_revision=section.revision, body=f"canary {word} {make.GOOD_WORDS * 4}", at=NOW
    )
    return note_of(note)


def begin(world: World, word: str, *schools: Any) -> NoteOfVisit:
    schools = schools or (world.oak,)
    note = make.start(world.sip, *schools)
    Visit.objects.filter(pk=note.visit_id).update(second_adviser=world.second, second_sections=["leadership"])
    NoteShare.objects.create(note=note, mentor=world.mentor_with, at=NOW)
    note = make.fill(world.sip, note_of(note))
    return write(world, note, word) if len(schools) == 1 else note


def final(world: World, word: str) -> NoteOfVisit:
    note = make.release(world.sip, make.submit(world.sip, begin(world, word)))
    services.answer_note(actor=person(world.head), note=note_of(note), school=world.oak, accuracy="accurate", at=NOW)
    return make.finalise(world.sip, note)


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    with stage(django_db_blocker) as world:
        cast(world)
        made = Scene(world)
        notes = made.notes
        # what is final first, so that its actions are judged in what follows
        for word in ("final", "asked", "withdrawn", "amending"):
            notes[word] = final(world, f"zq{'final' if word == 'amending' else word}zq")
        for word in ("asked", "withdrawn"):
            record = NoteRecord.objects.get(note=notes[word], kind="final")
            asked = services.ask_withdrawal(actor=world.manager, record=record, reason="A pupil can be recognised.", at=NOW)
            if word == "withdrawn":
                services.confirm_withdrawal(actor=world.dpo, withdrawal=asked, at=NOW)
        services.amend_note(actor=world.sip, note=note_of(notes["amending"]), reason="A figure.", at=NOW)
        write(world, note_of(notes["amending"]), "zqamendingzq")
        notes["draft"] = begin(world, "zqdraftzq")
        notes["returned"] = make.submit(world.sip, begin(world, "zqreturnedzq"), asks_review=True)
        services.return_note(actor=world.manager, note=notes["returned"], reason="zqgatereasonzq", at=NOW)
        notes["in_review"] = make.submit(world.sip, begin(world, "zqreviewzq"), asks_review=True)
        services.reassign_review(actor=world.manager, note=notes["in_review"], reviewer=person(world.consultant), at=NOW)
        notes["ready"] = make.submit(world.sip, begin(world, "zqreadyzq"))
        notes["with_school"] = make.release(world.sip, make.submit(world.sip, begin(world, "zqreleasezq")))
        notes["recalled"] = make.release(world.sip, make.submit(world.sip, begin(world, "zqreleasedoncezq")))
        services.recall_note(actor=world.sip, note=notes["recalled"], reason="Two figures were exchanged.", at=NOW)
        write(world, note_of(notes["recalled"]), "zqrecalledzq")
        notes["abandoned"] = begin(world, "zqabandonedzq")
        services.abandon_note(actor=world.sip, note=notes["abandoned"], reason="The wrong school.", at=NOW)
        group = begin(world, "", world.oak, world.ash)
        write(world, group, "zqashtextzq", f"standards.{world.ash.urn}")
        group = make.release(world.sip, make.submit(world.sip, note_of(group)))
        for school, who, word in ((world.oak, world.head, "zqoakcommentzq"), (world.ash, world.sip_head, "zqashcommentzq")):
            services.comment_on_note(
                actor=person(who),
                note=note_of(group),
                school=school,
                section_code="standards",
                kind="comment",
                text=f"canary {word}",
                at=NOW,
            )
        notes["group"] = group
        theirs = make.fill(world.other_sip, make.start(world.other_sip, world.birch))
        revision = theirs.sections.get(code="standards").revision
        services.save_section(
            actor=world.other_sip,
            note=theirs,
            key="standards",
            base_revision=revision,
            body=f"canary zqotherzq {make.GOOD_WORDS * 4}",
            at=NOW,
        )
        notes["other"] = make.finalise(
            world.other_sip, make.release(world.other_sip, make.submit(world.other_sip, note_of(theirs))), NOW + dt.timedelta(days=30)
        )
        # last, so that no note above goes through the gate for it
        Concern.objects.create(
            school=world.oak, concern_class="other", label="zqconcernzq", issue="zqconcernzq", starts_on=dt.date(2008, 9, 1)
        )
        SchoolCategory.objects.create(
            school=world.oak,
            scheme="2008",
            category="standard",
            label="zqcategoryzq",
            level=2,
            decided_on=TODAY,
            decided_by="Panel",
            starts_on=dt.date(2008, 9, 1),
        )
        make_contact(world.oak, "chair", state="reported", name="New Chair", starts_on=TODAY)
        made.notes = {name: note_of(note) for name, note in notes.items()}
        yield made


LINK = re.compile(r'(?:href|action|data-[a-z-]*url)="(/[^"#]*)')
LEFT_OUT = re.compile(r"^/(accounts|static|admin/(jsi18n|logout|password_change))")
SENDS = {
    "visits:note-section-save",
    "visits:note-comment",
    "visits:note-difference",
    "visits:note-comment-remove",
    "schools:contact-confirm",
}


@functools.cache
def route_of(url: str) -> str:
    try:
        return str(resolve(url.split("?", maxsplit=1)[0]).view_name)
    except Resolver404:
        return ""


def seeds(scene: Scene) -> list[str]:
    """Addresses that a person might guess, keep in a bookmark, or be sent: whether they are theirs or not."""
    found = [
        "/", "/?due=all", "/visits/", "/actions/", "/actions/?state=all", "/reviews/", "/people/", "/caseloads/", "/caseloads/gaps/", "/schools/",
        "/contacts/", "/account/", "/search/?q=canary", "/search/?q=birch", "/search/?q=school", "/schools/suggest/?q=oak", "/schools/suggest/?q=birch",
        "/schools/suggest/?q=birch&for=interest", "/people/suggest/?q=mar", "/schools/export/csv/", "/visits/?note=late", "/visits/?state=held",
        "/visits/?school=888", "/admin/", "/interests/", "/plans/888/2009/", "/schools/999/1/", "/notes/00000000000000000000/",
    ]  # fmt: skip
    world = scene.world
    for school in (world.oak, world.ash, world.birch):
        at = [school.authority.code, school.urn]
        found += [
            reverse("schools:school-detail", args=at),
            *(reverse("schools:school-tab", args=[*at, tab]) for tab in ("people", "timeline", "visits")),
        ]
    for note in scene.notes.values():
        found += [note.get_absolute_url(), note.visit.get_absolute_url()]
        found += [reverse(f"visits:{name}", args=[note.public_id]) for name in ("note-write", "note-preview", "note-check")]
        found.append(reverse("visits:note-edit", args=[note.public_id, "standards"]))
        for review in note.gate_reviews.all():
            found.append(reverse("visits:review-detail", args=[review.public_id]))
        for record in note.records.all():
            found += [record.get_absolute_url(), reverse("visits:record-pdf", args=[record.public_id])]
        for action in note.actions.all():
            found.append(reverse("visits:action-detail", args=[action.public_id]))
    return found


@pytest.mark.parametrize("actor", ACTORS)
def test_no_page_holds_what_is_not_for_this_person(scene: Scene, actor: str) -> None:
    client = Client(raise_request_exception=True)
    client.force_login(person(scene.world.people[actor]))
    forbidden = {word for word, who in WHO.items() if actor not in who}
    queue = deque(seeds(scene))
    seen: set[str] = set(queue)
    per_route: Counter[str] = Counter()
    opened, leaks, met = 0, [], set[str]()
    while queue:
        url = queue.popleft()
        response = client.get(url)
        assert response.status_code in (200, 302, 403, 404, 405, 409), (url, response.status_code)
        opened += response.status_code == 200
        body = b"".join(response.streaming_content) if response.streaming else response.content
        text = html.unescape(body.decode("utf-8", "replace"))
        leaks += [f"{word} on {url} ({response.status_code})" for word in forbidden if word in text]
        met |= {word for word in WHO if word in text}
        if response.status_code == 302:
            followed = [response["Location"]]
        else:
            followed = LINK.findall(text) if "html" in response.get("Content-Type", "") else []
        for link in map(html.unescape, followed):
            if link in seen or LEFT_OUT.match(link):
                continue
            route = route_of(link)
            if route in SENDS or per_route[route] >= PER_ROUTE:
                continue
            seen.add(link)
            per_route[route] += 1
            queue.append(link)
    assert not leaks, "\n".join(leaks)
    assert opened >= 7, opened
    expects = {
        "sip": "zqdraftzq",
        "head": "zqreleasezq",
        "chair": "zqfinalzq",
        "manager": "zqreviewzq",
        "dpo": "zqwithdrawnzq",
        "other_manager": "Birchwood",
    }
    assert expects.get(actor, next(iter(WHO))) in met or actor not in expects, f"the crawl of {actor} met only {sorted(met)}"


def test_an_unknown_page_and_a_foreign_one_are_the_same_page(scene: Scene) -> None:
    client = Client()
    client.force_login(person(scene.world.sip))
    pages = {
        "/notes/00000000000000000000/": scene.notes["other"].get_absolute_url(),
        "/visits/00000000000000000000/": scene.notes["other"].visit.get_absolute_url(),
        "/schools/999/1/": reverse("schools:school-detail", args=["888", scene.world.birch.urn]),
        "/schools/999/2/": reverse("schools:school-detail", args=["999", scene.world.elm.urn]),
    }

    def shown(path: str) -> bytes:
        response = client.get(path)
        assert response.status_code == 404
        return re.sub(rb'csrfmiddlewaretoken" value="[^"]*"', b"", response.content).replace(path.encode(), b"")

    for unknown, foreign in pages.items():
        assert shown(unknown) == shown(foreign), foreign
