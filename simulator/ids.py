"""Order and fill ids: a function of seed and counter, shaped like OpenD's.

Order ids are 19-digit numbers below 2**63 without visible order, e.g. 4642000476506964749 [D]. The
counter goes through a bijection of the 62-bit numbers, so two counters never share an id.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

_BITS: Final = 62
_MASK: Final = (1 << _BITS) - 1
_LEAST: Final = 10**18
"""Least number of 19 digits; with 62 bits on top the greatest is 5.6e18, below 2**63."""
_MULTIPLIERS: Final = (0x1E37_79B9_7F4A_7C15, 0x3F58_476D_1CE4_E5B9)
"""Odd, hence invertible modulo 2**62."""
_ORDER_STREAM: Final = 0
_FILL_STREAM: Final = 1
_STREAM_BITS: Final = 1


def _scramble(value: int, seed: int) -> int:
    """Permute the 62-bit numbers; another seed gives another permutation."""
    key = (seed * _MULTIPLIERS[1] + _MULTIPLIERS[0]) & _MASK
    for multiplier in _MULTIPLIERS:
        value = (value ^ key) * multiplier & _MASK
        value ^= value >> 31
    return value


@dataclass(frozen=True, slots=True)
class OrderIds:
    """All ids of one run. Counters start anywhere >= 0 and are the caller's to count."""

    seed: int

    def order_id(self, counter: int) -> int:
        """Give the id of the order with that counter; never equal to any fill's."""
        return self._number(counter, _ORDER_STREAM)

    def order_id_ex(self, counter: int, day: date) -> str:
        """Give the string id, which holds the order's day. Source: [D] its shape; [I] its end."""
        return self._text(counter, _ORDER_STREAM, day)

    def fill_id(self, counter: int) -> int:
        """Give the id of the fill with that counter; never equal to any order's."""
        return self._number(counter, _FILL_STREAM)

    def fill_id_ex(self, counter: int, day: date) -> str:
        """Give the string id of a fill."""
        return self._text(counter, _FILL_STREAM, day)

    def _number(self, counter: int, stream: int) -> int:
        return _LEAST + _scramble(counter << _STREAM_BITS | stream, self.seed)

    def _text(self, counter: int, stream: int, day: date) -> str:
        number = self._number(counter, stream)
        date_digits = day.isoformat().replace("-", "")  # half the time that strftime takes
        return f"v3_{date_digits}_{counter + 1:08}_{number:016x}"
