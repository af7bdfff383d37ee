"""Text that a format may write only later: in memory while it is short, then in a temporary file."""

from __future__ import annotations

import shutil
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import TextIO

_IN_MEMORY = 1 << 15  # bytes


class Spool:
    """Keeps text, and passes it on once. Raises OSError."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8", newline="\n")  # noqa: SIM115

    def write(self, text: str) -> None:
        """Keep a text."""
        self._file.write(text)

    def pass_on(self, out: TextIO) -> None:
        """Write everything that was kept."""
        self._file.seek(0)
        shutil.copyfileobj(self._file, out, _IN_MEMORY)
        self._file.close()

    def __del__(self) -> None:
        with suppress(OSError):  # a run was cut short
            self._file.close()
