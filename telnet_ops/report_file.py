"""Writes and reads files that an operator named."""

from __future__ import annotations

import os
import stat
from typing import Final

MAX_BYTES: Final = 1_000_000
_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC
_READ_FLAGS: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC


def write_report(path: str, text: str) -> None:
    """Replace the content of the file at `path` by `text`, in UTF-8 and with a last line end.

    Only regular files are written: a pipe or device could block the whole program.

    Raises:
        OSError: the file cannot be written; ValueError for a path that no system call accepts
            becomes an OSError too.
    """
    try:
        descriptor = os.open(path, _FLAGS, 0o644)
    except ValueError as error:
        raise OSError(str(error)) from error
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("not a regular file")
        file.truncate(0)
        file.write(f"{text}\n")


def read_text(path: str) -> str:
    """The content of the regular file at `path`, which is UTF-8.

    Raises:
        OSError: the file cannot be read, is too large or no text.
    """
    try:
        descriptor = os.open(path, _READ_FLAGS)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError("not a regular file")
            content = file.read(MAX_BYTES + 1)
            if len(content) > MAX_BYTES:
                raise OSError(f"larger than {MAX_BYTES} bytes")
            return content.decode("utf-8")
    except ValueError as error:
        raise OSError(str(error)) from error
