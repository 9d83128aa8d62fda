"""Resources of the library, made through the services that people use, and files of every kind that may be sent."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection
from typing import Any

from briefings import services
from briefings.models import Resource
from briefings.services import Content, ResourceFacts
from briefings.uploads import recognise

from .people import NOW
from .schools import World

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 30
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 40 + b"\xff\xd9"
WORD_NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def office(kind: str = "docx", *, says: str = "Words of the file", more: dict[str, bytes] | None = None) -> bytes:
    """A file of an office program, as small as one can be."""
    main = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}[kind]
    body = f'<w:document xmlns:w="{WORD_NAMESPACE}"><w:body><w:p><w:r><w:t>{says}</w:t></w:r></w:p></w:body></w:document>'
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(main, body)
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return held.getvalue()


def make_resource(
    world: World,
    title: str = "SIP handbook",
    *,
    text: str = "Read it *before* the visit.",
    audience: Collection[str] = ("sip",),
    kind: str = "handbook",
    summary: str = "",
    file: tuple[str, bytes] | None = None,
    key: str = "",
    is_published: bool = True,
    actor: Any = None,
    authority: Any = None,
) -> Resource:
    upload = recognise(*file, most_mb=10) if file else None
    facts = ResourceFacts(kind=kind, title=title, summary=summary, audience=audience)
    manager = actor or world.fresh("manager")
    content = Content(text=text, upload=upload)
    resource = services.add_resource(actor=manager, authority=authority or world.authority, facts=facts, content=content, key=key, at=NOW)
    if is_published:
        services.publish_resource(actor=manager, resource=resource, at=NOW)
    return resource
