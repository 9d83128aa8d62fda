"""A bound on what may be sent as a file, held while it is being received and not after."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, StopUpload

MOST = 32 * 1024**2
"""assurance.md §3: 32 MB, whatever the file is for."""


class BoundedUploadHandler(FileUploadHandler):
    """Stands first among the handlers, and passes every chunk on until there are too many."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > MOST:
            raise StopUpload(connection_reset=True)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
