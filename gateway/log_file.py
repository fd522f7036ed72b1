"""Log files that neither grow nor pile up without bound."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final, TextIO

NAME: Final = "GTWLog_{day:%Y-%m-%d}_{number:03}.log"
"""Source: [O] the real OpenD's are called `GTWLog_*.log`; [I] the rest."""
MAX_FILE_BYTES: Final = 16 * 1024 * 1024
MAX_FILES: Final = 10
_PATTERN: Final = "GTWLog_????-??-??_???*.log"


class LogFile:
    """Writes lines to standard error and to the newest file of a folder.

    A new day and a full file begin another file, and the oldest ones are deleted. A folder that
    cannot be written any more is told of once; standard error still gets every line.

    Args:
        folder: Created if need be.
        today: Tells the date, which names the files.
        max_bytes: Of one file; the line that crosses it is its last.
        max_files: How many are kept, the one being written included.

    Raises:
        OSError: The folder or its first file cannot be made.
    """

    def __init__(
        self,
        folder: Path,
        today: Callable[[], date],
        max_bytes: int = MAX_FILE_BYTES,
        max_files: int = MAX_FILES,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._max_bytes = max_bytes
        self._max_files = max_files
        self._today = today
        self._day = today()
        self._file: TextIO | None = self._begin()

    def write(self, text: str) -> int:
        """Write text, which may be a part of a line."""
        sys.stderr.write(text)
        try:
            self._write(text)
        except OSError as error:
            self._file = None
            sys.stderr.write(f"log_path: {self._folder}: {error.strerror}\n")
        return len(text)

    def flush(self) -> None:
        """Let it be seen."""
        sys.stderr.flush()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, text: str) -> None:
        if self._file is None:
            return
        self._file.write(text)
        if text.endswith("\n"):
            self._file.flush()
            today = self._today()
            if today != self._day or self._file.tell() >= self._max_bytes:
                self._day = today
                self._file.close()
                self._file = self._begin()

    def _begin(self) -> TextIO:
        """The next file of the day; room is made for it first."""
        files = sorted(self._folder.glob(_PATTERN))
        for old in files[: max(len(files) - self._max_files + 1, 0)]:
            old.unlink(missing_ok=True)
        numbers = [
            int(path.stem.rpartition("_")[2]) for path in files if f"{self._day}" in path.name
        ]
        name = NAME.format(day=self._day, number=max(numbers, default=0) + 1)
        return (self._folder / name).open("x", encoding="utf-8")
