"""Rows of prices out of CSV and Parquet files, whatever their columns are called.

Everything that cannot be used is refused with the file and the line.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from importlib import import_module
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Final

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "time": (
        "time",
        "datetime",
        "date",
        "timestamp",
        "time_key",
        "trade_date",
        "day",
        "日期",
        "时间",
    ),
    "open": ("open", "o", "开盘", "开盘价"),
    "high": ("high", "h", "最高", "最高价"),
    "low": ("low", "l", "最低", "最低价"),
    "close": ("close", "c", "收盘", "收盘价"),
    "price": ("price", "last", "last_price", "成交价", "价格"),
    "volume": ("volume", "vol", "v", "qty", "quantity", "size", "成交量"),
    "turnover": ("turnover", "amount", "value", "money", "成交额"),
    "direction": ("direction", "side", "ticker_direction", "方向"),
}
"""Column names that are understood, in lower case; blanks count as underscores."""
_BARS: Final = ("open", "high", "low", "close")
_SIDES: Final = {"buy": "BUY", "b": "BUY", "1": "BUY", "sell": "SELL", "s": "SELL", "2": "SELL"}
_FORMATS: Final = ("%Y%m%d", "%Y/%m/%d", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y%m%d %H:%M:%S")


class ReplayError(ValueError):
    """A file that cannot be played back; says which, where and why."""

    def __init__(self, path: Path, line: int | None, reason: str) -> None:
        place = f"{path.name}, line {line}" if line else path.name
        super().__init__(f"{place}: {reason}")


@dataclass(frozen=True, slots=True)
class Row:
    """One bar or one print; a print has the same price four times."""

    line: int
    moment: datetime
    """Local time of the exchange, without a zone unless the file tells one."""
    has_clock: bool
    open: float
    high: float
    low: float
    close: float
    volume: float | None
    turnover: float | None
    direction: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file in the order of time."""

    path: Path
    rows: tuple[Row, ...]
    is_ticks: bool

    @property
    def is_daily(self) -> bool:
        """Whether its bars are days: no row says a time of day."""
        return not self.is_ticks and not any(row.has_clock for row in self.rows)


def read_table(path: Path) -> Table:
    """Read a file.

    Raises:
        ReplayError: It cannot be read, lacks columns, or has a line that makes no sense.
    """
    records = _parquet(path) if path.suffix == ".parquet" else _csv(path)
    header = next(records, None)
    if header is None:
        raise ReplayError(path, None, "the file is empty")
    columns = _columns(header[1])
    is_ticks = "price" in columns and not all(name in columns for name in _BARS)
    wanted = ("time", "price") if is_ticks else ("time", *_BARS)
    missing = [name for name in wanted if name not in columns]
    if missing:
        found = ", ".join(header[1])
        raise ReplayError(path, 1, f"no column for {', '.join(missing)}; the columns are {found}")
    rows = tuple(_row(path, line, columns, cells) for line, cells in records if any(cells))
    if not rows:
        raise ReplayError(path, None, "there are no rows")
    _check_order(path, rows, is_ticks=is_ticks)
    return Table(path, rows, is_ticks)


def _csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ReplayError(path, None, f"cannot be read as UTF-8 text: {error}") from error
    dialect = ";" if text.split("\n", 1)[0].count(";") > text.split("\n", 1)[0].count(",") else ","
    reader = csv.reader(text.splitlines(), delimiter=dialect)
    for cells in reader:
        yield reader.line_num, [cell.strip() for cell in cells]


def _parquet(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        parquet = import_module("pyarrow.parquet")  # optional
    except ImportError as error:
        text = "Parquet files need the package pyarrow (the extra `parquet`)"
        raise ReplayError(path, None, text) from error
    try:
        table = parquet.read_table(path)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ReplayError(path, None, f"cannot be read as Parquet: {reason}") from error
    yield 1, [str(name) for name in table.column_names]
    columns: Iterable[list[object]] = (column.to_pylist() for column in table.columns)
    for line, cells in enumerate(zip(*columns, strict=True), 2):
        yield line, ["" if cell is None else str(cell) for cell in cells]


def _columns(header: list[str]) -> dict[str, int]:
    known = {alias: name for name, aliases in _NAMES.items() for alias in aliases}
    found: dict[str, int] = {}
    clock = None
    for at, title in enumerate(header):
        word = title.strip().lower().replace(" ", "_")
        name = known.get(word)
        if word == "time" and "time" in found:
            clock = at  # `date` and `time` apart
        elif name is not None and name not in found:
            found[name] = at
    if clock is not None:
        found["clock"] = clock
    return found


def _row(path: Path, line: int, columns: Mapping[str, int], cells: list[str]) -> Row:
    def cell(name: str) -> str:
        at = columns.get(name)
        if at is None:
            return ""
        if at >= len(cells):
            raise ReplayError(path, line, f"{len(cells)} cells, but {name} is number {at + 1}")
        return cells[at]

    def number(name: str) -> float:
        try:
            value = float(cell(name).replace(",", ""))
        except ValueError:
            raise ReplayError(path, line, f"{name} is not a number: {cell(name)!r}") from None
        if not isfinite(value) or value < 0:
            raise ReplayError(path, line, f"{name} must be zero or more: {cell(name)!r}")
        return value

    moment, has_clock = _moment(path, line, " ".join(filter(None, (cell("time"), cell("clock")))))
    prices = (
        [number("price")] * 4
        if "price" in columns and "open" not in columns
        else [number(name) for name in _BARS]
    )
    o, h, l, c = prices  # noqa: E741
    if not (0 < l <= min(o, c) and max(o, c) <= h):
        raise ReplayError(path, line, f"low {l} <= open {o}, close {c} <= high {h} does not hold")
    volume = number("volume") if cell("volume") else None
    turnover = number("turnover") if cell("turnover") else None
    side = _SIDES.get(cell("direction").lower(), "")
    return Row(line, moment, has_clock, o, h, l, c, volume, turnover, side)


def _moment(path: Path, line: int, text: str) -> tuple[datetime, bool]:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = _other_moment(path, line, text)
    return moment, moment.time() != time(0)


def _other_moment(path: Path, line: int, text: str) -> datetime:
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - local to the exchange
        except ValueError:
            continue
    raise ReplayError(path, line, f"not a time: {text!r}; write 2026-01-15 or 2026-01-15 09:31:00")


def _check_order(path: Path, rows: tuple[Row, ...], *, is_ticks: bool) -> None:
    zones = {row.moment.tzinfo is None for row in rows}
    if len(zones) > 1:
        raise ReplayError(path, None, "some times have a zone and some do not")
    for before, row in pairwise(rows):
        if row.moment < before.moment or (row.moment == before.moment and not is_ticks):
            raise ReplayError(
                path, row.line, f"{row.moment} does not come after line {before.line}"
            )


def security_of(path: Path) -> str:
    """The symbol that a file's name tells: `HK.00700` of `HK.00700.csv` or `HK.00700.1m.csv`."""
    parts = path.stem.split(".")
    if parts[-1].lower() in _KINDS:
        parts = parts[:-1]
    return ".".join(parts)


_KINDS: Final = ("day", "daily", "1d", "d", "1m", "min", "minute", "minutes", "tick", "ticks")
