"""Every documented rate limit as one row per protocol id, and the check of a request against it.

Rows stand here by id, whether or not a handler answers the id yet. Getters that OpenD serves from
its own cache have no limit, nor have protocols for which none is documented.

Source: [D] and [O]. Where the reference documentation and a later source disagree on a
number, the reference documentation counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, cast

from google.protobuf.message import Message

from gateway import texts
from gateway.errors import ApiError
from gateway.pb import Qot_GetReference
from gateway.session.limits import RateLimiter, Rule, Verdict, WindowKey
from gateway.wire.proto_ids import ProtoId as P
from simulator.domain import NS_PER_S

if TYPE_CHECKING:
    from gateway.pb import Qot_RequestHistoryKL, Trd_GetFunds


class Scope(Enum):
    """Whose requests share a window."""

    USER = "user"
    """All connections together. Source: [I] for quotes, [D] for unlocking and margin data."""
    ACCOUNT = "account"
    """Those for one account id, on whichever connection. Source: [D]."""


class Counts(Enum):
    """Which requests are counted, and refused."""

    ALL = "every request"
    REFRESH = "only with `refreshCache`"
    FIRST_PAGE = "only without `nextReqKey`"
    NOT_WARRANTS = "all but the warrants of a stock"


@dataclass(frozen=True, slots=True)
class Limit:
    """How often one interface may be called, and its names in the text of a refusal."""

    requests: int
    """In a window of 30 s."""
    zh: str
    en: str
    source: str
    scope: Scope = Scope.USER
    counts: Counts = Counts.ALL
    spacing_s: float = 0.0
    """The least distance of two requests, in seconds."""
    shares_window_of: P | None = None

    @property
    def rule(self) -> Rule:
        """The numbers as the limiter takes them."""
        return Rule(self.requests, round(self.spacing_s * NS_PER_S))


def is_over(limiter: RateLimiter, proto_id: int, c2s: Message, now_ns: int) -> bool:
    """Whether `check` would refuse a request as one too many; counts nothing."""
    limit = LIMITS.get(proto_id)
    if limit is None or not _is_counted(limit.counts, c2s):
        return False
    return limiter.is_full(_key(limit, proto_id, c2s), limit.rule, now_ns)


def check(limiter: RateLimiter, proto_id: int, c2s: Message, now_ns: int) -> None:
    """Count a request, which may still fail for other reasons, against its interface's limit.

    Raises:
        ApiError: The limit is reached; the request is not to be answered otherwise.
    """
    limit = LIMITS.get(proto_id)
    if limit is None or not _is_counted(limit.counts, c2s):
        return
    match limiter.admit(_key(limit, proto_id, c2s), limit.rule, now_ns):
        case Verdict.TOO_MANY:
            raise ApiError(
                texts.TOO_FREQUENT, zh_name=limit.zh, en_name=limit.en, requests=limit.requests
            )
        case Verdict.TOO_SOON:
            seconds = f"{limit.spacing_s:g}"
            raise ApiError(texts.TOO_SOON, zh_name=limit.zh, en_name=limit.en, seconds=seconds)
        case Verdict.ADMITTED:
            return


def _key(limit: Limit, proto_id: int, c2s: Message) -> WindowKey:
    account_id = _account_id(c2s) if limit.scope is Scope.ACCOUNT else None
    return WindowKey(limit.shares_window_of or proto_id, account_id)


def _is_counted(counts: Counts, c2s: Message) -> bool:
    match counts:
        case Counts.ALL:
            return True
        case Counts.REFRESH:
            return cast("Trd_GetFunds.C2S", c2s).refreshCache
        case Counts.FIRST_PAGE:
            return not cast("Qot_RequestHistoryKL.C2S", c2s).nextReqKey
        case Counts.NOT_WARRANTS:
            wanted = cast("Qot_GetReference.C2S", c2s).referenceType
            return wanted != Qot_GetReference.ReferenceType_Warrant


def _account_id(c2s: Message) -> int:
    return cast("Trd_GetFunds.C2S", c2s).header.accID


# Where the number and the two names come from.
_SEEN: Final = "[D], names [O]"
_ZH_SEEN: Final = "[D], zh name [O], en name [I]"
_EN_SEEN: Final = "[D], en name [O], zh name [I]"
_UNSEEN: Final = "[D], names [I]"


def _trade(requests: int, zh: str, en: str, source: str = _UNSEEN) -> Limit:
    return Limit(requests, zh, en, source, Scope.ACCOUNT)


def _trade_cache(zh: str, en: str, source: str = _UNSEEN) -> Limit:
    return Limit(10, zh, en, source, Scope.ACCOUNT, Counts.REFRESH)


_TRADE: Final[Mapping[int, Limit]] = {
    P.Trd_UnlockTrade: Limit(10, "解锁交易", "Unlock Trading", _EN_SEEN),
    P.Trd_GetFunds: _trade_cache("查询账户资金", "Get Account Funds"),
    P.Trd_GetPositionList: _trade_cache("查询账户持仓", "Get Positions List"),
    P.Trd_GetMaxTrdQtys: _trade(10, "查询最大可买可卖", "Get Maximum Tradable Quantity"),
    P.Trd_GetComboMaxTrdQtys: _trade(
        10, "查询组合最大可买可卖", "Get Combo Maximum Tradable Quantity"
    ),
    P.Trd_GetOrderList: _trade_cache("查询订单列表", "Get Order list", _EN_SEEN),
    P.Trd_PlaceOrder: Limit(15, "下单", "Place Order", _SEEN, Scope.ACCOUNT, spacing_s=0.02),
    P.Trd_ModifyOrder: Limit(
        20, "改单撤单", "Modify or Cancel Orders", _UNSEEN, Scope.ACCOUNT, spacing_s=0.04
    ),
    P.Trd_GetOrderFillList: _trade_cache("查询当日成交", "Get Today's Deals"),
    P.Trd_GetHistoryOrderList: _trade(10, "查询历史订单", "Get Historical Orders"),
    P.Trd_GetHistoryOrderFillList: _trade(10, "查询历史成交", "Get Historical Deals"),
    P.Trd_GetMarginRatio: Limit(10, "获取融资融券数据", "Get Margin Trading Data", _EN_SEEN),
    P.Trd_GetOrderFee: _trade(10, "查询订单费用", "Get Order Fee"),
    P.Trd_FlowSummary: _trade(20, "查询账户现金流水", "Get Account Cash Flow"),
    P.Trd_PlaceComboOrder: Limit(
        15,
        "组合下单",
        "Place Combo Order",
        _UNSEEN,
        Scope.ACCOUNT,
        spacing_s=0.02,
        shares_window_of=P.Trd_PlaceOrder,
    ),
}

_CLASSIC_QUOTES: Final[Mapping[int, Limit]] = {
    P.Qot_RequestHistoryKL: Limit(
        60, "获取历史K线", "Get Historical Candlestick", _SEEN, counts=Counts.FIRST_PAGE
    ),
    P.Qot_RequestRehab: Limit(60, "获取复权因子", "Get Adjustment Factor", _ZH_SEEN),
    P.Qot_GetSecuritySnapshot: Limit(60, "获取市场快照", "Get Market Snapshot", _SEEN),
    P.Qot_GetPlateSet: Limit(10, "获取板块列表", "Get Sector List", _ZH_SEEN),
    P.Qot_GetPlateSecurity: Limit(
        10, "获取板块内股票列表", "Get Stock List within a Sector", _EN_SEEN
    ),
    P.Qot_GetReference: Limit(
        10, "获取关联证券", "Get Related Securities", _UNSEEN, counts=Counts.NOT_WARRANTS
    ),
    P.Qot_GetOwnerPlate: Limit(10, "获取股票所属板块", "Get Sectors of a Stock", _UNSEEN),
    P.Qot_GetHoldingChangeList: Limit(10, "获取持股变化", "Get Holding Changes", _UNSEEN),
    P.Qot_GetOptionChain: Limit(10, "获取期权链", "Get Option Chain", _SEEN),
    P.Qot_GetWarrant: Limit(60, "筛选窝轮", "Warrant Screening", _UNSEEN),
    P.Qot_GetCapitalFlow: Limit(30, "获取资金流向", "Get Capital Flow", _UNSEEN),
    P.Qot_GetCapitalDistribution: Limit(30, "获取资金分布", "Get Capital Distribution", _UNSEEN),
    P.Qot_GetUserSecurity: Limit(10, "获取自选股分组", "Get Watchlist Groups", _SEEN),
    P.Qot_ModifyUserSecurity: Limit(10, "修改自选股分组", "Modify Watchlist Groups", _UNSEEN),
    P.Qot_StockFilter: Limit(10, "条件选股", "Stock Screening", _ZH_SEEN),
    P.Qot_GetIpoList: Limit(10, "获取IPO信息", "Get IPO Information", _UNSEEN),
    P.Qot_GetFutureInfo: Limit(30, "获取期货合约资料", "Get Futures Contract Details", _UNSEEN),
    P.Qot_RequestTradeDate: Limit(30, "获取交易日历", "Get Trading Calendar", _UNSEEN),
    P.Qot_SetPriceReminder: Limit(60, "设置到价提醒", "Set Price Alert", _UNSEEN),
    P.Qot_GetPriceReminder: Limit(10, "获取到价提醒列表", "Get Price Alert List", _UNSEEN),
    P.Qot_GetUserSecurityGroup: Limit(
        10, "获取自选股分组列表", "Get Watchlist Group List", _UNSEEN
    ),
    P.Qot_GetMarketState: Limit(10, "获取标的市场状态", "Get Market Status", _UNSEEN),
    P.Qot_GetOptionExpirationDate: Limit(
        60, "获取期权链到期日", "Get Option Chain Expiry Dates", _EN_SEEN
    ),
    P.Qot_OptionScreen: Limit(10, "期权筛选", "Option Screening", "[O], zh name [I]"),
    P.Qot_GetSearchQuote: Limit(10, "搜索行情", "Search Quotes", _UNSEEN),
    P.Qot_GetSearchNews: Limit(10, "搜索资讯", "Search News", _UNSEEN),
}

_COMPANY_DATA: Final[tuple[tuple[P, str, str], ...]] = (
    (P.Qot_GetFinancialsEarningsPriceMove, "获取财报日股价波动", "Get Earnings Price Move"),
    (P.Qot_GetFinancialsEarningsPriceHistory, "获取财报日股价历史", "Get Earnings Price History"),
    (P.Qot_GetFinancialsStatements, "获取财务报表", "Get Financial Statements"),
    (P.Qot_GetFinancialsRevenueBreakdown, "获取主营构成", "Get Revenue Breakdown"),
    (P.Qot_GetResearchAnalystConsensus, "获取分析师评级", "Get Analyst Consensus"),
    (P.Qot_GetResearchRatingSummary, "获取评级汇总", "Get Rating Summary"),
    (P.Qot_GetResearchMorningstarReport, "获取晨星研报", "Get Morningstar Report"),
    (P.Qot_GetValuationDetail, "获取估值详情", "Get Valuation Details"),
    (P.Qot_GetValuationPlateStockList, "获取板块估值列表", "Get Valuation of a Sector"),
    (P.Qot_GetCorporateActionsDividends, "获取分红派息", "Get Dividends"),
    (P.Qot_GetCorporateActionsBuybacks, "获取股票回购", "Get Buybacks"),
    (P.Qot_GetCorporateActionsStockSplits, "获取拆合股", "Get Stock Splits"),
    (P.Qot_GetShareholdersOverview, "获取股东概览", "Get Shareholders Overview"),
    (P.Qot_GetShareholdersHoldingChanges, "获取股东增减持", "Get Shareholders Holding Changes"),
    (P.Qot_GetShareholdersHolderDetail, "获取股东明细", "Get Shareholder Details"),
    (P.Qot_GetShareholdersInstitutional, "获取机构持股", "Get Institutional Shareholders"),
    (P.Qot_GetInsiderHolderList, "获取内部人持股", "Get Insider Holders"),
    (P.Qot_GetInsiderTradeList, "获取内部人交易", "Get Insider Trades"),
    (P.Qot_GetCompanyProfile, "获取公司概况", "Get Company Profile"),
    (P.Qot_GetCompanyExecutives, "获取公司高管", "Get Company Executives"),
    (P.Qot_GetCompanyExecutiveBackground, "获取高管背景", "Get Executive Background"),
    (P.Qot_GetCompanyOperationalEfficiency, "获取经营效率", "Get Operational Efficiency"),
    (P.Qot_GetTopTenBuySellBrokers, "获取十大买卖经纪", "Get Top 10 Buy/Sell Brokers"),
    (P.Qot_GetDailyShortVolume, "获取每日卖空", "Get Daily Short Volume"),
    (P.Qot_GetShortInterest, "获取空头持仓", "Get Short Interest"),
    (P.Qot_GetOptionVolatility, "获取期权波动率", "Get Option Volatility"),
    (P.Qot_GetOptionExerciseProbability, "获取期权行权概率", "Get Option Exercise Probability"),
    (P.Qot_GetOptionQuote, "获取期权报价", "Get Option Quote"),
    (P.Qot_GetOptionStrategy, "获取期权策略", "Get Option Strategy"),
    (P.Qot_GetOptionStrategyAnalysis, "获取期权策略分析", "Get Option Strategy Analysis"),
    (P.Qot_GetOptionStrategySpread, "获取期权策略价差", "Get Option Strategy Spread"),
)
"""30 requests each."""

_MARKET_DATA: Final[tuple[tuple[P, str, str], ...]] = (
    (P.Qot_GetEarningsCalendar, "获取财报日历", "Get Earnings Calendar"),
    (P.Qot_GetMacroIndicatorList, "获取宏观指标列表", "Get Macro Indicator List"),
    (P.Qot_GetMacroIndicatorHistory, "获取宏观指标历史", "Get Macro Indicator History"),
    (P.Qot_GetFedWatchTargetRate, "获取美联储目标利率", "Get FedWatch Target Rate"),
    (P.Qot_GetFedWatchDotPlot, "获取美联储点阵图", "Get FedWatch Dot Plot"),
    (P.Qot_GetEarningsBeatRank, "获取业绩超预期榜", "Get Earnings Beat Rank"),
    (P.Qot_GetDividendRank, "获取股息榜", "Get Dividend Rank"),
    (P.Qot_GetDividendCalendar, "获取派息日历", "Get Dividend Calendar"),
    (P.Qot_GetEconomicCalendar, "获取经济日历", "Get Economic Calendar"),
    (P.Qot_GetUSPreMarketRank, "获取美股盘前榜", "Get US Pre-Market Rank"),
    (P.Qot_GetUSAfterHoursRank, "获取美股盘后榜", "Get US After-Hours Rank"),
    (P.Qot_GetUSOvernightRank, "获取美股夜盘榜", "Get US Overnight Rank"),
    (P.Qot_GetTopMoversRank, "获取领涨领跌榜", "Get Top Movers Rank"),
    (P.Qot_GetHotList, "获取热门榜", "Get Hot List"),
    (P.Qot_GetShortSellingRank, "获取卖空榜", "Get Short Selling Rank"),
    (P.Qot_GetPeriodChangeRank, "获取区间涨跌榜", "Get Period Change Rank"),
    (P.Qot_GetHighDividendSOERank, "获取高股息国企榜", "Get High Dividend SOE Rank"),
    (P.Qot_GetInstitutionList, "获取机构列表", "Get Institution List"),
    (P.Qot_GetInstitutionProfile, "获取机构概况", "Get Institution Profile"),
    (P.Qot_GetInstitutionDistribution, "获取机构持仓分布", "Get Institution Distribution"),
    (P.Qot_GetInstitutionHoldingChange, "获取机构持仓变动", "Get Institution Holding Changes"),
    (P.Qot_GetInstitutionHoldingList, "获取机构持仓列表", "Get Institution Holding List"),
    (P.Qot_GetArkFundHolding, "获取ARK基金持仓", "Get ARK Fund Holdings"),
    (P.Qot_GetArkStockDynamic, "获取ARK个股动态", "Get ARK Stock Dynamics"),
    (P.Qot_GetArkActiveTransaction, "获取ARK主动交易", "Get ARK Active Transactions"),
    (P.Qot_GetRatingChange, "获取评级变动", "Get Rating Changes"),
    (P.Qot_GetIndustrialChainList, "获取产业链列表", "Get Industrial Chain List"),
    (P.Qot_GetIndustrialChainDetail, "获取产业链详情", "Get Industrial Chain Details"),
    (P.Qot_GetIndustrialChainByPlate, "获取板块所属产业链", "Get Industrial Chains of a Sector"),
    (P.Qot_GetIndustrialPlateInfo, "获取产业板块信息", "Get Industrial Sector Information"),
    (P.Qot_GetIndustrialPlateStock, "获取产业板块股票", "Get Industrial Sector Stocks"),
    (P.Qot_GetHeatMapData, "获取热力图", "Get Heat Map"),
    (P.Qot_GetRiseFallDistribution, "获取涨跌分布", "Get Rise and Fall Distribution"),
)
"""60 requests each."""

_SEEN_NAMES: Final = {
    P.Qot_GetFinancialsStatements: _ZH_SEEN,
    P.Qot_GetUSAfterHoursRank: _EN_SEEN,
}


def _rows(requests: int, rows: tuple[tuple[P, str, str], ...]) -> Mapping[int, Limit]:
    return {
        proto_id: Limit(requests, zh, en, _SEEN_NAMES.get(proto_id, _UNSEEN))
        for proto_id, zh, en in rows
    }


LIMITS: Final[Mapping[int, Limit]] = {
    **_TRADE,
    **_CLASSIC_QUOTES,
    **_rows(30, _COMPANY_DATA),
    **_rows(60, _MARKET_DATA),
}
"""By protocol id; an id without a row is not limited."""
