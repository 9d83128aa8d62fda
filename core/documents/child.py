"""The process that makes the pages. Run by path, never imported by the portal; it knows neither Django nor the database.

It is started with an empty environment, says ``ready`` when WeasyPrint, the fonts and the print styles are loaded, and
then answers one request after another until its socket closes. After loading it gives up sockets, programs and most of
its memory: what a note contains can then reach neither the network nor a file (assurance G13), whatever WeasyPrint does.

A message is two big-endian 32-bit lengths, a JSON header and a body. In: ``{"step", "stylesheet", "identifier"}`` and the
HTML. Out: ``{"ok", "pages", "peak_kb", "messages"}`` and the PDF, or ``{"ok": false, "reason"}``. ``step`` is "make" for a
document of its own; "hold" lays one out and keeps it, answering its pages alone; "join" makes one PDF of this document
followed by those that are held, with the tags and bookmarks of each, and lets them go.
"""

from __future__ import annotations

import json
import logging
import math
import resource
import socket
import struct
import sys
from pathlib import Path
from typing import Any

LENGTHS = struct.Struct(">II")


def send(channel: socket.socket, header: dict[str, Any], body: bytes = b"") -> None:
    head = json.dumps(header).encode()
    channel.sendall(LENGTHS.pack(len(head), len(body)) + head + body)


def receive(channel: socket.socket) -> tuple[dict[str, Any], bytes]:
    """One message. Raises ``EOFError`` when the other side has gone, ``TimeoutError`` as the socket is set to."""
    head, body = LENGTHS.unpack(_exactly(channel, LENGTHS.size))
    return json.loads(_exactly(channel, head)), _exactly(channel, body)


def _exactly(channel: socket.socket, size: int) -> bytes:
    pieces: list[bytes] = []
    while size:
        piece = channel.recv(min(size, 1 << 20))
        if not piece:
            raise EOFError
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


class _Messages(logging.Handler):
    """What WeasyPrint complains of while it draws one document: names of faults, never shown to users."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if len(self.lines) < 20:
            self.lines.append(record.getMessage()[:300])


def _refuse_the_world(event: str, args: tuple[Any, ...]) -> None:
    """Audit hook, which cannot be taken away again: no sockets and no programs from here on."""
    if event.startswith(("socket.", "subprocess.", "os.exec", "os.system", "os.posix_spawn", "os.fork", "urllib.", "ftplib.", "pty.")):
        raise PermissionError(f"A document may not use {event}.")


class Renderer:
    """WeasyPrint with its fonts and styles loaded once (performance F: parsing them for each note costs three times as much)."""

    def __init__(self, faces: list[dict[str, str]], assets: dict[str, str], stylesheets: dict[str, str]) -> None:
        from weasyprint import CSS
        from weasyprint.logger import LOGGER, PROGRESS_LOGGER
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import URLFetcher, URLFetcherResponse

        class BundledOnly(URLFetcher):  # type: ignore[misc]
            """Serves the portal's own fonts and emblems by name and refuses every other address, relative ones too."""

            def __init__(self) -> None:
                super().__init__(allowed_protocols=(), allow_redirects=False)
                self.handlers.clear()

            def fetch(self, url: str, headers: Any = None) -> Any:
                path = assets.get(url)
                if path is None:
                    raise ValueError("Documents use the portal's own files only.")
                kind = "image/svg+xml" if path.endswith(".svg") else "font/woff2"
                return URLFetcherResponse(url, Path(path).read_bytes(), {"Content-Type": kind})

        self.held: list[Any] = []
        self.messages = _Messages()
        LOGGER.handlers[:] = [self.messages]
        LOGGER.propagate = False
        PROGRESS_LOGGER.disabled = True
        self.fetcher = BundledOnly()
        self.fonts = FontConfiguration()
        rules = "".join(
            f'@font-face {{ font-family: "{face["family"]}"; font-weight: {face["weight"]}; font-style: {face["style"]};'
            f' src: url("{face["url"]}") format("woff2"); }}\n'
            for face in faces
        )
        loaded = CSS(string=rules, font_config=self.fonts, url_fetcher=self.fetcher)
        self.styles = {
            name: [loaded, CSS(string=text, font_config=self.fonts, url_fetcher=self.fetcher)] for name, text in stylesheets.items()
        }

    def render(self, html: str, stylesheet: str, identifier: str, step: str = "make") -> tuple[bytes, int]:
        """The PDF and its number of pages. The same HTML, style and identifier give the same bytes."""
        from weasyprint import HTML

        self.messages.lines.clear()
        options = {"pdf_variant": "pdf/ua-1", "pdf_identifier": identifier.encode() or None, "presentational_hints": False}
        html_document = HTML(string=html, base_url=None, url_fetcher=self.fetcher)
        document = html_document.render(font_config=self.fonts, stylesheets=self.styles[stylesheet], **options)
        if step == "hold":
            self.held.append(document)
            return b"", len(document.pages)
        if step == "join":
            document = document.copy([*document.pages, *(page for each in self.held for page in each.pages)])
            self.held.clear()
        return document.write_pdf(**options), len(document.pages)


def peak_kb() -> int:
    """The most memory that this program has held, in KB. Not ``ru_maxrss``: across exec that keeps the parent's peak."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def main() -> None:
    channel = socket.socket(fileno=0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    setup, _ = receive(channel)
    try:
        renderer = Renderer(setup["faces"], setup["assets"], setup["stylesheets"])
        renderer.render("<!DOCTYPE html><html lang='en-GB'><title>-</title><p>Ready <b>ready</b>", setup["warm"], "")
    except Exception as error:
        send(channel, {"ok": False, "reason": f"{type(error).__name__}: {error}"[:500]})
        return
    data = int(setup["memory_mb"]) << 20
    resource.setrlimit(resource.RLIMIT_DATA, (data, data))
    resource.setrlimit(resource.RLIMIT_FSIZE, (data, data))
    sys.addaudithook(_refuse_the_world)
    send(channel, {"ok": True, "messages": list(renderer.messages.lines)})
    while True:
        try:
            header, body = receive(channel)
        except EOFError:
            return
        pdf, answer = b"", {"ok": False, "reason": ""}
        used = resource.getrusage(resource.RUSAGE_SELF)
        # Past this the kernel ends the process (SIGXCPU), whatever it is in the middle of.
        allowed = math.ceil(used.ru_utime + used.ru_stime + header["seconds"])
        resource.setrlimit(resource.RLIMIT_CPU, (allowed, resource.RLIM_INFINITY))
        try:
            pdf, pages = renderer.render(body.decode(), header["stylesheet"], header["identifier"], header["step"])
            answer = {"ok": True, "pages": pages, "messages": list(renderer.messages.lines)}
        except BaseException as error:  # FatalURLFetchingError is a BaseException
            pdf, answer["reason"] = b"", type(error).__name__
        answer["peak_kb"] = peak_kb()
        send(channel, answer, pdf)
        del pdf, body


if __name__ == "__main__":
    main()
