"""What holdings bring, by a client's eyes: a split, a dividend, an exercise, and a state saved and loaded.

Argument: the port of the gateway's admin interface. The clock stands still.
"""

from directing import command
from sdk import SIMULATE, Pushes, api, observe, quote_context, rows, run, trade_context

SHARE, PAYER = "US.AAPL", "US.MSFT"
REAL = api.TrdEnv.REAL
BUY = api.TrdSide.BUY


class Desk:
    """One look after another at the same things."""

    def __init__(self, quotes, trades):
        self.quotes, self.trades = quotes, trades
        accounts = rows(observe(trades.get_acc_list()))
        self.paper = next(a["acc_id"] for a in accounts if a["trd_env"] == SIMULATE)
        self.real = next(a["acc_id"] for a in accounts if a["trd_env"] == REAL)

    def look(self):
        shares = rows(observe(self.quotes.get_market_snapshot([SHARE, PAYER])))
        return {
            "prices": {row["code"]: row["last_price"] for row in shares},
            "closes": {row["code"]: row["prev_close_price"] for row in shares},
            "paper": self.account(SIMULATE, self.paper),
            "real": self.account(REAL, self.real),
        }

    def account(self, env, number):
        held = rows(observe(self.trades.position_list_query(trd_env=env, acc_id=number)))
        funds = rows(observe(self.trades.accinfo_query(trd_env=env, acc_id=number)))[0]
        return {
            "held": {row["code"]: (row["qty"], row["cost_price"]) for row in held},
            "cash": funds["cash"],
            "total_assets": funds["total_assets"],
        }


def story():
    with quote_context() as quotes, trade_context("US") as trades:
        pushes = Pushes(trades, "order")
        command("sim_clock", jump="open", venue="US_STOCK")
        desk = Desk(quotes, trades)
        trades.unlock_trade("123456")
        paper = {"trd_env": SIMULATE, "acc_id": desk.paper}
        bought = observe(
            trades.place_order(0, 100, SHARE, BUY, order_type=api.OrderType.MARKET, **paper)
        )
        command("sim_position", account=desk.real, security=PAYER, quantity=40)
        command("sim_clock", advance="2s")
        seen = {"bought": bought}
        command("sim_corporate_action", security=SHARE, kind="split", ratio="1:4")
        command("sim_corporate_action", security=PAYER, kind="dividend", amount="1.5")
        seen["before"] = desk.look()
        command("sim_snapshot", save="eve")
        command("sim_clock", jump="2026-01-16T03:59:50", venue="US_STOCK")
        seen["resting"] = observe(
            trades.place_order(
                90,
                10,
                SHARE,
                BUY,
                time_in_force=api.TimeInForce.GTC,
                trd_env=REAL,
                acc_id=desk.real,
            )
        )
        command("sim_clock", advance="20s")
        pushes.wait(
            lambda: any(r["order_status"] == "CANCELLED_ALL" for r in pushes.rows("order")), 10
        )
        command("sim_clock", jump="open", venue="US_STOCK")
        command("sim_clock", advance="1s")
        seen["after"] = desk.look()
        seen["flows"] = observe(
            trades.get_acc_cash_flow(clearing_date="2026-01-16", trd_env=REAL, acc_id=desk.real)
        )
        seen["rehab"] = observe(quotes.get_rehab(SHARE))
        seen["adjusted"] = observe(
            quotes.request_history_kline(SHARE, start="2026-01-14", end="2026-01-16")
        )

        chain = rows(observe(quotes.get_option_chain(SHARE)))
        price = seen["after"]["prices"][SHARE]
        calls = [row for row in chain if row["option_type"] == "CALL"]
        option = max(
            (row for row in calls if row["strike_price"] < price), key=lambda r: r["strike_price"]
        )
        seen["option"] = option
        command("sim_position", account=desk.paper, security=option["code"], quantity=2)
        seen["expired"] = command("sim_expire", account=desk.paper)
        seen["exercised"] = desk.look()

        command("sim_snapshot", load="eve")
        seen["loaded"] = desk.look()
        seen["clock"] = command("sim_clock")
        seen["pushes"] = pushes.seen
        return seen


run(story)
