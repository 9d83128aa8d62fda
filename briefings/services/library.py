"""What goes into the library, and how it is published, replaced and retired (P32, S15)."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Collection
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from core import audit, files
from core.access import Conflict, Refused, require
from people.models import Authority, User
from people.packs import AuthorityPack, require_pack
from people.roles import HAT_NAMES, Hat
from people.roles import Permission as P
from visits.models import RedactedCopy
from visits.redaction import remains

from ..choices import ResourceState
from ..indexing import index_resource, unindex_resource
from ..models import Resource, ResourceAudience, ResourceDraft, ResourceOpening, ResourceVersion
from ..pack import ResourceType, briefings_of
from ..samples import KIND_OF_NOTE, identifying_words, sample_text
from ..uploads import Upload
from ..workflow import RESOURCE_WORKFLOW

TEXT_MOST = 120_000
READERS = (
    Hat.SIP,
    Hat.NC_ADVISER,
    Hat.MENTOR,
    Hat.OFFICER,
    Hat.HEAD_OF_IMPROVEMENT,
    Hat.FINANCE_OFFICER,
    Hat.DATA_PROTECTION_OFFICER,
    Hat.REGIONAL_COORDINATOR,
    Hat.ADMINISTRATOR,
    Hat.HEAD,
    Hat.CHAIR,
    Hat.CLERK,
)
"""For whom a resource may be. Managers read all of their authority's."""


@dataclass(frozen=True, kw_only=True)
class ResourceFacts:
    """What a resource is, apart from its words. ``audience``: hats of :data:`READERS`."""

    kind: str
    title: str
    summary: str = ""
    audience: Collection[str] = ()


@dataclass(frozen=True, kw_only=True)
class Content:
    """What the next version holds. ``keeps_file``: the file of the version before it stays, unless another is sent."""

    text: str = ""
    upload: Upload | None = None
    keeps_file: bool = False
    changes: str = ""


def _type(pack: AuthorityPack, code: str) -> ResourceType:
    found = briefings_of(pack.content).resource_type(code)
    if found is None:
        raise Refused("Choose what it is.", field="kind")
    return found


def _checked(facts: ResourceFacts) -> ResourceFacts:
    if not facts.title.strip():
        raise Refused("Enter the title.", field="title")
    if set(facts.audience) - {hat.value for hat in READERS}:
        raise Refused("Choose who may read it.", field="audience")
    return facts


def _free_key(authority: Authority, title: str) -> str:
    """A short name from the title that no resource of the authority has."""
    stem = slugify(title)[:50] or "resource"
    taken = set(Resource.objects.filter(authority=authority, key__startswith=stem).values_list("key", flat=True))
    return stem if stem not in taken else next(key for number in range(2, 10_000) if (key := f"{stem}-{number}") not in taken)


def _create(actor: User, authority: Authority, facts: ResourceFacts, key: str, at: dt.datetime) -> Resource:
    if key and not re.fullmatch(r"[a-z0-9-]{1,60}", key):
        raise Refused("A short name has small letters, digits and hyphens.", field="key")
    try:
        with transaction.atomic():
            resource = Resource.objects.create(
                authority=authority,
                key=key or _free_key(authority, facts.title),
                kind=facts.kind,
                title=facts.title.strip(),
                summary=facts.summary.strip(),
                created_at=at,
                created_by=actor,
            )
    except IntegrityError:
        raise Conflict("There is a resource of that short name already.", field="title") from None
    ResourceAudience.objects.bulk_create([ResourceAudience(resource=resource, hat=hat) for hat in dict.fromkeys(facts.audience)])
    return resource


@transaction.atomic
def add_resource(*, actor: User, authority: Authority, facts: ResourceFacts, content: Content, key: str = "", at: dt.datetime) -> Resource:
    """Begin a resource. Nobody but those who publish sees it until it is published."""
    require(actor, P.RESOURCE_PUBLISH, authority, on=at.date())
    if _type(require_pack(authority, at.date()), _checked(facts).kind).from_redacted_copy:
        raise Refused(
            "A sample note is made from a redacted copy, by a data protection officer. Nothing else is published as one.", field="kind"
        )
    resource = _create(actor, authority, facts, key, at)
    _draft(actor, resource, content, at)
    changes = {"kind": facts.kind, "audience": sorted(facts.audience)}
    audit.record("resource.added", actor=actor, at=at, subject=resource, authority=authority, changes=changes)
    return resource


def _draft(actor: User, resource: Resource, content: Content, at: dt.datetime) -> ResourceDraft:
    """What the next version will hold, in place of what was prepared before."""
    text, upload = content.text.strip(), content.upload
    if len(text) > TEXT_MOST:
        raise Refused("The words are longer than a resource holds. Put them into a file.", field="text")
    draft = ResourceDraft.objects.filter(resource=resource).first() or ResourceDraft(resource=resource)
    before = draft if draft.pk is not None else resource.current
    if upload is not None:
        draft.file, draft.file_name, draft.file_words = files.store(upload.content, upload.media_type, at=at), upload.name, upload.words
    elif content.keeps_file and before is not None:
        draft.file_id, draft.file_name, draft.file_words = before.file_id, before.file_name, before.file_words
    else:
        draft.file, draft.file_name, draft.file_words = None, "", ""
    if not text and draft.file_id is None:
        raise Refused("Write it here, or choose a file.", field="text")
    draft.text, draft.changes = text, content.changes.strip()
    draft.revision += 1
    draft.prepared_at, draft.prepared_by = at, actor
    draft.save()
    return draft


@transaction.atomic
def write_resource(*, actor: User, resource: Resource, content: Content, revision: int | None = None, at: dt.datetime) -> ResourceDraft:
    """Write the next version, or go on with it. ``revision``: of the draft that the person saw, 0 for none.

    Readers keep the current version until the next is published.
    """
    if _type(require_pack(resource.authority, at.date()), resource.kind).from_redacted_copy:
        raise Refused("A sample note stands as the redacted copy says it. To change it, make another copy and offer that.")
    RESOURCE_WORKFLOW.move(actor, resource, "write", at.date())
    held = ResourceDraft.objects.filter(resource=resource).values_list("revision", flat=True).first() or 0
    if revision is not None and revision != held:
        raise Conflict("Somebody else has changed what is being prepared. What you wrote is still below; look at theirs first.")
    draft = _draft(actor, resource, content, at)
    changes = {"text": audit.content(draft.text), "file": draft.file_name}
    audit.record("resource.written", actor=actor, at=at, subject=resource, authority=resource.authority, changes=changes)
    return draft


@transaction.atomic
def discard_draft(*, actor: User, resource: Resource, at: dt.datetime) -> None:
    """Give up what is being prepared; the current version stays."""
    RESOURCE_WORKFLOW.move(actor, resource, "discard", at.date())
    if not ResourceDraft.objects.filter(resource=resource).delete()[0]:
        raise Refused("Nothing is being prepared.")
    audit.record("resource.discarded", actor=actor, at=at, subject=resource, authority=resource.authority)


@transaction.atomic
def change_resource(*, actor: User, resource: Resource, facts: ResourceFacts, at: dt.datetime) -> Resource:
    """Another title, summary, kind or audience. The audience holds for every version, at once."""
    pack = require_pack(resource.authority, at.date())
    if _type(pack, _checked(facts).kind).from_redacted_copy != _type(pack, resource.kind).from_redacted_copy:
        raise Refused("What was made from a redacted copy is a sample note, and nothing else is one.", field="kind")
    before = sorted(resource.audience.values_list("hat", flat=True))
    now = sorted(set(facts.audience))
    if resource.state == ResourceState.PUBLISHED and not now:
        raise Refused("Choose who may read it. To take it away from everybody, retire it.", field="audience")
    values = {"kind": facts.kind, "title": facts.title.strip(), "summary": facts.summary.strip()}
    changes: dict[str, object] = {
        name: [getattr(resource, name), value] for name, value in values.items() if getattr(resource, name) != value
    }
    if before != now:
        changes["audience"] = [before, now]
    RESOURCE_WORKFLOW.move(actor, resource, "change", at.date(), **values)
    resource.audience.exclude(hat__in=now).delete()
    ResourceAudience.objects.bulk_create([ResourceAudience(resource=resource, hat=hat) for hat in now if hat not in before])
    index_resource(resource)
    audit.record("resource.changed", actor=actor, at=at, subject=resource, authority=resource.authority, changes=changes)
    return resource


@transaction.atomic
def publish_resource(*, actor: User, resource: Resource, revision: int | None = None, at: dt.datetime) -> ResourceVersion:
    """Make what is prepared the current version, for its readers; the one before it stays, marked. ``revision`` as seen."""
    require(actor, P.RESOURCE_PUBLISH, resource, on=at.date())
    draft = ResourceDraft.objects.filter(resource=resource).first()
    if draft is None:
        raise Conflict("Nothing is being prepared: it was published, or given up, already.")
    if revision is not None and revision != draft.revision:
        raise Conflict("What is prepared has changed since you looked at it. Look at it again before it is published.")
    if draft.redacted_copy is not None and actor.pk in (draft.prepared_by_id, draft.redacted_copy.by_id):
        raise Refused("You made this sample. Somebody else who runs the library looks at it and publishes it.")
    if not resource.audience.exists():
        raise Refused("Choose first who may read it.")
    last = resource.versions.order_by("-number").values_list("number", flat=True).first() or 0
    version = ResourceVersion.objects.create(
        resource=resource,
        number=last + 1,
        text=draft.text,
        file_id=draft.file_id,
        file_name=draft.file_name,
        file_words=draft.file_words,
        changes=draft.changes,
        redacted_copy_id=draft.redacted_copy_id,
        published_at=at,
        published_by=actor,
        published_by_name=actor.name,
    )
    RESOURCE_WORKFLOW.move(actor, resource, "publish", at.date(), current=version)
    ResourceOpening.objects.create(version=version, user=actor, at=at)  # it is not new to whoever published it
    draft.delete()
    index_resource(resource)
    changes = {"version": version.number, "audience": sorted(resource.audience.values_list("hat", flat=True))}
    audit.record("resource.published", actor=actor, at=at, subject=resource, authority=resource.authority, changes=changes)
    return version


@transaction.atomic
def retire_resource(*, actor: User, resource: Resource, why: str, at: dt.datetime) -> Resource:
    """Take it out of the library's lists and searches. Its versions stay readable where they are linked to, and say so."""
    if not why.strip():
        raise Refused("Say why it is retired: its readers see it.", field="why")
    RESOURCE_WORKFLOW.move(actor, resource, "retire", at.date(), retired_on=at.date(), retired_why=why.strip())
    unindex_resource(resource)
    audit.record("resource.retired", actor=actor, at=at, subject=resource, authority=resource.authority, reason=why.strip())
    return resource


@transaction.atomic
def restore_resource(*, actor: User, resource: Resource, at: dt.datetime) -> Resource:
    """Bring a retired resource back, with the version that was current."""
    RESOURCE_WORKFLOW.move(actor, resource, "restore", at.date(), retired_on=None, retired_why="")
    index_resource(resource)
    audit.record("resource.restored", actor=actor, at=at, subject=resource, authority=resource.authority)
    return resource


def open_version(*, actor: User, version: ResourceVersion, at: dt.datetime) -> bool:
    """Note, once, that a person has opened a version: it is no longer new to them. Answers whether it was."""
    require(actor, P.RESOURCE_LIST, version.resource, on=at.date())
    if ResourceOpening.objects.filter(version=version, user=actor).exists():
        return False
    with transaction.atomic():
        was_new = ResourceOpening.objects.get_or_create(version=version, user=actor, defaults={"at": at})[1]
        if was_new:
            resource = version.resource
            changes = {"version": version.number}
            audit.record("resource.opened", actor=actor, at=at, subject=resource, authority=resource.authority, changes=changes)
    return was_new


# ---------------------------------------------------------------- sample notes


@transaction.atomic
def offer_sample(*, actor: User, copy: RedactedCopy, title: str, summary: str = "", at: dt.datetime) -> Resource:
    """Offer a redacted copy of a final note as a sample (P19). A manager publishes it, who did not make the copy.

    Only a copy that a second reader has approved; only its sections, never its masthead; and only where no name of the
    school, of anybody in it, or number that tells which it was is left in them.
    """
    request = copy.item.request
    require(actor, P.SAMPLE_OFFER, request.authority, on=at.date())
    if copy.item.kind != KIND_OF_NOTE:
        raise Refused("Only the copy of a final note becomes a sample note.")
    if request.approved_at is None or copy.revision != copy.item.revision:
        raise Refused("A second reader has not approved this copy. Only an approved copy becomes a sample note.")
    if not title.strip():
        raise Refused("Enter the title.", field="title")
    text = sample_text(json.loads(copy.payload))
    if left := remains(f"{title}\n{summary}\n{text}", identifying_words(copy)):
        raise Refused(f"The copy still names “{left[0]}”. Remove it there, have the copy approved, and offer it again.")
    kind = next(
        (row for row in briefings_of(require_pack(request.authority, at.date()).content).resource_types if row.from_redacted_copy), None
    )
    if kind is None:
        raise Refused("The pack has no kind of resource for sample notes.")
    if ResourceDraft.objects.filter(redacted_copy=copy).exists() or ResourceVersion.objects.filter(redacted_copy=copy).exists():
        raise Conflict("This copy was offered already.")
    facts = ResourceFacts(kind=kind.code, title=title, summary=summary, audience=(Hat.SIP.value, Hat.NC_ADVISER.value))
    resource = _create(actor, request.authority, facts, "", at)
    ResourceDraft.objects.create(resource=resource, text=text, redacted_copy=copy, revision=1, prepared_at=at, prepared_by=actor)
    changes = {"copy": copy.digest, "audience": [HAT_NAMES[Hat(hat)] for hat in facts.audience]}
    audit.record("resource.sample_offered", actor=actor, at=at, subject=resource, authority=request.authority, changes=changes)
    return resource
