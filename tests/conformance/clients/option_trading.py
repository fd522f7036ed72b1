"""Options: single orders on paper accounts of both markets, then combos on a real account."""

import time

from sdk import SIMULATE, Pushes, api, observe, options, quote_context, rows, run

REAL = api.TrdEnv.REAL
PASSWORD = "123456"
SPACING_S = 0.06
ADDRESS = {"host": options.host, "port": options.port}
LIMIT, BUY, SELL = api.OrderType.NORMAL, api.TrdSide.BUY, api.TrdSide.SELL
HK_OPTIONS, US_SHARES = 9053219, 10741586


def chain(quotes, owner):
    """Near-the-money options of an expiry some weeks away: calls and puts by strike."""
    days = rows(observe(quotes.get_option_expiration_date(owner)))
    day = next(d["strike_time"] for d in days if d["option_expiry_date_distance"] >= 20)
    found = rows(observe(quotes.get_option_chain(owner, start=day, end=day)))
    last = rows(observe(quotes.get_market_snapshot([owner])))[0]["last_price"]
    near = sorted(found, key=lambda row: abs(row["strike_price"] - last))[:16]
    calls, puts = (
        {row["strike_price"]: row["code"] for row in near if row["option_type"] == kind}
        for kind in ("CALL", "PUT")
    )
    return dict(sorted(calls.items())), dict(sorted(puts.items())), last


def snapshot(quotes, code):
    return rows(observe(quotes.get_market_snapshot([code])))[0]


class Desk:
    """One account, its pushes, and what can be seen of it."""

    def __init__(self, quotes, trader, env, account_id):
        self.quotes, self.trader = quotes, trader
        self.who = {"trd_env": env, "acc_id": account_id}
        self.pushes = Pushes(trader, "order", "fill")

    def funds(self, **more):
        return observe(self.trader.accinfo_query(**self.who, **more))

    def positions(self):
        return observe(self.trader.position_list_query(**self.who))

    def pushed(self, order_id):
        return [row for row in self.pushes.rows("order") if row["order_id"] == order_id]

    def wait_for(self, order_id, status):
        self.pushes.wait(
            lambda: any(row["order_status"] == status for row in self.pushed(order_id)), 20
        )

    def place(self, code, side, quantity, price):
        time.sleep(SPACING_S)
        return observe(self.trader.place_order(price, quantity, code, side, LIMIT, **self.who))

    def change(self, operation, order_id, quantity=0, price=0):
        time.sleep(SPACING_S)
        return observe(self.trader.modify_order(operation, order_id, quantity, price, **self.who))

    def single(self, code):
        """Buy two contracts, look at everything, rest an order, change and cancel it, sell."""
        seen = {"snapshot": snapshot(self.quotes, code), "funds_before": self.funds()}
        ask, bid = seen["snapshot"]["ask_price"], seen["snapshot"]["bid_price"]
        tick = seen["snapshot"]["price_spread"]
        seen["maximum"] = observe(self.trader.acctradinginfo_query(LIMIT, code, ask, **self.who))
        reach = round(ask + 4 * tick, 3)
        seen["bought"] = self.place(code, BUY, 2, reach)
        order_id = rows(seen["bought"])[0]["order_id"]
        self.wait_for(order_id, "FILLED_ALL")
        seen["pushes"] = self.pushed(order_id)
        seen["funds_after"], seen["positions"] = self.funds(), self.positions()
        resting = self.place(code, BUY, 1, round(max(tick, bid - 5 * tick), 3))
        resting_id = rows(resting)[0]["order_id"]
        self.wait_for(resting_id, "SUBMITTED")
        seen["funds_resting"] = self.funds()
        lower = round(max(tick, bid - 6 * tick), 3)
        seen["changed"] = self.change(api.ModifyOrderOp.NORMAL, resting_id, 3, lower)
        seen["changed_maximum"] = observe(
            self.trader.acctradinginfo_query(LIMIT, code, lower, order_id=resting_id, **self.who)
        )
        seen["cancelled"] = self.change(api.ModifyOrderOp.CANCEL, resting_id)
        self.wait_for(resting_id, "CANCELLED_ALL")
        seen["resting_pushes"] = self.pushed(resting_id)
        seen["market_order"] = observe(
            self.trader.place_order(0, 1, code, BUY, api.OrderType.MARKET, **self.who)
        )
        sold = self.place(code, SELL, 2, round(max(tick, bid - 4 * tick), 3))
        self.wait_for(rows(sold)[0]["order_id"], "FILLED_ALL")
        seen["positions_sold"] = self.positions()
        seen["sold"] = observe(
            self.trader.order_list_query(order_id=rows(sold)[0]["order_id"], **self.who)
        )
        seen["funds_sold"] = self.funds()
        return seen


def leg(code, side, ratio=1):
    made = api.ComboLeg()
    made.code, made.trd_side, made.qty_ratio = code, side, ratio
    return made


class ComboDesk(Desk):
    def combo(self, legs, price, quantity, **more):
        time.sleep(SPACING_S)
        return observe(self.trader.place_combo_order(legs, price, quantity, **self.who, **more))

    def effects(self, legs, price, quantity):
        return observe(self.trader.comboorder_tradinginfo_query(legs, price, quantity, **self.who))

    def order(self, order_id):
        return observe(self.trader.order_list_query(order_id=order_id, **self.who))

    def spread(self, calls):
        """A vertical spread of calls, bought through the market; another one rests and is cancelled."""
        low, high = list(calls.values())[2:4]
        bought, sold = snapshot(self.quotes, low), snapshot(self.quotes, high)
        legs = [leg(low, BUY), leg(high, SELL)]
        tick = bought["price_spread"]
        net = round(bought["ask_price"] - sold["bid_price"] + 8 * tick, 2)
        seen = {"legs": [bought, sold], "net": net, "funds_before": self.funds(currency="USD")}
        seen["effects"] = self.effects(legs, net, 2)
        seen["placed"] = self.combo(legs, net, 2, remark="spread")
        order_id = rows(seen["placed"])[0]["order_id"]
        self.wait_for(order_id, "FILLED_ALL")
        self.pushes.wait(lambda: {low, high} <= {r["code"] for r in self.pushes.rows("fill")}, 10)
        seen["pushes"], seen["fills"] = self.pushed(order_id), self.pushes.rows("fill")
        seen["order"] = self.order(order_id)
        seen["positions"], seen["funds_after"] = self.positions(), self.funds(currency="USD")
        seen["fee"] = observe(self.trader.order_fee_query([order_id], **self.who))
        far = self.combo(legs, 0.05, 1)
        far_id = rows(far)[0]["order_id"]
        self.wait_for(far_id, "SUBMITTED")
        seen["changed"] = self.change(api.ModifyOrderOp.NORMAL, far_id, 2, 0.1)
        seen["cancelled"] = self.change(api.ModifyOrderOp.CANCEL, far_id)
        self.wait_for(far_id, "CANCELLED_ALL")
        seen["far_pushes"] = self.pushed(far_id)
        return seen

    def refusals(self, calls, puts):
        low, high = list(calls.values())[:2]
        put = next(iter(puts.values()))
        return {
            "one_leg": self.combo([leg(low, BUY)], 1, 1),
            "twice": self.combo([leg(low, BUY), leg(low, SELL)], 1, 1),
            "side": self.combo([leg(low, BUY), leg(high, api.TrdSide.SELL_SHORT)], 1, 1),
            "ratio": self.combo([leg(low, BUY), leg(high, SELL, 1.5)], 1, 1),
            "stop": self.combo([leg(low, BUY), leg(put, BUY)], 1, 1, order_type=api.OrderType.STOP),
            "none": self.combo([leg(low, BUY), leg(put, BUY)], 1, 0),
            "dear": self.combo([leg(low, BUY), leg(put, BUY)], 500, 3000),
        }


def story():
    seen = {}
    with quote_context() as quotes:
        us_calls, us_puts, _ = chain(quotes, "US.AAPL")
        hk_calls, _, _ = chain(quotes, "HK.00700")
        with api.OpenSecTradeContext(filter_trdmarket=api.TrdMarket.US, **ADDRESS) as trader:
            desk = ComboDesk(quotes, trader, SIMULATE, US_SHARES)
            seen["us"] = desk.single(list(us_calls.values())[3])
            pair = [leg(code, BUY) for code in list(us_calls.values())[:2]]
            seen["paper_combo"] = desk.combo(pair, 1, 1)
        with api.OpenSecTradeContext(filter_trdmarket=api.TrdMarket.HK, **ADDRESS) as trader:
            seen["hk"] = Desk(quotes, trader, SIMULATE, HK_OPTIONS).single(
                list(hk_calls.values())[3]
            )
        firm = api.SecurityFirm.FUTUSECURITIES
        with api.OpenSecTradeContext(
            filter_trdmarket=api.TrdMarket.US, security_firm=firm, **ADDRESS
        ) as trader:
            accounts = rows(observe(trader.get_acc_list()))
            account = next(a["acc_id"] for a in accounts if len(str(a["acc_id"])) == 18)
            desk = ComboDesk(quotes, trader, REAL, int(account))
            seen["locked"] = desk.combo([leg(c, BUY) for c in list(us_calls.values())[:2]], 1, 1)
            observe(trader.unlock_trade(PASSWORD))
            seen["spread"] = desk.spread(us_calls)
            seen["refused"] = desk.refusals(us_calls, us_puts)
    return seen


run(story)
