"""Bodies in protobuf and in JSON, read and written."""

import json
import math

import pytest
from google.protobuf.message import EncodeError

from gateway.errors import BodyError
from gateway.pb import (
    GetGlobalState,
    InitConnect,
    Qot_GetOptionStrategySpread,
    Qot_GetSearchQuote,
    Qot_RequestHistoryKL,
    Qot_Sub,
    Qot_UpdateBasicQot,
    Trd_Common,
    Trd_ModifyOrder,
    Trd_SubAccPush,
)
from gateway.wire.codec import decode, encode
from gateway.wire.ft_frame import HEADER_BYTES, BodyFormat
from tests.support import sdk_vectors

PROTOBUF, JSON = BodyFormat.PROTOBUF, BodyFormat.JSON


def quote_push(**fields):
    """A push of one quote, complete but for the fields given."""
    push = Qot_UpdateBasicQot.Response(retType=0, retMsg="", errCode=0)
    quote = push.s2c.basicQotList.add(
        isSuspended=False,
        listTime="2004-06-16",
        priceSpread=0.2,
        updateTime="2026-01-15 10:00:00",
        highPrice=601.5,
        openPrice=600,
        lowPrice=599.5,
        curPrice=600.5,
        lastClosePrice=598,
        volume=12_345_678,
        turnover=7.4e9,
        turnoverRate=0.13,
        amplitude=0.33,
    )
    quote.security.market, quote.security.code = 1, "00700"
    for name, value in fields.items():
        setattr(quote, name, value)
    return push


def written(message) -> dict:
    return json.loads(encode(message, JSON))


class TestReading:
    @pytest.mark.parametrize(
        ("message_type", "packet", "plain"),
        [
            (Qot_Sub.Request, sdk_vectors.SUB_JSON, sdk_vectors.SUB_BODY),
            (Trd_ModifyOrder.Request, sdk_vectors.MODIFY_JSON, sdk_vectors.MODIFY_BODY),
            (Trd_SubAccPush.Request, sdk_vectors.SUB_ACC_JSON, sdk_vectors.SUB_ACC_BODY),
        ],
        ids=["Qot_Sub", "Trd_ModifyOrder", "Trd_SubAccPush"],
    )
    def test_json_of_the_sdk_means_the_same_as_its_protobuf(self, message_type, packet, plain):
        """A request the SDK writes in JSON reads like the same request in protobuf."""
        from_json = decode(message_type, packet[HEADER_BYTES:], JSON)

        assert from_json == decode(message_type, plain, PROTOBUF)
        assert encode(from_json, PROTOBUF) == plain

    def test_init_connect_of_the_sdk_is_read(self):
        """The first packet of the SDK yields its fields in both formats."""
        plain = decode(InitConnect.Request, sdk_vectors.INIT_PLAIN[HEADER_BYTES:], PROTOBUF)
        from_json = decode(InitConnect.Request, sdk_vectors.INIT_JSON[HEADER_BYTES:], JSON)

        assert (plain.c2s.clientVer, plain.c2s.clientID) == (300, "PyNormal")
        assert plain.c2s.packetEncAlgo == from_json.c2s.packetEncAlgo == -1
        assert from_json.c2s.pushProtoFmt == 1

    def test_packed_and_unpacked_lists_are_read(self):
        """Integer lists of proto2 clients (unpacked) and proto3 clients (packed) both pass."""
        unpacked = bytes.fromhex("0a06 1001 1004 1801")
        packed = bytes.fromhex("0a06 12020104 1801")

        assert list(decode(Qot_Sub.Request, unpacked, PROTOBUF).c2s.subTypeList) == [1, 4]
        assert list(decode(Qot_Sub.Request, packed, PROTOBUF).c2s.subTypeList) == [1, 4]

    def test_fields_of_a_newer_client_are_ignored(self):
        """Unknown fields and names do no harm."""
        body = bytes.fromhex("0a05 1801 c03e01")
        text = b'{"c2s": {"isSubOrUnSub": true, "novelty": {"deep": [1]}}, "more": null}'

        assert decode(Qot_Sub.Request, body, PROTOBUF).c2s.isSubOrUnSub
        assert decode(Qot_Sub.Request, text, JSON).c2s.isSubOrUnSub

    @pytest.mark.parametrize("name", ["td_buyQty", "tdBuyQty"])
    def test_json_names_may_be_camel_case_or_the_protos(self, name):
        """A field with an underscore is found under both of its names."""
        body = json.loads(
            '{"positionID": "1", "positionSide": 0, "code": "JP.7203", "name": "", "qty": 1,'
            '"canSellQty": 1, "price": 1, "val": 1, "plVal": 0}'
        ) | {name: 5}
        position = decode(Trd_Common.Position, json.dumps(body).encode(), JSON)

        assert position.td_buyQty == 5

    @pytest.mark.parametrize("number", ["1736900000", '"1736900000"', "1736900000.0"])
    def test_json_integers_may_be_quoted(self, number):
        """64-bit integers come as numbers or as strings."""
        text = f'{{"c2s": {{"userID": {number}}}}}'.encode()

        assert decode(GetGlobalState.Request, text, JSON).c2s.userID == 1_736_900_000

    @pytest.mark.parametrize("value", ["1", '"ProgramStatusType_Loaded"'])
    def test_json_enums_may_be_names_or_numbers(self, value):
        """An enum field takes the value's name as well as its number."""
        text = (
            '{"retType": 0, "s2c": {"marketHK": 1, "marketUS": 1, "marketSH": 1, "marketSZ": 1,'
            '"marketHKFuture": 1, "qotLogined": true, "trdLogined": true, "serverVer": 1,'
            f'"serverBuildNo": 1, "time": 1, "programStatus": {{"type": {value}}}}}}}'
        )
        state = decode(GetGlobalState.Response, text.encode(), JSON)

        assert state.s2c.programStatus.type == 1

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (b"", "missing required fields: c2s"),
            (b"\x0a\x00", r"missing required fields: c2s\.isSubOrUnSub"),
            (b"\x0a\x05\x18", "Qot_Sub.Request cannot be read"),
            (b"\xff\xff\xff", "Qot_Sub.Request cannot be read"),
            (
                bytes.fromhex("0a0b 0a07 0801 1203 ff4142 1801"),
                "(?i)code is not utf-8|utf-8.* codec",
            ),
        ],
        ids=["empty", "incomplete", "cut off", "no protobuf", "text of wrong bytes"],
    )
    def test_wrong_protobuf_is_named(self, body, reason):
        """What cannot be read, or lacks a required field, is refused with the reason."""
        with pytest.raises(BodyError, match=reason):
            decode(Qot_Sub.Request, body, PROTOBUF)

    def test_bytes_that_are_no_text_may_stand_in_other_fields(self):
        """Only strings have to be UTF-8; negative numbers and Chinese texts pass."""
        request = Qot_Sub.Request(c2s=Qot_Sub.C2S(isSubOrUnSub=True, subTypeList=[-1]))
        request.c2s.securityList.add(market=1, code="腾讯")

        assert decode(Qot_Sub.Request, encode(request, PROTOBUF), PROTOBUF) == request

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (b"", "cannot be read from JSON"),
            (b"\xff{}", "not UTF-8"),
            (b'{"c2s":', "cannot be read from JSON"),
            (b"5", "cannot be read from JSON"),
            (b"[{}]", "cannot be read from JSON"),
            (b"[" * 100_000, "cannot be read from JSON"),
            (b"9" * 5_000, "cannot be read from JSON"),
            (b"{}", "missing required fields: c2s"),
            (b'{"c2s": null}', "missing required fields: c2s"),
            (b'{"c2s": [1]}', "cannot be read from JSON: Failed to parse c2s field"),
            (b'{"c2s": {"isSubOrUnSub": "yes"}}', "isSubOrUnSub"),
            (b'{"c2s": {"subTypeList": 1}}', "subTypeList"),
            (b'{"c2s": {"subTypeList": [1e400]}}', "subTypeList"),
            (b'{"c2s": {"subTypeList": [4294967296]}}', "subTypeList"),
            (b'{"c2s": {"securityList": [{"market": 1, "code": "\\ud800"}]}}', "code"),
        ],
        ids=lambda value: value[:16].decode("latin-1") if isinstance(value, bytes) else "",
    )
    def test_wrong_json_is_named(self, body, reason):
        """What is no JSON object of the message's shape is refused with the reason."""
        with pytest.raises(BodyError, match=reason):
            decode(Qot_Sub.Request, body, JSON)

    def test_unknown_format_is_refused(self):
        """A third body format does not exist."""
        with pytest.raises(BodyError, match="unknown body format 2"):
            decode(Qot_Sub.Request, b"", 2)


class TestWriting:
    def test_success_head_is_written_in_full(self):
        """Fields set to their defaults are written: `08 00 12 00 18 00`, as OpenD does."""
        reply = Qot_Sub.Response(retType=0, retMsg="", errCode=0)

        assert encode(reply, PROTOBUF) == bytes.fromhex("080012001800")
        assert encode(reply, JSON) == b'{"retType":0,"retMsg":"","errCode":0}'

    def test_fields_not_set_are_left_out(self):
        """Absent fields do not appear, empty messages do."""
        reply = Qot_Sub.Response(retType=0, s2c=Qot_Sub.S2C())

        assert encode(reply, JSON) == b'{"retType":0,"s2c":{}}'

    def test_json_is_utf8_in_field_order(self):
        """Texts stay readable, and fields come in the order of their numbers."""
        reply = Qot_Sub.Response(errCode=0, retMsg="订阅额度不足", retType=-1)

        assert encode(reply, JSON).decode() == '{"retType":-1,"retMsg":"订阅额度不足","errCode":0}'

    def test_json_has_the_protos_names(self):
        """Field names are not turned to camelCase, which the SDK would drop."""
        reply = Qot_GetSearchQuote.Response(retType=0)
        reply.s2c.search_quote_list.add()

        assert written(reply)["s2c"] == {"search_quote_list": [{}]}

    def test_single_64_bit_integers_are_quoted_and_lists_are_not(self):
        """The SDK converts the former itself and cannot convert the latter."""
        order = decode(Trd_ModifyOrder.Request, sdk_vectors.MODIFY_BODY, PROTOBUF)
        accounts = Trd_SubAccPush.Request()
        accounts.c2s.accIDList.extend([281756455983234027, 2**64 - 1])

        assert written(order)["c2s"]["header"]["accID"] == "281756455983234027"
        assert encode(accounts, JSON) == (
            b'{"c2s":{"accIDList":[281756455983234027,18446744073709551615]}}'
        )

    def test_enums_are_numbers(self):
        """Enum fields hold their number."""
        state = GetGlobalState.Response(retType=0)
        state.s2c.programStatus.type = 10
        for name in ("marketHK", "marketUS", "marketSH", "marketSZ", "marketHKFuture"):
            setattr(state.s2c, name, 1)
        state.s2c.qotLogined = state.s2c.trdLogined = True
        state.s2c.serverVer = state.s2c.serverBuildNo = state.s2c.time = 1

        assert written(state)["s2c"]["programStatus"] == {"type": 10}

    def test_bytes_are_left_out(self):
        """`bytes` fields would end the SDK's connection."""
        page = Qot_RequestHistoryKL.Response(retType=0)
        page.s2c.security.market, page.s2c.security.code = 1, "00700"
        page.s2c.nextReqKey = b"\x01\x02"

        assert written(page)["s2c"] == {"security": {"market": 1, "code": "00700"}}

    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
    def test_json_has_no_non_numbers(self, value):
        """NaN and infinity are left out where they may be, and 0 where something must stand."""
        push = quote_push(curPrice=value, updateTimestamp=value)
        quote = written(push)["s2c"]["basicQotList"][0]

        assert quote["curPrice"] == 0
        assert "updateTimestamp" not in quote
        assert math.isclose(quote["turnover"], 7.4e9)

    def test_lists_keep_their_length_without_non_numbers(self):
        """A NaN among numbers becomes 0, so that the others keep their places."""
        reply = Qot_GetOptionStrategySpread.Response(retType=0)
        reply.s2c.spreadList.extend([2.5, math.nan, 5])

        assert written(reply)["s2c"] == {"spreadList": [2.5, 0, 5]}

    def test_equal_messages_give_equal_bytes(self):
        """The order in which fields were set does not show."""
        for body_format in BodyFormat:
            assert encode(quote_push(), body_format) == encode(quote_push(), body_format)

    @pytest.mark.parametrize("body_format", list(BodyFormat))
    def test_incomplete_message_is_the_callers_mistake(self, body_format):
        """A reply without a required field is never sent."""
        with pytest.raises(EncodeError, match="isSubOrUnSub"):
            encode(Qot_Sub.Request(c2s=Qot_Sub.C2S()), body_format)

    def test_unknown_format_is_the_callers_mistake(self):
        """A third body format does not exist."""
        with pytest.raises(ValueError, match="2 is not a valid BodyFormat"):
            encode(Qot_Sub.Response(retType=0), 2)
