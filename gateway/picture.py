"""Draws the picture of a verification code: digits as black blocks on white, in a PNG file."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Final

PICTURE_NAME: Final = "PicVerifyCode.png"
"""Source: [P] Verification.proto."""

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_SCALE: Final = 8
_ROWS: Final = 5
_GLYPHS: Final = {
    "0": ("###", "# #", "# #", "# #", "###"),
    "1": (" # ", "## ", " # ", " # ", "###"),
    "2": ("###", "  #", "###", "#  ", "###"),
    "3": ("###", "  #", "###", "  #", "###"),
    "4": ("# #", "# #", "###", "  #", "  #"),
    "5": ("###", "#  ", "###", "  #", "###"),
    "6": ("###", "#  ", "###", "# #", "###"),
    "7": ("###", "  #", "  #", "  #", "  #"),
    "8": ("###", "# #", "###", "# #", "###"),
    "9": ("###", "# #", "###", "  #", "###"),
}


def draw_code(code: str) -> bytes:
    """A grey-scale PNG of `code`, which consists of digits: 3 × 5 blocks each, with a margin of one.

    Source: [I] the look; the format is that of the PNG specification (ISO/IEC 15948).
    """
    pixels = [_widen(line) for line in _blocks(code) for _ in range(_SCALE)]
    header = struct.pack(">IIBBBBB", len(pixels[0]), len(pixels), 8, 0, 0, 0, 0)
    lines = b"".join(b"\0" + line for line in pixels)  # each line: no filter, then its pixels
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(lines)),
            _chunk(b"IEND", b""),
        )
    )


def write_picture(folder: Path, code: str) -> None:
    """Draw `code` into the file that operators look at.

    Raises:
        OSError: The folder or the file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PICTURE_NAME).write_bytes(draw_code(code))


def _blocks(code: str) -> list[str]:
    digits = [_GLYPHS[digit] for digit in code]
    lines = [" ".join(digit[row] for digit in digits) for row in range(_ROWS)]
    blank = " " * len(lines[0])
    return [f" {line} " for line in (blank, *lines, blank)]


def _widen(line: str) -> bytes:
    return b"".join((b"\x00" if block == "#" else b"\xff") * _SCALE for block in line)


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
