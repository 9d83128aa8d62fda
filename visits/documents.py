"""PDFs: the note's of record, made from a record's payload and its digest and from nothing else; the preparation pack."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core import canonical
from core.components import formats
from core.documents import Document, Made, make
from core.documents.assets import emblem_url
from people.models import Authority, User
from people.packs import AuthorityPack
from visits import record
from visits.models import NoteOfVisit, Visit
from visits.pack import VisitType
from visits.payload import PayloadBuilder, RenderedRecord
from visits.preparation import SchoolPack
from visits.redaction import Removal
from visits.selectors import role_at

# How a section is set. A short opening stands beside its hanging heading and keeps with it; a long one flows from page
# to page with the heading beside its start. Characters, at about 95 to a line. A table of more rows than a few is not kept
# whole; data sets are set in two columns unless they are very many.
_BESIDE = 640
_SHORT_TABLE = 6
_LEAD = 260
_COLUMNS = 24


@dataclass
class _Section:
    """One section as the template sets it: what stands beside the heading, then the rest in order."""

    number: int
    title: str
    shared: bool
    judgements: list[record.Judgement]
    comments: list[dict[str, Any]]
    lead: list[str] = field(default_factory=list)
    opening: list[list[str]] = field(default_factory=list)
    blocks: list[dict[str, Any]] = field(default_factory=list)
    flows: bool = False

    @property
    def is_bare(self) -> bool:
        """Nothing to stand beside the heading."""
        one = self.judgement
        return not (self.lead or self.opening or (one and (one.evidence or one.descriptor)))

    @property
    def judgement(self) -> record.Judgement | None:
        """The one judgement of a section that has one; several are a table."""
        return self.judgements[0] if len(self.judgements) == 1 else None


def _laid_out(source: dict[str, Any]) -> _Section:
    section = _Section(source["number"], source["title"], source["shared"], record.judgements_of(source), source["comments"])
    blocks = [block for block in source["blocks"] if block["kind"] != "judgement"]
    while blocks and blocks[0]["kind"] == "text":
        section.opening += record.paragraphs(blocks.pop(0)["text"])
    if section.opening and sum(map(len, section.opening[0])) <= _LEAD:
        section.lead = section.opening.pop(0)
    length = sum(len(line) for lines in section.opening for line in lines)
    section.flows = length > _BESIDE
    section.blocks = [_block_laid_out(block) for block in blocks]
    return section


def _block_laid_out(block: dict[str, Any]) -> dict[str, Any]:
    if block["kind"] == "text":
        return dict(block, paragraphs=record.paragraphs(block["text"]))
    rows = block.get("rows", [])
    laid = dict(block, is_long=len(rows) > _SHORT_TABLE)
    if block["kind"] == "datasets":
        days = Counter(row["studied_on"] for row in rows if row["state"] == "studied" and row["studied_on"])
        # The day on which most were studied is said once.
        laid |= {"in_columns": len(rows) <= _COLUMNS, "day": days.most_common(1)[0][0] if days else None}
    return laid


@dataclass(frozen=True)
class CopyFacts:
    """What a redacted copy says of itself: under which request it was made, when, and what is gone from where."""

    reference: str
    on: dt.date
    removed: Sequence[Removal]

    @property
    def by_exemption(self) -> list[tuple[str, int, str]]:
        """Each exemption with how many removals and from where, in the order of the page."""
        found: dict[str, list[str]] = {}
        for one in self.removed:
            found.setdefault(one.exemption, []).append(one.where)
        return [(exemption, len(places), "; ".join(dict.fromkeys(places))) for exemption, places in found.items()]


def note_document(
    payload: dict[str, Any], digest: str, *, imported: bool = False, anchor: str = "", copy: CopyFacts | None = None
) -> Document:
    """What the renderer gets. ``digest`` is the record's (64 hexadecimal digits); its start is printed in the footer.

    ``imported``: the record has no PDF of record, and this one says so. ``anchor`` is a name for its beginning, to which
    another document of the same volume may lead. ``copy``: it is no record but a redacted copy, and says so. None of them is
    ever set for a PDF of record.
    """
    note, authority, school, visit, words = (payload[key] for key in ("note", "authority", "school", "visit", "words"))
    is_final = note["kind"] == record.FINAL
    moment = payload["dates"]["finalised_at"] if is_final else payload["dates"]["released_at"] or payload["dates"]["written_on"]
    summary = next((section for section in payload["sections"] if section["code"] == "summary"), None)
    state = "final" if is_final else "draft for accuracy"
    return Document(
        template="documents/note_record.html",
        context={
            "payload": payload,
            "digest": digest,
            "is_final": is_final,
            "state": state,
            "dated": moment,
            "summary": _laid_out(summary) if summary else None,
            "sections": [_laid_out(section) for section in payload["sections"] if section is not summary],
            "judgements": record.judgements(payload),
            "emblem": emblem_url(authority["code"]),
            "imported": imported,
            "anchor": anchor,
            "copy": copy,
        },
        title=("Redacted copy of " if copy else "")
        + f"{words['note']}: {school['name']}, {note['title']}, {formats.day(visit['on'])} (version {note['version']}, {state})",
        author=", ".join(filter(None, [authority["name"], authority["service"]])),
        subject=f"{words['note']} {note['reference']}, version {note['version']}, {state}",
        created=dt.datetime.combine(copy.on, dt.time(12), dt.UTC) if copy else _aware(moment) if moment else None,
        identifier=digest[:32],
        brand=authority["brand"],
    )


def copy_document(payload: dict[str, Any], digest: str, facts: CopyFacts, authority: Authority) -> Document:
    """A redacted copy: of a note in the note's own setting, of anything else as headed text. Made from the redacted tree alone."""
    if "note" in payload:
        return note_document(payload, digest, copy=facts)
    return Document(
        template="documents/redacted_text.html",
        context={"payload": payload, "digest": digest, "copy": facts, "authority": authority, "emblem": emblem_url(authority.code)},
        title=f"Redacted copy: {payload['title']}",
        author=", ".join(filter(None, [authority.full_name or authority.name, authority.service])),
        subject=f"Redacted copy made for request {facts.reference}",
        created=dt.datetime.combine(facts.on, dt.time(12), dt.UTC),
        identifier=digest[:32],
        brand=authority.brand_colour,
    )


def note_pdf(payload: dict[str, Any], digest: str) -> bytes:
    """The PDF of record. The same payload and digest give the same bytes. Raises ``core.documents.DocumentFailed``;
    never call it inside a transaction, and not before ``record.validate_payload`` has passed."""
    return note_made(payload, digest).pdf


def note_made(payload: dict[str, Any], digest: str, *, imported: bool = False) -> Made:
    """As :func:`note_pdf`, with the number of pages."""
    return make(note_document(payload, digest, imported=imported))


def _aware(value: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def compose_records(
    note: NoteOfVisit, *, kind: str, at: dt.datetime, actor: User, goes_to_chair: bool | None = None
) -> list[RenderedRecord]:
    """One record a school, checked and sealed, still without its PDF. Reads the note as it stands; call outside a transaction."""
    builder = PayloadBuilder(note, kind=kind, at=at, actor=actor, goes_to_chair=goes_to_chair)
    made = []
    for school in builder.schools:
        payload = builder.build(school)
        record.validate_payload(payload)
        made.append(
            RenderedRecord(
                school_id=school.pk,
                kind=kind,
                version=builder.note.version,
                lock_version=builder.note.lock_version,
                text=canonical.canonical_json(payload).decode(),
                digest=canonical.digest(payload),
                pdf=b"",
                by_role=role_at(actor.hats, school),
                silence=builder.silence(school),
            )
        )
    return made


def render_records(
    note: NoteOfVisit, *, kind: str, at: dt.datetime, actor: User, goes_to_chair: bool | None = None
) -> list[RenderedRecord]:
    """:func:`compose_records` with their PDFs. Raises ``core.documents.DocumentFailed``; never call it inside a transaction."""
    made = compose_records(note, kind=kind, at=at, actor=actor, goes_to_chair=goes_to_chair)
    return [item.with_pdf(note_pdf(json.loads(item.text), item.digest)) for item in made]


def preparation_document(
    *,
    visit: Visit,
    packs: Sequence[SchoolPack],
    kind: VisitType,
    policy: AuthorityPack,
    lede: str,
    draft_due: dt.date | None,
    prepared_by: str,
    at: dt.datetime,
) -> Document:
    """The preparation pack, to be read on paper: each school begins on a page of its own. Not a record of anything."""
    authority = visit.authority
    names = ", ".join(pack.school.name for pack in packs)
    return Document(
        template="documents/preparation.html",
        context={
            "visit": visit,
            "packs": packs,
            "kind": kind,
            "authority": authority,
            "labels": policy.labels(packs[0].school.phase),
            "lede": lede,
            "draft_due": draft_due,
            "prepared_by": prepared_by,
            "at": at,
            "emblem": emblem_url(authority.code),
        },
        title=f"Preparation for {names}: {kind.label}",
        author=", ".join(filter(None, [authority.full_name or authority.name, authority.service])),
        subject="Preparation pack",
        created=at,
        brand=authority.brand_colour,
    )
