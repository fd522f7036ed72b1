"""Quote rights as values: their levels, their names, one per product."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from enum import IntEnum
from typing import Final


class QuoteRight(IntEnum):
    """Source: [P] Qot_Common.QotRight."""

    BMP = 1
    LEVEL1 = 2
    LEVEL2 = 3
    SF = 4
    NONE = 5
    LEVEL3 = 6


RIGHT_NAMES: Final[Mapping[str, QuoteRight]] = {
    "NO": QuoteRight.NONE,
    "BMP": QuoteRight.BMP,
    "LV1": QuoteRight.LEVEL1,
    "LV2": QuoteRight.LEVEL2,
    "LV3": QuoteRight.LEVEL3,
    "SF": QuoteRight.SF,
}
"""As the documentation and the console write them."""


@dataclass(frozen=True, slots=True)
class QuoteRights:
    """The right per product. Source: [D] a mainland user with the free and promoted rights."""

    hk_stock: QuoteRight = QuoteRight.LEVEL2
    hk_option: QuoteRight = QuoteRight.LEVEL2
    hk_future: QuoteRight = QuoteRight.LEVEL2
    us_stock: QuoteRight = QuoteRight.LEVEL2
    us_option: QuoteRight = QuoteRight.LEVEL1
    us_future: QuoteRight = QuoteRight.LEVEL2
    us_index: QuoteRight = QuoteRight.LEVEL1
    us_otc: QuoteRight = QuoteRight.NONE
    cn: QuoteRight = QuoteRight.LEVEL1
    sg_future: QuoteRight = QuoteRight.LEVEL2
    jp_future: QuoteRight = QuoteRight.LEVEL2
    sg_stock: QuoteRight = QuoteRight.NONE
    my_stock: QuoteRight = QuoteRight.NONE
    jp_stock: QuoteRight = QuoteRight.NONE
    crypto: QuoteRight = QuoteRight.NONE
    event_contract: QuoteRight = QuoteRight.NONE

    @classmethod
    def named(cls, pairs: Iterable[tuple[str, str]]) -> QuoteRights:
        """The default rights but for those given, e.g. `[("hk_stock", "LV1")]`."""
        return cls(**{product: RIGHT_NAMES[name] for product, name in pairs})

    def lowered(self) -> QuoteRights:
        """What is left while another device holds the rights: BMP, and nothing where nothing was.

        Source: [D] only the *advanced* rights are taken; [I] that BMP is what remains.
        """
        held = {f.name: getattr(self, f.name) for f in fields(self)}
        lost = {name for name, right in held.items() if right is not QuoteRight.NONE}
        return replace(self, **dict.fromkeys(lost - _ON_OR_OFF, QuoteRight.BMP))


_ON_OR_OFF: Final = frozenset({"cn"})
"""Products whose one right every device may hold. Source: [D] A shares are on or off."""
