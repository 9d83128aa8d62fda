"""Many documents as one PDF, with the tags and the bookmarks of each.

Pages that are merged as files lose their tags (pikepdf, pypdf). So one process lays every document out, keeps it, and
writes all of them at once. That takes about 1.5 MB a page: the process is one of its own, with more memory than a single
document may have, and ends with the volume.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from core.documents import Document
from core.documents.pool import DocumentFailed, Limits, Made, Pool, _Worker

LIMITS = Limits(memory_mb=1536)
MOST_PAGES = 600
"""What fits into that memory, with room to spare."""


class Volume:
    """The documents so far. Made by :func:`volume`."""

    def __init__(self, pool: Pool, worker: _Worker) -> None:
        self._pool, self._worker = pool, worker
        self.pages = 0

    def add(self, document: Document) -> int:
        """Lay a document out and keep it; answers its pages. Raises :class:`DocumentFailed`, after which all is lost."""
        pages = self._ask(document, "hold").pages
        self.pages += pages
        if self.pages > MOST_PAGES:
            raise DocumentFailed("too_big", f"One PDF can hold {MOST_PAGES} pages, and this would have more. Choose fewer notes.")
        return pages

    def front(self, document: Document) -> int:
        """How many pages the front matter will have, so that it can name the pages of what follows it."""
        return self._ask(document, "make").pages

    def join(self, front: Document) -> Made:
        """One PDF: ``front``, whose title and language it takes, then what was added, in order."""
        return self._ask(front, "join")

    def _ask(self, document: Document, step: str) -> Made:
        return self._worker.make(self._pool.checked(document.html()), document.stylesheet, document.identifier, step)


@contextmanager
def volume(limits: Limits = LIMITS) -> Iterator[Volume]:
    """A process for one volume, ended with it. Raises :class:`DocumentFailed` where documents cannot be made."""
    pool = Pool(1, replace(limits, replace_above_mb=limits.memory_mb))
    worker = pool.start()
    try:
        yield Volume(pool, worker)
    finally:
        worker.stop()
