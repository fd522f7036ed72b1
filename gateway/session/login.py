"""Who this OpenD is logged in as, and the way there.

Theory of operation. A login is a walk through `TRANSITIONS`; nothing else changes the status. It begins
when OpenD starts or when an operator logs in again, and goes on by itself until it is READY or somebody
has to do something: type a code, give another password, agree to the disclaimer. What stands in the way
is a script of hurdles, each met once and in order; without a script a login goes straight through.

    LOADED ─▶ LOGGING_IN ─▶ PREPARING ─▶ READY ─▶ LOGGED_OUT
                 │  ▲           │
                 ▼  │           ▼
        NEED_…_CODE, LOGIN_FAILED, DISCLAIMER_NOT_AGREED

Until READY only the protocols in `dispatch.BEFORE_LOGIN` are answered.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Final

from gateway.session.notices import (
    ConnectionsCut,
    GatewayEvent,
    GatewayEventKind,
    LinksChanged,
    Notice,
    ProgramStatus,
    QuotasChanged,
    RightsChanged,
    StatusChanged,
)

SERVER_VERSION: Final = 1011
"""Major × 100 + minor of the OpenD we behave like. Source: [O]."""

SERVER_BUILD: Final = 7108
SERVER_RELEASE: Final = "10.11.7108"

DEFAULT_TRADE_PASSWORD_MD5: Final = "e10adc3949ba59abbe56e057f20f883e"  # noqa: S105 - public
"""Of 123456, the trade password in all samples [D]."""

FAILURES_BEFORE_PICTURE: Final = 3
"""Wrong passwords after which a picture code is asked for. Source: [D] "several"; [I] the number."""


class Step(Enum):
    """What moves a login on."""

    BEGIN = "begin"
    ASK_PICTURE_CODE = "ask_picture_code"
    ASK_PHONE_CODE = "ask_phone_code"
    VERIFY = "verify"
    REFUSE = "refuse"
    ACCEPT = "accept"
    ASK_CONSENT = "ask_consent"
    FINISH = "finish"
    FORCE_OUT = "force_out"


TRANSITIONS: Final[Mapping[ProgramStatus, Mapping[Step, ProgramStatus]]] = {
    ProgramStatus.LOADED: {Step.BEGIN: ProgramStatus.LOGGING_IN},
    ProgramStatus.LOGGING_IN: {
        Step.ASK_PICTURE_CODE: ProgramStatus.NEED_PICTURE_CODE,
        Step.ASK_PHONE_CODE: ProgramStatus.NEED_PHONE_CODE,
        Step.REFUSE: ProgramStatus.LOGIN_FAILED,
        Step.ACCEPT: ProgramStatus.PREPARING,
    },
    ProgramStatus.NEED_PICTURE_CODE: {
        Step.VERIFY: ProgramStatus.LOGGING_IN,
        Step.BEGIN: ProgramStatus.LOGGING_IN,
    },
    ProgramStatus.NEED_PHONE_CODE: {
        Step.VERIFY: ProgramStatus.LOGGING_IN,
        Step.BEGIN: ProgramStatus.LOGGING_IN,
    },
    ProgramStatus.LOGIN_FAILED: {Step.BEGIN: ProgramStatus.LOGGING_IN},
    ProgramStatus.PREPARING: {
        Step.ASK_CONSENT: ProgramStatus.DISCLAIMER_NOT_AGREED,
        Step.FINISH: ProgramStatus.READY,
    },
    ProgramStatus.DISCLAIMER_NOT_AGREED: {Step.BEGIN: ProgramStatus.LOGGING_IN},
    ProgramStatus.READY: {
        Step.BEGIN: ProgramStatus.LOGGING_IN,
        Step.FORCE_OUT: ProgramStatus.LOGGED_OUT,
    },
    ProgramStatus.LOGGED_OUT: {Step.BEGIN: ProgramStatus.LOGGING_IN},
}
"""Source: [P] the states of Common.ProgramStatusType and their comments; [I] the arrows."""


class Hurdle(StrEnum):
    """One thing that stands in the way of a login, as `sim_login` names it."""

    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - the name of a hurdle
    PICTURE_CODE = "picture_code"
    PHONE_CODE = "phone_code"
    DEVICE_LOCK = "device_lock"
    DISCLAIMER = "disclaimer"


class CodeKind(Enum):
    """The two codes that a login may ask for; the value is the status that waits for it."""

    PICTURE = ProgramStatus.NEED_PICTURE_CODE
    PHONE = ProgramStatus.NEED_PHONE_CODE


class CodeVerdict(Enum):
    """What became of a code."""

    ACCEPTED = "accepted"
    WRONG = "wrong"
    NOT_NEEDED = "not_needed"


def password_digest(password: str) -> str:
    """The lower hexadecimal MD5 that stands for a password everywhere in OpenD [D]."""
    return hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()


def _show_nothing(_code: str) -> None:
    """There is nobody to show a picture to."""


@dataclass(slots=True)
class LoginScript:
    """What a login meets; by default nothing."""

    hurdles: tuple[Hurdle, ...] = ()
    expected_md5: str | None = field(default=None, repr=False)
    """Digest of the account's password; None: any will do."""
    picture_code: str = "1234"
    phone_code: str = "123456"
    show_picture: Callable[[str], None] = _show_nothing
    """Draws a code where the user can look at it; may raise OSError."""

    def code(self, kind: CodeKind) -> str:
        """The right code."""
        return self.picture_code if kind is CodeKind.PICTURE else self.phone_code


@dataclass(slots=True)
class Login:
    """The user that this OpenD is logged in as."""

    user_id: int = 100_086_001
    """Nine digits, as real ones [O]."""
    nickname: str = "OpenD Emulator"
    user_attribution: int = 1
    """Source: [P] Common.UserAttribution: 1 is a mainland user."""
    status: ProgramStatus = ProgramStatus.READY
    history_quota: int = 1000
    """The same tier as the subscription quota. Source: [D]."""
    trade_password_md5: str = field(default=DEFAULT_TRADE_PASSWORD_MD5, repr=False)
    trading_unlocked: bool = False
    """Whether real accounts may trade; one state for all connections. Source: [D]."""
    script: LoginScript = field(default_factory=LoginScript)
    password_md5: str | None = field(default=None, repr=False)
    """Digest of the password given at the start; None: none was."""
    failure: GatewayEventKind | None = None
    """Why the status is what it is, where something went against the user."""
    _given_md5: str | None = field(default=None, repr=False)
    _hurdles: deque[Hurdle] = field(init=False)
    _failures: int = 0
    _notices: list[Notice] = field(default_factory=list)

    def __post_init__(self) -> None:
        """All hurdles are still ahead."""
        self._hurdles = deque(self.script.hurdles)

    @property
    def is_ready(self) -> bool:
        """Whether everything may be asked for."""
        return self.status is ProgramStatus.READY

    @property
    def quotes_connected(self) -> bool:
        """Whether the quote server is there: with the login, here."""
        return self.is_ready

    @property
    def trading_connected(self) -> bool:
        """Whether the trade server is there: with the login, here."""
        return self.is_ready

    # --- what operators and clients do ---------------------------------------------------------

    def log_in(self, password_md5: str | None = None) -> None:
        """Begin, with another password than that of the start if one is given."""
        if self.is_ready:
            self._notices.append(LinksChanged(quotes_up=False, trading_up=False))
        self._given_md5 = password_md5 or self.password_md5
        self.failure = None
        self._take(Step.BEGIN)
        if self._failures >= FAILURES_BEFORE_PICTURE:
            if not self._meets(Hurdle.PICTURE_CODE):
                self._hurdles.appendleft(Hurdle.PICTURE_CODE)
            self._meet_next()
        else:
            self._check_password()

    def request_code(self, kind: CodeKind) -> bool:
        """Have a code sent or drawn.

        Returns:
            Whether the login waits for a code of that kind.

        Raises:
            OSError: The picture cannot be written.
        """
        if self.status is not kind.value:
            return False
        if kind is CodeKind.PICTURE:
            self.script.show_picture(self.script.picture_code)
        return True

    def enter_code(self, kind: CodeKind, code: str) -> CodeVerdict:
        """Check a code and, if it is right, go on."""
        if self.status is not kind.value:
            return CodeVerdict.NOT_NEEDED
        if not hmac.compare_digest(code.encode(), self.script.code(kind).encode()):
            return CodeVerdict.WRONG
        self._hurdles.popleft()
        self.failure = None
        self._failures = 0
        self._take(Step.VERIFY)
        self._check_password()
        return CodeVerdict.ACCEPTED

    def kick_out(self) -> None:
        """The account logged in elsewhere: all connections are cut, then the status changes.

        Source: [P] Common.ProgramStatusType_ForceLogout; [I] that the event is told before.
        """
        self._force_out(GatewayEventKind.KICKED_OUT)

    def change_password(self, md5: str) -> None:
        """The login password was changed elsewhere: whoever logs in again needs the new one."""
        self.script.expected_md5 = md5
        self._force_out(GatewayEventKind.LOGIN_PASSWORD_CHANGED)

    def change_trade_password(self, md5: str) -> None:
        """The trade password was changed elsewhere: trading is locked until it is given. [I]."""
        self.trade_password_md5 = md5
        self.trading_unlocked = False
        self._notices.append(GatewayEvent(GatewayEventKind.TRADE_PASSWORD_CHANGED))

    def turn_device_lock_on(self) -> None:
        """The device lock was turned on elsewhere: the next login needs a phone code."""
        self._hurdles.append(Hurdle.DEVICE_LOCK)
        self._force_out(GatewayEventKind.DEVICE_LOCK_ENABLED)

    @property
    def is_cutting(self) -> bool:
        """Whether connections are to be closed next."""
        return any(isinstance(notice, ConnectionsCut) for notice in self._notices)

    def drain(self) -> list[Notice]:
        """Take what there is to tell."""
        taken, self._notices = self._notices, []
        return taken

    # --- the way -------------------------------------------------------------------------------

    def _force_out(self, reason: GatewayEventKind) -> None:
        if not self.is_ready:
            return
        self.failure = reason
        self._notices += [
            GatewayEvent(self.failure),
            ConnectionsCut(None, "forced to log out"),
            LinksChanged(quotes_up=False, trading_up=False),
        ]
        self._take(Step.FORCE_OUT)

    def _check_password(self) -> None:
        expected = self.script.expected_md5
        is_wrong = expected is not None and self._given_md5 != expected
        if not is_wrong and self._meets(Hurdle.WRONG_PASSWORD):
            self._hurdles.popleft()
            is_wrong = True
        if is_wrong:
            self._failures += 1
            self._ask(Step.REFUSE, GatewayEventKind.LOGIN_FAILED)
            return
        self._meet_next()

    def _meet_next(self) -> None:
        """Ask for the code that comes next, or come in. A code is asked for until it is given."""
        if self._meets(Hurdle.PICTURE_CODE):
            self._ask(Step.ASK_PICTURE_CODE, GatewayEventKind.NEED_PICTURE_CODE)
        elif self._meets(Hurdle.PHONE_CODE):
            self._ask(Step.ASK_PHONE_CODE, GatewayEventKind.NEED_PHONE_CODE)
        elif self._meets(Hurdle.DEVICE_LOCK):
            self._ask(Step.ASK_PHONE_CODE, GatewayEventKind.DEVICE_LOCK_ENABLED)
        else:
            self._prepare()

    def _prepare(self) -> None:
        self._take(Step.ACCEPT)
        if self._meets(Hurdle.DISCLAIMER):
            self._hurdles.popleft()
            self._ask(Step.ASK_CONSENT, GatewayEventKind.DISCLAIMER_NOT_AGREED)
            return
        self._failures = 0
        self._take(Step.FINISH)
        self._notices += [
            LinksChanged(quotes_up=True, trading_up=True),
            RightsChanged(),
            QuotasChanged(),
        ]

    def _meets(self, hurdle: Hurdle) -> bool:
        return bool(self._hurdles) and self._hurdles[0] is hurdle

    def _ask(self, step: Step, event: GatewayEventKind) -> None:
        """Stop here until somebody does something about it."""
        self.failure = event
        self._notices.append(GatewayEvent(event))
        self._take(step)

    def _take(self, step: Step) -> None:
        self.status = TRANSITIONS[self.status][step]
        self._notices.append(StatusChanged(self.status))
