"""A universal account: unlock, place, fills, fees, cash flow, margin, operations; then futures."""

import time

from sdk import HK_STOCK, SIMULATE, Pushes, api, observe, options, quote_context, rows, run

REAL = api.TrdEnv.REAL
PASSWORD = "123456"
SPACING_S = 0.05
FUTURE = "HK.HSImain"


def wait_for(pushes, order_id, status):
    return pushes.wait(
        lambda: any(
            row["order_id"] == order_id and row["order_status"] == status
            for row in pushes.rows("order")
        ),
        20,
    )


def place(trader, **order):
    time.sleep(SPACING_S)
    return observe(trader.place_order(**order))


def securities(quotes):
    address = {"host": options.host, "port": options.port}
    firm = api.SecurityFirm.FUTUSECURITIES
    with api.OpenSecTradeContext(
        filter_trdmarket=api.TrdMarket.HK, security_firm=firm, **address
    ) as trader:
        pushes = Pushes(trader, "order", "fill")
        snapshot = rows(observe(quotes.get_market_snapshot([HK_STOCK])))[0]
        lot, last = int(snapshot["lot_size"]), snapshot["last_price"]
        ask, spread = snapshot["ask_price"], snapshot["price_spread"]
        accounts = observe(trader.get_acc_list())
        real = {"trd_env": REAL}
        order = {"price": ask, "qty": lot, "code": HK_STOCK, "trd_side": api.TrdSide.BUY, **real}
        seen = {"accounts": accounts, "locked": place(trader, **order)}
        seen["wrong_password"] = observe(trader.unlock_trade("654321"))
        seen["unlocked"] = observe(trader.unlock_trade(PASSWORD))
        seen["funds_before"] = observe(trader.accinfo_query(**real))
        bought = place(trader, **{**order, "price": round(ask + 3 * spread, 3)})
        seen["bought"] = bought
        order_id = rows(bought)[0]["order_id"]
        wait_for(pushes, order_id, "FILLED_ALL")
        pushes.wait(lambda: pushes.rows("fill"), 10)
        seen["order"] = observe(trader.order_list_query(order_id=order_id, **real))
        seen["fills"] = observe(trader.deal_list_query(**real))
        day = seen["order"]["rows"][0]["create_time"][:10]
        seen["history_fills"] = observe(
            trader.history_deal_list_query(start=day, end=f"{day} 23:59:59", **real)
        )
        seen["fees"] = observe(
            trader.order_fee_query([seen["order"]["rows"][0]["order_id"]], **real)
        )
        seen["flows"] = observe(trader.get_acc_cash_flow(clearing_date=day, **real))
        seen["funds_after"] = observe(trader.accinfo_query(**real))
        seen["positions"] = observe(trader.position_list_query(**real))
        seen["margin"] = observe(trader.get_margin_ratio([HK_STOCK]))
        stop = place(
            trader,
            **{**order, "order_type": api.OrderType.STOP_LIMIT, "price": round(last * 1.5, 0)},
            aux_price=round(last * 1.4, 0),
            time_in_force=api.TimeInForce.GTC,
        )
        seen["stop"] = stop
        stop_id = rows(stop)[0]["order_id"]
        wait_for(pushes, stop_id, "WAITING_SUBMIT")
        seen["sleeping"] = observe(trader.order_list_query(order_id=stop_id, **real))
        for name, op in (("disabled", "DISABLE"), ("enabled", "ENABLE"), ("again", "DISABLE")):
            time.sleep(SPACING_S)
            seen[name] = observe(
                trader.modify_order(getattr(api.ModifyOrderOp, op), stop_id, 0, 0, **real)
            )
        time.sleep(SPACING_S)
        seen["deleted"] = observe(
            trader.modify_order(api.ModifyOrderOp.DELETE, stop_id, 0, 0, **real)
        )
        place(trader, **{**order, "price": round(ask - 20 * spread, 3)})
        time.sleep(SPACING_S)
        seen["cancel_all"] = observe(trader.cancel_all_order(**real))
        seen["orders"] = observe(trader.order_list_query(**real))
        seen["lock"] = observe(trader.unlock_trade(is_unlock=False))
        seen["locked_again"] = place(trader, **order)
        seen["pushes"] = pushes.seen
        return seen


def futures(quotes):
    with api.OpenFutureTradeContext(host=options.host, port=options.port) as trader:
        pushes = Pushes(trader, "order", "fill")
        snapshot = rows(observe(quotes.get_market_snapshot([FUTURE])))[0]
        accounts = observe(trader.get_acc_list())
        ask = snapshot["ask_price"] or snapshot["last_price"]
        order = {"code": FUTURE, "qty": 1, "trd_env": SIMULATE}
        seen = {"accounts": accounts}
        seen["market_opens"] = place(
            trader, price=ask, trd_side="BUY", order_type=api.OrderType.MARKET, **order
        )
        bought = place(trader, price=ask + 20, trd_side=api.TrdSide.BUY, **order)
        seen["bought"] = bought
        wait_for(pushes, rows(bought)[0]["order_id"], "FILLED_ALL")
        seen["positions"] = observe(trader.position_list_query(trd_env=SIMULATE))
        seen["funds"] = observe(trader.accinfo_query(trd_env=SIMULATE))
        seen["maximum"] = observe(
            trader.acctradinginfo_query(api.OrderType.NORMAL, FUTURE, ask, trd_env=SIMULATE)
        )
        sold = place(trader, price=0, trd_side="SELL", order_type=api.OrderType.MARKET, **order)
        seen["sold"] = sold
        wait_for(pushes, rows(sold)[0]["order_id"], "FILLED_ALL")
        seen["funds_after"] = observe(trader.accinfo_query(trd_env=SIMULATE))
        return seen


def story():
    with quote_context() as quotes:
        return {"securities": securities(quotes), "futures": futures(quotes)}


run(story)
