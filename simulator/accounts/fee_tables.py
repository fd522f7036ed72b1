"""The fee schedules: every rate as a dated row, with where it is from.

Titles are OpenD's English ones ([D]); the gateway knows the Chinese ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from simulator.accounts.fees import FeeRow, FeeSchedule
from simulator.domain import AccountSpec, Instrument, Market, Side
from simulator.products import Product, product_class
from simulator.ticks import product_of

_d: Final = Decimal
_CENT: Final = _d("0.01")
_SELL: Final = frozenset({Side.SELL})

# --- paper accounts --------------------------------------------------------------------------

HK_PAPER: Final = (
    # [D] fee list of the HK paper account (moomoo support topic3_950 and its sister pages).
    FeeRow("Commission", of_amount=_d("0.0003"), minimum=_d("3")),
    FeeRow("Platform Fee", flat=_d("15")),
    FeeRow("Trading System Fee", flat=_d("0.5")),
    FeeRow("Settlement Fee", of_amount=_d("0.00002"), minimum=_d("2"), maximum=_d("100")),
    FeeRow("Stamp Duty", of_amount=_d("0.001"), minimum=_d("1")),
    FeeRow("Trading Fee", of_amount=_d("0.00005"), minimum=_CENT),
    FeeRow("SFC Levy", of_amount=_d("0.000027"), minimum=_CENT),
)

US_PAPER: Final = (
    # [D] fee list of the US margin paper account; the SEC fee falls on sales [I].
    FeeRow("Commission", per_share=_d("0.0049"), minimum=_d("0.99"), cap_of_amount=_d("0.005")),
    FeeRow("Platform Fee", per_share=_d("0.005"), minimum=_d("1"), cap_of_amount=_d("0.005")),
    FeeRow("Settlement Fee", per_share=_d("0.003")),
    FeeRow("SEC Fee", of_amount=_d("0.000008"), minimum=_CENT, sides=_SELL),
)

HK_OPTION_PAPER: Final = (
    # [D] fee list of the HK option paper account.
    FeeRow("Commission", of_amount=_d("0.002"), minimum=_d("3")),
    FeeRow("Platform Fee", flat=_d("15")),
    FeeRow("Trading Tariff", per_share=_d("3")),
)

# --- real accounts, Futu Securities (HK) -----------------------------------------------------

_HK_TRADE: Final = (
    # [V] futuhk.com commission page; HKEX and SFC rates with their dates.
    FeeRow("Commission", of_amount=_d("0.0003"), minimum=_d("3")),
    FeeRow("Platform Fee", flat=_d("15")),
    FeeRow(
        "Settlement Fee",
        of_amount=_d("0.00002"),
        minimum=_d("2"),
        maximum=_d("100"),
        until=date(2025, 6, 29),
    ),
    FeeRow("Settlement Fee", of_amount=_d("0.000042"), since=date(2025, 6, 30)),
    FeeRow("Trading Fee", of_amount=_d("0.00005"), minimum=_CENT, until=date(2022, 12, 31)),
    FeeRow("Trading Fee", of_amount=_d("0.0000565"), minimum=_CENT, since=date(2023, 1, 1)),
    FeeRow("Trading System Fee", flat=_d("0.5"), until=date(2022, 12, 31)),
    FeeRow("SFC Levy", of_amount=_d("0.000027"), minimum=_CENT),
    FeeRow("FRC Levy", of_amount=_d("0.0000015"), since=date(2022, 1, 1)),
)

HK_FUND: Final = _HK_TRADE
"""Exchange traded funds pay no stamp duty. Source: [V] HKEX."""

HK_REAL: Final = (
    *_HK_TRADE,
    # [V] 0.1 % rounded up to a dollar; [M] 0.13 % from 2021-08-01 to 2023-11-16.
    FeeRow("Stamp Duty", of_amount=_d("0.001"), step=_d("1"), until=date(2021, 7, 31)),
    FeeRow(
        "Stamp Duty",
        of_amount=_d("0.0013"),
        step=_d("1"),
        since=date(2021, 8, 1),
        until=date(2023, 11, 16),
    ),
    FeeRow("Stamp Duty", of_amount=_d("0.001"), step=_d("1"), since=date(2023, 11, 17)),
)

US_REAL: Final = (
    # [V] futuhk topic2_283; [V] SEC rate 27.80 per million until 2025-05-13, then none; [M] 20.60
    # from 2026-04-04; [V] TAF 0.000166 at most 8.30, [M] 0.000195 at most 9.79 from 2026.
    FeeRow("Commission", per_share=_d("0.0049"), minimum=_d("0.99"), cap_of_amount=_d("0.005")),
    FeeRow("Platform Fee", per_share=_d("0.005"), minimum=_d("1"), cap_of_amount=_d("0.005")),
    FeeRow("Settlement Fee", per_share=_d("0.003")),
    FeeRow(
        "SEC Fee",
        of_amount=_d("0.0000278"),
        minimum=_CENT,
        sides=_SELL,
        until=date(2025, 5, 13),
    ),
    FeeRow(
        "SEC Fee",
        of_amount=_d("0.0000206"),
        minimum=_CENT,
        sides=_SELL,
        since=date(2026, 4, 4),
    ),
    FeeRow(
        "Trading Activity Fee",
        per_share=_d("0.000166"),
        minimum=_CENT,
        maximum=_d("8.30"),
        sides=_SELL,
        until=date(2025, 12, 31),
    ),
    FeeRow(
        "Trading Activity Fee",
        per_share=_d("0.000195"),
        minimum=_CENT,
        maximum=_d("9.79"),
        sides=_SELL,
        since=date(2026, 1, 1),
    ),
)

CN_REAL: Final = (
    # [V] futuhk topic334; rates since 2023-08-28 from other brokers' pages.
    FeeRow("Commission", of_amount=_d("0.0003"), minimum=_d("3")),
    FeeRow("Platform Fee", flat=_d("15")),
    FeeRow("Handling Fee", of_amount=_d("0.0000487"), until=date(2023, 8, 27)),
    FeeRow("Handling Fee", of_amount=_d("0.0000341"), since=date(2023, 8, 28)),
    FeeRow("Securities Management Fee", of_amount=_d("0.00002")),
    FeeRow("Transfer Fee", of_amount=_d("0.00003")),
    FeeRow("Stamp Duty", of_amount=_d("0.001"), sides=_SELL, until=date(2023, 8, 27)),
    FeeRow("Stamp Duty", of_amount=_d("0.0005"), sides=_SELL, since=date(2023, 8, 28)),
)

CN_FUND: Final = (
    # [V] funds: handling 0.004 %, neither management fee nor stamp duty; transfer fee of HKSCC only.
    FeeRow("Commission", of_amount=_d("0.0003"), minimum=_d("3")),
    FeeRow("Platform Fee", flat=_d("15")),
    FeeRow("Handling Fee", of_amount=_d("0.00004")),
    FeeRow("Transfer Fee", of_amount=_d("0.00002")),
)

US_OPTION: Final = (
    # [V] support.futusg.com topic143, the levies as of 2025; [M] OCC.
    FeeRow("Commission", per_share=_d("0.65"), minimum=_d("1.99")),
    FeeRow("Platform Fee", per_share=_d("0.30")),
    FeeRow("ORF", per_share=_d("0.02135"), minimum=_CENT),
    FeeRow("OCC Fee", per_share=_d("0.02"), maximum=_d("55")),
    FeeRow("Trading Activity Fee", per_share=_d("0.00279"), minimum=_CENT, sides=_SELL),
    *(row for row in US_REAL if row.title == "SEC Fee"),
)

HK_OPTION: Final = HK_OPTION_PAPER
"""Source: [V]: the same three; a tariff of 3 per contract for the largest class."""

REAL_SCHEDULES: Final[Mapping[Product, FeeSchedule]] = MappingProxyType(
    {
        Product.HK_STOCK: FeeSchedule(HK_REAL),
        Product.US_STOCK: FeeSchedule(US_REAL),
        Product.CN_STOCK: FeeSchedule(CN_REAL),
        Product.US_OPTION: FeeSchedule(US_OPTION),
        Product.HK_OPTION: FeeSchedule(HK_OPTION),
        # [I] no schedule of other markets' shares is known.
        Product.SG_STOCK: FeeSchedule(US_REAL[:3]),
        Product.JP_STOCK: FeeSchedule(US_REAL[:3]),
    }
)
FUND_SCHEDULES: Final[Mapping[Product, FeeSchedule]] = MappingProxyType(
    {Product.HK_STOCK: FeeSchedule(HK_FUND), Product.CN_STOCK: FeeSchedule(CN_FUND)}
)
PAPER_SCHEDULES: Final[Mapping[Product, FeeSchedule]] = MappingProxyType(
    {
        Product.HK_STOCK: FeeSchedule(HK_PAPER),
        Product.US_STOCK: FeeSchedule(US_PAPER),
        # [I] no list of the CN paper account is known: the rates of real A-share orders.
        Product.CN_STOCK: FeeSchedule(CN_REAL),
        Product.HK_OPTION: FeeSchedule(HK_OPTION_PAPER),
        # [I] no list of the US option paper account is known: the rates of real orders.
        Product.US_OPTION: FeeSchedule(US_OPTION),
    }
)

# --- futures ---------------------------------------------------------------------------------

_HK_FUTURES: Final = {
    # [V] exchange fee and SFC levy per side and contract.
    "HSI": ("10", "0.54"),
    "MHI": ("3.5", "0.10"),
    "HHI": ("3.5", "0.54"),
    "MCH": ("2", "0.10"),
    "HTI": ("5", "0.54"),
    "CUS": ("8", "0"),
}
_HK_STOCK_FUTURE: Final = ("3", "0.10")
_US_MICROS: Final = frozenset({"MES", "MNQ", "M2K", "MYM", "MCL", "MGC"})
_US_EXCHANGE: Final = {"CL": "1.50", "GC": "1.65", "ES": "0.55", "MES": "0.20"}
"""[V] of options on these futures at Futu, taken for the futures themselves [I]."""


def fee_schedule(spec: AccountSpec, instrument: Instrument) -> FeeSchedule:
    """What an account pays for an instrument's orders.

    Futures cost paper accounts what they cost real ones. [I]
    """
    product = product_class(instrument)
    if product is None:
        return FeeSchedule(())
    if product.is_future:
        return _future_schedule(instrument)
    if spec.is_paper and product in PAPER_SCHEDULES:
        return PAPER_SCHEDULES[product]
    if instrument.is_etf and product in FUND_SCHEDULES:
        return FUND_SCHEDULES[product]
    return REAL_SCHEDULES[product]


def _future_schedule(instrument: Instrument) -> FeeSchedule:
    code = product_of(instrument.security.code)
    match instrument.security.market:
        case Market.HK | Market.HK_FUTURE:
            exchange, levy = _HK_FUTURES.get(code, _HK_STOCK_FUTURE)
            rows = (("Exchange Fee", exchange), ("SFC Levy", levy))
            # [I] Futu's own commission on HK futures was not found.
            return _per_contract(("Commission", "5"), ("Platform Fee", "5"), *rows)
        case Market.US:
            # [V] commission 4, micro 1, platform 1, NFA 0.02 for options on CME futures.
            commission = "1" if code in _US_MICROS else "4"
            exchange = _US_EXCHANGE.get(code, "0.20" if code in _US_MICROS else "0.55")
            rows = (("Exchange Fee", exchange), ("NFA Fee", "0.02"))
            return _per_contract(("Commission", commission), ("Platform Fee", "1"), *rows)
        case Market.JP:
            return _per_contract(("Commission", "300"), ("Platform Fee", "100"))  # [I]
        case _:
            return _per_contract(("Commission", "4"), ("Platform Fee", "1"))  # [I]


def _per_contract(*rows: tuple[str, str]) -> FeeSchedule:
    return FeeSchedule([FeeRow(title, per_share=_d(amount)) for title, amount in rows])
