"""Talk to a whole OpenD without a socket: requests in, decoded replies and pushes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from google.protobuf.message import Message

import gateway.handlers  # noqa: F401 - fills the registry
from gateway import pb
from gateway.control import Driver, GatewayControl
from gateway.dispatch import Dispatcher
from gateway.operations import Desks, Operations
from gateway.push import Publisher
from gateway.scenario.desk import ScenarioDesk
from gateway.session.connection import Connection
from gateway.session.limits import RateLimiter
from gateway.session.login import Login
from gateway.session.notices import Notice
from gateway.session.opend import OpenD
from gateway.session.quote_access import QuoteAccess
from gateway.session.quote_rights import QuoteRights
from gateway.session.roster import Roster
from gateway.state_files import Home
from gateway.wire import codec
from gateway.wire.ciphers import Cipher, PlainCipher
from gateway.wire.ft_frame import BodyFormat, Frame, FrameReader, body_digest, encode_frame
from gateway.wire.proto_ids import PUSH_IDS, ProtoId
from simulator.accounts.account_table import DEFAULT_ACCOUNTS
from simulator.brokerage.day_trading import DayTradeGuards
from simulator.domain import NS_PER_S, AccountSpec
from simulator.engine import Engine
from simulator.market.data import MarketData
from simulator.market.synthetic import SyntheticSource
from simulator.market.universe import default_universe
from simulator.timeline import OpenTimeline
from telnet_ops.console import Console
from tests.support.outbox import FakeOutbox

START_NS: Final = 1_768_449_600 * NS_PER_S
"""2026-01-15 04:00 UTC: a Thursday on which every market trades."""


@dataclass(frozen=True)
class Received:
    """One decoded frame: a reply or a push."""

    proto_id: ProtoId
    serial: int
    response: Any

    @property
    def s2c(self) -> Any:
        """Its content."""
        return self.response.s2c


@dataclass
class Client:
    """One connection of a test, protobuf or JSON."""

    world: World
    connection: Connection
    outbox: FakeOutbox
    body_format: int = BodyFormat.PROTOBUF
    pushes: list[Received] = field(default_factory=list)
    _serial: int = 0
    _read: int = 0

    def ask(self, proto_id: ProtoId, **c2s: object) -> Any:
        """Send a request built from keyword arguments and return its decoded Response.

        Pushes that arrive meanwhile are kept in `pushes`.
        """
        request = pb.message_type(f"{proto_id.name}.Request")(c2s=c2s)
        return self.send(proto_id, request)

    def send(self, proto_id: ProtoId, request: Message) -> Any:
        """Send a whole request message and return its decoded Response."""
        body = codec.encode(request, self.body_format)
        return self.send_body(proto_id, body)

    def is_ignored(self, proto_id: ProtoId, **c2s: object) -> bool:
        """Send a request and say whether it gets no answer at all."""
        request = pb.message_type(f"{proto_id.name}.Request")(c2s=c2s)
        return not self._exchange(proto_id, codec.encode(request, self.body_format))

    def send_body(self, proto_id: ProtoId, body: bytes) -> Any:
        """Send raw body bytes and return the decoded Response."""
        replies = self._exchange(proto_id, body)
        assert len(replies) == 1, f"{len(replies)} replies to {proto_id!r}"
        return replies[0].response

    def _exchange(self, proto_id: ProtoId, body: bytes) -> list[Received]:
        self._serial += 1
        wire_body = self.connection.cipher.encrypt(body)
        if proto_id == ProtoId.InitConnect:
            wire_body = self.connection.init_cipher.encrypt(body)
        frame = Frame(proto_id, self.body_format, 0, self._serial, body_digest(body), wire_body)
        handled = self.world.dispatcher.receive(self.connection, frame, self.world.now_ns)
        if handled.late_reply is not None:
            handled.late_reply()
        return [r for r in self._receive() if r.serial == self._serial]

    def collect(self) -> list[Received]:
        """Take the pushes received since the last call."""
        self._receive()
        taken, self.pushes = self.pushes, []
        return taken

    def _receive(self) -> list[Received]:
        """Decode new frames; pushes go to `pushes`, replies are returned."""
        reader = FrameReader()
        replies = []
        for data in self.outbox.frames[self._read :]:
            reader.feed(data)
        self._read = len(self.outbox.frames)
        while (frame := reader.next_frame()) is not None:
            received = self._decode(frame)
            if received.proto_id in PUSH_IDS:
                self.pushes.append(received)
            else:
                replies.append(received)
        return replies

    def _decode(self, frame: Frame) -> Received:
        proto_id = ProtoId(frame.proto_id)
        cipher = self.connection.cipher
        if proto_id == ProtoId.InitConnect:
            cipher = self.connection.init_cipher if self.connection.encryption != "none" else cipher
            if self.connection.encryption == "none":
                cipher = PlainCipher()
        body = cipher.decrypt(frame.body)
        assert body_digest(body) == frame.digest
        response_type = pb.message_type(f"{proto_id.name}.Response")
        return Received(
            proto_id, frame.serial, codec.decode(response_type, body, frame.body_format)
        )


class World:
    """One OpenD with its market, its clock in the test's hand.

    Args:
        seed: Of the market.
        start_ns: Gateway time at the start.
        language: Of texts and names.
        limits: Whether rate limits apply.
        market: The synthetic market in clock mode `open` if None.
        accounts: The trading accounts.
        login: Who is logged in, or not yet; READY if None.
        rights: The quote rights; the usual ones if None.
        guards: Which orders of American day traders are stopped.
    """

    def __init__(
        self,
        seed: int = 1,
        start_ns: int = START_NS,
        language: str = "en",
        *,
        limits: bool = False,
        market: Any = None,
        accounts: Sequence[AccountSpec] = DEFAULT_ACCOUNTS,
        login: Login | None = None,
        rights: QuoteRights | None = None,
        guards: DayTradeGuards | None = None,
    ) -> None:
        self.now_ns = start_ns
        clock_mode = "open" if market is None else "manual"
        if market is None:
            source = SyntheticSource(seed)
            market = MarketData(default_universe(), OpenTimeline(start_ns), source)
        self.opend = OpenD(
            market=market,
            engine=Engine(market, accounts, seed=seed, guards=guards or DayTradeGuards()),
            roster=Roster(seed),
            language=language,  # type: ignore[arg-type]
            limiter=RateLimiter() if limits else None,
            login=login or Login(),
            quote_access=QuoteAccess(rights or QuoteRights()),
        )
        self.told: list[Notice] = []
        """What the operator was told."""
        self.stops = 0
        self.publisher = Publisher(self.opend, self.told.append)
        self.dispatcher = Dispatcher(self.opend, self.publisher)
        self.control = GatewayControl(
            self.opend,
            HandClock(self),
            Driver(lambda: None, lambda _grain: None),
            seed=seed,
            home=Home({"sim_seed": str(seed), "sim_clock": clock_mode}),
        )
        self.scenarios = ScenarioDesk(self.opend, lambda: self.now_ns, lambda: None)
        self.operations = Operations(
            self.opend,
            lambda: self.now_ns,
            self._stop,
            lambda: None,
            "/data/PicVerifyCode.png",
            Desks(self.control, self.scenarios),
        )
        self.console = Console(self.operations)
        self.scenarios.use(self.console, self._run_as_of)
        self.opend.admit_command = self.console.admit
        self.opend.run_command = partial(self.console.execute, may_use_files=False)

    def command(self, line: str) -> str:
        """Type a line into the operations console and let happen what it causes."""
        answer = self.console.execute(line, self.now_ns)
        self._step()
        return answer

    def _run_as_of(self, name: str, parameters: Mapping[str, str], now_ns: int) -> str:
        noticed_ns, self.now_ns = self.now_ns, now_ns
        try:
            return self.console.run(name, parameters, now_ns)
        finally:
            self.now_ns = max(noticed_ns, self.now_ns)

    def _stop(self) -> None:
        self.stops += 1

    def connect(
        self,
        *,
        init_cipher: Cipher | None = None,
        body_format: int = BodyFormat.PROTOBUF,
        initialise: bool = True,
        **c2s: object,
    ) -> Client:
        """Open a connection and, unless told otherwise, send InitConnect."""
        outbox = FakeOutbox()
        cipher = init_cipher or PlainCipher()
        connection = self.opend.roster.open("test:1", outbox, cipher, self.now_ns)
        client = Client(self, connection, outbox, body_format)
        if initialise:
            defaults = {
                "clientVer": 300,
                "clientID": "test",
                "recvNotify": True,
                "packetEncAlgo": -1,
                "pushProtoFmt": body_format,
            }
            reply = client.ask(ProtoId.InitConnect, **{**defaults, **c2s})
            assert reply.retType == 0, reply.retMsg
        return client

    def pass_time(self, seconds: float) -> None:
        """Let gateway time pass in small steps, as the ticker would."""
        until_ns = self.now_ns + int(seconds * NS_PER_S)
        while True:
            deadline = self.opend.next_deadline_ns()
            if deadline is None or deadline > until_ns:
                break
            self.now_ns = max(self.now_ns, deadline)
            self._step()
        self.now_ns = until_ns
        self._step()

    def skip_time(self, seconds: float) -> None:
        """Let gateway time pass as for a ticker that comes late."""
        self.now_ns += int(seconds * NS_PER_S)
        self._step()

    def _step(self) -> None:
        self.opend.script.catch_up(self.now_ns)
        self.opend.engine.advance(self.now_ns)
        self.opend.expire(self.now_ns)
        self.publisher.publish(self.opend.engine.drain())


class HandClock:
    """A world's clock as commands change it: it stands, and journeys take no time.

    Args:
        world: Whose time it is.
    """

    speed = 1.0
    is_running = False
    goal_ns = None

    def __init__(self, world: World) -> None:
        self._world = world

    def now_ns(self) -> int:
        return self._world.now_ns

    def set_speed(self, speed: float) -> None:
        self.speed = speed

    def pause(self) -> None:
        self.is_running = False

    def resume(self) -> None:
        self.is_running = True

    def travel_to(self, goal_ns: int) -> None:
        self._world.pass_time((goal_ns - self._world.now_ns) / NS_PER_S)

    def put_to(self, now_ns: int) -> None:
        self._world.now_ns = now_ns

    def step_to(self, now_ns: int) -> None:
        self._world.now_ns = max(now_ns, self._world.now_ns)


def raw_frame(proto_id: int, body: bytes, serial: int = 1, body_format: int = 0) -> bytes:
    """The bytes of one unencrypted request."""
    return encode_frame(proto_id, body_format, serial, body_digest(body), body)
