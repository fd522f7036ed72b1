"""Paper trading from order to fill, position and funds; change and cancel; both directions."""

import time

from sdk import HK_STOCK, SIMULATE, Pushes, api, observe, quote_context, rows, run, trade_context

CHANGE_SPACING_S = 0.05
"""A little more than the 0.04 s that must lie between two changes of an account."""


def funds(trader):
    return observe(trader.accinfo_query(trd_env=SIMULATE))


def positions(trader):
    return observe(trader.position_list_query(trd_env=SIMULATE))


class Desk:
    """A trade context with its pushes and the quotes needed to price orders."""

    def __init__(self, quotes, trader):
        self.quotes, self.trader = quotes, trader
        self.pushes = Pushes(trader, "order", "fill")
        self.snapshot = rows(observe(quotes.get_market_snapshot([HK_STOCK])))[0]
        self.lot = int(self.snapshot["lot_size"])

    def book(self):
        return observe(self.quotes.get_order_book(HK_STOCK, 10))["value"]

    def trade(self, side, order_type, price):
        """Place one lot, wait for its end, and look at everything it should have changed."""
        before = funds(self.trader)
        placed = observe(
            self.trader.place_order(
                price=price,
                qty=self.lot,
                code=HK_STOCK,
                trd_side=side,
                order_type=order_type,
                trd_env=SIMULATE,
                remark="conformance",
            )
        )
        seen = {"price": price, "placed": placed, "funds_before": before}
        if placed["ret"] != api.RET_OK:
            return seen
        order_id = rows(placed)[0]["order_id"]
        self.wait_for(order_id, "FILLED_ALL")
        seen["pushes"] = self.pushed(order_id)
        seen["order"] = observe(self.trader.order_list_query(order_id=order_id, trd_env=SIMULATE))
        seen["funds_after"] = funds(self.trader)
        seen["positions"] = positions(self.trader)
        return seen

    def pushed(self, order_id):
        return [row for row in self.pushes.rows("order") if row["order_id"] == order_id]

    def wait_for(self, order_id, status):
        return self.pushes.wait(
            lambda: any(row["order_status"] == status for row in self.pushed(order_id)), 20
        )

    def change_and_cancel(self):
        """Rest an order far below the market, change it, cancel it, cancel it again."""
        spread = self.snapshot["price_spread"]
        price = round(self.book()["Bid"][0][0] - 20 * spread, 3)
        change = {"trd_env": SIMULATE}
        seen = {"price": price, "spread": spread, "funds_before": funds(self.trader)}
        placed = observe(
            self.trader.place_order(price, self.lot, HK_STOCK, api.TrdSide.BUY, trd_env=SIMULATE)
        )
        seen["placed"] = placed
        order_id = change["order_id"] = rows(placed)[0]["order_id"]
        self.wait_for(order_id, "SUBMITTED")
        seen["funds_resting"] = funds(self.trader)
        op = api.ModifyOrderOp
        seen["modified"] = observe(
            self.trader.modify_order(
                op.NORMAL, qty=2 * self.lot, price=round(price - spread, 3), **change
            )
        )
        self.pushes.wait(
            lambda: any(row["qty"] == 2 * self.lot for row in self.pushed(order_id)), 10
        )
        seen["changed"] = observe(self.trader.order_list_query(order_id=order_id, trd_env=SIMULATE))
        time.sleep(CHANGE_SPACING_S)
        seen["cancelled"] = observe(self.trader.modify_order(op.CANCEL, qty=0, price=0, **change))
        self.wait_for(order_id, "CANCELLED_ALL")
        time.sleep(CHANGE_SPACING_S)
        seen["again"] = observe(self.trader.modify_order(op.CANCEL, qty=0, price=0, **change))
        seen["order"] = observe(self.trader.order_list_query(order_id=order_id, trd_env=SIMULATE))
        seen["pushes"] = self.pushed(order_id)
        seen["funds_after"] = funds(self.trader)
        return seen


def story():
    with quote_context() as quotes, trade_context() as trader:
        quotes.subscribe([HK_STOCK], ["ORDER_BOOK"])
        desk = Desk(quotes, trader)
        accounts = observe(trader.get_acc_list())
        seen = {
            "accounts": accounts,
            "lot": desk.lot,
            "start": {"funds": funds(trader), "positions": positions(trader)},
            "maximum": observe(
                trader.acctradinginfo_query(
                    api.OrderType.NORMAL, HK_STOCK, desk.book()["Ask"][0][0], trd_env=SIMULATE
                )
            ),
        }
        limit, market = api.OrderType.NORMAL, api.OrderType.MARKET
        # The second level lets a limit order through even if the first has just moved.
        seen["bought"] = desk.trade(api.TrdSide.BUY, limit, desk.book()["Ask"][1][0])
        seen["bought_at_market"] = desk.trade(api.TrdSide.BUY, market, 0)
        seen["sold"] = desk.trade(api.TrdSide.SELL, limit, desk.book()["Bid"][1][0])
        seen["sold_rest"] = desk.trade(api.TrdSide.SELL, limit, desk.book()["Bid"][1][0])
        seen["resting"] = desk.change_and_cancel()
        day = desk.snapshot["update_time"][:10]
        seen["orders"] = observe(trader.order_list_query(trd_env=SIMULATE))
        seen["cancelled_orders"] = observe(
            trader.order_list_query(status_filter_list=["CANCELLED_ALL"], trd_env=SIMULATE)
        )
        seen["history_orders"] = observe(
            trader.history_order_list_query(start=day, end=f"{day} 23:59:59", trd_env=SIMULATE)
        )
        seen["fills"] = observe(trader.deal_list_query(trd_env=SIMULATE))
        seen["pushes"] = desk.pushes.seen
        return seen


run(story)
