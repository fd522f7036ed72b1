"""A client that trades: headers and order requests with short words, on a scripted market."""

from __future__ import annotations

from itertools import count
from typing import Any

from gateway.wire.proto_ids import ProtoId
from tests.support.conversation import Client, World
from tests.support.sources import HK_MORNING, ScriptedMarket
from tests.support.trading import HK

BUY, SELL = 1, 2
LIMIT, MARKET = 1, 2
CHANGE, CANCEL = 1, 2


class Trader:
    """One connection that trades from one account.

    Args:
        world: Where it connects.
        account_id: One of the world's accounts.
        subscribes: Whether it asks for the account's order pushes.
        market: The market of its requests; the account's first one if None.
    """

    def __init__(
        self,
        world: World,
        account_id: int = HK,
        *,
        subscribes: bool = True,
        market: int | None = None,
    ) -> None:
        self.world = world
        self.client: Client = world.connect()
        self._packets = count(1)
        (spec,) = [s for s in world.opend.engine.accounts() if s.account_id == account_id]
        self.header = {
            "trdEnv": spec.environment,
            "accID": account_id,
            "trdMarket": market or spec.markets[0],
        }
        if subscribes:
            assert self.client.ask(ProtoId.Trd_SubAccPush, accIDList=[account_id]).retType == 0

    def ask(self, proto_id: ProtoId, **c2s: object) -> Any:
        """Send a request with the account's header."""
        return self.client.ask(proto_id, **{"header": self.header, **c2s})

    def place(self, code: str, side: int, qty: float, price: float | None = None, **c2s) -> Any:
        """Ask for an order, a market order if there is no price."""
        return self.ask(
            ProtoId.Trd_PlaceOrder,
            **{
                "packetID": self.packet(),
                "trdSide": side,
                "orderType": MARKET if price is None else LIMIT,
                "code": code,
                "qty": qty,
                "price": price or 0.0,
                **c2s,
            },
        )

    def modify(self, operation: int, order_id: int = 0, **c2s: object) -> Any:
        """Ask for a change of an order."""
        return self.ask(
            ProtoId.Trd_ModifyOrder,
            **{"packetID": self.packet(), "orderID": order_id, "modifyOrderOp": operation, **c2s},
        )

    def packet(self) -> dict[str, int]:
        """A packet id that was not used before."""
        return {"connID": self.client.connection.conn_id, "serialNo": next(self._packets)}

    def orders(self, **c2s: object) -> list[Any]:
        """The list of orders."""
        reply = self.ask(ProtoId.Trd_GetOrderList, **c2s)
        assert reply.retType == 0, reply.retMsg
        return list(reply.s2c.orderList)

    def funds(self) -> Any:
        """The account's money."""
        return self.ask(ProtoId.Trd_GetFunds).s2c.funds

    def positions(self, **c2s: object) -> list[Any]:
        """The account's positions."""
        return list(self.ask(ProtoId.Trd_GetPositionList, **c2s).s2c.positionList)

    def pushed(self) -> list[Any]:
        """The orders pushed since the last call."""
        pushes = self.client.collect()
        return [p.s2c.order for p in pushes if p.proto_id == ProtoId.Trd_UpdateOrder]


def scripted_world(start_ns: int = HK_MORNING, language: str = "en", **options: Any) -> World:
    """An OpenD on a scripted market whose securities show 1,000,000 shares one off their price."""
    return World(start_ns=start_ns, language=language, market=ScriptedMarket(), **options)
