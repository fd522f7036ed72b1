"""What kind of animal a security is: how it moves, how much it trades and how wide it quotes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import exp, log, log10, sqrt
from typing import Final

from simulator.domain import NS_PER_S, Instrument, Market, SecurityType, Venue
from simulator.market.randomness import lane, stream_key, uniform
from simulator.market.source import Liquidity
from simulator.ticks import product_of

TRADING_DAYS_A_YEAR: Final = 250
LEAST_DAY_LOTS: Final = 8_000
"""Keeps several lots in every minute, which the exact split into minutes relies on."""
_INDEX_REFERENCE: Final = 1_000.0
"""Level of an index or plate whose reference is not known."""


@dataclass(frozen=True, slots=True)
class Mover:
    """A price process of its own. Securities that follow one another share a mover."""

    name: str
    factor: str
    """The market whose common factor it feels: HK, US, CN, SG or JP."""
    beta: float
    volatility: float
    """Of log returns, a year, market factor included."""
    own_share: float
    """Least part of the volatility that is its own."""
    drift: float
    """Log growth a year."""
    pull_days: float
    """Time constant of the mild pull towards the reference, in weekdays."""


@dataclass(frozen=True, slots=True)
class Character:
    """Everything the generator knows of one security."""

    key: int
    mover: Mover
    leverage: float
    """Multiple of the mover's return that this security makes; negative for inverse funds."""
    is_follower: bool
    """Whether the mover is another security's, or a product's that several share."""
    reference: float
    home: Venue
    """Venue whose trading days move the price."""
    first_day: date
    gap_share: float
    """Part of a day's variance that falls before the open."""
    lots_a_day: float
    prints_a_minute: float
    has_sides: bool
    """Whether prints have a direction and the security an order book."""
    liquidity: Liquidity


# Followers: code -> (name of the mover, leverage). Indices are movers under their own symbol.
_FOLLOWERS: Final[dict[str, tuple[str, float]]] = {
    **dict.fromkeys(("HSI", "MHI", "02800"), ("HK.800000", 1.0)),
    **dict.fromkeys(("HHI", "MCH", "02828"), ("HK.800100", 1.0)),
    **dict.fromkeys(("HTI", "03032", "03033", "03067", "513180"), ("HK.800700", 1.0)),
    "07200": ("HK.800000", 2.0),
    "07500": ("HK.800000", -2.0),
    "07226": ("HK.800700", 2.0),
    "07552": ("HK.800700", -2.0),
    **dict.fromkeys(("ES", "MES", "SPY", "VOO"), ("US..SPX", 1.0)),
    **dict.fromkeys(("NQ", "MNQ", "QQQ"), ("US..NDX", 1.0)),
    "TQQQ": ("US..NDX", 3.0),
    "SQQQ": ("US..NDX", -3.0),
    **dict.fromkeys(("YM", "DIA"), ("US..DJI", 1.0)),
    **dict.fromkeys(("RTY", "IWM"), ("US..RUT", 1.0)),
    **dict.fromkeys(("510300", "159919", "03188"), ("SH.000300", 1.0)),
    "510050": ("SH.000016", 1.0),
    "510500": ("SH.000905", 1.0),
    "588000": ("SH.000688", 1.0),
    "159915": ("SZ.399006", 1.0),
    **dict.fromkeys(("CN", "02822", "02823"), ("A50", 1.0)),
    **dict.fromkeys(("NK", "NK225", "NK225M", "NK225MC"), ("N225", 1.0)),
    **dict.fromkeys(("CL", "MCL"), ("CRUDE", 1.0)),
    **dict.fromkeys(("GC", "MGC", "GLD", "02840", "518880"), ("GOLD", 1.0)),
    **dict.fromkeys(("SI", "SLV"), ("SILVER", 1.0)),
}
# name -> (factor, beta, volatility, own share)
_SPECIAL_MOVERS: Final[dict[str, tuple[str, float, float, float]]] = {
    "A50": ("CN", 1.0, 0.20, 0.25),
    "N225": ("JP", 1.0, 0.21, 0.2),
    "CRUDE": ("US", 0.3, 0.34, 0.9),
    "GOLD": ("US", 0.02, 0.17, 0.95),
    "SILVER": ("US", 0.2, 0.32, 0.9),
    "NG": ("US", 0.0, 0.55, 0.95),
    "HG": ("US", 0.5, 0.24, 0.8),
    "ZN": ("US", -0.05, 0.055, 0.9),
    "6E": ("US", 0.0, 0.075, 0.95),
    "CUS": ("CN", -0.05, 0.045, 0.9),
    "TOPIX": ("JP", 0.95, 0.19, 0.2),
    "TWN": ("SG", 1.0, 0.2, 0.4),
    "SGP": ("SG", 0.7, 0.15, 0.4),
    "FEF": ("CN", 0.3, 0.3, 0.9),
    "TLT": ("US", -0.1, 0.15, 0.9),
    "IBIT": ("US", 1.2, 0.5, 0.85),
}
_CONTRACTS_A_DAY: Final[dict[str, float]] = {
    "HSI": 120e3, "MHI": 150e3, "HHI": 110e3, "MCH": 20e3, "HTI": 120e3, "CUS": 40e3,
    "ES": 1.4e6, "NQ": 6e5, "YM": 1e5, "RTY": 2e5, "MES": 1.2e6, "MNQ": 1.5e6, "CL": 3e5,
    "MCL": 1e5, "NG": 3e5, "GC": 2e5, "MGC": 1.5e5, "SI": 8e4, "HG": 8e4, "ZN": 1.5e6, "6E": 2e5,
    "CN": 1.2e5, "NK": 5e4, "TWN": 6e4, "SGP": 4e4, "FEF": 1e5,
    "NK225": 4e4, "NK225M": 5e5, "NK225MC": 1e6, "TOPIX": 6e4,
}  # fmt: skip
# Annual volatility by a word in the sector's name; the first that fits counts.
_SECTOR_VOLATILITY: Final[tuple[tuple[str, float], ...]] = (
    ("银行", 0.20), ("电力", 0.18), ("公用", 0.18), ("Utilities", 0.18), ("电讯", 0.20),
    ("电信", 0.20), ("石油", 0.24), ("Energy", 0.27), ("保险", 0.28), ("信托", 0.20),
    ("综合", 0.24), ("公共运输", 0.18), ("白酒", 0.28), ("食品", 0.27), ("饮料", 0.27),
    ("乳", 0.26), ("Staples", 0.18), ("Health", 0.24), ("Financials", 0.27),
    ("Communication", 0.33), ("Discretionary", 0.36), ("Industrials", 0.26),
    ("Information Technology", 0.38), ("半导体", 0.45), ("生物", 0.45), ("医疗", 0.38),
    ("汽车", 0.40), ("互联网", 0.38), ("软件", 0.45), ("地产", 0.36), ("光", 0.42), ("证券", 0.34),
)  # fmt: skip
_MARKET_TURNOVER: Final = {Market.HK: 0.0026, Market.US: 0.006}
_PRINTS: Final = (3.0, 15.0, 48.0)
_SPREADS: Final = (2.6, 1.5, 1.1)
_LEVEL_LOTS: Final = (8.0, 30.0, 120.0)
_REFRESH_S: Final = (5, 3, 1)
_FACTORS: Final = {
    Market.HK: "HK", Market.US: "US", Market.SH: "CN", Market.SZ: "CN", Market.SG: "SG",
    Market.JP: "JP",
}  # fmt: skip
_HOMES: Final = {
    "HK": Venue.HK_STOCK, "US": Venue.US_STOCK, "CN": Venue.CN_STOCK, "SG": Venue.SG_FUTURE,
    "JP": Venue.JP_FUTURE,
}  # fmt: skip
EPOCH: Final = date(2004, 1, 2)
"""No data is older. Source: [I] within OpenD's limit of 20 years of history."""


_ODD_LOT_VENUES: Final = (Venue.HK_STOCK, Venue.US_STOCK)


def character_of(seed: int, instrument: Instrument) -> Character:
    """Derive a security's character from its facts, perturbed by the seed."""
    market = instrument.security.market
    # A "current month" series is the very same contract as the main one.
    symbol = f"{market.prefix}.{_root(instrument)}"
    key = stream_key(seed, "security", symbol)
    mover, leverage = _mover(key, instrument)
    lots, lot, scale = _activity(key, instrument)
    is_future = instrument.security_type is SecurityType.FUTURE
    tier = _tier(instrument, lots * lot * _reference(instrument) * scale)
    return Character(
        key=key,
        mover=mover,
        leverage=leverage,
        is_follower=mover.name != symbol,
        reference=_reference(instrument),
        home=_HOMES[_FACTORS[market]],
        first_day=max(EPOCH, date.fromisoformat(instrument.listing_date)),
        gap_share=0.05 if is_future else {"HK": 0.42, "US": 0.25}.get(mover.factor, 0.22),
        lots_a_day=lots,
        prints_a_minute=_PRINTS[tier],
        has_sides=instrument.is_tradable,
        liquidity=Liquidity(
            key=lane(key, 30),
            lot=lot,
            value_scale=scale,
            spread=_SPREADS[tier],
            level_lots=_level_lots(instrument, lots, tier),
            refresh_ns=_REFRESH_S[tier] * NS_PER_S,
            limit=_limit(instrument),
            has_odd_lots=instrument.venue in _ODD_LOT_VENUES and instrument.is_tradable,
        ),
    )


def _root(instrument: Instrument) -> str:
    """The product of a futures series (`HSI` for `HSImain`), else the code itself."""
    code = instrument.security.code
    return product_of(code) if instrument.security_type is SecurityType.FUTURE else code


def _reference(instrument: Instrument) -> float:
    return instrument.reference_price if instrument.reference_price > 0 else _INDEX_REFERENCE


def _mover(key: int, instrument: Instrument) -> tuple[Mover, float]:
    if instrument.is_generated:  # its ticker may be a product's
        return _own_mover(key, instrument.security.symbol, instrument), 1.0
    code = _root(instrument)
    name, leverage = _FOLLOWERS.get(code, (code, 1.0))
    if name in _SPECIAL_MOVERS:
        factor, beta, volatility, own = _SPECIAL_MOVERS[name]
        return Mover(name, factor, beta, volatility, own, 0.02, 300.0), leverage
    if name == code:
        name = instrument.security.symbol
        return _own_mover(key, name, instrument), leverage
    return _index_mover(name), leverage


def _own_mover(key: int, name: str, instrument: Instrument) -> Mover:
    factor = _FACTORS[instrument.security.market]
    if instrument.security_type in (SecurityType.INDEX, SecurityType.PLATE):
        return _index_mover(name)
    volatility = _sector_volatility(instrument) * exp(0.3 * (uniform(key, 1) - 0.5))
    beta = 0.75 * volatility / 0.28 * (0.8 + 0.4 * uniform(key, 2))
    return Mover(name, factor, beta, volatility, 0.5, 0.04, 300.0)


def _index_mover(name: str) -> Mover:
    """Volatility indices move against the market; other indices are nearly the market."""
    prefix, _, code = name.partition(".")
    factor = {"SH": "CN", "SZ": "CN"}.get(prefix, prefix)
    if code in (".VIX", "800125"):
        return Mover(name, factor, -3.5, 0.95, 0.6, 0.0, 40.0)
    betas = {"800700": 1.45, "800100": 1.05, ".NDX": 1.3, ".IXIC": 1.25, ".RUT": 1.25, ".DJI": 0.9}
    betas |= {"399006": 1.4, "000688": 1.5, "000852": 1.2, "000905": 1.15, "000016": 0.9}
    beta = betas.get(code, 1.0)
    return Mover(name, factor, beta, 0.2 * beta, 0.15, 0.04, 300.0)


def _sector_volatility(instrument: Instrument) -> float:
    if instrument.is_etf:
        return 0.24
    found = (v for word, v in _SECTOR_VOLATILITY if word in instrument.sector)
    return next(found, 0.30)


def _activity(key: int, instrument: Instrument) -> tuple[float, int, float]:
    """Lots a day, shares to a lot, turnover of one share at price one."""
    level = _reference(instrument)
    match instrument.security_type:
        case SecurityType.FUTURE:
            contracts = _CONTRACTS_A_DAY.get(_root(instrument), 50e3)
            return contracts, 1, float(max(instrument.lot_size, 1))
        case SecurityType.INDEX | SecurityType.PLATE:
            return _index_activity(instrument, level)
        case _:
            lot = max(instrument.lot_size, 1)
            shares = max(instrument.issued_shares, 10_000_000)
            rate = _MARKET_TURNOVER.get(instrument.security.market, 0.006)
            if instrument.is_etf:
                rate *= 6.0
            size = (shares * level / 1e11) ** -0.22
            rate *= min(max(size, 0.5), 2.5) * exp(0.8 * (uniform(key, 3) - 0.5))
            return max(shares * rate / lot, LEAST_DAY_LOTS), lot, 1.0


def _index_activity(instrument: Instrument, level: float) -> tuple[float, int, float]:
    if instrument.security.code in (".VIX", "800125"):
        return LEAST_DAY_LOTS * 4.0, 0, 0.0
    share_price, shares = {
        Market.HK: (18.0, 6e9),
        Market.US: (55.0, 4e9),
    }.get(instrument.security.market, (12.0, 4e10))
    if instrument.security_type is SecurityType.PLATE:
        shares /= 20
    return shares / 1000, 1000, share_price / level


def _limit(instrument: Instrument) -> float | None:
    """Source: [S] A-shares 10 %, ChiNext and STAR 20 %; none elsewhere."""
    market, code = instrument.security
    if market not in (Market.SH, Market.SZ) or not instrument.is_tradable:
        return None
    return 0.2 if code.startswith(("300", "301", "688", "588", "159915")) else 0.1


def _tier(instrument: Instrument, turnover: float) -> int:
    """0 small, 1 medium, 2 liquid; by turnover a day in the security's currency."""
    if instrument.security_type in (SecurityType.INDEX, SecurityType.PLATE):
        return 1
    if instrument.security_type is SecurityType.FUTURE:
        return 2 if turnover > 2e10 else 1
    scale = 8.0 if instrument.security.market is Market.US else 1.0
    return 2 if turnover * scale > 1.2e9 else 1 if turnover * scale > 1.2e8 else 0


def _level_lots(instrument: Instrument, lots: float, tier: int) -> float:
    """A level holds a small part of what trades in a minute, and at least a few lots."""
    if instrument.security_type is SecurityType.FUTURE:
        return max(3.0, sqrt(lots) / 40)
    return max(_LEVEL_LOTS[tier] * (0.4 + 0.12 * log10(max(lots, 10.0))), 2.0, exp(log(lots) / 3))
