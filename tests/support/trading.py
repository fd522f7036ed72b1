"""An engine on a scripted market, with short words for what tests do all the time."""

from __future__ import annotations

from decimal import Decimal

from simulator.domain import (
    NS_PER_S,
    Market,
    Order,
    OrderRequest,
    OrderStatus,
    OrderType,
    Position,
    Security,
    Side,
    TimeInForce,
)
from simulator.engine import Engine
from simulator.events import Event, FillMade, OrderChanged
from tests.support.sources import HK_MORNING, ScriptedMarket

HK, US, CN = 9053218, 10741586, 8377516
ACCOUNT_OF = {Market.HK: HK, Market.US: US, Market.SH: CN, Market.SZ: CN}


class Desk:
    """One trader's view of an engine; its clock moves only by `run`."""

    def __init__(self, now_ns: int = HK_MORNING, accounts=None) -> None:
        self.market = ScriptedMarket()
        self.engine = Engine(self.market) if accounts is None else Engine(self.market, accounts)
        self.now_ns = now_ns
        self.engine.advance(now_ns)

    def send(
        self,
        security: Security,
        side: Side,
        quantity,
        price=None,
        *,
        account_id: int | None = None,
        order_type: OrderType | None = None,
        time_in_force: TimeInForce = TimeInForce.DAY,
        fill_outside_rth: bool = False,
    ) -> Order:
        """Submit; a market order if there is no price."""
        kind = order_type or (OrderType.MARKET if price is None else OrderType.NORMAL)
        request = OrderRequest(
            account_id=account_id or ACCOUNT_OF[security.market],
            security=security,
            side=side,
            order_type=kind,
            quantity=Decimal(str(quantity)),
            price=None if price is None else Decimal(str(price)),
            time_in_force=time_in_force,
            fill_outside_rth=fill_outside_rth,
        )
        return self.engine.submit(request, self.now_ns)

    def buy(self, security, quantity, price=None, **options) -> Order:
        """Submit a buy order and let it arrive."""
        order = self.send(security, Side.BUY, quantity, price, **options)
        self.run(1)
        return self.now(order)

    def sell(self, security, quantity, price=None, **options) -> Order:
        """Submit a sell order and let it arrive."""
        order = self.send(security, Side.SELL, quantity, price, **options)
        self.run(1)
        return self.now(order)

    def change(self, order: Order, quantity, price) -> Order:
        return self.engine.modify(
            order.account_id, order.order_id, Decimal(quantity), Decimal(str(price)), self.now_ns
        )

    def cancel(self, order: Order) -> Order:
        return self.engine.cancel(order.account_id, order.order_id, self.now_ns)

    def run(self, seconds: float) -> None:
        """Let time pass."""
        self.now_ns += round(seconds * NS_PER_S)
        self.engine.advance(self.now_ns)

    def run_to(self, now_ns: int) -> None:
        self.now_ns = now_ns
        self.engine.advance(now_ns)

    def now(self, order: Order) -> Order:
        """The order as it is now."""
        return self.engine.order(order.account_id, order.order_id)

    def funds(self, account_id: int):
        return self.engine.funds(account_id, self.now_ns)

    def position(self, security: Security, account_id: int | None = None) -> Position | None:
        account_id = account_id or ACCOUNT_OF[security.market]
        positions = self.engine.positions(account_id, self.now_ns)
        return next((p for p in positions if p.security == security), None)

    def most(self, security, price=None, account_id=None, order_id=None):
        kind = OrderType.MARKET if price is None else OrderType.NORMAL
        return self.engine.max_quantities(
            account_id or ACCOUNT_OF[security.market],
            security,
            kind,
            None if price is None else Decimal(str(price)),
            self.now_ns,
            order_id,
        )

    def events(self) -> list[Event]:
        return self.engine.drain()

    def statuses(self) -> list[OrderStatus]:
        """Statuses of the queued OrderChanged events; all events are taken."""
        return [e.order.status for e in self.events() if isinstance(e, OrderChanged)]

    def filled(self) -> list[tuple[int, Decimal]]:
        """Quantity and price of the queued fills; all events are taken."""
        return [(e.fill.quantity, e.fill.price) for e in self.events() if isinstance(e, FillMade)]
