"""The one renderer of documents: a Django template and a print style in, a tagged PDF/UA-1 out.

WeasyPrint runs in a warm process of its own (``core.documents.pool``) with no network, no files but the portal's fonts
and emblems, and limits of time and memory. The same template, context and metadata give the same bytes: dates come from
the caller, never from the clock. The portal starts without WeasyPrint's system libraries; :func:`is_available` says so.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from core.documents.pool import APT_LINE, DocumentFailed, Limits, Made, Pool, missing_libraries, the_pool

__all__ = ["Document", "DocumentFailed", "Limits", "Made", "Pool", "is_available", "make", "render_many", "render_pdf"]


@dataclass(frozen=True)
class Document:
    """What a PDF is made from.

    ``template`` extends ``documents/base.html``; ``stylesheet`` is a file of ``templates/documents``. ``created`` (aware) and
    ``identifier`` (a digest, say) become the file's own dates and ID; left out, it has none. ``brand`` is the authority's colour.
    """

    template: str
    context: Mapping[str, Any]
    title: str
    lang: str = "en-GB"
    stylesheet: str = "note_print.css"
    author: str = ""
    subject: str = ""
    created: dt.datetime | None = None
    identifier: str = ""
    brand: str = ""

    def html(self) -> str:
        """The page as WeasyPrint gets it. Text is escaped by the template; nothing in a context is markup."""
        from django.template.loader import render_to_string

        from core.documents.palette import Palette

        created = self.created.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if self.created else ""
        document = {
            "title": self.title, "lang": self.lang, "author": self.author, "subject": self.subject,
            "created": created, "palette": Palette.from_brand(self.brand),
        }  # fmt: skip
        return printable(render_to_string(self.template, {**self.context, "document": document}))


# Characters that the face lacks and another of its characters shows alike: hyphens, and spaces of every width.
_ALIKE = {0x2010: "-", 0x2011: "-", 0x2028: "\n", 0x2029: "\n", 0x202F: "\u00a0", 0x2015: "\u2014", 0xFEFF: None}
_ALIKE |= dict.fromkeys([*range(0x2000, 0x2009), 0x200A, 0x205F, 0x3000], " ")
# Control characters have no shape, and those that reorder text could make a page say what its record does not.
_ALIKE |= dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(127, 160)])
_ALIKE |= dict.fromkeys([8206, 8207, *range(8234, 8239), *range(8294, 8298)])


def printable(text: str) -> str:
    """``text`` as it can be set: look-alike hyphens and spaces as the face has them, no control or reordering characters."""
    return text.translate(_ALIKE)


def make(document: Document) -> Made:
    """The PDF with its number of pages. Raises :class:`DocumentFailed` with a sentence for the person who asked."""
    return the_pool().make(document.html(), document.stylesheet, document.identifier)


def render_pdf(template: str, context: Mapping[str, Any], *, title: str, lang: str = "en-GB", **metadata: Any) -> bytes:
    """The PDF's bytes. ``metadata`` as the fields of :class:`Document`. Raises :class:`DocumentFailed`."""
    return make(Document(template=template, context=context, title=title, lang=lang, **metadata)).pdf


def render_many(documents: Iterable[Document], *, pool: Pool | None = None) -> Iterator[Made | DocumentFailed]:
    """Each document's PDF or its failure, in order, made by as many processes as there are cores.

    ``documents`` may be a generator: it is read a few ahead of what has been taken, so that a bundle of a thousand is
    never in memory at once. One failure does not stop the rest.
    """
    chosen = pool or the_pool()

    def one(document: Document) -> Made | DocumentFailed:
        try:
            return chosen.make(document.html(), document.stylesheet, document.identifier)
        except DocumentFailed as failure:
            return failure

    waiting: deque[Future[Made | DocumentFailed]] = deque()
    with ThreadPoolExecutor(max_workers=chosen.size, thread_name_prefix="documents") as threads:
        for document in documents:
            waiting.append(threads.submit(one, document))
            if len(waiting) > 2 * chosen.size:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def is_available() -> tuple[bool, str]:
    """Whether documents can be made here and, if not, the sentence that says what to install. Starts nothing."""
    from importlib.util import find_spec

    from core.documents import assets

    if find_spec("weasyprint") is None:
        return False, "The Python package weasyprint is not installed. Run: make setup"
    if lacking := missing_libraries():
        return False, f"Documents need system libraries that are missing ({', '.join(lacking)}). Run: {APT_LINE}"
    try:
        assets.faces()
    except assets.MissingFonts as error:
        return False, str(error)
    return True, ""
