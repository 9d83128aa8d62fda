"""How the file of a bundle is made. Reads only; what is kept is written by ``services.bundles``."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from django.utils import timezone
from django.utils.text import slugify

from core import files
from core.access import Refused
from core.components import formats
from core.documents import Document, DocumentFailed
from core.documents.assets import emblem_url
from core.documents.joining import volume
from core.tabular.writing import write_csv
from people.models import Authority
from people.pack import PLAIN_LABELS, Labels
from people.packs import pack_for

from .bundle_choice import MadeBundle
from .choices import BundleForm
from .documents import note_document, note_made
from .models import Bundle, NoteRecord

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Entry:
    """One note as the first page lists it. ``page`` is the page of the file on which it begins."""

    record: NoteRecord
    anchor: str
    page: int


def make_file(bundle: Bundle, records: Sequence[NoteRecord], at: dt.datetime, progress: Progress) -> MadeBundle:
    """The file of these records. Raises ``Refused`` with a sentence where it cannot be made; call it outside a transaction."""
    target = tempfile.TemporaryFile()  # noqa: SIM115 (handed on, and closed by whoever keeps it)
    try:
        if bundle.form == BundleForm.PDF:
            pages, rendered = _as_pdf(bundle, records, at, progress, target)
        else:
            pages, rendered = _as_zip(records, progress, target)
    except DocumentFailed as failure:
        target.close()
        raise Refused(str(failure)) from None
    except BaseException:
        target.close()
        raise
    size = target.tell()
    target.seek(0)
    digest = hashlib.file_digest(target, "sha256").hexdigest()
    target.seek(0)
    return MadeBundle(target, size, digest, pages, rendered)


def _payloads(records: Sequence[NoteRecord]) -> Iterator[tuple[NoteRecord, dict[str, Any]]]:
    """Each with what it says, a few dozen read at a time."""
    for start in range(0, len(records), 40):
        part = records[start : start + 40]
        texts = dict(NoteRecord.objects.filter(pk__in=[record.pk for record in part]).values_list("pk", "payload"))
        for record in part:
            yield record, json.loads(texts[record.pk])


def _as_pdf(bundle: Bundle, records: Sequence[NoteRecord], at: dt.datetime, progress: Progress, target: IO[bytes]) -> tuple[int, int]:
    total = len(records) + 1
    counted: list[tuple[NoteRecord, str, int]] = []
    with volume() as book:
        for done, (record, payload) in enumerate(_payloads(records)):
            anchor = f"note-{record.public_id}"
            pages = book.add(note_document(payload, record.digest, imported=record.pdf_id is None, anchor=anchor))
            counted.append((record, anchor, pages))
            progress(done + 1, total, f"{done + 1} of {len(records)} notes laid out")
        front = book.front(_front(bundle, counted, 1, at))
        progress(len(records), total, "Writing the file")
        made = book.join(_front(bundle, counted, front, at))
    target.write(made.pdf)
    return made.pages, sum(record.pdf_id is None for record in records)


def _front(bundle: Bundle, counted: Sequence[tuple[NoteRecord, str, int]], front: int, at: dt.datetime) -> Document:
    """The first pages: what was chosen, by whom and when, and where each note begins."""
    entries, page = [], front + 1
    for record, anchor, pages in counted:
        entries.append(Entry(record, anchor, page))
        page += pages
    authority = bundle.authority
    return Document(
        template="documents/bundle_front.html",
        context={
            "bundle": bundle,
            "authority": authority,
            "entries": entries,
            "rendered": sum(record.pdf_id is None for record, _, _ in counted),
            "pages": page - 1,
            "made_at": timezone.localtime(at),
            "emblem": emblem_url(authority.code),
            "labels": words_of(authority, timezone.localtime(at).date()),
        },
        title=bundle.title,
        author=", ".join(filter(None, [authority.full_name or authority.name, authority.service])),
        subject=f"{formats.plural(len(entries), 'final note')}, {formats.day(timezone.localtime(at))}",
        created=at,
        identifier=bundle.public_id,
        brand=authority.brand_colour,
    )


def words_of(authority: Authority, on: dt.date) -> Labels:
    """The authority's words; plain ones before it has a policy."""
    pack = pack_for(authority, on)
    return pack.labels() if pack else PLAIN_LABELS


def _as_zip(records: Sequence[NoteRecord], progress: Progress, target: IO[bytes]) -> tuple[int, int]:
    """The PDFs of record, byte for byte; those without one are rendered, and named so. With a list as a table."""
    listed: list[list[Any]] = []
    rendered = pages = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as packed:
        for done, (record, payload) in enumerate(_payloads(records)):
            if record.pdf is not None:
                content, what = files.read(record.pdf), "PDF of record"
            else:
                made = note_made(payload, record.digest, imported=True)
                content, what = made.pdf, "imported: made from its text, no PDF of record"
                rendered += 1
            name = file_name(record)
            when = timezone.localtime(record.at)
            packed.writestr(zipfile.ZipInfo(name, (max(when.year, 1980), when.month, when.day, when.hour, when.minute, 0)), content)
            visit = record.note.visit
            listed.append([name, record.school.name, record.school.urn, visit.on, visit.visit_type_label, visit.lead.name, record.note.reference,
                           record.version, what, record.digest, hashlib.sha256(content).hexdigest()])  # fmt: skip
            progress(done + 1, len(records), f"{done + 1} of {len(records)} notes packed")
        heads = ["File", "School", "URN", "Visit", "Kind of visit", "Led by", "Reference", "Version", "What it is", "SHA-256 of the record",
                 "SHA-256 of the file"]  # fmt: skip
        packed.writestr(zipfile.ZipInfo("contents.csv", (1980, 1, 1, 0, 0, 0)), write_csv(heads, listed))
    return pages, rendered


def file_name(record: NoteRecord) -> str:
    """ "oakfield-primary-school-2008-10-09-2008-0417-version-2.pdf": by school, then day; one without a PDF of record says so."""
    on = f"-{record.note.visit.on.isoformat()}" if record.note.visit.on else ""
    said = "" if record.pdf_id else "-imported"
    return f"{slugify(record.school.name)[:60]}{on}-{slugify(record.note.reference.replace('/', '-'))}-version-{record.version}{said}.pdf"
