"""The walk through the login's states: what stops it, what brings it on, what it tells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.session.login import (
    FAILURES_BEFORE_PICTURE,
    TRANSITIONS,
    CodeKind,
    CodeVerdict,
    Hurdle,
    Login,
    LoginScript,
    Step,
    password_digest,
)
from gateway.session.notices import (
    ConnectionsCut,
    GatewayEvent,
    GatewayEventKind,
    LinksChanged,
    ProgramStatus,
    QuotasChanged,
    RightsChanged,
    StatusChanged,
)

DIGEST_OF_123456 = "e10adc3949ba59abbe56e057f20f883e"
WELCOME = [LinksChanged(quotes_up=True, trading_up=True), RightsChanged(), QuotasChanged()]


def starting(*hurdles, expected=None, given=None, show_picture=lambda code: None):
    """A login that has not begun."""
    script = LoginScript(
        hurdles=hurdles,
        expected_md5=password_digest(expected) if expected else None,
        show_picture=show_picture,
    )
    return Login(
        status=ProgramStatus.LOADED,
        script=script,
        password_md5=password_digest(given) if given else None,
    )


def walk(login):
    """The statuses told since the last look."""
    return [n.status for n in login.drain() if isinstance(n, StatusChanged)]


def test_every_status_but_the_first_can_be_reached_and_left():
    """The table has no dead end and no island."""
    reached = {after for steps in TRANSITIONS.values() for after in steps.values()}

    assert set(ProgramStatus) - {ProgramStatus.LOADED} == reached
    assert set(ProgramStatus) == set(TRANSITIONS)
    assert all(Step.BEGIN in TRANSITIONS[s] for s in ProgramStatus if _waits(s))


def _waits(status):
    return status not in (ProgramStatus.LOGGING_IN, ProgramStatus.PREPARING)


def test_without_a_script_the_login_goes_straight_through():
    """All steps are told in order, and at the end what the user has."""
    login = starting()
    login.log_in()

    assert login.drain() == [
        StatusChanged(ProgramStatus.LOGGING_IN),
        StatusChanged(ProgramStatus.PREPARING),
        StatusChanged(ProgramStatus.READY),
        *WELCOME,
    ]
    assert login.is_ready
    assert login.quotes_connected
    assert login.trading_connected
    assert login.failure is None


@pytest.mark.parametrize(
    ("hurdle", "kind", "status", "event"),
    [
        (
            Hurdle.PICTURE_CODE,
            CodeKind.PICTURE,
            ProgramStatus.NEED_PICTURE_CODE,
            GatewayEventKind.NEED_PICTURE_CODE,
        ),
        (
            Hurdle.PHONE_CODE,
            CodeKind.PHONE,
            ProgramStatus.NEED_PHONE_CODE,
            GatewayEventKind.NEED_PHONE_CODE,
        ),
        (
            Hurdle.DEVICE_LOCK,
            CodeKind.PHONE,
            ProgramStatus.NEED_PHONE_CODE,
            GatewayEventKind.DEVICE_LOCK_ENABLED,
        ),
    ],
)
def test_a_code_is_asked_for_until_the_right_one_comes(hurdle, kind, status, event):
    """The wait is told with its reason; wrong codes and another login leave it; the right one ends it."""
    login = starting(hurdle)
    login.log_in()

    assert login.drain() == [
        StatusChanged(ProgramStatus.LOGGING_IN),
        GatewayEvent(event),
        StatusChanged(status),
    ]
    assert (login.status, login.failure, login.quotes_connected) == (status, event, False)
    other = CodeKind.PHONE if kind is CodeKind.PICTURE else CodeKind.PICTURE
    assert login.enter_code(other, login.script.code(other)) is CodeVerdict.NOT_NEEDED
    assert login.enter_code(kind, "0") is CodeVerdict.WRONG
    assert login.enter_code(kind, "验证") is CodeVerdict.WRONG
    assert login.drain() == []
    login.log_in()
    assert walk(login) == [ProgramStatus.LOGGING_IN, status]

    assert login.enter_code(kind, login.script.code(kind)) is CodeVerdict.ACCEPTED
    assert walk(login) == [
        ProgramStatus.LOGGING_IN,
        ProgramStatus.PREPARING,
        ProgramStatus.READY,
    ]
    assert login.failure is None
    assert login.enter_code(kind, login.script.code(kind)) is CodeVerdict.NOT_NEEDED


def test_the_picture_is_drawn_when_it_is_requested_and_needed():
    """A request at another time draws nothing."""
    drawn = []
    login = starting(Hurdle.PHONE_CODE, Hurdle.PICTURE_CODE, show_picture=drawn.append)
    login.log_in()

    assert not login.request_code(CodeKind.PICTURE)
    assert login.request_code(CodeKind.PHONE)
    assert drawn == []
    login.enter_code(CodeKind.PHONE, "123456")
    assert login.request_code(CodeKind.PICTURE)
    assert not login.request_code(CodeKind.PHONE)
    assert drawn == ["1234"]


def test_the_scripted_wrong_password_fails_once():
    """The next login, whose password counts as corrected, comes in."""
    login = starting(Hurdle.WRONG_PASSWORD)
    login.log_in()

    assert (login.status, login.failure) == (
        ProgramStatus.LOGIN_FAILED,
        GatewayEventKind.LOGIN_FAILED,
    )
    login.log_in()
    assert login.is_ready


@pytest.mark.parametrize(
    ("given", "again", "statuses"),
    [
        ("right", None, (ProgramStatus.READY, ProgramStatus.READY)),
        ("wrong", None, (ProgramStatus.LOGIN_FAILED, ProgramStatus.LOGIN_FAILED)),
        (None, None, (ProgramStatus.LOGIN_FAILED, ProgramStatus.LOGIN_FAILED)),
        ("wrong", "right", (ProgramStatus.LOGIN_FAILED, ProgramStatus.READY)),
        ("right", "wrong", (ProgramStatus.READY, ProgramStatus.LOGIN_FAILED)),
    ],
)
def test_the_account_s_password_is_checked(given, again, statuses):
    """A relogin uses the password given with it, or else that of the start."""
    login = starting(expected="right", given=given)
    login.log_in()
    first = login.status
    login.log_in(password_digest(again) if again else None)

    assert (first, login.status) == statuses


def test_many_wrong_passwords_ask_for_a_picture_code():
    """After it the password is checked again, and the count begins anew."""
    login = starting(expected="right", given="wrong")
    for _ in range(FAILURES_BEFORE_PICTURE):
        login.log_in()
        assert login.status is ProgramStatus.LOGIN_FAILED
    for _ in range(2):
        login.log_in(password_digest("right"))
        assert login.status is ProgramStatus.NEED_PICTURE_CODE

    assert login.enter_code(CodeKind.PICTURE, "1234") is CodeVerdict.ACCEPTED
    assert login.is_ready


def test_the_disclaimer_stops_after_the_password():
    """Once it is agreed to elsewhere, the next login comes in."""
    login = starting(Hurdle.DISCLAIMER)
    login.log_in()

    assert walk(login) == [
        ProgramStatus.LOGGING_IN,
        ProgramStatus.PREPARING,
        ProgramStatus.DISCLAIMER_NOT_AGREED,
    ]
    login.log_in()
    assert login.is_ready


def test_hurdles_are_met_in_their_order():
    """Each is met once, whatever it takes to pass it."""
    login = starting(
        Hurdle.WRONG_PASSWORD, Hurdle.PHONE_CODE, Hurdle.DISCLAIMER, Hurdle.PICTURE_CODE
    )
    login.log_in()
    login.log_in()
    login.enter_code(CodeKind.PHONE, "123456")
    login.log_in()
    login.enter_code(CodeKind.PICTURE, "1234")

    stops = [s for s in walk(login) if _waits(s)]
    assert stops == [
        ProgramStatus.LOGIN_FAILED,
        ProgramStatus.NEED_PHONE_CODE,
        ProgramStatus.DISCLAIMER_NOT_AGREED,
        ProgramStatus.NEED_PICTURE_CODE,
        ProgramStatus.READY,
    ]


def test_who_is_kicked_out_loses_the_connections_first():
    """The reason is told, the connections are cut, then the status changes; once."""
    login = Login()
    login.kick_out()
    login.kick_out()

    assert login.drain() == [
        GatewayEvent(GatewayEventKind.KICKED_OUT),
        ConnectionsCut(None, "forced to log out"),
        LinksChanged(quotes_up=False, trading_up=False),
        StatusChanged(ProgramStatus.LOGGED_OUT),
    ]
    assert login.failure is GatewayEventKind.KICKED_OUT
    login.log_in()
    assert (login.is_ready, login.failure) == (True, None)


def test_relogin_takes_the_links_down_for_a_moment():
    """Whoever is logged in leaves first."""
    login = Login()
    login.log_in()

    assert login.drain()[0] == LinksChanged(quotes_up=False, trading_up=False)


def test_passwords_do_not_show():
    """Neither digest stands in the printed form."""
    login = starting(expected="123456", given="123456")
    login.log_in("0" * 32)

    assert password_digest("123456") == DIGEST_OF_123456
    assert DIGEST_OF_123456 not in repr(login)
    assert "0" * 32 not in repr(login)


@given(
    hurdles=st.lists(st.sampled_from(Hurdle), max_size=6),
    actions=st.lists(st.sampled_from(["log_in", "picture", "phone", "wrong", "kick"]), max_size=30),
    is_known=st.booleans(),
)
def test_nothing_that_anybody_does_leaves_the_table(hurdles, actions, is_known):
    """Whatever comes in whatever order, the login stands where somebody can go on."""
    login = starting(*hurdles, expected="right" if is_known else None, given="right")
    login.log_in()
    act = {
        "log_in": login.log_in,
        "picture": lambda: login.enter_code(CodeKind.PICTURE, "1234"),
        "phone": lambda: login.enter_code(CodeKind.PHONE, "123456"),
        "wrong": lambda: login.log_in(password_digest("wrong")),
        "kick": login.kick_out,
    }
    for action in actions:
        act[action]()
        assert _waits(login.status)
        assert login.is_ready is (login.failure is None)
