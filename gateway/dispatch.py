"""One request from its frame to its reply, as one synchronous call.

A request that needs much computed is prepared first, in pieces between which others are served.

Steps, in order: decipher, check the digest, find the route, check that the connection is
initialised, decode, count against the rate limit, run the handler, wrap, send. Whatever a client
sends, it gets an answer and keeps its connection; an error of our own is logged with its traceback
and answered as a failure. Only before the login is complete most protocols are not answered at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, NamedTuple

import structlog
from google.protobuf.message import Message

from gateway import envelope, rate_limits, reachability, texts
from gateway.errors import ApiError, BodyError, WireError, refusal
from gateway.push import Publisher
from gateway.registry import ROUTES, Call, Route
from gateway.session.connection import Connection, Phase
from gateway.session.opend import OpenD
from gateway.wire import codec
from gateway.wire.ciphers import PlainCipher
from gateway.wire.ft_frame import BodyFormat, Frame, body_digest
from gateway.wire.proto_ids import ProtoId
from simulator.errors import SimulatorError

_log: Final = structlog.get_logger()

BEFORE_LOGIN: Final = frozenset(
    {
        ProtoId.InitConnect,
        ProtoId.GetGlobalState,
        ProtoId.KeepAlive,
        ProtoId.GetUserInfo,
        ProtoId.Verification,
        ProtoId.GetDelayStatistics,
        ProtoId.TestCmd,
    }
)
"""What is answered while the login is not complete; everything else meets silence.

Source: [O] "TCP accepts, but API calls hang"; [P] Common.proto and
Verification.proto: a client that connects then reads the program's status and enters codes, so what
that takes must be answered; [I] that this is about OpenD itself as a whole, and that the hanging calls
are never answered later either: their clients have given up by then.
"""


NO_PIECES: Final[Iterator[None]] = iter(())
"""Of a request that needs no preparing."""


class Handled(NamedTuple):
    """What the shell measures of one request."""

    proto_id: int
    placed_order_id: int | None
    late_reply: Callable[[], None] | None = None
    """Sends the reply, which waits for the effects of the request."""
    has_effects: bool = True
    """Whether a deadline may have moved."""


class Dispatcher:
    """Answers requests.

    Args:
        opend: The state that requests act on.
        publisher: Sends the pushes that requests cause.
    """

    def __init__(self, opend: OpenD, publisher: Publisher) -> None:
        self._opend = opend
        self._publisher = publisher

    def prepare(self, connection: Connection, frame: Frame, now_ns: int) -> Iterator[None]:
        """Compute ahead what answering a frame will take, piece by piece; most frames need nothing.

        Nothing is answered here and nothing counted. Whoever gives up between two pieces loses
        nothing, and whatever happens between them is seen by `receive`.
        """
        route = ROUTES.get(frame.proto_id)
        if route is None or route.prepare is None:
            return NO_PIECES
        if not connection.is_ready or self._is_too_early(connection, frame):
            return NO_PIECES
        try:
            plain = connection.cipher.decrypt(frame.body)
            request = codec.decode(route.request_type, plain, frame.body_format)
        except WireError:
            return NO_PIECES
        c2s, limiter = _c2s(request), self._opend.limiter
        if limiter is not None and rate_limits.is_over(limiter, route.proto_id, c2s, now_ns):
            return NO_PIECES
        call = Call(self._opend, connection, now_ns, frame.body_format)
        return _pieces(route.proto_id, route.prepare(call, c2s))

    def receive(self, connection: Connection, frame: Frame, now_ns: int) -> Handled:
        """Answer one frame, unless somebody who listens in keeps it."""
        if connection.tap is not None:
            proceed = partial(self._answer_late, connection, frame)
            if not connection.tap.admits(connection, frame, now_ns, proceed):
                return Handled(frame.proto_id, None)
        return self.answer(connection, frame, now_ns)

    def _answer_late(self, connection: Connection, frame: Frame, now_ns: int) -> None:
        late_reply = self.answer(connection, frame, now_ns).late_reply
        if late_reply is not None:
            late_reply()

    def answer(self, connection: Connection, frame: Frame, now_ns: int) -> Handled:
        """Answer one frame: queue the reply, then the pushes that it caused."""
        if self._is_too_early(connection, frame):
            _log.warning(
                "not_logged_in", proto=frame.proto_id, status=self._opend.login.status.name
            )
            return Handled(frame.proto_id, None)
        opend, route = self._opend, ROUTES.get(frame.proto_id)
        has_effects = opend.script.catch_up(now_ns) or route is None or not route.only_reads
        call = Call(opend, connection, now_ns, frame.body_format)
        try:
            body = self._answer(call, frame, route)
        except ApiError as error:
            text = error.render(opend.language)
            _log.info("request_refused", proto=frame.proto_id, serial=frame.serial, text=text)
            body = envelope.failure(error.ret_type, text, _known(frame.body_format))
        opend.keep_time(now_ns)
        if has_effects:
            opend.keep_changes()
        late_reply = self._reply(call, frame, body)
        if has_effects:
            self._follow_up(call)
        return Handled(frame.proto_id, call.placed_order_id, late_reply, has_effects)

    def _follow_up(self, call: Call) -> None:
        """Do and tell what the request brought about."""
        opend, now_ns = self._opend, call.now_ns
        for action in call.after_reply:
            action()
        if opend.script.catch_up(now_ns):
            opend.keep_changes()
        for notice in call.notices:
            self._publisher.notify(notice)
        self._publisher.first_push(call.connection, call.first_pushes, now_ns)
        self._publisher.publish(opend.engine.drain())

    @staticmethod
    def _reply(call: Call, frame: Frame, body: bytes) -> Callable[[], None] | None:
        """Reply, or give what does so once the request's effects have been sent.

        A request that ends connections is answered first, for its own may be among them.
        """
        cipher = call.reply_cipher or call.connection.cipher
        body_format = _known(frame.body_format)
        reply = call.connection.reply_with
        if call.waits_for_effects and not call.opend.is_cutting:
            return partial(reply, cipher, frame.proto_id, body_format, frame.serial, body)
        reply(cipher, frame.proto_id, body_format, frame.serial, body)
        return None

    def _is_too_early(self, connection: Connection, frame: Frame) -> bool:
        if self._opend.login.is_ready or frame.proto_id in BEFORE_LOGIN:
            return False
        return connection.is_ready

    def _answer(self, call: Call, frame: Frame, route: Route | None) -> bytes:
        plain = self._open(call, frame)
        if route is None:
            raise ApiError(texts.UNKNOWN_PROTOCOL)
        _check_phase(call.connection, frame.proto_id)
        if route.is_trade and not self._opend.trades_in_the_open:
            raise ApiError(texts.TRADING_NEEDS_RSA)
        if self._opend.links.are_disturbed:
            reachability.check(call, route)
        if frame.body_format not in (BodyFormat.PROTOBUF, BodyFormat.JSON):
            raise ApiError(texts.UNPARSABLE_BODY)
        try:
            request = codec.decode(route.request_type, plain, frame.body_format)
        except BodyError as error:
            _log.info("body_not_understood", proto=frame.proto_id, reason=str(error))
            raise ApiError(texts.UNPARSABLE_BODY) from error
        return envelope.success(_run(route, call, request), frame.body_format)

    def _open(self, call: Call, frame: Frame) -> bytes:
        """Decipher the body and check its digest.

        Both the plain body's and the sent body's SHA-1 are accepted: clients differ
        ([O]/[S]).
        """
        connection = call.connection
        if frame.proto_id == ProtoId.InitConnect:
            plain = self._open_init(call, frame)
        else:
            plain = _decipher(connection, frame)
        if frame.digest != body_digest(plain) and frame.digest != body_digest(frame.body):
            _log.warning("digest_mismatch", proto=frame.proto_id, encryption=connection.encryption)
            raise ApiError(texts.WRONG_DIGEST)
        return plain

    @staticmethod
    def _open_init(call: Call, frame: Frame) -> bytes:
        cipher = call.connection.init_cipher
        if isinstance(cipher, PlainCipher):
            return frame.body
        try:
            plain = cipher.decrypt(frame.body)
        except WireError as error:
            if body_digest(frame.body) == frame.digest:
                _log.warning("init_connect_not_encrypted", hint="a key is configured here only")
                call.reply_cipher = cipher
                return frame.body
            _log.warning("init_connect_not_deciphered", reason=str(error), hint="another RSA key?")
            raise ApiError(texts.UNPARSABLE_BODY) from error
        call.request_was_encrypted = True
        return plain


def _decipher(connection: Connection, frame: Frame) -> bytes:
    try:
        return connection.cipher.decrypt(frame.body)
    except WireError as error:
        _log.warning("body_not_deciphered", encryption=connection.encryption, reason=str(error))
        raise ApiError(texts.UNPARSABLE_BODY) from error


def _check_phase(connection: Connection, proto_id: int) -> None:
    is_init = proto_id == ProtoId.InitConnect
    if connection.phase is Phase.AWAIT_INIT and not is_init:
        raise ApiError(texts.NOT_INITIALISED)
    if connection.is_ready and is_init:
        raise ApiError(texts.ALREADY_INITIALISED)


def _run(route: Route, call: Call, request: Message) -> Message | codec.Written | None:
    """Count and run; what the handler did not foresee is our bug and the client's failed request."""
    c2s = _c2s(request)
    limiter = call.opend.limiter
    if limiter is not None:
        rate_limits.check(limiter, route.proto_id, c2s, call.now_ns)
    try:
        return route.handler(call, c2s)
    except SimulatorError as error:
        raise refusal(error) from error
    except ApiError:
        raise
    except Exception as error:
        _log.exception("handler_failed", proto=route.proto_id.name)
        raise ApiError(texts.INTERNAL_ERROR) from error


def _c2s(request: Message) -> Message:
    c2s: Message = getattr(request, "c2s")  # noqa: B009 - every Request has c2s
    return c2s


def _pieces(proto_id: ProtoId, pieces: Iterator[None]) -> Iterator[None]:
    """The pieces up to the first trouble; the handler meets it again and has it answered."""
    try:
        yield from pieces
    except (SimulatorError, ApiError):
        return
    except Exception:  # noqa: BLE001 - our own bug must not end the connection
        _log.exception("preparation_failed", proto=proto_id.name)


def _known(body_format: int) -> int:
    """The format to answer in: an unknown one is answered as protobuf."""
    return BodyFormat.JSON if body_format == BodyFormat.JSON else BodyFormat.PROTOBUF
