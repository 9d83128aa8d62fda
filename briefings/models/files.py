"""A stored file under the name that it was sent with."""

from __future__ import annotations

from django.db import models

from core.files import StoredFile

from ..uploads import size_in_words


class NamedFile(models.Model):
    """For a model with ``file`` and ``file_name``: what a page says of them ("PDF", "240 KB")."""

    file: StoredFile | models.ForeignKey[StoredFile] | None
    file_name: str | models.CharField[str, str]

    class Meta:
        abstract = True

    @property
    def file_kind(self) -> str:
        return str(self.file_name).rpartition(".")[2].upper()

    @property
    def file_size(self) -> str:
        return size_in_words(self.file.size) if self.file is not None else ""
