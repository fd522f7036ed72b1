"""Protocols 1001–1007: getting connected, staying connected, and the state of OpenD itself."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Final

from gateway import texts
from gateway.convert.login import program_status
from gateway.convert.rights import write_rights
from gateway.errors import ApiError
from gateway.pb import (
    Common,
    GetDelayStatistics,
    GetGlobalState,
    GetUserInfo,
    InitConnect,
    KeepAlive,
)
from gateway.registry import Call, handles
from gateway.session.connection import ClientInfo
from gateway.session.delays import (
    NS_PER_MS,
    Delays,
    PushKind,
    PushStage,
    default_segments,
    histogram,
)
from gateway.session.login import SERVER_BUILD, SERVER_VERSION
from gateway.session.notices import ProgramStatus
from gateway.wire.ciphers import AesCbcCipher, AesEcbCipher, Cipher, FtAesEcbCipher, PlainCipher
from gateway.wire.ft_frame import BodyFormat
from gateway.wire.proto_ids import ProtoId
from simulator.domain import NS_PER_S, Venue

KEEP_ALIVE_INTERVAL_S: Final = 10
"""Source: [O] in every log seen."""

_ALGORITHMS: Final = {
    Common.PacketEncAlgo_FTAES_ECB: "FTAES_ECB",
    Common.PacketEncAlgo_None: "none",
    Common.PacketEncAlgo_AES_ECB: "AES_ECB",
    Common.PacketEncAlgo_AES_CBC: "AES_CBC",
}


@handles(ProtoId.InitConnect)
def init_connect(call: Call, c2s: InitConnect.C2S) -> InitConnect.S2C:
    """Agree on encryption and formats, and give the connection its id.

    Without a key of ours nothing is ever encrypted. With one, `packetEncAlgo` decides, and its
    absence means FTAES_ECB. The initialisation vector goes out for AES_CBC only: the Python SDK
    switches to CBC whenever it is present.

    Source: [P] InitConnect.proto; [D]; [O] 16 upper hexadecimal digits as key.
    """
    connection = call.connection
    has_key = not isinstance(connection.init_cipher, PlainCipher)
    default = Common.PacketEncAlgo_FTAES_ECB if has_key else Common.PacketEncAlgo_None
    algorithm = c2s.packetEncAlgo if c2s.HasField("packetEncAlgo") else default
    if not has_key:
        algorithm = Common.PacketEncAlgo_None
    if algorithm not in _ALGORITHMS:
        raise ApiError(texts.INVALID_PARAMETER, name="packetEncAlgo", value=algorithm)
    key, iv = secrets.token_hex(8).upper(), secrets.token_hex(8).upper()
    cipher = _cipher(algorithm, key.encode(), iv.encode())
    if algorithm != Common.PacketEncAlgo_None:
        call.reply_cipher = connection.init_cipher
    push_format = call.opend.default_push_format
    if c2s.HasField("pushProtoFmt"):
        push_format = _push_format(c2s.pushProtoFmt)
    client = ClientInfo(c2s.clientID, c2s.clientVer, c2s.programmingLanguage, c2s.recvNotify)
    call.after_reply.append(
        lambda: connection.start(client, cipher, _ALGORITHMS[algorithm], push_format)
    )
    login = call.opend.login
    s2c = InitConnect.S2C(
        serverVer=SERVER_VERSION,
        loginUserID=login.user_id,
        connID=connection.conn_id,
        connAESKey=key,
        keepAliveInterval=KEEP_ALIVE_INTERVAL_S,
        userAttribution=login.user_attribution,
    )
    if algorithm == Common.PacketEncAlgo_AES_CBC:
        s2c.aesCBCiv = iv
    return s2c


def _cipher(algorithm: int, key: bytes, iv: bytes) -> Cipher:
    match algorithm:
        case Common.PacketEncAlgo_FTAES_ECB:
            return FtAesEcbCipher(key)
        case Common.PacketEncAlgo_AES_ECB:
            return AesEcbCipher(key)
        case Common.PacketEncAlgo_AES_CBC:
            return AesCbcCipher(key, iv)
        case _:
            return PlainCipher()


def _push_format(value: int) -> BodyFormat:
    if value not in (BodyFormat.PROTOBUF, BodyFormat.JSON):
        raise ApiError(texts.INVALID_PARAMETER, name="pushProtoFmt", value=value)
    return BodyFormat(value)


@handles(ProtoId.KeepAlive, only_reads=True)
def keep_alive(call: Call, c2s: KeepAlive.C2S) -> KeepAlive.S2C:
    """Answer with the server's time in seconds."""
    return KeepAlive.S2C(time=call.now_ns // NS_PER_S)


@handles(ProtoId.GetGlobalState)
def get_global_state(call: Call, c2s: GetGlobalState.C2S) -> GetGlobalState.S2C:
    """Market states, login states and versions.

    SG, MY and JP stocks are markets that the emulator does not have: their states are left out.

    Source: [P] GetGlobalState.proto; [D] for the states.
    """
    market, login, links = call.opend.market, call.opend.login, call.opend.links_now()
    china = market.state(Venue.CN_STOCK, call.now_ns)
    return GetGlobalState.S2C(
        marketHK=market.state(Venue.HK_STOCK, call.now_ns),
        marketUS=market.state(Venue.US_STOCK, call.now_ns),
        marketSH=china,
        marketSZ=china,
        marketHKFuture=market.state(Venue.HK_FUTURE, call.now_ns),
        marketUSFuture=market.state(Venue.US_FUTURE, call.now_ns),
        marketSGFuture=market.state(Venue.SG_FUTURE, call.now_ns),
        marketJPFuture=market.state(Venue.JP_FUTURE, call.now_ns),
        qotLogined=links.quotes_up,
        trdLogined=links.trading_up,
        serverVer=SERVER_VERSION,
        serverBuildNo=SERVER_BUILD,
        time=call.now_ns // NS_PER_S,
        localTime=call.now_ns / NS_PER_S,
        programStatus=program_status(login.status, login.failure, call.language),
        qotSvrIpAddr="127.0.0.1",
        trdSvrIpAddr="127.0.0.1",
        connID=call.connection.conn_id,
    )


@handles(ProtoId.GetUserInfo)
def get_user_info(call: Call, c2s: GetUserInfo.C2S) -> GetUserInfo.S2C:
    """The user, the quotas and the quote rights.

    `flag` selects parts, and 0, which the SDK sends by default, selects all [I]; but the eight fields that were required before version 3.10 are always
    filled, or old clients could not parse the answer ([P]).
    """
    login, rights = call.opend.login, call.opend.quote_access.current
    s2c = GetUserInfo.S2C(
        nickName=login.nickname,
        avatarUrl="",
        apiLevel="",
        hkQotRight=rights.hk_stock,
        usQotRight=rights.us_stock,
        cnQotRight=rights.cn,
        isNeedAgreeDisclaimer=login.status is ProgramStatus.DISCLAIMER_NOT_AGREED,
        userID=login.user_id,
        userAttribution=login.user_attribution,
    )
    wanted = c2s.flag or ~0
    if wanted & GetUserInfo.UserInfoField_API:
        s2c.subQuota = call.opend.subscriptions.quota
        s2c.historyKLQuota = login.history_quota
    if wanted & GetUserInfo.UserInfoField_QotRight:
        write_rights(s2c, rights)
        s2c.isAppNNOrMM = login.user_attribution == Common.UserAttribution_NN
    if wanted & GetUserInfo.UserInfoField_Update:
        s2c.updateType = GetUserInfo.UpdateType_None
    if wanted & GetUserInfo.UserInfoField_WebKey:
        s2c.webKey = ""
    return s2c


@handles(ProtoId.GetDelayStatistics)
def get_delay_statistics(call: Call, c2s: GetDelayStatistics.C2S) -> GetDelayStatistics.S2C:
    """The delays measured since the start.

    Source: [P] GetDelayStatistics.proto; `session/delays.py` for what the stages mean here.
    """
    delays = call.opend.delays
    s2c = GetDelayStatistics.S2C()
    wanted = set(c2s.typeList)
    if GetDelayStatistics.DelayStatisticsType_QotPush in wanted:
        stage = c2s.qotPushStage if c2s.HasField("qotPushStage") else PushStage.SR2CS
        if stage not in tuple(PushStage):
            raise ApiError(texts.INVALID_PARAMETER, name="qotPushStage", value=stage)
        ends = _segments(c2s.segmentList)
        s2c.qotPushStatisticsList.extend(_push_statistics(delays, PushStage(stage), ends))
    if GetDelayStatistics.DelayStatisticsType_ReqReply in wanted:
        for proto_id, entry in delays.requests.items():
            average_ms = entry.total_ns / entry.count / NS_PER_MS
            s2c.reqReplyStatisticsList.add(
                protoID=proto_id,
                count=entry.count,
                totalCostAvg=average_ms,
                openDCostAvg=average_ms,
                netDelayAvg=0,
                isLocalReply=True,
            )
    if GetDelayStatistics.DelayStatisticsType_PlaceOrder in wanted:
        _add_orders(s2c, delays)
    return s2c


def _add_orders(s2c: GetDelayStatistics.S2C, delays: Delays) -> None:
    for order_id, order in delays.orders.items():
        s2c.placeOrderStatisticsList.add(
            orderID=str(order_id),
            totalCost=order.gateway_ns / NS_PER_MS,
            openDCost=order.gateway_ns / NS_PER_MS,
            netDelay=0,
            updateCost=order.update_ns / NS_PER_MS,
        )


def _segments(requested: Iterable[int]) -> tuple[int, ...]:
    """The segment ends asked for, or the default; rising, with -1 for infinity last."""
    ends = tuple(requested)
    if not ends:
        return default_segments()
    closed = ends[:-1] if ends[-1] == -1 else ends
    is_rising = all(low < high for low, high in zip((0, *closed), closed, strict=False))
    if not is_rising or any(end > 5000 for end in closed):
        raise ApiError(texts.INVALID_PARAMETER, name="segmentList", value=list(ends))
    return ends


def _push_statistics(
    delays: Delays, stage: PushStage, ends: tuple[int, ...]
) -> list[GetDelayStatistics.DelayStatistics]:
    statistics = []
    for kind in PushKind:
        samples = [push.stage_ns(stage) for push in delays.pushes[kind]]
        entry = GetDelayStatistics.DelayStatistics(
            qotPushType=kind,
            delayAvg=sum(samples) / len(samples) / NS_PER_MS if samples else 0,
            count=len(samples),
        )
        for segment in histogram(samples, ends):
            entry.itemList.add(
                begin=segment.begin_ms,
                end=segment.end_ms,
                count=segment.count,
                proportion=segment.percent,
                cumulativeRatio=segment.cumulative_percent,
            )
        statistics.append(entry)
    return statistics
