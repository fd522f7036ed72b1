"""Tables, numbers and their units as text."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import zip_longest

_COLUMN_GAP = "  "


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows under a header, columns aligned to the left on a terminal, no blanks at line ends."""
    lines = [header, *rows]
    widths = [max(map(display_width, column)) for column in zip_longest(*lines, fillvalue="")]
    return "\n".join(_row(line, widths) for line in lines)


def display_width(text: str) -> int:
    """Return how many terminal cells a text takes; Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        cell + " " * (width - display_width(cell))
        for cell, width in zip(cells, widths, strict=False)
    )
    return _COLUMN_GAP.join(padded).rstrip()


def milliseconds(value_ms: float) -> str:
    """Return a duration in milliseconds, to the microsecond."""
    return f"{value_ms:.3f}ms"


def percent(value: float) -> str:
    """Return a share that is already in percent."""
    return f"{value:.2f}%"


def span(begin_ms: int, end_ms: int) -> str:
    """Return [begin, end) in milliseconds; an end of -1 means without end."""
    return f"{begin_ms}-{end_ms}ms" if end_ms >= 0 else f">={begin_ms}ms"
