"""Logging in through the API: what is answered meanwhile, codes, notices."""

import pytest

from gateway.pb import Common, Notify, Verification
from gateway.session.login import Hurdle, Login, LoginScript, password_digest
from gateway.session.notices import ProgramStatus
from gateway.wire.proto_ids import ProtoId
from tests.support.conversation import World
from tests.support.quotes import BASIC, TENCENT, answer, refusal

PICTURE = Verification.VerificationType_Picture
PHONE = Verification.VerificationType_Phone
REQUEST = Verification.VerificationOp_Request
ENTER = Verification.VerificationOp_InputAndLogin


def logging_in(*hurdles, language="en", **script):
    """A world whose login has begun and has met its first hurdle."""
    login = Login(status=ProgramStatus.LOADED, script=LoginScript(hurdles=hurdles, **script))
    login.log_in()
    return World(login=login, language=language)


def verify(client, kind, op, **code):
    return client.ask(ProtoId.Verification, type=kind, op=op, **code)


def status(client):
    return answer(client.ask(ProtoId.GetGlobalState, userID=0)).programStatus


def told(client):
    """The notices received since the last look, by type."""
    return [push.s2c for push in client.collect() if push.proto_id is ProtoId.Notify]


def test_a_client_can_connect_and_read_the_status():
    """Before the login is complete the state says so, with the reason."""
    client = logging_in(Hurdle.PHONE_CODE).connect()
    state = answer(client.ask(ProtoId.GetGlobalState, userID=0))

    assert (state.qotLogined, state.trdLogined) == (False, False)
    assert state.programStatus.type == Common.ProgramStatusType_NeedPhoneVerifyCode
    assert state.programStatus.strExtDesc == "Need a phone verification code"
    assert answer(client.ask(ProtoId.KeepAlive, time=1)).time > 0


@pytest.mark.parametrize(
    ("proto_id", "c2s"),
    [
        (
            ProtoId.Qot_Sub,
            {"securityList": [TENCENT], "subTypeList": [BASIC], "isSubOrUnSub": True},
        ),
        (ProtoId.Qot_GetSecuritySnapshot, {"securityList": [TENCENT]}),
        (ProtoId.Trd_GetAccList, {"userID": 0}),
    ],
)
def test_business_requests_get_no_answer_before_ready(proto_id, c2s):
    """They hang, as observed, and nothing happens; after the login they are answered."""
    world = logging_in(Hurdle.PHONE_CODE)
    client = world.connect()

    assert client.is_ignored(proto_id, **c2s)
    assert world.opend.subscriptions.used == 0
    answer(verify(client, PHONE, ENTER, code="123456"))
    assert client.ask(proto_id, **c2s).retType == 0


def test_an_uninitialised_connection_is_told_so_all_the_same():
    """What a connection lacks comes before what the login lacks."""
    client = logging_in(Hurdle.PHONE_CODE).connect(initialise=False)

    assert "InitConnect" in refusal(client.ask(ProtoId.Trd_GetAccList, userID=0))


@pytest.mark.parametrize(
    ("hurdle", "kind", "code", "wrong"),
    [
        (Hurdle.PICTURE_CODE, PICTURE, "1234", "Wrong picture verification code"),
        (Hurdle.PHONE_CODE, PHONE, "123456", "Wrong phone verification code"),
        (Hurdle.DEVICE_LOCK, PHONE, "123456", "Wrong phone verification code"),
    ],
)
def test_codes_are_requested_and_entered(hurdle, kind, code, wrong):
    """A wrong code is refused with its text, the right one brings READY."""
    client = logging_in(hurdle).connect()

    answer(verify(client, kind, REQUEST))
    assert refusal(verify(client, kind, ENTER, code="0")) == wrong
    answer(verify(client, kind, ENTER, code=code))
    assert status(client).type == Common.ProgramStatusType_Ready
    assert not status(client).HasField("strExtDesc")


def test_the_picture_is_drawn_on_request():
    """The code that is shown is the code that is right."""
    drawn = []
    world = logging_in(Hurdle.PICTURE_CODE, picture_code="4711", show_picture=drawn.append)
    client = world.connect()
    answer(verify(client, PICTURE, REQUEST))

    answer(verify(client, PICTURE, ENTER, code=drawn[0]))
    assert drawn == ["4711"]


def test_a_picture_that_cannot_be_drawn_is_a_refusal():
    """A full disk does not end the login."""

    def fail(code):
        raise OSError(28, "No space left on device")

    client = logging_in(Hurdle.PICTURE_CODE, show_picture=fail, language="chs").connect()

    assert refusal(verify(client, PICTURE, REQUEST)) == "请求图形验证码失败"


@pytest.mark.parametrize(
    ("c2s", "text"),
    [
        ({"type": PICTURE, "op": REQUEST}, "No picture verification code is needed"),
        ({"type": PHONE, "op": ENTER, "code": "1"}, "No phone verification code is needed"),
        ({"type": PHONE, "op": ENTER}, "Missing necessary parameter: code"),
        ({"type": 0, "op": REQUEST}, "Invalid parameter: type=0"),
        ({"type": PHONE, "op": 3}, "Invalid parameter: op=3"),
    ],
)
def test_what_makes_no_sense_is_refused(c2s, text):
    """Once logged in there is nothing to verify, and parameters are checked."""
    assert refusal(World().connect().ask(ProtoId.Verification, **c2s)) == text


def test_each_step_is_told_to_those_who_receive_notices():
    """Status, links, rights and quotas arrive in order; who declined notices hears nothing."""
    world = logging_in(Hurdle.PHONE_CODE)
    client, deaf = world.connect(), world.connect(recvNotify=False)
    world.pass_time(0)
    told(client)
    answer(verify(client, PHONE, ENTER, code="123456"))
    notices = told(client)

    assert [n.type for n in notices] == [2, 2, 2, 3, 4, 6]
    assert [n.programStatus.programStatus.type for n in notices[:3]] == [2, 7, 10]
    assert (notices[3].connectStatus.qotLogined, notices[3].connectStatus.trdLogined) == (
        True,
        True,
    )
    assert (notices[4].qotRight.hkQotRight, notices[4].qotRight.shQotRight) == (3, 2)
    assert (notices[5].apiQuota.subQuota, notices[5].apiQuota.historyKLQuota) == (1000, 1000)
    assert told(deaf) == []


def test_a_failed_relogin_is_told_with_its_reason():
    """The event names the wrong password, and the status carries the same words."""
    login = Login(script=LoginScript(expected_md5=password_digest("right")))
    world = World(login=login)
    client = world.connect()
    shown = world.command("relogin -login_pwd=wrong")
    events = [n.event for n in told(client) if n.type == Notify.NotifyType_GtwEvent]

    assert shown == "Login failed,Password does not match"
    assert [(e.eventType, e.desc) for e in events] == [(4, "Login failed,Password does not match")]
    assert status(client).strExtDesc == "Login failed,Password does not match"
    assert world.command("relogin -login_pwd=right") == "Login successful"
    assert status(client).type == Common.ProgramStatusType_Ready


def test_who_is_kicked_out_is_told_and_cut_off():
    """The event still leaves; who connects again reads FORCE_LOGOUT until somebody logs in again."""
    world = World()
    client = world.connect()
    world.command("sim_kick -what=login")
    notices = told(client)
    again = world.connect()

    assert [(n.type, n.event.eventType) for n in notices[:1]] == [(1, 7)]
    assert client.outbox.closed == "forced to log out"
    assert status(again).type == Common.ProgramStatusType_ForceLogout
    assert status(again).strExtDesc == "The account has logged in elsewhere"
    assert again.is_ignored(ProtoId.Trd_GetAccList, userID=0)
    assert world.command("relogin") == "Login successful"
    assert again.ask(ProtoId.Trd_GetAccList, userID=0).retType == 0


def test_a_changed_password_asks_for_a_relogin_with_the_new_one():
    """Everybody is cut off; that of the start fails, the new one comes in. Source: [D], [P]."""
    login = Login(script=LoginScript(), password_md5=password_digest("old"))
    world = World(login=login)
    client = world.connect()
    world.command("sim_kick -what=login_password -password=new")
    events = [n.event for n in told(client) if n.type == Notify.NotifyType_GtwEvent]
    again = world.connect()

    assert [(e.eventType, e.desc) for e in events] == [(8, "The login password was changed")]
    assert client.outbox.closed == "forced to log out"
    assert status(again).type == Common.ProgramStatusType_ForceLogout
    assert world.command("relogin") == "Login failed,Password does not match"
    assert world.command("relogin -login_pwd=new") == "Login successful"
    assert again.ask(ProtoId.Trd_GetAccList, userID=0).retType == 0


def test_a_device_lock_turned_on_asks_for_a_phone_code():
    """Logged out, and let in again with the code. Source: [D] relogin; [P] the event."""
    world = World()
    client = world.connect()
    world.command("sim_kick -what=device_lock")
    assert [n.event.eventType for n in told(client)[:1]] == [15]
    again = world.connect()
    assert world.command("relogin").startswith("Need a phone verification code")
    assert status(again).strExtDesc == "The device lock is on"
    answer(verify(again, PHONE, ENTER, code="123456"))
    assert status(again).type == Common.ProgramStatusType_Ready


def test_a_changed_trade_password_locks_trading():
    """The connections live on; only the new password unlocks. Source: [P] the event; [I] the lock."""
    world = World()
    client = world.connect()
    unlock = {"unlock": True, "pwdMD5": password_digest("123456")}
    assert client.ask(ProtoId.Trd_UnlockTrade, **unlock).retType == 0
    world.command("sim_kick -what=trade_password -password=swordfish")

    assert [n.event.eventType for n in told(client)] == [14]
    assert not world.opend.login.trading_unlocked
    assert refusal(client.ask(ProtoId.Trd_UnlockTrade, **unlock)) == "Incorrect trading password."
    unlock["pwdMD5"] = password_digest("swordfish")
    assert client.ask(ProtoId.Trd_UnlockTrade, **unlock).retType == 0


@pytest.mark.parametrize("what", ["login_password", "trade_password"])
def test_a_new_password_must_be_named(what):
    """Nothing happens without it."""
    world = World()

    assert world.command(f"sim_kick -what={what}") == "Missing parameter: password"
    assert world.opend.login.is_ready


def test_the_disclaimer_shows_in_the_user_s_data():
    """A client can find out that it is to be agreed to."""
    world = logging_in(Hurdle.DISCLAIMER)
    client = world.connect()
    before = answer(client.ask(ProtoId.GetUserInfo)).isNeedAgreeDisclaimer
    world.command("relogin")

    assert (before, answer(client.ask(ProtoId.GetUserInfo)).isNeedAgreeDisclaimer) == (True, False)


@pytest.mark.parametrize(
    ("kind", "hurdle", "command", "requests"),
    [
        (PICTURE, Hurdle.PICTURE_CODE, "req_pic_verify_code", 10),
        (PHONE, Hurdle.PHONE_CODE, "req_phone_verify_code", 1),
    ],
)
def test_codes_are_requested_so_often_and_no_more(kind, hurdle, command, requests):
    """The limits of the commands hold for clients, and both are counted together. Source: [D]."""
    world = logging_in(hurdle)
    client = world.connect()
    for _ in range(requests):
        answer(verify(client, kind, REQUEST))
    text = f"Too frequent: at most {requests} per 60 seconds"

    assert refusal(verify(client, kind, REQUEST)) == text
    assert world.command(command) == text
    world.now_ns += 60 * 10**9
    assert world.command(command) != text
    for _ in range(requests - 1):
        answer(verify(client, kind, REQUEST))
    assert refusal(verify(client, kind, REQUEST)) == text


def test_codes_cannot_be_guessed_quickly():
    """Ten guesses a minute, from all connections and the console together; the right one waits, too."""
    world = logging_in(Hurdle.PHONE_CODE)
    clients = [world.connect() for _ in range(3)]
    for guess in range(9):
        wrong = verify(clients[guess % 3], PHONE, ENTER, code=str(guess))
        assert refusal(wrong) == "Wrong phone verification code"
    world.command("input_phone_verify_code -code=9")

    text = "Too frequent: at most 10 per 60 seconds"
    assert refusal(verify(clients[0], PHONE, ENTER, code="123456")) == text
    assert world.command("input_phone_verify_code -code=123456") == text
    world.now_ns += 60 * 10**9
    answer(verify(clients[0], PHONE, ENTER, code="123456"))


@pytest.mark.parametrize("language", ["en", "chs"])
def test_a_picture_and_a_phone_code_one_after_the_other(language):
    """The whole way through 1006: asked for, drawn, mistyped, entered; each status is told."""
    drawn = []
    world = logging_in(
        Hurdle.PICTURE_CODE,
        Hurdle.PHONE_CODE,
        show_picture=drawn.append,
        picture_code="Xy12",
        language=language,
    )
    client = world.connect()
    answer(verify(client, PICTURE, REQUEST))
    wrong = refusal(verify(client, PICTURE, ENTER, code="Xy13"))
    assert wrong == ("图形验证码错误" if language == "chs" else "Wrong picture verification code")
    assert drawn == ["Xy12"]
    answer(verify(client, PICTURE, ENTER, code="Xy12"))
    assert status(client).type == Common.ProgramStatusType_NeedPhoneVerifyCode
    assert refusal(verify(client, PICTURE, ENTER, code="Xy12"))
    answer(verify(client, PHONE, REQUEST))
    answer(verify(client, PHONE, ENTER, code="123456"))

    statuses = [
        n.programStatus.programStatus.type
        for n in told(client)
        if n.type == Notify.NotifyType_ProgramStatus
    ]
    assert statuses[-4:] == [
        Common.ProgramStatusType_NeedPhoneVerifyCode,
        Common.ProgramStatusType_Loging,
        Common.ProgramStatusType_NessaryDataPreparing,
        Common.ProgramStatusType_Ready,
    ]
    assert client.ask(ProtoId.Trd_GetAccList, userID=0).retType == 0
