"""The renderer of documents: tagged, deterministic, shut off from network and files, and clean when it fails."""

from __future__ import annotations

import datetime as dt
import io
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdf
import pytest
from django.conf import settings
from django.test import override_settings

from core import documents
from core.documents import Document, DocumentFailed, Limits, Made, Pool, assets, child
from core.documents import pool as pools
from core.documents.palette import Palette, contrast

STYLE = "note_print.css"
CANARY = "CANARY-7f3a91c2"


def page(body: str, head: str = "") -> str:
    return f'<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>A test</title>{head}</head><body><h1>A test</h1>{body}</body></html>'


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    made = Pool(1)
    yield made
    made.close()


def the_process(pool: Pool) -> int:
    """The process id of the one idle worker."""
    (worker,) = pool._idle
    return worker.process.pid


def everything_in(pdf: bytes) -> bytes:
    """The text and every decompressed stream and string of a PDF."""
    found = [page.extract_text().encode() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for thing in opened.objects:
            if isinstance(thing, pikepdf.Stream):
                try:
                    found.append(thing.read_bytes())
                except pikepdf.PdfError:
                    found.append(thing.read_raw_bytes())
            found.append(repr(thing).encode())
    return b"\n".join(found)


def structure(pdf: pikepdf.Pdf) -> list[Any]:
    """Every element of the structure tree, in reading order."""
    found: list[Any] = []

    def walk(element: Any) -> None:
        if isinstance(element, pikepdf.Dictionary) and "/S" in element:
            found.append(element)
        kids = element.get("/K", []) if isinstance(element, pikepdf.Dictionary) else []
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, pikepdf.Dictionary):
                walk(kid)

    walk(pdf.Root.StructTreeRoot)
    return found


# ---------------------------------------------------------------- what a document is


def test_a_document_is_tagged_titled_and_in_a_language(pool: Pool) -> None:
    table = '<table class="t"><caption>Grades</caption><thead><tr><th scope="col">A</th><th scope="col">B</th></tr></thead><tbody><tr><th scope="row">1</th><td>2</td></tr></tbody></table>'
    made = pool.make(page(f"<h2>Part</h2><p>Words</p>{table}"), STYLE, "")
    assert made.messages == ()
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf:
        assert str(pdf.Root.Lang) == "en-GB"
        assert bool(pdf.Root.MarkInfo.Marked)
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        assert str(pdf.docinfo.Title) == "A test"
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"] == "A test"
        kinds = [str(element.S) for element in structure(pdf)]
        assert kinds.count("/H1") == 1
        for kind in ("/H2", "/P", "/Table", "/Caption", "/THead", "/TBody", "/TR", "/TH", "/TD"):
            assert kind in kinds
        (cell,) = (element for element in structure(pdf) if element.S == "/TD")
        assert len(cell.A.Headers) == 2


def test_only_embedded_fonts_of_ours_are_used(pool: Pool) -> None:
    made = pool.make(page("<p>Ordinary, <b>strong</b> and <i>slanted</i> words, ½ – “£9,400”; Łukasz Şener.</p>"), STYLE, "")
    names = embedded_fonts(made.pdf)
    assert names
    assert all("Source-Sans-3" in name for name in names), names


def embedded_fonts(pdf: bytes) -> set[str]:
    """The names of a PDF's fonts; fails where one is not embedded."""
    names = set()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for page_ in opened.pages:
            for font in page_.Resources.get("/Font", {}).values():
                inner = font.DescendantFonts[0]
                assert any(key in inner.FontDescriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")), inner.BaseFont
                names.add(str(inner.BaseFont))
    return names


def test_the_same_document_is_the_same_bytes_from_any_process() -> None:
    html = page("<p>Words <b>and</b> <i>more</i></p>" * 40)
    made = []
    for _ in range(2):
        pool = Pool(1)
        made += [pool.make(html, STYLE, "abc123").pdf, pool.make(html, STYLE, "abc123").pdf]
        pool.close()
    assert len(set(made)) == 1
    assert made[0].startswith(b"%PDF-1.7")


def test_dates_and_identifier_come_from_the_caller(settings: Any) -> None:
    document = Document(
        "documents/base.html", {}, title="Dated", created=dt.datetime(2008, 10, 23, 15, 4, tzinfo=dt.timezone(dt.timedelta(hours=1))),
        identifier="f" * 32, author="Wealdshire", subject="A note",
    )  # fmt: skip
    with pikepdf.open(io.BytesIO(documents.make(document).pdf)) as pdf:
        assert str(pdf.docinfo.CreationDate) == str(pdf.docinfo.ModDate) == "D:20081023140400Z"
        assert bytes(pdf.trailer.ID[0]) == b"f" * 32
        assert str(pdf.docinfo.Author) == "Wealdshire"
        assert str(pdf.docinfo.Subject) == "A note"
    undated = documents.make(Document("documents/base.html", {}, title="Undated")).pdf
    with pikepdf.open(io.BytesIO(undated)) as pdf:
        assert "/CreationDate" not in pdf.docinfo


def test_a_title_is_escaped() -> None:
    pdf = documents.render_pdf("documents/base.html", {}, title="</title><img src=x> & Co", lang="cy")
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert str(opened.docinfo.Title) == "</title><img src=x> & Co"
        assert str(opened.Root.Lang) == "cy"


def test_characters_without_a_glyph_of_their_own_are_set_alike() -> None:
    assert documents.printable("half\u2011term\u202f9\u2009%\u200a.") == "half-term\u00a09\u2009% ."
    assert documents.printable("a\x00b\x07c\u202ed\u2066e\nf\tg") == "abcde\nf\tg"


# ---------------------------------------------------------------- what it cannot reach


class Listener:
    """A server on this machine that counts who calls."""

    def __init__(self) -> None:
        self.calls = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self.socket.accept()
            except OSError:
                return
            self.calls += 1
            caller.recv(65536)  # closing with a request unread would reset the connection
            caller.sendall(f"HTTP/1.0 200 OK\r\nContent-Type: text/css\r\n\r\n/* {CANARY} */".encode())
            caller.close()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.socket.close()


SVG = "http://www.w3.org/2000/svg"
# {file} is a file that holds the canary as text, {svg} as an image, {web} an address on this machine.
VECTORS: dict[str, tuple[str, str]] = {
    "img-file": ('<img alt="" src="file://{svg}">', ""),
    "img-web": ('<img alt="" src="{web}">', ""),
    "img-srcset": ('<img alt="" srcset="{web} 2x" src="{web}">', ""),
    "img-no-scheme": ('<img alt="" src="//127.0.0.1/x">', ""),
    "img-relative": ('<img alt="" src="{svg}">', ""),
    "img-case": ('<img alt="" src="FiLe://{svg}">', ""),
    "img-ftp": ('<img alt="" src="ftp://127.0.0.1/x">', ""),
    "base": ('<img alt="" src="canary.svg">', '<base href="file://{folder}/">'),
    "asset-traversal": ('<img alt="" src="portal:font/../../../..{svg}"><img alt="" src="portal:emblem/..{svg}">', ""),
    "object": ('<object data="file://{svg}"></object>', ""),
    "embed": ('<embed src="{web}">', ""),
    "iframe": ('<iframe src="file://{file}"></iframe>', ""),
    "input-image": ('<input type="image" src="{web}" alt="">', ""),
    "video-poster": ('<video poster="{web}"></video>', ""),
    "body-background": ('<table background="{web}"><tr><td>x</td></tr></table>', ""),
    "css-background": ('<p style="background: url({web})">x</p>', ""),
    "css-content": ("<p class=x>x</p>", "<style>.x::before {{ content: url(file://{svg}) }}</style>"),
    "css-list": ('<ul style="list-style-image: url({web})"><li>x</li></ul>', ""),
    "css-border": ('<p style="border-image-source: url({web}); border-style: solid">x</p>', ""),
    "css-page": ("<p>x</p>", "<style>@page {{ background: url(file://{svg}) }}</style>"),
    "css-import-file": ("<p>x</p>", "<style>@import url(file://{file});</style>"),
    "css-import-web": ("<p>x</p>", "<style>@import '{web}';</style>"),
    "css-font": ("<p style='font-family: x'>x</p>", "<style>@font-face {{ font-family: x; src: url({web}) }}</style>"),
    "css-font-file": ("<p style='font-family: x'>x</p>", "<style>@font-face {{ font-family: x; src: url(file://{file}) }}</style>"),
    "css-profile": ("<p>x</p>", "<style>@color-profile --x {{ src: url(file://{file}) }} p {{ color: color(--x 1 1 1) }}</style>"),
    "link-style": ("<p>x</p>", '<link rel="stylesheet" href="{web}">'),
    "link-style-data": ("<p>x</p>", '<link rel="stylesheet" href="data:text/css,@import%20url({web});">'),
    "link-attachment": ("<p>x</p>", '<link rel="attachment" href="file://{file}">'),
    "a-attachment": ('<p><a rel="attachment" href="file://{file}">x</a></p>', ""),
    "meta-refresh": ("<p>x</p>", '<meta http-equiv="refresh" content="0; url={web}">'),
    "svg-image": (f'<svg xmlns="{SVG}" width="9" height="9"><title>x</title><image href="file://{{svg}}" width="9" height="9"/></svg>', ""),
    "svg-use": (f'<svg xmlns="{SVG}" width="9" height="9"><title>x</title><use href="file://{{svg}}#t"/></svg>', ""),
    "svg-style": (f'<svg xmlns="{SVG}" width="9" height="9"><title>x</title><style>@import url({{web}});</style></svg>', ""),
    "svg-entity": (
        '<img alt="" src="data:image/svg+xml,%3C!DOCTYPE s [%3C!ENTITY c SYSTEM %22file://{file}%22%3E]%3E%3Csvg xmlns=%22'
        + SVG + '%22 width=%2290%22 height=%229%22%3E%3Ctext%3E%26c;%3C/text%3E%3C/svg%3E">', "",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def bait(tmp_path_factory: pytest.TempPathFactory, listener: Listener) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("bait")
    (folder / "canary.txt").write_text(CANARY)
    (folder / "canary.svg").write_text(f'<svg xmlns="{SVG}" width="300" height="20"><g id="t"><text y="15">{CANARY}</text></g></svg>')
    return {
        "folder": str(folder), "file": str(folder / "canary.txt"), "svg": str(folder / "canary.svg"), "web": f"http://127.0.0.1:{listener.port}/{CANARY}",
    }  # fmt: skip


@pytest.mark.parametrize("name", VECTORS)
def test_nothing_is_fetched(name: str, pool: Pool, bait: dict[str, str], listener: Listener) -> None:
    body, head = (part.format(**bait) for part in VECTORS[name])
    before = listener.calls
    if name == "css-profile":  # the one refusal that WeasyPrint does not get over
        with pytest.raises(DocumentFailed, match="could not be laid out"):
            pool.make(page(body, head), STYLE, "")
        assert listener.calls == before
        return
    content = everything_in(pool.make(page(body, head), STYLE, "").pdf)
    for shown in (bait["web"].encode(), bait["file"].encode()):
        content = content.replace(shown, b"")
    assert CANARY.encode() not in content
    assert listener.calls == before


def test_the_bait_is_taken_by_weasyprint_left_to_itself(bait: dict[str, str], listener: Listener) -> None:
    """The control: without our fetcher, the same baits leak, so the test above can fail."""
    import weasyprint

    before = listener.calls
    for name in ("img-web", "link-style", "css-import-web"):
        body, head = (part.format(**bait) for part in VECTORS[name])
        weasyprint.HTML(string=page(body, head)).write_pdf()
    assert listener.calls >= before + 3
    body, head = (part.format(**bait) for part in VECTORS["link-attachment"])
    assert CANARY.encode() in everything_in(weasyprint.HTML(string=page(body, head)).write_pdf())


def test_the_process_holds_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", CANARY)
    monkeypatch.setenv("DATABASE_URL", CANARY)
    pool = Pool(1)
    pool.make(page("<p>x</p>"), STYLE, "")
    environment = Path(f"/proc/{the_process(pool)}/environ").read_bytes()
    pool.close()
    assert CANARY.encode() not in environment
    assert b"DJANGO" not in environment


def test_the_process_may_not_call_out_or_start_programs() -> None:
    """The hook in a process of its own, since it can never be taken off again."""
    script = (
        "import sys, socket, subprocess; sys.path.insert(0, sys.argv[1]); import child; sys.addaudithook(child._refuse_the_world)\n"
        "for deed in (lambda: socket.create_connection(('127.0.0.1', 9)), lambda: socket.getaddrinfo('localhost', 80), "
        "lambda: subprocess.run(['true']), lambda: __import__('urllib.request').request.urlopen('http://127.0.0.1:9')):\n"
        "    try: deed()\n"
        "    except PermissionError as error: print(error)\n"
    )
    folder = str(Path(child.__file__).parent)
    done = subprocess.run([sys.executable, "-P", "-c", script, folder], capture_output=True, text=True, check=True)
    assert done.stdout.count("A document may not use") == 4


# ---------------------------------------------------------------- limits, failures, recovery


def test_what_is_too_long_is_refused_before_it_is_begun(pool: Pool) -> None:
    cells = "<table>" + "<tr><td>1</td><td>2</td></tr>" * 10_000 + "</table>"
    for html in (page(cells), page("<p>" + "word " * 400_000)):
        with pytest.raises(DocumentFailed, match="too long") as refused:
            pool.make(html, STYLE, "")
        assert refused.value.reason == "too_long"


def test_deep_nesting_fails_cleanly_and_the_next_document_is_made(pool: Pool) -> None:
    with pytest.raises(DocumentFailed, match=r"\.$") as failure:
        pool.make(page("<div>" * 2500 + "x"), STYLE, "")
    assert failure.value.reason in {"broken", "stopped"}
    assert pool.make(page("<p>After</p>"), STYLE, "").pages == 1


def test_too_much_memory_fails_cleanly_and_the_next_document_is_made() -> None:
    pool = Pool(1, Limits(memory_mb=90, seconds=60))
    with pytest.raises(DocumentFailed) as failure:
        pool.make(page("<table>" + "<tr><td>one</td><td>two</td></tr>" * 3_500 + "</table>"), STYLE, "")
    assert failure.value.reason in {"too_big", "stopped", "broken"}
    assert pool.make(page("<p>After</p>"), STYLE, "").pages == 1
    pool.close()


def test_a_process_that_hangs_is_stopped_and_replaced() -> None:
    pool = Pool(1, Limits(wall_seconds=2))
    pool.make(page("<p>Before</p>"), STYLE, "")
    hanging = the_process(pool)
    os.kill(hanging, signal.SIGSTOP)
    with pytest.raises(DocumentFailed, match="after 2 seconds") as failure:
        pool.make(page("<p>x</p>"), STYLE, "")
    assert failure.value.reason == "too_slow"
    assert not Path(f"/proc/{hanging}").exists()
    assert pool.make(page("<p>After</p>"), STYLE, "").pages == 1
    assert the_process(pool) != hanging
    pool.close()


def test_a_process_killed_at_work_is_a_clean_failure_and_killed_idle_is_none() -> None:
    pool = Pool(1)
    pool.make(page("<p>Before</p>"), STYLE, "")
    working = the_process(pool)
    folder = pool._idle[0].folder
    os.kill(working, signal.SIGSTOP)
    killer = threading.Timer(0.3, os.kill, (working, signal.SIGKILL))
    killer.start()
    with pytest.raises(DocumentFailed) as failure:
        pool.make(page("<p>x</p>"), STYLE, "")
    killer.join()
    assert failure.value.reason == "stopped"
    assert not Path(folder).exists()

    pool.make(page("<p>x</p>"), STYLE, "")
    os.kill(the_process(pool), signal.SIGKILL)
    pool._idle[0].process.wait()
    assert pool.make(page("<p>After</p>"), STYLE, "").pages == 1
    pool.close()


def test_a_worn_process_is_replaced() -> None:
    pool = Pool(1, Limits(replace_after=2))
    pool.make(page("<p>1</p>"), STYLE, "")
    first = the_process(pool)
    pool.make(page("<p>2</p>"), STYLE, "")
    assert pool._idle == []
    assert not Path(f"/proc/{first}").exists()
    assert pool.make(page("<p>3</p>"), STYLE, "").pages == 1
    pool.close()


def test_the_process_ends_with_the_portal() -> None:
    """Killed without a chance to tidy up, the portal leaves no process behind."""
    script = (
        "import os, django; django.setup(); from core.documents import Pool\n"
        "pool = Pool(1); pool.make('<html lang=en><title>x</title><p>x', 'note_print.css', ''); print(pool._idle[0].process.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "sip_portal.settings"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=settings.BASE_DIR, capture_output=True, text=True, env=environment, check=False
    )
    left = int(done.stdout)
    for _ in range(100):
        try:
            if Path(f"/proc/{left}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return
        except FileNotFoundError:
            return
        threading.Event().wait(0.05)
    pytest.fail("the renderer outlived the portal")


def test_a_batch_keeps_its_order_and_one_failure_stops_nothing() -> None:
    pool = Pool(2, Limits(characters=60_000))
    batch = [
        Document("documents/base.html", {}, title=f"Number {number}", subject="x" * (70_000 if number == 3 else 9)) for number in range(8)
    ]
    made = list(documents.render_many(iter(batch), pool=pool))
    processes = len(pool._idle)
    pool.close()
    assert processes == 2
    for number, result in enumerate(made):
        if number == 3:
            assert isinstance(result, DocumentFailed)
        else:
            assert isinstance(result, Made)
            with pikepdf.open(io.BytesIO(result.pdf)) as pdf:
                assert str(pdf.docinfo.Title) == f"Number {number}"


# ---------------------------------------------------------------- with parts missing


def test_documents_are_available_here() -> None:
    assert documents.is_available() == (True, "")


def test_without_system_libraries_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(pools._LIBRARIES, "pango", "libpango-not-here.so.0")
    available, why = documents.is_available()
    assert not available
    assert "apt-get install" in why
    assert "libpango-1.0-0" in why
    pool = Pool(1)
    with pytest.raises(DocumentFailed, match="apt-get install") as failure:
        pool.make(page("<p>x</p>"), STYLE, "")
    assert failure.value.reason == "unavailable"


def test_fonts_are_found_in_the_collected_files_and_missed_in_a_sentence(tmp_path: Path) -> None:
    collected = tmp_path / "static" / "vendor" / "fonts"
    collected.mkdir(parents=True)
    name = "source-sans-3-latin-400-normal.woff2"
    assets.font_file.cache_clear()
    try:
        with override_settings(BASE_DIR=tmp_path, STATIC_ROOT=tmp_path / "static"):
            assert documents.is_available() == (False, f"The font {name} is not installed. Run: make setup")
            assets.font_file.cache_clear()
            (collected / name).write_bytes(b"wOF2")
            assert assets.font_file(name) == collected / name
    finally:
        assets.font_file.cache_clear()


def test_the_portal_starts_without_loading_the_renderer() -> None:
    script = "import sys, django; django.setup(); import core.documents, visits.documents; print('weasyprint' in sys.modules)"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "sip_portal.settings"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=settings.BASE_DIR, capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout.strip() == "False"


# ---------------------------------------------------------------- colours


@pytest.mark.parametrize("brand", ["#14505c", "#ffffff", "#000000", "#ffdd00", "#7f7f7f", "#d4351c", "#00ff00", "", "red", "#12"])
def test_every_colour_can_be_read(brand: str) -> None:
    palette = Palette.from_brand(brand)
    assert contrast(palette.on_brand, palette.brand) >= 4.5
    assert contrast(palette.on_brand_soft, palette.brand) >= 4.5
    for colour in (palette.text, palette.deep):
        assert contrast(colour, "#ffffff") >= 4.5
        assert contrast(colour, palette.tint) >= 4.5
    assert contrast("#42545a", palette.tint) >= 4.5
