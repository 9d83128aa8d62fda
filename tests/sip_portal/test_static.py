"""Which files are served: the ones that pages load, by our own paths, and nothing of the Crown's."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import override_settings

from sip_portal.static import PUBLISHED, PublishedFilesFinder, published_text

URL = re.compile(r"url\(\s*[\"']?([^\"')]+)[\"']?\s*\)")


def published(name: str) -> Path:
    found = finders.find(name)
    assert found, f"{name} is not found"
    return Path(found)


def everything() -> dict[str, Path]:
    """Every static file, by its name under /static/, but for those that Django's admin and allauth bring with them."""
    return {
        name: Path(storage.path(name))
        for finder in finders.get_finders()
        for name, storage in finder.list([])
        if not name.startswith(("admin/", "account/", "mfa/"))
    }


def test_every_published_file_is_there() -> None:
    for name in PUBLISHED:
        assert published(name).stat().st_size > 0
    assert PublishedFilesFinder().check() == []


def test_nothing_of_the_crown_is_served() -> None:
    """Neither as a file nor by name: crown, crest, and the GDS Transport font (whose files begin with light- and bold-)."""
    for name, path in everything().items():
        assert not re.search(r"crest|crown|/(?:light|bold)-", name), name
        if path.suffix == ".css":
            text = path.read_text()
            assert not [address for address in URL.findall(text) if re.search(r"crest|crown|fonts/(?:light|bold)-", address)], name
            assert "GDS Transport" not in text, name


def test_no_source_maps() -> None:
    for name, path in everything().items():
        assert path.suffix != ".map", name
        if path.suffix in {".css", ".js"}:
            assert "sourceMappingURL" not in path.read_text(), name


def test_every_file_that_a_style_sheet_names_is_served_from_here() -> None:
    checked = 0
    for name, path in everything().items():
        if path.suffix != ".css":
            continue
        for address in URL.findall(path.read_text()):
            if address.startswith("data:"):
                continue
            assert not address.startswith(("http:", "https:", "/")), f"{name} names {address}"
            parts: list[str] = []
            for part in [*Path(name).parent.parts, *address.partition("#")[0].partition("?")[0].split("/")]:
                if part == "..":
                    parts.pop()
                elif part != ".":
                    parts.append(part)
            published("/".join(parts))
            checked += 1
    assert checked


def test_only_listed_names_are_found() -> None:
    finder = PublishedFilesFinder()
    for name in ("govuk/assets/images/govuk-crest.svg", "../package.json", "package.json", "govuk/govuk-frontend.min.css.map"):
        assert finder.find(name) == []
    assert {name for name, _ in finder.list([])} == set(PUBLISHED)
    assert not [name for name, _ in finder.list(["*.js"]) if name.endswith(".js")]


def test_what_is_taken_out_of_a_style_sheet() -> None:
    before = (
        "@font-face{font-family:GDS Transport;src:url(/assets/fonts/light.woff2)}"
        'body{font-family:"GDS Transport",arial,sans-serif}'
        ".a{background:url(/assets/images/govuk-crest.svg)}.b{background:url(/assets/images/icon.svg)}\n"
        "/*# sourceMappingURL=x.css.map */\n"
    )
    assert published_text("govuk/x.css", before) == (
        "body{font-family:arial,sans-serif}.a{background:none}.b{background:url(images/icon.svg)}\n"
    )
    assert published_text("govuk/x.js", "run();\n//# sourceMappingURL=x.js.map") == "run();\n"


def test_a_missing_package_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    finder = PublishedFilesFinder()
    monkeypatch.setattr(finder, "source", tmp_path)
    (error,) = finder.check()
    assert (error.id, error.hint) == ("sip_portal.E001", "Run `make setup`.")
    assert f"{len(PUBLISHED)} front-end files are not installed" in error.msg


def test_a_changed_source_is_published_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any) -> None:
    settings.VAR_DIR = tmp_path / "var"
    finder = PublishedFilesFinder()
    monkeypatch.setattr(finder, "source", tmp_path)
    name = "autocomplete/accessible-autocomplete.min.js"
    source = tmp_path / PUBLISHED[name]
    source.parent.mkdir(parents=True)
    source.write_text("one();")
    assert Path(finder.find(name)).read_text() == "one();"
    source.write_text("two();")
    later = Path(finder.find(name)).stat().st_mtime + 100
    import os

    os.utime(source, (later, later))
    assert Path(finder.find(name)).read_text() == "two();"


def test_they_can_be_collected_with_hashed_names(tmp_path: Path) -> None:
    """The whole of ``collectstatic`` as it runs in production; a reference to a file that is not there would stop it."""
    storages = {**settings.STORAGES, "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
    with override_settings(STORAGES=storages, STATIC_ROOT=tmp_path / "static"):
        call_command("collectstatic", interactive=False, verbosity=0)
    manifest = json.loads((tmp_path / "static" / "staticfiles.json").read_text())["paths"]
    assert set(everything()) <= set(manifest)
    hashed = manifest["govuk/govuk-frontend.min.css"]
    assert re.fullmatch(r"govuk/govuk-frontend\.min\.[0-9a-f]{12}\.css", hashed)
    assert (tmp_path / "static" / hashed).is_file()
