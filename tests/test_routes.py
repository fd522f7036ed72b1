"""Every protocol number is accounted for, and every request is answered."""

from itertools import count

import pytest

from gateway.pb import KeepAlive, message_type
from gateway.registry import ROUTES
from gateway.wire import codec
from gateway.wire.ft_frame import BodyFormat, Frame, FrameReader, body_digest
from gateway.wire.proto_ids import PUSH_IDS, ProtoId
from tests.support.conversation import World
from tools.docs_from_registry import pushed_ids

UNBUILT = frozenset(
    {
        "InitQuantMode",
        "Qot_GetFinancialsEarningsPriceMove",
        "Qot_GetFinancialsEarningsPriceHistory",
        "Qot_GetFinancialsStatements",
        "Qot_GetFinancialsRevenueBreakdown",
        "Qot_GetResearchAnalystConsensus",
        "Qot_GetResearchRatingSummary",
        "Qot_GetResearchMorningstarReport",
        "Qot_GetValuationDetail",
        "Qot_GetValuationPlateStockList",
        "Qot_GetCorporateActionsBuybacks",
        "Qot_GetShareholdersOverview",
        "Qot_GetShareholdersHoldingChanges",
        "Qot_GetShareholdersHolderDetail",
        "Qot_GetShareholdersInstitutional",
        "Qot_GetInsiderHolderList",
        "Qot_GetInsiderTradeList",
        "Qot_GetCompanyProfile",
        "Qot_GetCompanyExecutives",
        "Qot_GetCompanyExecutiveBackground",
        "Qot_GetCompanyOperationalEfficiency",
        "Qot_GetTopTenBuySellBrokers",
        "Qot_GetDailyShortVolume",
        "Qot_GetShortInterest",
        "Qot_GetOptionVolatility",
        "Qot_GetOptionExerciseProbability",
        "Qot_StockScreen",
        "Qot_OptionScreen",
        "Qot_WarrantScreen",
        "Qot_GetOptionQuote",
        "Qot_GetOptionStrategy",
        "Qot_GetOptionStrategyAnalysis",
        "Qot_GetOptionStrategySpread",
        "Qot_GetIndicatorList",
        "Qot_RequestIndicatorCalc",
        "Qot_PushIndicatorCalc",
        "Qot_GetSearchQuote",
        "Qot_GetSearchNews",
        "Qot_GetOptionMarketStatistic",
        "Qot_GetOptionUnderlyingHisStatistic",
        "Qot_GetOptionUnderlyingOverview",
        "Qot_GetOptionUnderlyingHisVolatility",
        "Qot_GetOptionUnderlyingRank",
        "Qot_GetOptionRank",
        "Qot_GetOptionEvent",
        "Qot_GetOptionEventAlert",
        "Qot_SetOptionEventAlert",
        "Qot_UpdateOptionEvent",
        "Qot_GetOptionZeroDteScreener",
        "Qot_GetOptionZeroDteContract",
        "Qot_GetOptionEarningsScreener",
        "Qot_GetOptionSellerScreener",
        "Qot_GetEarningsCalendar",
        "Qot_GetMacroIndicatorList",
        "Qot_GetMacroIndicatorHistory",
        "Qot_GetFedWatchTargetRate",
        "Qot_GetFedWatchDotPlot",
        "Qot_GetEarningsBeatRank",
        "Qot_GetDividendRank",
        "Qot_GetDividendCalendar",
        "Qot_GetEconomicCalendar",
        "Qot_GetUSPreMarketRank",
        "Qot_GetUSAfterHoursRank",
        "Qot_GetUSOvernightRank",
        "Qot_GetTopMoversRank",
        "Qot_GetHotList",
        "Qot_GetShortSellingRank",
        "Qot_GetPeriodChangeRank",
        "Qot_GetHighDividendSOERank",
        "Qot_GetInstitutionList",
        "Qot_GetInstitutionProfile",
        "Qot_GetInstitutionDistribution",
        "Qot_GetInstitutionHoldingChange",
        "Qot_GetInstitutionHoldingList",
        "Qot_GetArkFundHolding",
        "Qot_GetArkStockDynamic",
        "Qot_GetArkActiveTransaction",
        "Qot_GetRatingChange",
        "Qot_GetIndustrialChainList",
        "Qot_GetIndustrialChainDetail",
        "Qot_GetIndustrialChainByPlate",
        "Qot_GetIndustrialPlateInfo",
        "Qot_GetIndustrialPlateStock",
        "Qot_GetHeatMapData",
        "Qot_GetRiseFallDistribution",
        "Qot_GetEventContractCategory",
        "Qot_FilterCompetition",
        "Qot_GetEventContractSeriesList",
        "Qot_GetEventContractEventList",
        "Qot_GetEventContract",
        "Qot_GetEventContractMilestoneList",
        "Qot_GetEventContractSnapshot",
        "Qot_GetEventContractOrderBook",
        "Qot_GetEventContractKline",
        "Qot_GetEventContractTicker",
        "Qot_UpdateEventContractOrderBook",
        "Qot_UpdateEventContractKline",
        "Qot_UpdateEventContractTicker",
        "Qot_GetEventContractComboList",
        "Qot_GetEventContractComboRfq",
        "Qot_SubEventContract",
        "Qot_RequestHistoryEventContractKL",
        "SkillWrap_TechnicalUnusual",
        "SkillWrap_FinancialUnusual",
        "SkillWrap_DerivativeUnusual",
    }
)
"""Not built yet. What is built leaves this list, nothing joins it."""

UNKNOWN = 9999
UNKNOWN_TEXTS = {"chs": "未知的协议ID", "en": "Unknown protocol ID"}
FORMATS = [BodyFormat.PROTOBUF, BodyFormat.JSON]


class Asker:
    """Sends bodies to any number, known or not, and decodes the one reply."""

    def __init__(self, language: str) -> None:
        self._world = World(language=language)
        self._client = self._world.connect()
        self._serials = count(100)

    def ask(self, number: int, body: bytes, body_format: BodyFormat):
        frames = self._client.outbox.frames
        seen = len(frames)
        frame = Frame(number, body_format, 0, next(self._serials), body_digest(body), body)
        self._world.dispatcher.receive(self._client.connection, frame, self._world.now_ns)
        reader = FrameReader()
        for data in frames[seen:]:
            reader.feed(data)
        reply = reader.next_frame()

        assert reader.next_frame() is None
        assert (number, frame.serial, body_format) == (
            reply.proto_id,
            reply.serial,
            reply.body_format,
        )
        return codec.decode(response_type(number), reply.body, body_format)


def response_type(number: int):
    """A number without messages of its own is answered in the envelope that all share."""
    try:
        return message_type(f"{ProtoId(number).name}.Response")
    except (KeyError, ValueError):
        return KeepAlive.Response


@pytest.fixture(scope="module")
def askers() -> dict[str, Asker]:
    return {language: Asker(language) for language in UNKNOWN_TEXTS}


def test_handled_protocols_have_left_the_list():
    """Whoever builds a protocol takes its name off UNBUILT."""
    built = {proto_id.name for proto_id in ProtoId if proto_id in ROUTES}
    built |= {proto_id.name for proto_id in pushed_ids()}

    assert UNBUILT & built == set(), "built now: take these off UNBUILT in tests/test_routes.py"


def test_every_other_protocol_is_listed_by_name():
    """A number is handled, pushed, or known not to be built yet."""
    unbuilt = {p.name for p in ProtoId if p not in ROUTES and p not in pushed_ids()}

    assert unbuilt - UNBUILT == set(), "these have neither a handler nor a push"


def test_listed_names_exist():
    """The list names protocols, not misspellings."""
    assert {proto_id.name for proto_id in ProtoId} >= UNBUILT


def test_nothing_is_both_request_and_push():
    """A push has no handler, and what is pushed is a push."""
    assert PUSH_IDS & ROUTES.keys() == set()
    assert pushed_ids() <= PUSH_IDS


@pytest.mark.parametrize("body_format", FORMATS, ids=lambda value: value.name)
@pytest.mark.parametrize("language", UNKNOWN_TEXTS)
@pytest.mark.parametrize("number", [UNKNOWN, *sorted(ProtoId[name] for name in UNBUILT)], ids=int)
def test_unbuilt_and_unknown_numbers_say_so(askers, number, language, body_format):
    """The reply is a failure with OpenD's text, whatever the body holds."""
    response = askers[language].ask(number, b"anything", body_format)

    assert (-1, UNKNOWN_TEXTS[language], 0) == (
        response.retType,
        response.retMsg,
        response.errCode,
    )
    assert not response.HasField("s2c")


@pytest.mark.parametrize("body_format", FORMATS, ids=lambda value: value.name)
@pytest.mark.parametrize("number", sorted(ProtoId), ids=int)
def test_empty_body_gets_a_reply(askers, number, body_format):
    """No request without a body goes unanswered, and none succeeds."""
    response = askers["en"].ask(number, b"", body_format)

    assert response.retType == -1
    assert response.retMsg
