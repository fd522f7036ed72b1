"""How many members of an index or plate rise and fall: from the board where one is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.domain import NS_PER_MINUTE, Instrument, Security, Venue
from simulator.market.board import BatchSource, Board, Boards, minutes_of
from simulator.market.statistics import Breadth
from simulator.trading_days import calendar_for

_UNKNOWN: Final = 2


class Breadths:
    """Counts rising and falling companies.

    A company that is on today's board and that neither commands nor users have touched is judged
    there: by the bounds that its running minute leaves its price, and by its prints only where the
    previous close lies between them. All others are read one by one.

    Args:
        boards: Today's boards; none is made here.
        is_seeded: Whether nobody had a hand in a security's prices.
        change: Last price less previous close of a security at an instant of its market's clock.
    """

    def __init__(
        self,
        boards: Boards,
        is_seeded: Callable[[Security], bool],
        change: Callable[[Instrument, int], float],
    ) -> None:
        self._boards = boards
        self._is_seeded = is_seeded
        self._change = change
        self._signs: dict[Venue, tuple[Board, int, NDArray[np.int8]]] = {}

    def of(self, members: Iterable[Instrument], market_ns: Callable[[Venue], int]) -> Breadth:
        """How members stand.

        Args:
            members: Whatever is quoted.
            market_ns: The clock of each venue.
        """
        signs: list[int] = []
        rows: dict[Venue, list[int]] = {}
        for member in members:
            row = self._row(member, market_ns(member.venue))
            if row is None:
                signs.append(int(np.sign(self._change(member, market_ns(member.venue)))))
            else:
                rows.setdefault(member.venue, []).append(row)
        for venue, chosen in rows.items():
            signs += self._signs_of(venue, market_ns(venue), np.array(chosen)).tolist()
        rising, falling = signs.count(1), signs.count(-1)
        return Breadth(rising, falling, len(signs) - rising - falling)

    def _row(self, member: Instrument, time_ns: int) -> int | None:
        """Where a member is on the board, if it can be judged there."""
        if not member.is_generated:
            return None
        board = self._board(member.venue, time_ns)
        row = board.index.get(member.security) if board else None
        return row if row is not None and self._is_seeded(member.security) else None

    def _board(self, venue: Venue, time_ns: int) -> Board | None:
        today = calendar_for(venue).trading_date(time_ns)
        return self._boards.known(venue, today.toordinal())

    def _signs_of(self, venue: Venue, time_ns: int, rows: NDArray[np.int64]) -> NDArray[np.int8]:
        known = self._signs.get(venue)
        board = self._board(venue, time_ns)
        source = self._boards.source
        if board is None or source is None:  # `_row` found it on the board
            raise LookupError(venue)
        if known is None or known[0] is not board or known[1] != time_ns:
            known = self._signs[venue] = (board, time_ns, _bounded_signs(board, venue, time_ns))
        signs = known[2]
        open_rows = rows[signs[rows] == _UNKNOWN]
        if len(open_rows):
            signs[open_rows] = _exact_signs(board, source, open_rows, venue, time_ns)
        return signs[rows]


def _bounded_signs(board: Board, venue: Venue, time_ns: int) -> NDArray[np.int8]:
    """The sign of each company's change as far as the minutes tell it."""
    done, is_running = minutes_of(venue, time_ns)
    least, most = board.last_bounds(done, is_running=is_running)
    before = board.previous_close
    low, high = np.sign(least - before), np.sign(most - before)
    return np.where(low == high, low, _UNKNOWN).astype(np.int8)


def _exact_signs(
    board: Board, source: BatchSource, rows: NDArray[np.int64], venue: Venue, time_ns: int
) -> NDArray[np.int8]:
    done, _ = minutes_of(venue, time_ns)
    last = board.exact(rows, source, done, time_ns % NS_PER_MINUTE).last
    return np.sign(last - board.previous_close[rows]).astype(np.int8)
