"""Writing without a network, as the server sees it: a key a device, pieces that open once, and keys that are deleted."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from django.urls import reverse

from core.access import Refused
from core.audit import AuditEvent
from core.sealing import CURVE, INFO, Sealed, Unopened, decode, encode, make_pair, open_sealed
from people.models import User
from people.services import deactivate
from schools.choices import AssignmentKind
from tests.factories import visits as make
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, make_assignment
from visits import services
from visits.choices import OfflineEnd
from visits.models import NoteOfVisit, OfflineKey
from visits.services import SentPiece

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(world: World, settings: Any) -> World:
    settings.SIP_TODAY = TODAY
    make.load_england_2008(world.authority)
    return world


@pytest.fixture
def note(world: World) -> NoteOfVisit:
    return make.start(world.sip, world.oak)


def seal(public: str, header: str, text: str) -> Sealed:
    """What the browser does (static/portal/offline-store.js)."""
    theirs = decode(public)
    key = ec.generate_private_key(CURVE)
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs))
    secret = HKDF(algorithm=SHA256(), length=32, salt=point + theirs, info=INFO).derive(shared)
    nonce = secrets.token_bytes(12)
    return Sealed(header, encode(point), encode(nonce), encode(AESGCM(secret).encrypt(nonce, text.encode(), header.encode())))


class Device:
    """A browser of the writer's, with a key for the note."""

    def __init__(self, user: User, note: NoteOfVisit, name: str = "device01") -> None:
        self.user, self.note, self.pieces = user, note, 0
        self.client = Client()
        self.client.force_login(user)
        answer = self.client.post(reverse("visits:note-offline-key", args=[note.public_id]), {"device": name})
        assert answer.status_code == 200, answer.content
        self.told = answer.json()

    def keep(self, text: str, *, section: str = "standards", kind: str = "whole", base: int = 0) -> Sealed:
        self.pieces += 1
        header = {"v": 1, "key": self.told["key"], "id": f"piece{self.pieces}", "section": section, "kind": kind, "base": base}
        header["at"] = "2008-10-14T13:02:00.000Z"
        content = urlencode({"base": base, "body": text}) if kind == "whole" else text
        return seal(self.told["public"], json.dumps(header), content)

    def send(self, sealed: Sealed, *, as_page: bool = False) -> Any:
        headers = {} if as_page else {"Accept": "application/json"}
        address = reverse("visits:note-offline-piece", args=[self.note.public_id])
        return self.client.post(address, vars(sealed), headers=headers)

    def status(self, sealed: Sealed) -> str:
        return str(self.send(sealed).json()["status"])

    def body(self, section: str = "standards") -> str:
        return self.note.sections.get(code=section).body


def test_a_seal_opens_with_the_servers_half_alone_and_shows_every_change() -> None:
    pair, other = make_pair("one"), make_pair("two")
    sealed = seal(pair.public, "header", "Standards rose. Ünïcode ✓")
    assert open_sealed(sealed, private=pair.private, name="one") == "Standards rose. Ünïcode ✓"
    assert "Standards" not in sealed.sealed and len(decode(pair.private)) == 12 + 32 + 16
    changed = encode(decode(sealed.sealed)[:-1] + b"x")
    for bad, private, name in (
        (replace(sealed, header="Header"), pair.private, "one"),
        (replace(sealed, sealed=changed), pair.private, "one"),
        (replace(sealed, point=encode(b"\4" + b"\1" * 64)), pair.private, "one"),  # not on the curve
        (replace(sealed, point="", nonce="", sealed=""), pair.private, "one"),
        (replace(sealed, nonce="ä"), pair.private, "one"),
        (sealed, other.private, "two"),
        (sealed, pair.private, "two"),  # a private half moved to another row
        (sealed, "", "one"),
    ):
        with pytest.raises(Unopened):
            open_sealed(bad, private=private, name=name)


def test_the_private_half_opens_with_the_secret_of_before_and_with_no_other(settings: Any) -> None:
    pair = make_pair("one")
    sealed = seal(pair.public, "h", "text")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 8, [settings.SECRET_KEY]
    assert open_sealed(sealed, private=pair.private, name="one") == "text"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(Unopened):
        open_sealed(sealed, private=pair.private, name="one")


def test_pieces_come_in_once_through_the_one_save(world: World, note: NoteOfVisit) -> None:
    laptop = Device(world.sip, note)
    assert laptop.told["school"] == "Oakfield Primary School" and "Standards" not in laptop.told["key"]
    whole, more = laptop.keep("Written in the car."), laptop.keep("And at the kitchen table.", kind="more")
    assert [laptop.status(whole), laptop.status(more)] == ["taken", "taken"]
    assert laptop.body() == "Written in the car.\n\nAnd at the kitchen table."
    assert [laptop.status(whole), laptop.status(more)] == ["already", "already"]
    assert laptop.body() == "Written in the car.\n\nAnd at the kitchen table."
    # what an open page saves by itself carries its piece's name: sent again sealed, it is known
    sealed = laptop.keep("Written in the car, once more.", base=2)
    name = f"{laptop.told['key']}:piece{laptop.pieces}"
    save = reverse("visits:note-section-save", args=[note.public_id, "standards"])
    answer = laptop.client.post(save, {"base": "2", "body": "Written in the car, once more.", "piece": name})
    assert answer.json()["status"] == "saved" and laptop.status(sealed) == "already"
    assert laptop.client.post(save, {"base": "3", "body": "x", "piece": name}).json()["status"] == "saved"  # taken; nothing written
    assert laptop.body() == "Written in the car, once more."


def test_where_the_portal_is_newer_both_are_shown_and_the_writer_chooses(world: World, note: NoteOfVisit) -> None:
    laptop = Device(world.sip, note)
    services.save_section(actor=world.sip, note=note, key="standards", base_revision=0, body="From the office.", at=NOW)
    sealed = laptop.keep("From the train.")
    assert laptop.status(sealed) == "conflict"
    shown = laptop.send(sealed, as_page=True)
    html = shown.content.decode()
    assert shown.status_code == 409 and "From the office." in html and "From the train." in html
    name = f"{laptop.told['key']}:piece1"
    assert f'name="piece" value="{name}"' in html
    edit = reverse("visits:note-edit", args=[note.public_id, "standards"])
    answer = laptop.client.post(edit, {"base": "1", "body": "From the train.", "resolve": "both", "piece": name})
    assert answer.status_code == 303 and laptop.body() == "From the office.\n\nFrom the train."
    assert laptop.status(sealed) == "already"
    other = laptop.keep("Another.", base=1)
    assert laptop.status(other) == "conflict"
    laptop.client.post(edit, {"resolve": "theirs", "piece": f"{laptop.told['key']}:piece2"})
    assert laptop.status(other) == "already" and "Another." not in laptop.body()
    assert AuditEvent.objects.filter(event="note.offline_set_aside").count() == 1
    # a form sent while the page was saving itself bears the older text's piece: its own words are not lost with that
    twice = laptop.client.post(edit, {"base": "1", "body": "Longer since.", "piece": name})
    assert twice.status_code == 409 and "Longer since." in twice.content.decode()
    same = laptop.keep("From the office.\n\nFrom the train.", base=0)  # the answer to its save was lost on the way
    assert laptop.status(same) == "taken"


def test_only_the_writers_own_pieces_of_this_note_open(world: World, note: NoteOfVisit) -> None:
    laptop = Device(world.sip, note)
    sealed = laptop.keep("Mine.")
    elsewhere = make.start(world.sip, world.ash)
    wrong = Device(world.sip, elsewhere)
    assert wrong.send(sealed).json()["status"] == "unreadable"
    for damaged in (
        replace(sealed, header="{}"),
        replace(sealed, sealed="AAAA"),
        replace(sealed, header=sealed.header.replace("piece1", "piece9")),
    ):
        answer = laptop.send(damaged)
        assert answer.status_code == 422 and "no longer be read" in answer.json()["message"]
    with pytest.raises(Refused, match="not sealed by you"):
        services.open_offline_piece(actor=world.manager, note=note, sent=sealed, at=NOW)
    assert laptop.body() == "" and laptop.status(sealed) == "taken"


@pytest.mark.parametrize("how", ["submitted", "handed_on", "abandoned", "revoked", "deactivated", "expired"])
def test_keys_are_deleted_and_what_was_sealed_to_them_is_gone_and_says_why(world: World, note: NoteOfVisit, how: str) -> None:
    make.fill(world.sip, note)
    laptop = Device(world.sip, note)
    sealed = laptop.keep("Too late.", base=note.sections.get(code="standards").revision)
    at = NOW
    if how == "submitted":
        make.submit(world.sip, note, asks_review=True)
    elif how == "handed_on":
        make_assignment(world.consultant, world.oak, AssignmentKind.NC_ADVISER)
        services.hand_on_note(actor=world.manager, note=make.fresh(note), author=world.fresh("consultant"), reason="Ill.", at=NOW)
    elif how == "abandoned":
        services.abandon_note(actor=world.sip, note=make.fresh(note), reason="No.", at=NOW)
    elif how == "revoked":
        assignment = world.oak.assignments.get(adviser=world.sip)
        type(assignment).objects.filter(pk=assignment.pk).update(
            ends_on=TODAY - dt.timedelta(days=1), finish_by=TODAY - dt.timedelta(days=1), read_until=TODAY + dt.timedelta(days=90)
        )
        services.end_unused_offline_keys(actor=None, at=at)
    elif how == "deactivated":
        deactivate(actor=world.administrator, user=world.fresh("sip"), reason="Left.", at=NOW)
    else:
        at = NOW + dt.timedelta(days=31)
        services.end_unused_offline_keys(actor=None, at=at)
    key = OfflineKey.objects.get(public_id=laptop.told["key"])
    assert (key.private_key, key.end_reason) == ("", how) and key.ended_at is not None
    with pytest.raises(Refused, match=str(OfflineEnd(how).label)):
        services.open_offline_piece(actor=world.fresh("sip"), note=make.fresh(note), sent=sealed, at=at)
    assert "Too late." not in laptop.body()
    if how in ("submitted", "abandoned"):
        answer = laptop.send(sealed)
        assert (answer.status_code, answer.json()["status"]) == (422, "unreadable") and OfflineEnd(how).label in answer.json()["message"]


def test_a_key_lives_while_it_is_used_and_not_where_the_authority_says_no(world: World, note: NoteOfVisit) -> None:
    key = services.offer_offline_key(actor=world.sip, note=note, device="device01", at=NOW)
    again = services.offer_offline_key(actor=world.sip, note=note, device="device01", at=NOW + dt.timedelta(hours=1))
    assert again == key and AuditEvent.objects.filter(event="note.offline_ready").count() == 1
    later = services.offer_offline_key(actor=world.sip, note=note, device="device01", at=NOW + dt.timedelta(days=20))
    assert later == key and later.expires_at == NOW + dt.timedelta(days=50)
    over = services.offer_offline_key(actor=world.sip, note=note, device="device01", at=NOW + dt.timedelta(days=51))
    assert over != key and OfflineKey.objects.get(pk=key.pk).private_key == ""
    assert services.end_unused_offline_keys(actor=None, at=NOW) == 0
    with pytest.raises(Refused, match="no name"):
        services.offer_offline_key(actor=world.sip, note=note, device="<script>", at=NOW)
    services.set_offline_piece_aside(actor=world.sip, note=note, piece=SentPiece(over.public_id, "x"), at=NOW)
    edit = reverse("visits:note-edit", args=[note.public_id, "standards"])
    client = Client()
    client.force_login(world.sip)
    assert "data-offline=" in client.get(edit).content.decode()
    world.authority.settings = {**world.authority.settings, "offline_writing": False}
    world.authority.save()
    assert "data-offline=" not in client.get(edit).content.decode()
    answer = client.post(reverse("visits:note-offline-key", args=[note.public_id]), {"device": "device01"})
    assert answer.status_code == 422 and "switched off" in answer.json()["message"]


def test_the_shell_and_the_worker_hold_nothing_of_anybody(world: World, note: NoteOfVisit) -> None:
    for name in ("offline-shell", "offline-worker"):
        signed_in = Client()
        signed_in.force_login(world.sip)
        pages = [client.get(reverse(f"visits:{name}")) for client in (Client(), signed_in)]
        assert all(page.status_code == 200 for page in pages)
        html = pages[0].content.decode()
        assert "Wealdshire" not in html and "Oakfield" not in html and "csrfmiddlewaretoken" not in html
    worker = Client().get(reverse("visits:offline-worker"))
    assert worker["Content-Type"].startswith("text/javascript") and "worker-src 'self'" in worker["Content-Security-Policy"]
    script = worker.content.decode()
    assert ".put(" not in script and script.count("addAll") == 1  # nothing but the list goes into a cache
    client = Client()
    client.force_login(world.sip)
    assert client.get(reverse("visits:note-edit", args=[note.public_id, "standards"]))["Cache-Control"] == "no-store"
