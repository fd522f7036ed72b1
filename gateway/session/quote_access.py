"""What the user may see of which product, and who else wants it.

A *quote right* belongs to a product, such as Hong Kong shares. It decides which subscription types and
interfaces are open and how deep order books are. Only one device of the user holds the higher rights;
another one that asks for them takes them away (`kick`), and OpenD takes them back by itself unless that
has just failed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from gateway import texts
from gateway.errors import ApiError
from gateway.pb import Qot_Common
from gateway.session.notices import Notice, RightsChanged
from gateway.session.quote_rights import QuoteRight, QuoteRights
from simulator.domain import NS_PER_S, Instrument, Market, SecurityType

HOLD_NS: Final = 10 * NS_PER_S
"""Kicked again so soon after taking the rights back, OpenD gives up. Source: [D]."""

BMP_SNAPSHOTS: Final = 20
"""Hong Kong securities, or derivatives, in one snapshot request under BMP. Source: [D]."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a right opens; the default is what no right and BMP open: no subscription."""

    subscribes: bool = False
    book_levels: int = 0
    closed_types: frozenset[int] = frozenset()
    """Subscription types that stay closed."""
    shows_orders: bool = False
    """Whether order books may come with the single orders of their levels."""


_NOTHING: Final = Grant()
_BROKER: Final = frozenset({Qot_Common.SubType_Broker})
_BROKER_AND_TICKER: Final = _BROKER | {Qot_Common.SubType_Ticker}
_LEVEL1: Final = Grant(subscribes=True, book_levels=1)
_LEVEL2: Final = Grant(subscribes=True, book_levels=10)
_US_DEPTH: Final = Grant(subscribes=True, book_levels=60)
_HK_DERIVATIVE: Final = {
    QuoteRight.LEVEL1: replace(_LEVEL1, closed_types=_BROKER_AND_TICKER),
    QuoteRight.LEVEL2: _LEVEL2,
}

GRANTS: Final[Mapping[str, Mapping[QuoteRight, Grant]]] = {
    "hk_stock": {
        QuoteRight.LEVEL1: replace(_LEVEL1, closed_types=_BROKER),
        QuoteRight.LEVEL2: _LEVEL2,
        QuoteRight.SF: replace(_LEVEL2, book_levels=40, shows_orders=True),
    },
    "hk_option": _HK_DERIVATIVE,
    "hk_future": _HK_DERIVATIVE,
    "us_stock": {QuoteRight.LEVEL2: _US_DEPTH, QuoteRight.LEVEL3: _US_DEPTH},
    "cn": {QuoteRight.LEVEL1: replace(_LEVEL1, book_levels=5)},
}
"""What each right opens, by product; where nothing stands, see `grant`.

Source: [D] no broker queue below LV2, no ticker of Hong Kong derivatives under LV1; [P] 10 levels under
LV2, 40 and order details under SF; [D] 60 levels of American shares under LV2, 5 of A shares; [I] one level under LV1,
LV3 as LV2.
"""


def grant(product: str, right: QuoteRight) -> Grant:
    """What `right` opens for a product.

    Source: [P] Qot_Common.QotRight: BMP cannot subscribe; [I] products without a row of their own
        have one level of the book under LV1 and ten above.
    """
    if right in (QuoteRight.NONE, QuoteRight.BMP):
        return _NOTHING
    usual = _LEVEL1 if right is QuoteRight.LEVEL1 else _LEVEL2
    return GRANTS.get(product, {}).get(right, usual)


_PRODUCTS: Final[Mapping[tuple[Market, SecurityType | None], str]] = {
    (Market.HK, SecurityType.OPTION): "hk_option",
    (Market.HK, SecurityType.FUTURE): "hk_future",
    (Market.HK, None): "hk_stock",
    (Market.HK_FUTURE, None): "hk_future",
    (Market.US, SecurityType.OPTION): "us_option",
    (Market.US, SecurityType.FUTURE): "us_future",
    (Market.US, SecurityType.INDEX): "us_index",
    (Market.US, None): "us_stock",
    (Market.SH, None): "cn",
    (Market.SZ, None): "cn",
    (Market.SG, SecurityType.FUTURE): "sg_future",
    (Market.SG, None): "sg_stock",
    (Market.JP, SecurityType.FUTURE): "jp_future",
    (Market.JP, None): "jp_stock",
    (Market.MY, None): "my_stock",
    (Market.CRYPTO, None): "crypto",
}
"""None: any other type of that market."""


def product_of(instrument: Instrument) -> str:
    """The field of `QuoteRights` that an instrument belongs to."""
    market = instrument.security.market
    return _PRODUCTS.get((market, instrument.security_type)) or _PRODUCTS[(market, None)]


_MARKET_WORDS: Final = {
    Market.HK: ("港股", "HK Market"),
    Market.HK_FUTURE: ("港股", "HK Market"),
    Market.US: ("美股", "US Market"),
    Market.SH: ("A股", "CN Market"),
    Market.SZ: ("A股", "CN Market"),
}
_CLASS_WORDS: Final = {
    SecurityType.OPTION: ("期权", "Options"),
    SecurityType.INDEX: ("指数", "Indixes"),
    SecurityType.FUTURE: ("期货", "Futures"),
    SecurityType.WARRANT: ("窝轮", "Warrants"),
}


def no_permission(instrument: Instrument, security_type: SecurityType | None = None) -> ApiError:
    """The refusal for want of a right, with OpenD's joined words for market and class.

    Args:
        instrument: What was asked for.
        security_type: The class whose right is missing, where it is not the instrument's own, as
            for the option chain of a share.

    Source: [O] an American index has a text of its own; [O] `JP.7203 … Stocks`, `US.QQQ … US MarketOptions`, `SH.000001 … CN MarketIndixes`;
        [I] the Chinese, and the words for other markets and classes.
    """
    kind = security_type or instrument.security_type
    if kind is SecurityType.INDEX and instrument.security.market is Market.US:
        return ApiError(texts.US_INDICES_UNSUPPORTED)
    zh_market, en_market = _MARKET_WORDS.get(instrument.security.market, ("", ""))
    zh_class, en_class = _CLASS_WORDS.get(kind, ("股票", "Stocks"))
    return ApiError(
        texts.NO_QUOTE_RIGHT,
        symbol=instrument.security.symbol,
        zh_right=zh_market + zh_class,
        en_right=en_market + en_class,
    )


@dataclass(slots=True)
class QuoteAccess:
    """The rights that this OpenD has, and holds at present."""

    granted: QuoteRights = field(default_factory=QuoteRights)
    """The user's own."""
    holds_automatically: bool = True
    """`auto_hold_quote_right`: take the rights back when another device took them."""
    current: QuoteRights = field(init=False)
    """Those of this moment."""
    _granted_by: QuoteRights | None = field(init=False, default=None)
    _grants: dict[tuple[Market, SecurityType], Grant] = field(init=False, default_factory=dict)
    """What the rights of `_granted_by` open, as far as somebody has asked."""
    _taken_back_ns: int | None = None
    _notices: list[Notice] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with all that the user has."""
        self.current = self.granted

    # --- what is open --------------------------------------------------------------------------

    def right_for(self, instrument: Instrument) -> QuoteRight:
        """The right to an instrument's quotes at present."""
        right: QuoteRight = getattr(self.current, product_of(instrument))
        return right

    def grant_for(self, instrument: Instrument) -> Grant:
        """What is open for an instrument at present."""
        if self._granted_by is not self.current:
            self._granted_by, self._grants = self.current, {}
        key = (instrument.security.market, instrument.security_type)
        found = self._grants.get(key)
        if found is None:
            product = product_of(instrument)
            found = self._grants[key] = grant(product, getattr(self.current, product))
        return found

    def opens(self, instrument: Instrument, sub_type: int) -> bool:
        """Whether a type may be subscribed and is pushed."""
        present = self.grant_for(instrument)
        return present.subscribes and sub_type not in present.closed_types

    def book_levels(self, instrument: Instrument) -> int:
        """How many levels of the order book are shown on each side."""
        return self.grant_for(instrument).book_levels

    def check_subscription(self, instrument: Instrument, sub_type: int) -> None:
        """Refuse what the right does not open, for subscribing and for the getters behind it.

        Raises:
            ApiError: No permission.
        """
        if not self.opens(instrument, sub_type):
            raise no_permission(instrument)

    def check_quotes(self, instrument: Instrument) -> None:
        """Refuse the snapshot and the history of what there is no right to at all.

        Static information and market states are open to everybody ([O]).

        Raises:
            ApiError: No permission.
        """
        if self.right_for(instrument) is QuoteRight.NONE:
            raise no_permission(instrument)

    def check_snapshot(self, instruments: Collection[Instrument]) -> None:
        """Refuse a snapshot as a whole: of something without a right, or of too much under BMP.

        Raises:
            ApiError: No permission, or more than 20 of Hong Kong's securities, or derivatives.

        Source: [D] the limits; [I] the text, and that derivatives are counted together.
        """
        for instrument in instruments:
            self.check_quotes(instrument)
        for products in (("hk_stock",), ("hk_option", "hk_future")):
            limited = [
                i
                for i in instruments
                if product_of(i) in products and self.right_for(i) is QuoteRight.BMP
            ]
            if len(limited) > BMP_SNAPSHOTS:
                raise ApiError(texts.TOO_MANY_SECURITIES, limit=BMP_SNAPSHOTS)

    def check_options(self, owner: Instrument) -> None:
        """Refuse the option chain of a share without a right to its options.

        Raises:
            ApiError: No permission.

        Source: [O].
        """
        product = _PRODUCTS.get((owner.security.market, SecurityType.OPTION))
        if product is None or getattr(self.current, product) is QuoteRight.NONE:
            raise no_permission(owner, SecurityType.OPTION)

    def check_screening(self, market: Market) -> None:
        """Refuse to screen the shares or warrants of Hong Kong under BMP.

        Raises:
            ApiError: No permission.

        Source: [D]; [O] the text.
        """
        low = (QuoteRight.BMP, QuoteRight.NONE)
        if market is Market.HK and self.current.hk_stock in low:
            raise ApiError(texts.INSUFFICIENT_QUOTE_RIGHT)

    # --- other devices -------------------------------------------------------------------------

    def kick(self, now_ns: int) -> None:
        """Another device took the rights; take them back unless that has just failed.

        Source: [D]: with `auto_hold_quote_right`, and not if kicked again within
            10 s; [I] that taking them back needs no time.
        """
        self._become(self.granted.lowered())
        last = self._taken_back_ns
        if self.holds_automatically and (last is None or now_ns - last >= HOLD_NS):
            self.request_highest(now_ns)

    def request_highest(self, now_ns: int) -> None:
        """Take the rights back from whoever has them."""
        self._taken_back_ns = now_ns
        self._become(self.granted)

    def regrant(self, rights: QuoteRights) -> None:
        """The user has other rights from now on."""
        self.granted = rights
        self._become(rights)

    def drain(self) -> list[Notice]:
        """Take what there is to tell."""
        taken, self._notices = self._notices, []
        return taken

    def _become(self, rights: QuoteRights) -> None:
        if rights != self.current:
            self.current = rights
            self._notices.append(RightsChanged(rights))
