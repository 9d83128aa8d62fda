"""What may be kept as a file, in the library or with a briefing, known by its content and not by its name alone (assurance.md §3).

Nothing that a browser would run: no SVG, no HTML, no macros. A file is recognised before any transaction is open, kept in
the database (``core.files``), and handed out as a download that no browser may guess at.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse
from django.core.files.uploadedfile import UploadedFile

from core.access import Refused
from core.components.formats import plural

PDF = "application/pdf"
OFFICE = "application/vnd.openxmlformats-officedocument."
MEDIA_TYPES = {
    "pdf": PDF,
    "docx": f"{OFFICE}wordprocessingml.document",
    "xlsx": f"{OFFICE}spreadsheetml.sheet",
    "pptx": f"{OFFICE}presentationml.presentation",
    "png": "image/png",
    "jpg": "image/jpeg",
}
SAME = {"jpeg": "jpg"}
KINDS = "PDF, Word (.docx), Excel (.xlsx), PowerPoint (.pptx), PNG or JPEG"
_OFFICE_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
_SAID = {
    "docx": re.compile(r"word/document\.xml"),
    "xlsx": re.compile(r"xl/sharedStrings\.xml"),
    "pptx": re.compile(r"ppt/slides/slide\d+\.xml"),
}
_PART_MOST = 5 * 1024**2
_PARSED_MOST = 20 * 1024**2
_ENTRIES_MOST = 5_000
_UNPACKED_MOST = 300 * 1024**2
_WORDS_MOST = 150_000


@dataclass(frozen=True)
class Upload:
    """A file that was recognised: only :func:`recognise` makes one. ``words`` are what it says, where that can be read."""

    name: str
    media_type: str
    content: bytes
    words: str = ""


def received(sent: UploadedFile, *, most_mb: int) -> Upload:
    """The file of a form, whose size is asked before its bytes are read. Raises as :func:`recognise` does."""
    _bounded(sent.size or 0, most_mb)
    return recognise(sent.name or "", sent.read(), most_mb=most_mb)


def _bounded(size: int, most_mb: int) -> None:
    if size > most_mb * 1024**2:
        raise Refused(f"The file is larger than {most_mb} MB. Make it smaller, or send its parts one by one.", field="file")


def recognise(name: str, content: bytes, *, most_mb: int) -> Upload:
    """The file, if it is what its name says and one of :data:`KINDS`. Raises :class:`Refused` with the sentence for people."""
    name = _safe(name)
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    ending = SAME.get(ending, ending)
    if not content:
        raise Refused("The file is empty. Choose another.", field="file")
    _bounded(len(content), most_mb)
    if ending not in MEDIA_TYPES:
        raise Refused(f"“{name}” is of a kind that the portal does not keep. Send it as {KINDS}.", field="file")
    found, words = _look(content)
    if found == "macros":
        raise Refused(f"“{name}” holds macros, which the portal does not pass on. Save it without them, and send it again.", field="file")
    if found != ending:
        is_what = f"it is a {found.upper()} file" if found else "its content is something else"
        raise Refused(f"“{name}” is not what its name says: {is_what}. Nothing was kept. Save it anew, and send it again.", field="file")
    return Upload(name, MEDIA_TYPES[ending], content, words)


def _safe(name: str) -> str:
    """The last part of the name, without what a header or a disk would trip over."""
    name = re.sub(r"[\x00-\x1f\x7f\"\\/:*?<>|\u202a-\u202e\u2066-\u2069]", " ", re.split(r"[\\/]", name)[-1])
    name = re.sub(r"\s+", " ", name).strip(" .")
    stem, dot, ending = name.rpartition(".")
    return f"{stem[:140]}{dot}{ending[:10]}" if dot else name[:150]


def _look(content: bytes) -> tuple[str, str]:
    """What the bytes are (an ending, "macros", or nothing that we know), and the words in them."""
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return "pdf", ""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        return "png", ""
    if content.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in content[-64:]:
        return "jpg", ""
    if content.startswith(b"PK\x03\x04"):
        try:
            return _look_in_archive(content)
        except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError, UnicodeDecodeError):
            return "", ""
    return "", ""


def _look_in_archive(content: bytes) -> tuple[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        names = {entry.filename for entry in entries}
        if len(entries) > _ENTRIES_MOST or sum(entry.file_size for entry in entries) > _UNPACKED_MOST:
            return "", ""
        kind = next((kind for kind, part in _OFFICE_PARTS.items() if part in names and "[Content_Types].xml" in names), "")
        if not kind:
            return "", ""
        types = archive.read("[Content_Types].xml") if archive.getinfo("[Content_Types].xml").file_size < _PART_MOST else b""
        if b"macroEnabled" in types or any(name.lower().endswith(("vbaproject.bin", "vbadata.xml")) for name in names):
            return "macros", ""
        parts = sorted((entry for entry in entries if _SAID[kind].fullmatch(entry.filename)), key=lambda e: (len(e.filename), e.filename))
        said: list[str] = []
        left = _PARSED_MOST
        for entry in parts:
            if entry.file_size <= min(_PART_MOST, left) and sum(map(len, said)) < _WORDS_MOST:
                left -= entry.file_size
                said += _words_of(archive.read(entry))
        return kind, "\n".join(said)[:_WORDS_MOST]


def _words_of(xml: bytes) -> list[str]:
    """The paragraphs of one part: what stands in its text elements (``t``), paragraph (``p``, ``si``) by paragraph."""
    lines: list[str] = []
    line: list[str] = []
    try:
        for _, node in iterparse(io.BytesIO(xml), forbid_dtd=True):
            name = node.tag.rpartition("}")[2]
            if name == "t":
                line.append(node.text or "")
            elif name in ("p", "si"):
                if said := "".join(line).strip():
                    lines.append(said)
                line = []
            node.clear()
    except (ParseError, DefusedXmlException, ValueError):
        return []
    return lines


def size_in_words(size: int) -> str:
    """Of a file, as people say it: "240 KB", "1.4 MB"."""
    if size < 1024**2:
        return f"{max(1, round(size / 1024))} KB" if size >= 1024 else plural(size, "byte")
    return f"{size / 1024**2:.1f} MB"
