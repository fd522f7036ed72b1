"""A report replaces a regular file and never touches or waits for anything else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from telnet_ops.report_file import write_report


def test_replaces_the_file(tmp_path: Path) -> None:
    """An older, longer report leaves no tail."""
    path = tmp_path / "报告.txt"
    write_report(str(path), "a long first report")
    write_report(str(path), "短")
    assert path.read_text(encoding="utf-8") == "短\n"


def test_refuses_a_pipe_at_once(tmp_path: Path) -> None:
    """A pipe, read by somebody or not, is refused without waiting."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(OSError, match="No such device"):
        write_report(str(path), "x")
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(OSError, match="not a regular file"):
            write_report(str(path), "x")
        assert os.read(reader, 10) == b""
    finally:
        os.close(reader)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("", "No such file"),
        (".", "Is a directory"),
        ("no/such/folder/x", "No such file"),
        ("a\0b", "embedded null"),
    ],
)
def test_refuses_impossible_paths(path: str, reason: str) -> None:
    """Folders, missing folders and names that no system takes are all `OSError`."""
    with pytest.raises(OSError, match=reason):
        write_report(path, "x")
