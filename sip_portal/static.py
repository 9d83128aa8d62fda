"""The design system's published files, out of ``node_modules`` and into ``/static/`` under our own names.

Only what pages load is served, and never the Crown's: the portal is not a government domain, so the crown, the crest
and the GDS Transport font are left behind, and every mention of them is taken out of the style sheets. What is left of
each file is written to ``var/published``, from where the test server, ``findstatic`` and ``collectstatic`` read it.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.checks import CheckMessage, Error
from django.core.files.storage import FileSystemStorage

_MOJ_ICONS = (
    "icon-close-cross-black.svg",
    "icon-document.svg",
    "icon-progress-tick.svg",
    "icon-tag-remove-cross-white.svg",
    "icon-tag-remove-cross.svg",
    "icon-toggle-plus-minus.svg",
    "icon-wysiwyg-bold.svg",
    "icon-wysiwyg-italic.svg",
    "icon-wysiwyg-ordered-list.svg",
    "icon-wysiwyg-underline.svg",
    "icon-wysiwyg-unordered-list.svg",
)
_FACES = ("400-normal", "400-italic", "600-normal", "700-normal")

# Name under /static/ → file under node_modules/.
PUBLISHED: dict[str, str] = {
    "govuk/govuk-frontend.min.css": "govuk-frontend/dist/govuk/govuk-frontend.min.css",
    "govuk/all.bundle.js": "govuk-frontend/dist/govuk/all.bundle.js",
    "moj/moj-frontend.min.css": "@ministryofjustice/frontend/moj/moj-frontend.min.css",
    "moj/all.bundle.js": "@ministryofjustice/frontend/moj/all.bundle.js",
    **{f"moj/images/{icon}": f"@ministryofjustice/frontend/moj/assets/images/{icon}" for icon in _MOJ_ICONS},
    "autocomplete/accessible-autocomplete.min.css": "accessible-autocomplete/dist/accessible-autocomplete.min.css",
    "autocomplete/accessible-autocomplete.min.js": "accessible-autocomplete/dist/accessible-autocomplete.min.js",
    **{f"fonts/source-sans-3-latin-{face}.woff2": f"@fontsource/source-sans-3/files/source-sans-3-latin-{face}.woff2" for face in _FACES},
}

_SOURCE_MAP = re.compile(r"(?:/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S*)\s*\Z")
_FONT_FACE = re.compile(r"@font-face\{[^}]*\}")
_CROWN_URL = re.compile(r"url\([^)]*(?:crest|crown)[^)]*\)")
_ASSET_URL = re.compile(r"url\(/assets/images/([^)]+)\)")
_CROWN_FONT = re.compile(r"[\"']?GDS Transport[\"']?,\s*")


def published_text(name: str, text: str) -> str:
    """A style sheet or script as it is served: no source map, no crown, crest or GDS Transport, our own paths."""
    text = _SOURCE_MAP.sub("", text)
    if name.endswith(".css"):
        text = _CROWN_FONT.sub("", _CROWN_URL.sub("none", _FONT_FACE.sub("", text)))
        text = _ASSET_URL.sub(r"url(images/\1)", text)
    return text


class PublishedFilesFinder(BaseFinder):
    """Finds exactly the names of :data:`PUBLISHED`."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        self.source = settings.BASE_DIR / "node_modules"
        self.storage = FileSystemStorage(location=settings.VAR_DIR / "published")
        super().__init__(*args, **kwargs)

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        missing = [source for source in PUBLISHED.values() if not (self.source / source).is_file()]
        if not missing:
            return []
        return [
            Error(
                f"{len(missing)} front-end files are not installed, the first of them node_modules/{missing[0]}.",
                hint="Run `make setup`.",
                id="sip_portal.E001",
            )
        ]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path not in PUBLISHED:
            return []
        found = str(self._publish(path))
        return [found] if find_all else found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        for name in PUBLISHED:
            if not matches_patterns(name, ignore_patterns):
                self._publish(name)
                yield name, self.storage

    def _publish(self, name: str) -> Path:
        """Write the file where it is not there or older than its source; whole or not at all."""
        source, target = self.source / PUBLISHED[name], Path(self.storage.path(name))
        newest = max(source.stat().st_mtime, Path(__file__).stat().st_mtime)
        if target.is_file() and target.stat().st_mtime >= newest:
            return target
        content = source.read_bytes()
        if name.endswith((".css", ".js")):
            content = published_text(name, content.decode()).encode()
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as draft:
            draft.write(content)
        os.chmod(draft.name, 0o644)
        os.replace(draft.name, target)
        return target
