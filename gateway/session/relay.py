"""What OpenD's WebSocket service does for a web client: Init with the key check, then InitConnect.

The service is a client of OpenD on behalf of a browser: it sends InitConnect itself, asks for notices
and protobuf pushes, and passes on what the browser sends. Here both ends are one process, so the web
client's connection simply becomes READY.

Source: [D]/[O], [P] base.js; that the service wants notices is [I].
"""

from __future__ import annotations

import hmac
from typing import Final

import structlog

from gateway import envelope, texts
from gateway.errors import ApiError, BodyError
from gateway.pb import InitWebSocket
from gateway.session.connection import ClientInfo, Connection, Phase
from gateway.session.login import SERVER_VERSION
from gateway.texts import Language
from gateway.wire import codec
from gateway.wire.ciphers import PlainCipher
from gateway.wire.ft_frame import BodyFormat, Frame
from gateway.wire.ws_frame import Command, HeaderError, encode_reply
from simulator.domain import NS_PER_S

_log: Final = structlog.get_logger()

KEY_REFUSED: Final = "websocket key error"
"""In the header of a refused Init; must be ASCII. The wording is [I]."""
INIT_REFUSED: Final = "init failed"


class Relay:
    """Admits web clients.

    Args:
        key_md5: MD5 of the key that clients must know, 32 lower hexadecimal digits; None admits
            whatever they send.
        language: Of the texts of refusals.
    """

    def __init__(self, key_md5: str | None, language: Language) -> None:
        self._key_md5 = key_md5
        self._language = language

    def init(self, connection: Connection, frame: Frame, now_ns: int) -> None:
        """Answer command 1: the connection becomes READY, or is refused and closed.

        The address and the RSA key that the request may carry are for the service's own way to
        OpenD, which needs neither here.

        Source: [P] the client gives up for good when the header's error is not 0; the closing is
            ours [I].
        """
        try:
            c2s = self._read(connection, frame)
        except ApiError as error:
            _log.warning("web_client_refused", reason=error.text.en)
            self._refuse(connection, frame.serial, error)
            return
        client = ClientInfo(
            c2s.clientID, SERVER_VERSION, c2s.programmingLanguage, receives_notices=True
        )
        connection.start(client, PlainCipher(), "none", BodyFormat.PROTOBUF)
        s2c = InitWebSocket.S2C(serverTime=now_ns // NS_PER_S, connID=connection.conn_id)
        body = envelope.success(s2c, BodyFormat.PROTOBUF)
        connection.outbox.put(encode_reply(Command.INIT, frame.serial, body))

    def _read(self, connection: Connection, frame: Frame) -> InitWebSocket.C2S:
        if connection.phase is not Phase.AWAIT_INIT:
            raise ApiError(texts.ALREADY_INITIALISED)
        try:
            request = codec.decode(InitWebSocket.Request, frame.body, BodyFormat.PROTOBUF)
        except BodyError as error:
            raise ApiError(texts.UNPARSABLE_BODY) from error
        key = request.c2s.websocketKey.lower()
        if self._key_md5 is not None and not hmac.compare_digest(
            key.encode(), self._key_md5.encode()
        ):
            raise ApiError(texts.WRONG_WEBSOCKET_KEY)
        return request.c2s

    def _refuse(self, connection: Connection, section: int, error: ApiError) -> None:
        body = envelope.failure(error.ret_type, error.render(self._language), BodyFormat.PROTOBUF)
        text = KEY_REFUSED if error.text is texts.WRONG_WEBSOCKET_KEY else INIT_REFUSED
        connection.outbox.put(
            encode_reply(Command.INIT, section, body, error=HeaderError.FAILED, text=text)
        )
        connection.close("web client refused")
