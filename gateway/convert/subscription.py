"""What subscription types are called and which candles they stand for."""

from __future__ import annotations

from typing import Final

from gateway.pb import Qot_Common
from simulator.domain import Period

PERIOD_OF_SUB_TYPE: Final[dict[int, Period]] = {
    Qot_Common.SubType_KL_1Min: Period.MINUTE_1,
    Qot_Common.SubType_KL_3Min: Period.MINUTE_3,
    Qot_Common.SubType_KL_5Min: Period.MINUTE_5,
    Qot_Common.SubType_KL_10Min: Period.MINUTE_10,
    Qot_Common.SubType_KL_15Min: Period.MINUTE_15,
    Qot_Common.SubType_KL_30Min: Period.MINUTE_30,
    Qot_Common.SubType_KL_60Min: Period.MINUTE_60,
    Qot_Common.SubType_KL_120Min: Period.MINUTE_120,
    Qot_Common.SubType_KL_180Min: Period.MINUTE_180,
    Qot_Common.SubType_KL_240Min: Period.MINUTE_240,
    Qot_Common.SubType_KL_Day: Period.DAY,
    Qot_Common.SubType_KL_Week: Period.WEEK,
    Qot_Common.SubType_KL_Month: Period.MONTH,
    Qot_Common.SubType_KL_Qurater: Period.QUARTER,
    Qot_Common.SubType_KL_Year: Period.YEAR,
}

OPTION_PERIODS: Final = frozenset(
    {Period.DAY, Period.MINUTE_1, Period.MINUTE_5, Period.MINUTE_15, Period.MINUTE_60}
)
"""Candles that options have. Source: [D]."""

SUB_TYPE_OF_PERIOD: Final[dict[Period, int]] = {
    period: sub_type for sub_type, period in PERIOD_OF_SUB_TYPE.items()
}

SUB_TYPE_NAMES: Final[dict[int, str]] = {
    Qot_Common.SubType_Basic: "Basic",
    Qot_Common.SubType_OrderBook: "OrderBook",
    Qot_Common.SubType_OrderBook_Odd: "OrderBook_Odd",
    Qot_Common.SubType_Ticker: "Ticker",
    Qot_Common.SubType_RT: "RT",
    Qot_Common.SubType_Broker: "Broker",
    Qot_Common.SubType_KL_1Min: "KL_1Min",
    Qot_Common.SubType_KL_3Min: "KL_3Min",
    Qot_Common.SubType_KL_5Min: "KL_5Min",
    Qot_Common.SubType_KL_10Min: "KL_10Min",
    Qot_Common.SubType_KL_15Min: "KL_15Min",
    Qot_Common.SubType_KL_30Min: "KL_30Min",
    Qot_Common.SubType_KL_60Min: "KL_60Min",
    Qot_Common.SubType_KL_120Min: "KL_120Min",
    Qot_Common.SubType_KL_180Min: "KL_180Min",
    Qot_Common.SubType_KL_240Min: "KL_240Min",
    Qot_Common.SubType_KL_Day: "KL_Day",
    Qot_Common.SubType_KL_Week: "KL_Week",
    Qot_Common.SubType_KL_Month: "KL_Month",
    Qot_Common.SubType_KL_Qurater: "KL_Quarter",
    Qot_Common.SubType_KL_Year: "KL_Year",
}
"""The names in OpenD's texts. Source: [O]; [P] Qot_Common.SubType."""
