"""A client that trades as fast as it can and remembers everything that it was told."""

from __future__ import annotations

import random
import socket
from dataclasses import dataclass, field
from typing import Any, Final

from gateway import pb
from gateway.wire import codec
from gateway.wire.ft_frame import BodyFormat, Frame, FrameReader, body_digest, encode_frame
from gateway.wire.proto_ids import ProtoId
from tests.support.requests import encoded
from tests.support.trading import US

WINDOW: Final = 24
CODE: Final = "AAPL"
LIMIT, MARKET = 1, 2
CHANGE, CANCEL = 1, 2
DEADLINE_S: Final = 30.0
HEADER: Final = {"trdEnv": 0, "accID": US, "trdMarket": 2}


@dataclass
class Told:
    """What the client knows of one order."""

    filled: float = 0.0
    final_status: int | None = None
    cancel_confirmed: bool = False
    quantity: float | None = None
    """As last confirmed; None while changes are under way."""


@dataclass
class RecklessTrader:
    """One connection with many requests under way.

    Args:
        host: of the gateway.
        port: of the gateway.
        seed: decides what it does.
    """

    host: str
    port: int
    seed: int
    told: dict[int, Told] = field(default_factory=dict)
    frames_seen: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._socket = socket.create_connection((self.host, self.port), timeout=DEADLINE_S)
        self._reader = FrameReader()
        self._serial = 0
        self._asked: dict[int, tuple[ProtoId, dict[str, Any]]] = {}
        init = self.ask(ProtoId.InitConnect, clientVer=300, clientID="reckless", packetEncAlgo=-1)
        self._conn_id = init.s2c.connID
        self.ask(ProtoId.Trd_SubAccPush, accIDList=[US])
        snapshot = self.ask(
            ProtoId.Qot_GetSecuritySnapshot, securityList=[{"market": 11, "code": CODE}]
        )
        self._price = round(snapshot.s2c.snapshotList[0].basic.curPrice, 2)

    def ask(self, proto_id: ProtoId, **c2s: Any) -> Any:
        """Send one request and wait for its reply."""
        self._send(proto_id, c2s)
        serial = self._serial
        while True:
            for frame in self._receive():
                response = self._handle(frame)
                if frame.serial == serial and frame.proto_id == proto_id:
                    assert response.retType == 0, response.retMsg
                    return response

    def trade(self, frames: int) -> None:
        """Place, change and cancel without pause until that many frames came."""
        until = self.frames_seen + frames
        for _ in range(WINDOW):
            self._act()
        while self.frames_seen < until:
            for frame in self._receive():
                self._handle(frame)
                if frame.serial:
                    self._act()

    def tidy_up(self) -> None:
        """Take back what is open and sell what is held, so that there is money for more."""
        for order in self.orders():
            if order.orderStatus in {2, 5, 10}:
                c2s = self._change_of(order.orderID, CANCEL, 0)
                self._send(ProtoId.Trd_ModifyOrder, c2s)
        held = self.quantity_held()
        if held > 0:
            self._send(ProtoId.Trd_PlaceOrder, self._order(2, MARKET, held, 0.0))
        self.ask(ProtoId.KeepAlive, time=0)

    def close(self) -> None:
        """Leave."""
        self._socket.close()

    def read_the_rest(self) -> None:
        """Handle what had arrived when the gateway died, and leave."""
        try:
            while data := self._socket.recv(1 << 16):
                self._reader.feed(data)
        except OSError:
            pass
        while (frame := self._reader.next_frame()) is not None:
            self._handle(frame)
        self._socket.close()

    def orders(self) -> list[Any]:
        """All of today's orders."""
        return list(self.ask(ProtoId.Trd_GetOrderList, header=HEADER).s2c.orderList)

    def cash(self) -> float:
        """The account's cash."""
        return float(self.ask(ProtoId.Trd_GetFunds, header=HEADER).s2c.funds.cash)

    def quantity_held(self) -> float:
        """The position in the one security."""
        reply = self.ask(ProtoId.Trd_GetPositionList, header=HEADER)
        return sum(p.qty if p.positionSide == 0 else -abs(p.qty) for p in reply.s2c.positionList)

    def _act(self) -> None:
        open_ids = [key for key, told in self.told.items() if told.final_status is None]
        action = self._random.random()
        if action < 0.5 or not open_ids:
            self._place()
            return
        order_id = self._random.choice(open_ids[-50:])
        operation = CANCEL if action < 0.75 else CHANGE
        quantity = self._random.randint(6, 12)
        if operation == CHANGE:
            self.told[order_id].quantity = None
        self._send(ProtoId.Trd_ModifyOrder, self._change_of(order_id, operation, quantity))

    def _change_of(self, order_id: int, operation: int, quantity: int) -> dict[str, Any]:
        return {
            "packetID": {"connID": self._conn_id, "serialNo": self._serial},
            "header": HEADER,
            "orderID": order_id,
            "modifyOrderOp": operation,
            "qty": quantity,
            "price": round(self._price * 0.99, 2),
        }

    def _place(self) -> None:
        order_type = MARKET if self._random.random() < 0.4 else LIMIT
        price = round(self._price * self._random.choice((0.98, 1.0, 1.002)), 2)
        quantity = self._random.randint(1, 5)
        self._send(ProtoId.Trd_PlaceOrder, self._order(1, order_type, quantity, price))

    def _order(self, side: int, order_type: int, quantity: float, price: float) -> dict[str, Any]:
        return {
            "packetID": {"connID": self._conn_id, "serialNo": self._serial},
            "header": HEADER,
            "trdSide": side,
            "orderType": order_type,
            "code": CODE,
            "qty": quantity,
            "price": price,
        }

    def _send(self, proto_id: ProtoId, c2s: dict[str, Any]) -> None:
        self._serial += 1
        self._asked[self._serial] = (proto_id, c2s)
        body = encoded(proto_id, **c2s)
        self._socket.sendall(
            encode_frame(proto_id, BodyFormat.PROTOBUF, self._serial, body_digest(body), body)
        )

    def _receive(self) -> list[Frame]:
        data = self._socket.recv(1 << 16)
        assert data, "the gateway closed the connection"
        self._reader.feed(data)
        return list(iter(self._reader.next_frame, None))

    def _handle(self, frame: Frame) -> Any:
        self.frames_seen += 1
        proto_id = ProtoId(frame.proto_id)
        response_type = pb.message_type(f"{proto_id.name}.Response")
        response: Any = codec.decode(response_type, frame.body, frame.body_format)
        if proto_id == ProtoId.Trd_UpdateOrder:
            self._told_of(response.s2c.order)
        elif response.retType == 0:
            self._confirmed(*self._asked.get(frame.serial, (proto_id, {})), response)
        return response

    def _told_of(self, order: Any) -> None:
        told = self.told.setdefault(order.orderID, Told())
        told.filled = max(told.filled, order.fillQty)
        if order.orderStatus in {11, 14, 15, 21}:
            told.final_status = order.orderStatus

    def _confirmed(self, proto_id: ProtoId, c2s: dict[str, Any], response: Any) -> None:
        if proto_id == ProtoId.Trd_PlaceOrder:
            told = self.told.setdefault(response.s2c.orderID, Told())
            told.quantity = c2s["qty"]
        elif proto_id == ProtoId.Trd_ModifyOrder:
            told = self.told.setdefault(c2s["orderID"], Told())
            told.cancel_confirmed |= c2s["modifyOrderOp"] == CANCEL
